"""A schedule upside down."""

from typing import Any

from glissando.combinators.base import Wrapper
from glissando.errors import ScheduleError
from glissando.rules import Rate


class Flip(Wrapper, tag="flip"):
    """A schedule upside down: `ceiling − s(t)`.

    It falls where the schedule rises, as momentum does beside a learning rate.

    Args:
        schedule: the schedule s, which must stay at or below the ceiling.
        ceiling: the rate where the schedule is 0.

    Raises:
        ScheduleError: an argument breaks its rule, or the schedule could rise above the ceiling.

    Example:
        >>> from glissando import Linear
        >>> momentum = Flip(Linear(0.0, 0.5, steps=10), ceiling=1.0)
        >>> momentum(0), momentum(5), momentum(10)
        (1.0, 0.75, 0.5)
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
        return m.maximum(self.ceiling - self.schedule.rate_at(t, m), 0.0)

    def bound(self) -> float:
        return self.ceiling  # and not less: its precision is that of what is subtracted from

    def least(self) -> float:
        return self.ceiling - self.schedule.bound()
