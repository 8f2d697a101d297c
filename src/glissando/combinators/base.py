"""What every schedule made of schedules has in common."""

import heapq
from collections.abc import Iterable, Iterator
from typing import Any

from glissando.errors import ScheduleError
from glissando.schedule import Child, Schedule


class Combinator(Schedule):
    """A schedule made of schedules: they hold their own ends, so its formula holds everywhere."""

    def before_end(self, t: Any, m: Any) -> Any:
        return self.at(t, m)

    def rate_at(self, t: Any, m: Any) -> Any:
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


def merged(iterators: Iterable[Iterator[int]]) -> Iterator[int]:
    """Yield the members of sorted iterators in order, each once."""
    last = None
    for step in heapq.merge(*iterators):
        if step != last:
            yield step
        last = step
