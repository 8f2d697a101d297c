"""Where good rates lie."""

import math
from collections.abc import Mapping

from glissando.finder.answer import Interval, Limit
from glissando.finder.short_runs import STEP

DECADE = 10.0
"""How wide the interval is. Longer runs want smaller rates than short ones, so most of it is below
the best rate of short runs: its upper end is the next rate that was tried, which was worse."""


def middle(interval: Interval) -> float:
    """Return the middle of an interval, by logarithm."""
    return math.sqrt(interval.low * interval.high)


def below(limit: Limit, largest: float) -> Interval:
    """Return where good rates lie as far as a limit alone shows: in the decade below it."""
    high = min(limit.value, largest)
    return Interval(low=high / DECADE, high=high)


def around(losses: Mapping[float, float], limit: Limit) -> Interval:
    """Return where good rates lie: around the rate after which the loss of short runs is lowest."""
    best = min(losses, key=losses.__getitem__)
    high = min(STEP * best, max(limit.high, best))
    return Interval(low=high / DECADE, high=high)
