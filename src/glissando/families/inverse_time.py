"""Decay as one over time."""

from typing import Any

from glissando.rules import Factor, Rate
from glissando.schedule import Schedule


class InverseTime(Schedule, tag="inverse_time"):
    """`start` over one plus `rate` times the step; it never ends.

    Args:
        start: the rate at step 0.
        rate: how fast it falls: after 1 / `rate` steps half is left. 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> InverseTime(0.001, rate=0.1)(10)
        0.0005
    """

    start: Rate
    rate: Factor

    def at(self, t: Any, m: Any) -> Any:
        return self.start / (1.0 + self.rate * t)
