"""A schedule that must not be asked past its end."""

from typing import Any

from glissando.combinators.base import Wrapper
from glissando.schedule import FiniteChild


class Strict(Wrapper, tag="strict"):
    """A schedule that raises past its end: `s(t)` for t up to s.steps.

    Others hold their end value there. So does this one inside a compiled graph, where nothing can
    be raised.

    Args:
        schedule: the schedule s, which must end.

    Raises:
        ScheduleError: the schedule never ends; or, when called, the step is past the end.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(1.0, 0.0, steps=4).strict()
        >>> rate(0), rate(1), rate(4)
        (1.0, 0.75, 0.0)
        >>> rate(5)
        Traceback (most recent call last):
            ...
        glissando.ScheduleError: Strict: `step` must be at most 4, the schedule's end, got 5
    """

    schedule: FiniteChild

    def at(self, t: Any, m: Any) -> Any:
        return m.guard(t, self.steps, lambda t: self.schedule.rate_at(t, m))

    def before_end(self, t: Any, m: Any) -> Any:
        return self.schedule.before_end(t, m)
