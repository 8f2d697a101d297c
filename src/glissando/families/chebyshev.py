"""The steps of Chebyshev's iteration in a fractal order."""

from collections.abc import Iterator
from typing import Any, ClassVar

from glissando.ops import Floats
from glissando.rules import Rate, ScheduleError, Steps
from glissando.schedule import Schedule


class Chebyshev(Schedule, tag="chebyshev"):
    """Rates between `floor` and `peak` that jump from step to step, in a fractal order.

    They are the steps with which gradient descent approaches the minimum of a quadratic function
    soonest: the inverses of Chebyshev's nodes between 1 / `peak` and 1 / `floor`. The order keeps
    the large steps from adding up. There are as many nodes as the power of two at or above
    `steps`, and the first `steps` in order are used.

    Args:
        floor: what the lowest rate stays above: a rate at which training is stable.
        peak: what the highest rate stays below.
        steps: how many rates are used, 1 or more; the last holds.

    Raises:
        ScheduleError: an argument breaks its rule; `floor` is 0 or above `peak`.

    Example:
        >>> rates = Chebyshev(0.1, 2.0, steps=16)
        >>> [round(rates(t), 4) for t in range(4)]
        [1.9125, 0.1002, 0.209, 0.175]

    Source:
        Agarwal, Goel, and Zhang, "Acceleration via Fractal Learning Rate Schedules", 2021,
        arXiv:2103.01338.
    """

    floor: Rate
    peak: Rate
    steps: Steps

    nodes: ClassVar[int]

    def check(self) -> None:
        if not 0 < self.floor <= self.peak:
            raise ScheduleError(
                "Chebyshev: `floor` must be above 0 and at most `peak`, got "
                f"floor={self.floor} and peak={self.peak}"
            )
        object.__setattr__(self, "nodes", 1 << (self.steps - 1).bit_length())

    def at(self, t: Any, m: Any) -> Any:
        half = m.sin((m.fractal(t, self.nodes) + 0.5) * (m.pi / 2 / self.nodes))
        # the half angle's square leaves nothing to be subtracted
        return self.peak / (1.0 + (self.peak / self.floor - 1.0) * (half * half))

    def final(self) -> float:
        return float(self.at(self.steps - 1, Floats))

    def breaks(self, low: int = 0) -> Iterator[int]:
        return iter(range(max(low, 1), self.steps + 1))
