"""What all choose from: schedules, and peaks a factor of 2 apart."""

from collections.abc import Callable, Iterator

import glissando as gl
from bench.contest.task import Task
from glissando.studies.candidate import Candidate
from glissando.studies.runs.run import Run
from glissando.studies.settings import standard_candidates

FIRST_PEAKS = (0.002, 0.004, 0.008, 0.016, 0.032)
SEARCH = 0
"""The seed with which all search."""

Loss = Callable[[Run], float]


def candidates(task: Task) -> tuple[Candidate, ...]:
    """Return what a study tries by itself, and three more schedules."""
    steps = task.steps
    warmup, cooldown = round(0.05 * steps), round(0.4 * steps)
    begin = gl.Linear(0.0, 1.0, warmup)
    stable = begin >> gl.Constant(1.0, steps - warmup - cooldown)
    shapes = {
        **standard_candidates(steps),
        "wsd40": stable >> gl.Linear(1.0, 0.0, cooldown),
        "wsd40_sqrt": stable >> gl.Sqrt(1.0, 0.0, cooldown),
        "exponential": begin >> gl.LogLinear(1.0, 0.01, steps - warmup),
    }
    return tuple(Candidate(name, shape, steps) for name, shape in shapes.items())


class Field:
    """Candidates and peaks.

    Args:
        task: what is trained.
        peaks: the peaks, each above the one before.
    """

    def __init__(self, task: Task, peaks: tuple[float, ...] = FIRST_PEAKS) -> None:
        self.task, self.peaks, self.candidates = task, peaks, candidates(task)

    def runs(self, steps: int | None = None, seed: int = SEARCH) -> Iterator[Run]:
        """Return a run of each candidate at each peak; by default a full one."""
        steps = self.task.steps if steps is None else steps
        for candidate in self.candidates:
            for peak in self.peaks:
                yield Run.of(candidate, peak, steps, seed)

    def run(self, name: str, peak: float, seed: int = SEARCH) -> Run:
        """Return the full run of a candidate at a peak."""
        candidate = next(each for each in self.candidates if each.name == name)
        return Run.of(candidate, peak, self.task.steps, seed)

    @property
    def updates(self) -> int:
        """What the full grid costs."""
        return len(self.peaks) * len(self.candidates) * self.task.steps

    def widened(self, loss: Loss) -> "Field":
        """Return a field whose best run is at neither the lowest nor the highest peak."""
        best = min(self.runs(), key=loss).peak
        if best == self.peaks[0]:
            return Field(self.task, (best / 2, *self.peaks)).widened(loss)
        if best == self.peaks[-1]:
            return Field(self.task, (*self.peaks, best * 2)).widened(loss)
        return self
