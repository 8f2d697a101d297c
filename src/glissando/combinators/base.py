"""What every schedule made of schedules has in common."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from glissando.errors import ScheduleError
from glissando.rules import MAX_STEP
from glissando.schedule import Child, Schedule


class Combinator(Schedule):
    """A schedule made of schedules: they hold their own ends, so its formula holds everywhere.

    It lists its breaks in `breaks_between`, from those of its parts.
    """

    def before_end(self, t: Any, m: Any) -> Any:
        return self.at(t, m)

    def rate_at(self, t: Any, m: Any) -> Any:
        return self.at(t, m)

    def breaks(self, low: int = 0) -> Iterator[int]:
        return self.breaks_between(low)


class Wrapper(Combinator):
    """A combinator of one schedule."""

    schedule: Child

    def length(self) -> float:
        return self.schedule.steps

    def bound(self) -> float:
        return self.schedule.bound()

    def least(self) -> float:
        return self.schedule.least()

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        return self.schedule.breaks_between(low, high, backwards)

    @property
    def open_part(self) -> tuple[int, float] | None:
        return self.schedule.open_part

    def finished_at(self, at: int) -> Schedule:
        return self.replace(schedule=self.schedule.finished_at(at))


def only_one(whole: Schedule, parts: Iterable[Schedule]) -> None:
    """Raise if more than one of the parts is open-ended."""
    if sum(part.open_part is not None for part in parts) > 1:
        raise ScheduleError(
            f"{type(whole).__name__}: only one part of a schedule may be open-ended"
        )


def merged(iterators: Iterable[Iterator[int]], backwards: bool) -> Iterator[int]:
    """Yield the members of sorted iterators in order, each once."""
    last = None
    for step in heapq.merge(*iterators, reverse=backwards):
        if step != last:
            yield step
        last = step


def one_by_one(lists: Sequence[Iterable[int]], backwards: bool) -> Iterator[int]:
    """Yield the members of one iterable after another, of the last one first if `backwards`."""
    return chain.from_iterable(reversed(lists) if backwards else lists)


def members(numbers: range, low: int, high: int, backwards: bool) -> range:
    """Return those members of a rising range that lie from `low` to `high`."""
    first = max(0, -(-(low - numbers.start) // numbers.step))
    beyond = max(first, (high - numbers.start) // numbers.step + 1)
    return numbers[first:beyond][:: -1 if backwards else 1]
