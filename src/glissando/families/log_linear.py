"""A straight line on a logarithmic scale."""

from typing import Any

from glissando.rules import Rate, ScheduleError, Steps
from glissando.schedule import Schedule


class LogLinear(Schedule, tag="log_linear"):
    """From `start` to `end` by the same factor at each step: exponential between two rates.

    Args:
        start: the rate at step 0, above 0.
        end: the rate at `steps` and after, above 0.
        steps: the step at which the end is reached, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule; a rate is 0.

    Example:
        >>> LogLinear(1.0, 0.25, steps=10)(5)
        0.5
    """

    start: Rate
    end: Rate
    steps: Steps

    def check(self) -> None:
        above_zero(self)

    def at(self, t: Any, m: Any) -> Any:
        return self.start * m.power(self.end / self.start, t / self.steps)


def above_zero(schedule: Any) -> None:
    """Hold both rates above 0, where they have logarithms."""
    for field in ("start", "end"):
        if getattr(schedule, field) == 0:
            raise ScheduleError(
                f"{type(schedule).__name__}: `{field}` must be above 0, got 0.0; a logarithmic "
                "scale has no 0"
            )
