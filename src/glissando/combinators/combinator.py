"""What every schedule made of schedules has in common."""

import heapq
from collections.abc import Iterable, Iterator
from typing import Any

from glissando.rules import Child
from glissando.schedule import Schedule


class Combinator(Schedule):
    """A schedule made of schedules: they hold their own ends, so its formula holds everywhere."""

    def inside(self, t: Any, m: Any) -> Any:
        return self.at(t, m)

    def follow(self, t: Any, m: Any) -> Any:
        return self.at(t, m)


class Wrapper(Combinator):
    """A combinator of one schedule."""

    schedule: Child

    def length(self) -> float:
        return self.schedule.steps

    def bound(self) -> float:
        return self.schedule.bound()

    def breaks(self, low: int = 0) -> Iterator[int]:
        return self.schedule.breaks(low)


def merged(iterators: Iterable[Iterator[int]]) -> Iterator[int]:
    """Yield the members of sorted iterators in order, each once."""
    last = None
    for step in heapq.merge(*iterators):
        if step != last:
            yield step
        last = step
