"""A schedule without its first steps."""

import math
from collections.abc import Iterator
from typing import Any

from glissando.combinators.base import Wrapper
from glissando.errors import ScheduleError
from glissando.rules import MAX_STEP, StepsOrZero
from glissando.schedule import Schedule


class Drop(Wrapper, tag="drop"):
    """A schedule from a later step on: `s(t + count)`.

    It is what follows the first `count` steps.

    Args:
        schedule: the schedule s.
        count: how many steps to leave out, 0 or more, at most all.

    Raises:
        ScheduleError: an argument breaks its rule, or the schedule has fewer steps.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(0.0, 1.0, steps=10).drop(4)
        >>> rate(0), rate(1), rate(6), rate.steps
        (0.4, 0.5, 1.0, 6)
    """

    count: StepsOrZero

    def check(self) -> None:
        if self.count > self.schedule.steps:
            raise ScheduleError(
                f"Drop: `count` must be at most the schedule's {self.schedule.steps} steps, "
                f"got {self.count}"
            )

    def length(self) -> float:
        return self.schedule.steps - self.count

    def at(self, t: Any, m: Any) -> Any:
        if self.steps < math.inf:
            t = m.minimum(t, self.steps)  # or an int32 step could overflow in a graph
        return self.schedule.rate_at(self._later(t, m), m)

    def before_end(self, t: Any, m: Any) -> Any:
        return self.schedule.before_end(self._later(t, m), m)

    def _later(self, t: Any, m: Any) -> Any:
        # where the schedule ends, its own end tells a graph's integers whether they are enough
        return t + self.count if self.schedule.steps < math.inf else m.shift(t, self.count)

    @property
    def open_part(self) -> tuple[int, float] | None:
        if (inner := self.schedule.open_part) is None:
            return None
        return max(0, inner[0] - self.count), inner[1]

    def finished_at(self, at: int) -> Schedule:
        return self.schedule.finished_at(at + self.count).drop(self.count)

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        low, high = max(low, 1) + self.count, high + self.count
        for step in self.schedule.breaks_between(low, high, backwards):
            yield step - self.count
