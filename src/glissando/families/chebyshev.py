"""The steps of Chebyshev's iteration in a fractal order."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from glissando.backends.floats import FLOATS
from glissando.errors import ScheduleError
from glissando.rules import Rate, StepsOrZero
from glissando.schedule import Schedule

WIDEST = 1e30
"""How far apart the lowest and the highest rate may be: float32 still holds their quotient."""


class Chebyshev(Schedule, tag="chebyshev"):
    """Chebyshev's steps: `peak / (1 + (peak/floor − 1) · sin(π/2 · (n + 1/2) / nodes)^2)`.

    The rates lie between `floor` and `peak` and jump from step to step: n is the node whose turn it
    is, in a fractal order that keeps the large rates from adding up. There are as many nodes as the
    power of two at or above `steps`, and the first `steps` in order are used.

    With these rates gradient descent approaches the minimum of a quadratic function soonest, if its
    curvature lies between 1 / `peak` and 1 / `floor`.

    Args:
        floor: what the lowest rate stays above: a rate at which training is stable.
        peak: what the highest rate stays below.
        steps: how many rates are used, 0 or more; the last holds.

    Raises:
        ScheduleError: an argument breaks its rule; `floor` is 0 or above `peak`, or below 1e-30 of
            it.

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
    steps: StepsOrZero

    nodes: ClassVar[int]

    def check(self) -> None:
        if not 0 < self.floor <= self.peak:
            raise ScheduleError(
                "Chebyshev: `floor` must be above 0 and at most `peak`, got "
                f"floor={self.floor} and peak={self.peak}"
            )
        if self.peak / self.floor > WIDEST:
            raise ScheduleError(
                f"Chebyshev: `peak` must be at most {WIDEST:g} times `floor`, got "
                f"floor={self.floor} and peak={self.peak}"
            )
        object.__setattr__(self, "nodes", 1 << max(self.steps - 1, 0).bit_length())

    @classmethod
    def symbols(cls, symbol: Callable[[str], Any]) -> dict[str, Any]:
        return {"nodes": symbol("nodes")}

    def at(self, t: Any, m: Any) -> Any:
        half = m.sin((m.fractal(t, self.nodes) + 0.5) * (m.pi / 2 / self.nodes))
        # the half angle's square leaves nothing to be subtracted
        lowest = self.floor / self.peak  # the other way around it may be beyond all floats
        return self.floor / (lowest + (1.0 - lowest) * (half * half))

    def final(self) -> float:
        return float(self.at(max(self.steps - 1, 0), FLOATS))

    def breaks(self, low: int = 0) -> Iterator[int]:
        return iter(range(max(low, 1), self.steps + 1))
