"""A schedule times a number."""

from typing import Any, ClassVar

from glissando.combinators.combinator import Wrapper
from glissando.rules import Factor


class Scale(Wrapper, tag="scale"):
    """A schedule times a number: `a * 0.1`.

    Args:
        schedule: the schedule.
        factor: the number, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> half = Linear(0.0, 1.0, steps=10) * 0.5
        >>> half(10)
        0.5
    """

    symbol: ClassVar[str] = "*"

    factor: Factor

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.follow(t, m) * self.factor

    def bound(self) -> float:
        return self.schedule.bound() * self.factor

    def operands(self) -> tuple[Any, ...]:
        return self.schedule, self.factor
