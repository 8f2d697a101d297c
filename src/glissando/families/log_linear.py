"""A straight line on a logarithmic scale."""

from typing import Any

from glissando.errors import ScheduleError
from glissando.rules import Rate, StepsOrZero
from glissando.schedule import Schedule

SMALLEST = 1e-300
"""The smallest fraction that has all its digits, with a margin."""


class LogLinear(Schedule, tag="log_linear"):
    """A straight line on a logarithmic scale: `start · (end/start)^(t/steps)`.

    It falls by the same factor at each step, fast at first and then more slowly: an exponential
    between two rates. A rise is the reverse of one, `LogLinear(...).reverse()`.

    Args:
        start: the rate at step 0, above 0.
        end: the rate at `steps` and after, above 0 and at most `start`.
        steps: the step at which the end is reached, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule; `end` is 0 or above `start`, or below 1e-300 of
            it.

    Example:
        >>> decay = LogLinear(1.0, 0.25, steps=10)
        >>> decay(0), decay(5), decay(10)
        (1.0, 0.5, 0.25)
    """

    start: Rate
    end: Rate
    steps: StepsOrZero

    def check(self) -> None:
        falls_above_zero(self)

    def at(self, t: Any, m: Any) -> Any:
        return self.start * m.power(self.end / self.start, t / self.steps)


def falls_above_zero(schedule: Any) -> None:
    """Hold the end above 0, which has no logarithm, and at most at the start.

    Float32 would magnify the rounding of a rise, since its end is its full scale. A ratio below
    the floats has no logarithm either.
    """
    name, start, end = type(schedule).__name__, schedule.start, schedule.end
    if not 0 < end <= start:
        raise ScheduleError(
            f"{name}: `end` must be above 0 and at most `start`, got start={start} and end={end}; "
            "a rise is a fall's .reverse()"
        )
    if end / start < SMALLEST:
        raise ScheduleError(
            f"{name}: `end` must be {SMALLEST:g} of `start` or more, got start={start} and "
            f"end={end}"
        )
