"""A schedule over and over."""

import math
from collections.abc import Iterator
from itertools import count
from typing import Any

from glissando.combinators.base import Wrapper
from glissando.errors import ScheduleError, shown
from glissando.rules import Ratio, Times
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

    def final(self) -> float:
        return float(self.schedule.final() * self.scale ** (self.times - 1))

    def breaks(self, low: int = 0) -> Iterator[int]:
        length = int(self.schedule.steps)
        for cycle in count(low // length):
            if cycle >= self.times:
                break
            start = cycle * length
            if start >= max(low, 1):
                yield start
            for step in self.schedule.breaks(max(0, low - start)):
                if 0 < step < length:
                    yield start + step
        if low <= self.steps < math.inf:
            yield int(self.steps)
