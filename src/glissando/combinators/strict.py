"""A schedule that must not be asked past its end."""

from typing import Any

from glissando.combinators.combinator import Wrapper
from glissando.rules import FiniteChild


class Strict(Wrapper, tag="strict"):
    """A schedule that raises past its end, where others hold their end value.

    Inside a compiled graph nothing can be raised: there the end value holds.

    Args:
        schedule: a schedule that ends.

    Raises:
        ScheduleError: the schedule never ends; or, when called, the step is past the end.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(1.0, 0.0, steps=4).strict()
        >>> rate(4)
        0.0
        >>> rate(5)
        Traceback (most recent call last):
            ...
        glissando.ScheduleError: Strict: `step` must be at most 4, the schedule's end, got 5
    """

    schedule: FiniteChild

    def at(self, t: Any, m: Any) -> Any:
        return m.guard(t, self.steps, lambda t: self.schedule.follow(t, m))

    def inside(self, t: Any, m: Any) -> Any:
        return self.schedule.inside(t, m)
