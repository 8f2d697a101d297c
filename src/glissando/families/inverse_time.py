"""Decay as one over time."""

from typing import Any

from glissando.rules import Factor, Rate
from glissando.schedule import Schedule


class InverseTime(Schedule, tag="inverse_time"):
    """One over time: `start / (1 + rate · t)`.

    It falls fast at first and ever more slowly towards 0; it never ends.

    Args:
        start: the rate at step 0.
        rate: how fast it falls, 0 or more; after 1 / `rate` steps the rate is half of `start`.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = InverseTime(0.001, rate=0.1)
        >>> decay(0), decay(10), decay(90)
        (0.001, 0.0005, 0.0001)
    """

    start: Rate
    rate: Factor

    def at(self, t: Any, m: Any) -> Any:
        return self.start / (1.0 + self.rate * t)
