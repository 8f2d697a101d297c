"""One schedule after another."""

import math
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar

from glissando.combinators.combinator import Combinator
from glissando.rules import Children, ScheduleError, shown
from glissando.schedule import Schedule


class Chain(Combinator, tag="chain"):
    """One schedule after another, each counting from its own zero: `a >> b`.

    Step `a.steps` is the first step of `b`. Chains inside a chain are spliced in, so that
    `(a >> b) >> c` equals `a >> (b >> c)`, and the empty chain changes nothing.

    Args:
        parts: the schedules in order; all but the last must end.

    Raises:
        ScheduleError: a part that is not the last never ends.

    Example:
        >>> from glissando import Cosine, Linear
        >>> rate = Linear(0.0, 1.0, steps=10) >> Cosine(1.0, 0.0, steps=90)
        >>> rate(5), rate(10), rate(55), rate(100)
        (0.5, 1.0, 0.5, 0.0)
    """

    symbol: ClassVar[str] = ">>"

    parts: Children

    def check(self) -> None:
        flat: list[Schedule] = []
        for part in self.parts:
            flat.extend(part.parts if isinstance(part, Chain) else [part])
        object.__setattr__(self, "parts", tuple(flat))
        for part in flat[:-1]:
            if part.steps == math.inf:
                raise ScheduleError(
                    f"Chain: a part that another follows must end, got {shown(part)}; "
                    "give it an end with .take(n)"
                )

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The step at which each part begins."""
        return (0, *accumulate(int(part.steps) for part in self.parts[:-1]))

    def length(self) -> float:
        return self.starts[-1] + self.parts[-1].steps if self.parts else 0

    def at(self, t: Any, m: Any) -> Any:
        if not self.parts:
            raise ScheduleError("Chain: an empty chain has no rate; give it a part")
        insides = [part.inside for part in self.parts[:-1]]
        branches = [*insides, self.parts[-1].follow]
        return m.switch(t, self.starts, [_in(m, branch) for branch in branches])

    def final(self) -> float:
        return self.parts[-1].final()

    def bound(self) -> float:
        return max((part.bound() for part in self.parts), default=0.0)

    def breaks(self, low: int = 0) -> Iterator[int]:
        first = max(0, bisect_right(self.starts, low) - 1)
        for i in range(first, len(self.parts)):
            start, part = self.starts[i], self.parts[i]
            if start >= max(low, 1):
                yield start
            for step in part.breaks(max(0, low - start)):
                if step == part.steps and i < len(self.parts) - 1:
                    break
                if step:
                    yield start + step

    @classmethod
    def of(cls, left: Schedule, right: Schedule) -> Schedule:
        chain = cls((left, right))
        return chain.parts[0] if len(chain.parts) == 1 else chain


def _in(m: Any, branch: Any) -> Any:
    return lambda t: branch(t, m)
