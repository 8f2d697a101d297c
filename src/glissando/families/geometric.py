"""Decay by a ratio."""

from typing import Any

from glissando.rules import Rate, Ratio, Steps
from glissando.schedule import Schedule


class Geometric(Schedule, tag="geometric"):
    """`start` times `ratio` for every `every` steps, smoothly; it never ends.

    Args:
        start: the rate at step 0.
        ratio: the factor per `every` steps, above 0 and at most 1.
        every: the steps after which the factor has acted once, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> Geometric(0.8, ratio=0.5, every=10)(20)
        0.2
    """

    start: Rate
    ratio: Ratio
    every: Steps = 1

    def at(self, t: Any, m: Any) -> Any:
        return self.start * m.power(self.ratio, t / self.every)
