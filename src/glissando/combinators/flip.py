"""A schedule upside down."""

from typing import Any

from glissando.combinators.combinator import Wrapper
from glissando.rules import Rate, ScheduleError


class Flip(Wrapper, tag="flip"):
    """A schedule upside down: what it leaves of a ceiling.

    Momentum moves so where the rate moves the other way.

    Args:
        schedule: the schedule, which must stay at or below the ceiling.
        ceiling: the rate where the schedule is 0.

    Raises:
        ScheduleError: an argument breaks its rule, or the schedule could rise above the ceiling.

    Example:
        >>> from glissando import Linear
        >>> momentum = Flip(Linear(0.0, 0.1, steps=10), ceiling=0.95)
        >>> momentum(0), momentum(5)
        (0.95, 0.8999999999999999)
    """

    ceiling: Rate

    def check(self) -> None:
        if self.schedule.bound() > self.ceiling:
            raise ScheduleError(
                "Flip: `ceiling` must be the schedule's highest rate or more, "
                f"got {self.ceiling} and up to {self.schedule.bound():g}"
            )

    def at(self, t: Any, m: Any) -> Any:
        # rounding may lift the schedule above its own bound
        return m.maximum(self.ceiling - self.schedule.follow(t, m), 0.0)

    def bound(self) -> float:
        return self.ceiling
