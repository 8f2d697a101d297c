"""Decay by a ratio, as a staircase."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from glissando.rules import Rate, Ratio, Steps
from glissando.schedule import Schedule


class Staircase(Schedule, tag="staircase"):
    """A staircase of one ratio: `start · ratio^floor(t/every)`.

    It is flat for `every` steps and then falls by the factor `ratio` at once, again and again; it
    never ends. Step `every` itself is the first of the second level.

    Args:
        start: the rate of the first level.
        ratio: the factor from level to level, above 0 and at most 1.
        every: the length of a level in steps, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> staircase = Staircase(0.8, ratio=0.5, every=30)
        >>> staircase(0), staircase(29), staircase(30), staircase(60)
        (0.8, 0.8, 0.4, 0.2)
    """

    start: Rate
    ratio: Ratio
    every: Steps

    def at(self, t: Any, m: Any) -> Any:
        return self.start * m.power(self.ratio, t // self.every)

    def breaks(self, low: int = 0) -> Iterator[int]:
        return count(max(1, -(-low // self.every)) * self.every, self.every)
