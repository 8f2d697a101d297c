"""A schedule backwards."""

from collections.abc import Iterator
from typing import Any

from glissando.combinators.base import Wrapper, one_by_one
from glissando.rules import MAX_STEP
from glissando.schedule import FiniteChild


class Reverse(Wrapper, tag="reverse"):
    """A schedule backwards: `s(s.steps − t)`.

    It begins with the schedule's end and ends with its start.

    Args:
        schedule: the schedule s, which must end.

    Raises:
        ScheduleError: the schedule never ends.

    Example:
        >>> from glissando import Linear
        >>> up = Linear(1.0, 0.0, steps=4).reverse()
        >>> [up(t) for t in range(6)]
        [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """

    schedule: FiniteChild

    def at(self, t: Any, m: Any) -> Any:
        return self.before_end(m.minimum(t, self.steps), m)

    def before_end(self, t: Any, m: Any) -> Any:
        return self.schedule.rate_at(self.steps - t, m)

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        # a formula that holds from step b on, backwards holds up to steps - b
        end = int(self.steps)
        ends = [end] if max(low, 1) <= end <= high else []
        first, last = max(2, end + 1 - high), min(end - 1, end + 1 - low)
        inner = self.schedule.breaks_between(first, last, not backwards)
        return one_by_one([(end + 1 - step for step in inner), ends], backwards)
