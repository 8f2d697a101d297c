"""A schedule backwards."""

from collections.abc import Iterator
from typing import Any

from glissando.combinators.combinator import Wrapper
from glissando.rules import FiniteChild


class Reverse(Wrapper, tag="reverse"):
    """A schedule backwards: it begins with the other's end and ends with its start.

    Args:
        schedule: a schedule that ends.

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
        return self.inside(m.minimum(t, self.steps), m)

    def inside(self, t: Any, m: Any) -> Any:
        return self.schedule.follow(self.steps - t, m)

    def breaks(self, low: int = 0) -> Iterator[int]:
        # a formula that holds from step b on, backwards holds up to steps - b
        end = int(self.steps)
        inner = [end - step + 1 for step in self.schedule.breaks() if 1 < step < end]
        yield from (step for step in reversed(inner) if step >= low)
        if low <= end:
            yield end
