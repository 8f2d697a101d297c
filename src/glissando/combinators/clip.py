"""A schedule kept between two rates."""

import math
from typing import Any

from glissando.combinators.combinator import Wrapper
from glissando.rules import Ceiling, Rate, ScheduleError


class Clip(Wrapper, tag="clip"):
    """A schedule kept between a floor and a ceiling.

    Args:
        schedule: the schedule.
        floor: the lowest rate.
        ceiling: the highest rate; by default there is none.

    Raises:
        ScheduleError: an argument breaks its rule, or the floor is above the ceiling.

    Example:
        >>> from glissando import Exponential
        >>> rate = Exponential(0.001, rate=0.1).clip(floor=1e-4)
        >>> rate(0), rate(100)
        (0.001, 0.0001)
    """

    floor: Rate = 0.0
    ceiling: Ceiling = math.inf

    def check(self) -> None:
        if self.floor > self.ceiling:
            raise ScheduleError(
                f"Clip: `floor` must be at most `ceiling`, got {self.floor} and {self.ceiling}"
            )

    def at(self, t: Any, m: Any) -> Any:
        rate = self.schedule.follow(t, m)
        if self.floor > 0:
            rate = m.maximum(rate, self.floor)
        return rate if self.ceiling == math.inf else m.minimum(rate, self.ceiling)

    def bound(self) -> float:
        return min(max(self.schedule.bound(), self.floor), self.ceiling)
