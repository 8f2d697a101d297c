"""One schedule after another."""

import math
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar

from glissando.combinators.combinator import Combinator, only_one
from glissando.rules import Children, ScheduleError, shown
from glissando.schedule import Schedule


class Chain(Combinator, tag="chain"):
    """One schedule after another, each counting from its own zero: `a >> b`.

    Step `a.steps` is the first step of `b`. Chains inside a chain are spliced in, so that
    `(a >> b) >> c` equals `a >> (b >> c)`, and the empty chain changes nothing.

    Args:
        parts: the schedules in order; all but the last must end, or go on until told.

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
        only_one(self, flat)
        for part in flat[:-1]:
            if part.steps == math.inf and part.untold is None:
                raise ScheduleError(
                    f"Chain: a part that another follows must end, got {shown(part)}; "
                    "give it an end with .take(n)"
                )

    @cached_property
    def reached(self) -> tuple[Schedule, ...]:
        """The parts up to the one that goes on until told; all, if there is none."""
        for i, part in enumerate(self.parts):
            if part.untold is not None:
                return tuple(self.parts[: i + 1])
        return tuple(self.parts)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The step at which each part that is reached begins."""
        return (0, *accumulate(int(part.steps) for part in self.reached[:-1]))

    def length(self) -> float:
        return self.starts[-1] + self.reached[-1].steps if self.parts else 0

    def at(self, t: Any, m: Any) -> Any:
        if not self.parts:
            raise ScheduleError("Chain: an empty chain has no rate; give it a part")
        *before, last = self.reached
        branches = [*(part.inside for part in before), last.follow]
        return m.switch(t, self.starts, [_in(m, branch) for branch in branches])

    def final(self) -> float:
        return self.parts[-1].final()

    def bound(self) -> float:
        return max((part.bound() for part in self.parts), default=0.0)

    def breaks(self, low: int = 0) -> Iterator[int]:
        first = max(0, bisect_right(self.starts, low) - 1)
        for i in range(first, len(self.reached)):
            start, part = self.starts[i], self.reached[i]
            if start >= max(low, 1):
                yield start
            for step in part.breaks(max(0, low - start)):
                if step == part.steps and i < len(self.reached) - 1:
                    break
                if step:
                    yield start + step

    @property
    def untold(self) -> tuple[int, float] | None:
        if not self.parts or (inner := self.reached[-1].untold) is None:
            return None
        begin, after = inner
        follow = self.parts[len(self.reached) :]
        return self.starts[-1] + begin, after + sum(part.steps for part in follow)

    def end_untold(self, at: int) -> Schedule:
        *before, part = self.reached
        start, follow = self.starts[-1], self.parts[len(self.reached) :]
        others = [*before, *follow]
        if at == start and others and not any(part.untold or ()):  # nothing is left of it
            return others[0] if len(others) == 1 else Chain(others)
        return Chain([*before, part.end_untold(at - start), *follow])

    @classmethod
    def of(cls, left: Schedule, right: Schedule) -> Schedule:
        chain = cls((left, right))
        return chain.parts[0] if len(chain.parts) == 1 else chain


def _in(m: Any, branch: Any) -> Any:
    return lambda t: branch(t, m)
