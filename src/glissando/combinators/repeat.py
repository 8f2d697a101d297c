"""A schedule over and over."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from glissando.combinators.base import Wrapper, one_by_one
from glissando.errors import ScheduleError, shown
from glissando.rules import MAX_STEP, Ratio, Times
from glissando.schedule import FiniteChild


class Repeat(Wrapper, tag="repeat"):
    """A schedule over and over: `s(t mod s.steps) · scale^floor(t / s.steps)`.

    The step after its last is its first again.

    Args:
        schedule: the schedule s, which must end and take 1 step or more.
        times: how often it runs, 1 or more; by default for ever. The end of the last time holds.
        scale: each time's rates are those of the time before, times this: above 0, at most 1.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> saw = Linear(1.0, 0.0, steps=4).repeat(times=2, scale=0.5)
        >>> [saw(t) for t in range(10)]
        [1.0, 0.75, 0.5, 0.25, 0.5, 0.375, 0.25, 0.125, 0.0, 0.0]
    """

    restarts = True

    schedule: FiniteChild
    times: Times = math.inf
    scale: Ratio = 1.0

    def check(self) -> None:
        if self.schedule.steps == 0:
            raise ScheduleError(
                f"Repeat: `schedule` must take 1 step or more, got {shown(self.schedule)}"
            )

    def length(self) -> float:
        return self.schedule.steps * self.times

    def at(self, t: Any, m: Any) -> Any:
        if self.times == math.inf:
            return self.before_end(t, m)
        return m.hold(t, self.steps, lambda t: self.before_end(t, m), self.final())

    def before_end(self, t: Any, m: Any) -> Any:
        rate = self.schedule.before_end(t % self.schedule.steps, m)
        if self.scale == 1:
            return rate
        return rate * m.power(self.scale, t // self.schedule.steps)

    def least(self) -> float:
        return float(self.schedule.least() * (1.0 if self.scale == 1 else self.scale**self.times))

    def final(self) -> float:
        return float(self.schedule.final() * self.scale ** (self.times - 1))

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        length = int(self.schedule.steps)
        high = int(min(high, self.steps))
        cycles: Sequence[int] = range(max(low, 1) // length, high // length + 1)
        for cycle in reversed(cycles) if backwards else cycles:
            start = cycle * length
            begins = [start] if max(low, 1) <= start <= high else []
            inner = self.schedule.breaks_between(
                max(1, low - start), min(length - 1, high - start), backwards
            )
            yield from one_by_one([begins, (start + step for step in inner)], backwards)
