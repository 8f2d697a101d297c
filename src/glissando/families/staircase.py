"""Decay by a ratio, in stairs."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from glissando.rules import Rate, Ratio, Steps
from glissando.schedule import Schedule


class Staircase(Schedule, tag="staircase"):
    """`start` times `ratio` at every `every` steps, flat in between; it never ends.

    Step `every` itself is the first of the second stair.

    Args:
        start: the rate of the first stair.
        ratio: the factor from stair to stair, above 0 and at most 1.
        every: the length of a stair in steps, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> stairs = Staircase(0.1, ratio=0.1, every=30)
        >>> stairs(29), stairs(30)
        (0.1, 0.010000000000000002)
    """

    start: Rate
    ratio: Ratio
    every: Steps

    def at(self, t: Any, m: Any) -> Any:
        return self.start * m.power(self.ratio, t // self.every)

    def breaks(self, low: int = 0) -> Iterator[int]:
        return count(max(1, -(-low // self.every)) * self.every, self.every)
