"""A schedule backwards."""

from collections.abc import Iterator
from typing import Any

from glissando.combinators.base import Wrapper
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

    def breaks(self, low: int = 0) -> Iterator[int]:
        # a formula that holds from step b on, backwards holds up to steps - b
        end = int(self.steps)
        inner = [end - step + 1 for step in self.schedule.breaks() if 1 < step < end]
        yield from (step for step in reversed(inner) if step >= low)
        if max(low, 1) <= end:
            yield end
