"""A schedule times a number."""

from typing import Any, ClassVar

from glissando.combinators.base import Wrapper
from glissando.rules import MAX_RATE, Factor, Number
from glissando.schedule import Schedule

DIVISOR = Number(0, MAX_RATE, above=True)


class Scale(Wrapper, tag="scale"):
    """A schedule times a number: `s(t) · factor`.

    It is written `s * 0.1` or `0.1 * s`; `s / 10` is `s * (1 / 10)`.

    Args:
        schedule: the schedule s.
        factor: the number, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> half = Linear(0.0, 1.0, steps=10) * 0.5
        >>> half(0), half(5), half(10)
        (0.0, 0.25, 0.5)
    """

    symbol: ClassVar[str] = "*"

    factor: Factor

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.rate_at(t, m) * self.factor

    def bound(self) -> float:
        return self.schedule.bound() * self.factor if self.factor else 0.0

    def least(self) -> float:
        return self.schedule.least() * self.factor

    @classmethod
    def divided(cls, schedule: Schedule, number: Any) -> "Scale":
        """Return a schedule divided by a number."""
        return cls(schedule, 1.0 / DIVISOR.check(number, "rate / x: `x`"))

    def operands(self) -> tuple[Any, ...]:
        return self.schedule, self.factor
