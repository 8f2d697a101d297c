"""The first steps of a schedule."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from glissando.combinators.combinator import Wrapper
from glissando.rules import Steps


class Take(Wrapper, tag="take"):
    """The first `steps` steps of a schedule; its rate at `steps` then holds.

    Args:
        schedule: the schedule, endless or not.
        steps: where it ends, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Exponential
        >>> rate = Exponential(0.001, rate=0.1).take(10)
        >>> rate(10) == rate(99) == Exponential(0.001, rate=0.1)(10)
        True
    """

    steps: Steps

    @property
    def untold(self) -> None:
        return None  # whatever it takes steps of, it ends

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.follow(m.minimum(t, self.steps), m)

    def inside(self, t: Any, m: Any) -> Any:
        long_enough = self.steps <= self.schedule.steps
        return self.schedule.inside(t, m) if long_enough else self.schedule.follow(t, m)

    def breaks(self, low: int = 0) -> Iterator[int]:
        yield from takewhile(lambda step: step < self.steps, self.schedule.breaks(low))
        if low <= self.steps:
            yield self.steps
