"""What losses would be without noise: a task to replay studies on."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import glissando as gl
from glissando.studies.candidate import Candidate

Cell = tuple[str, float, int]
"""A shape, a peak and a length."""


@dataclass
class Truth:
    """A task to replay studies on.

    Args:
        steps: how many updates a full run makes.
        shapes: the schedules by their names, with any peak.
        peaks: the peaks of the full grid.
        losses: gives the loss of a shape, a peak and a length, without noise.
        noise: the standard deviation of a run's loss.
    """

    steps: int
    shapes: dict[str, gl.Schedule]
    peaks: Sequence[float]
    losses: Callable[[str, float, int], float]
    noise: float
    known: dict[Cell, float] = field(default_factory=dict)

    def loss(self, shape: str, peak: float, steps: int) -> float:
        """Return the loss without noise."""
        cell = shape, peak, steps
        if cell not in self.known:
            self.known[cell] = self.losses(*cell)
        return self.known[cell]

    @property
    def best(self) -> float:
        """The lowest loss of the full grid."""
        return min(self.loss(s, peak, self.steps) for s in self.shapes for peak in self.peaks)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return tuple(Candidate(name, shape, self.steps) for name, shape in self.shapes.items())


def between(peak: float, known: dict[float, float]) -> float:
    """Return a loss at a peak by the parabola in log peak through the three nearest that are known.

    Beyond those, it is the parabola of the last three.
    """
    nearest = sorted(known, key=lambda each: abs(math.log(each / peak)))[:3]
    x = [math.log(each / peak) for each in nearest]
    return sum(
        known[nearest[i]] * math.prod(x[j] / (x[j] - x[i]) for j in range(3) if j != i)
        for i in range(3)
    )
