"""Decay by a ratio."""

from typing import Any

from glissando.rules import Rate, Ratio, Steps
from glissando.schedule import Schedule


class Geometric(Schedule, tag="geometric"):
    """A decay by a ratio: `start · ratio^(t/every)`.

    It falls by the same factor at every step, fast at first and ever more slowly towards 0; it
    never ends.

    Args:
        start: the rate at step 0.
        ratio: the factor per `every` steps, above 0 and at most 1.
        every: the steps after which the factor has acted once, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = Geometric(0.8, ratio=0.25, every=10)
        >>> decay(0), decay(5), decay(10), decay(20)
        (0.8, 0.4, 0.2, 0.05)
    """

    start: Rate
    ratio: Ratio
    every: Steps = 1

    def at(self, t: Any, m: Any) -> Any:
        return self.start * m.power(self.ratio, t / self.every)
