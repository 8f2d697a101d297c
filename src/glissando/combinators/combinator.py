"""What every schedule made of schedules has in common."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from glissando.families.constant import Constant
from glissando.rules import Child, ScheduleError
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

    @property
    def untold(self) -> tuple[int, float] | None:
        return self.schedule.untold

    def end_untold(self, at: int) -> Schedule:
        return replace(self, schedule=self.schedule.end_untold(at))


def cut(schedule: Schedule, steps: int) -> Schedule:
    """Return the first steps of a schedule; of a constant, as one would write it."""
    if isinstance(schedule, Constant):
        return Constant(schedule.value, steps)
    return schedule.take(steps)


def only_one(whole: Schedule, parts: Iterable[Schedule]) -> None:
    """Raise if more than one of the parts goes on until told."""
    if sum(part.untold is not None for part in parts) > 1:
        raise ScheduleError(
            f"{type(whole).__name__}: only one part of a schedule may go on until told"
        )


def merged(iterators: Iterable[Iterator[int]]) -> Iterator[int]:
    """Yield the members of sorted iterators in order, each once."""
    last = None
    for step in heapq.merge(*iterators):
        if step != last:
            yield step
        last = step
