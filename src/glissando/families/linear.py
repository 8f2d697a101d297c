"""A straight line from one rate to another."""

from typing import Any

from glissando.rules import Rate, StepsOrZero
from glissando.schedule import Schedule


class Linear(Schedule, tag="linear"):
    """A straight line: `start + (end − start) · t/steps`.

    It rises or falls by the same amount at every step.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> warmup = Linear(0.0, 1e-3, steps=500)
        >>> warmup(0), warmup(125), warmup(500), warmup(501)
        (0.0, 0.00025, 0.001, 0.001)
    """

    start: Rate
    end: Rate
    steps: StepsOrZero

    def at(self, t: Any, m: Any) -> Any:
        return (self.end - self.start) / self.steps * t + self.start
