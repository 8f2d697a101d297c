"""A schedule kept between two rates."""

import math
from typing import Any

from glissando.combinators.base import Wrapper
from glissando.errors import ScheduleError
from glissando.rules import Ceiling, Rate


class Clip(Wrapper, tag="clip"):
    """A schedule kept between two rates: `min(max(s(t), floor), ceiling)`.

    It is flat where the schedule would be lower or higher.

    Args:
        schedule: the schedule s.
        floor: the lowest rate.
        ceiling: the highest rate; by default there is none.

    Raises:
        ScheduleError: an argument breaks its rule, or the floor is above the ceiling.

    Example:
        >>> from glissando import InverseTime
        >>> rate = InverseTime(0.001, rate=0.1).clip(floor=1e-4)
        >>> rate(0), rate(10), rate(500)
        (0.001, 0.0005, 0.0001)
    """

    bends = True

    floor: Rate = 0.0
    ceiling: Ceiling = math.inf

    def check(self) -> None:
        if self.floor > self.ceiling:
            raise ScheduleError(
                f"Clip: `floor` must be at most `ceiling`, got {self.floor} and {self.ceiling}"
            )

    def at(self, t: Any, m: Any) -> Any:
        rate = self.schedule.rate_at(t, m)
        if self.floor > 0:
            rate = m.maximum(rate, self.floor)
        return rate if self.ceiling == math.inf else m.minimum(rate, self.ceiling)

    def bound(self) -> float:
        return min(max(self.schedule.bound(), self.floor), self.ceiling)

    def least(self) -> float:
        return min(max(self.schedule.least(), self.floor), self.ceiling)
