"""A schedule without its first steps."""

import math
from collections.abc import Iterator
from typing import Any

from glissando.combinators.combinator import Wrapper
from glissando.rules import ScheduleError, Steps
from glissando.schedule import Schedule


class Drop(Wrapper, tag="drop"):
    """A schedule from a later step on: `a.drop(n)` begins where `a` is at step n.

    Args:
        schedule: the schedule, endless or longer than `count`.
        count: how many steps to leave out, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule, or nothing would be left.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(0.0, 1.0, steps=10).drop(4)
        >>> rate(0), rate.steps
        (0.4, 6)
    """

    count: Steps

    def check(self) -> None:
        if self.count >= self.schedule.steps:
            raise ScheduleError(
                f"Drop: `count` must be below the schedule's {self.schedule.steps} steps, "
                f"got {self.count}"
            )

    def length(self) -> float:
        return self.schedule.steps - self.count

    def at(self, t: Any, m: Any) -> Any:
        if self.steps < math.inf:
            t = m.minimum(t, self.steps)  # or an int32 step could overflow in a graph
        return self.schedule.follow(self._later(t, m), m)

    def inside(self, t: Any, m: Any) -> Any:
        return self.schedule.inside(self._later(t, m), m)

    def _later(self, t: Any, m: Any) -> Any:
        # where the schedule ends, its own end tells a graph's integers whether they are enough
        return t + self.count if self.schedule.steps < math.inf else m.shift(t, self.count)

    @property
    def untold(self) -> tuple[int, float] | None:
        if (inner := self.schedule.untold) is None:
            return None
        return max(0, inner[0] - self.count), inner[1]

    def end_untold(self, at: int) -> Schedule:
        return self.schedule.end_untold(at + self.count).drop(self.count)

    def breaks(self, low: int = 0) -> Iterator[int]:
        for step in self.schedule.breaks(low + self.count):
            if step > self.count:
                yield step - self.count
