"""One schedule after another."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar

from glissando.combinators.base import Combinator, one_by_one, only_one
from glissando.errors import ScheduleError, shown
from glissando.families.linear import Linear
from glissando.formulas import MAX_LENGTH
from glissando.rules import COUNT, MAX_STEP, STEPS
from glissando.schedule import Children, Part, Schedule


class Chain(Combinator, tag="chain"):
    """One schedule after another: `a(t)` for t < a.steps, then `b(t − a.steps)`.

    It is written `a >> b`, and each part counts from its own zero. Chains inside a chain are
    spliced in, so that `(a >> b) >> c` equals `a >> (b >> c)`, and the empty chain changes nothing.
    Nor does a part of 0 steps, such as the warm-up of a run that has none: it is left out.

    Args:
        parts: the schedules in order; all but the last must end, or be open-ended.

    Raises:
        ScheduleError: a part that is not the last never ends; more than one is open-ended.

    Example:
        >>> from glissando import Cosine, Linear
        >>> rate = Linear(0.0, 1.0, steps=10) >> Cosine(1.0, 0.0, steps=90)
        >>> rate(0), rate(5), rate(10), rate(55), rate(100)
        (0.0, 0.5, 1.0, 0.5, 0.0)
        >>> Linear(0.0, 1.0, steps=0) >> Cosine(1.0, 0.0, steps=90)
        gl.Cosine(1.0, 0.0, steps=90)
    """

    symbol: ClassVar[str] = ">>"
    sequential: ClassVar[bool] = True

    parts: Children

    def check(self) -> None:
        flat: list[Schedule] = []
        for part in self.parts:
            flat.extend(part.parts if isinstance(part, Chain) else [part])
        kept = [part for part in flat if part.steps] or flat[-1:]
        object.__setattr__(self, "parts", tuple(kept))
        only_one(self, kept)
        for part in kept[:-1]:
            if part.steps == math.inf and part.open_part is None:
                raise ScheduleError(
                    f"Chain: a part that another follows must end, got {shown(part)}; "
                    "give it an end with .take(n)"
                )

    @cached_property
    def reached(self) -> tuple[Schedule, ...]:
        """The parts up to the open-ended one; all, if there is none."""
        for i, part in enumerate(self.parts):
            if part.open_part is not None:
                return tuple(self.parts[: i + 1])
        return tuple(self.parts)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The step at which each part that is reached begins."""
        return (0, *accumulate(int(part.steps) for part in self.reached[:-1]))

    def length(self) -> float:
        if not self.parts:
            return 0
        begin = self.starts[-1]
        # a last part that would begin too late makes the whole too long, even if it never ends
        return MAX_LENGTH + begin if begin > MAX_LENGTH else begin + self.reached[-1].steps

    def is_empty(self) -> bool:
        return not self.parts

    def at(self, t: Any, m: Any) -> Any:
        if not self.parts:
            raise ScheduleError("Chain: an empty chain has no rate; give it a part")
        *before, last = self.reached
        branches = [*(part.before_end for part in before), last.rate_at]
        return m.switch(t, self.starts, [_in(m, branch) for branch in branches])

    def bound(self) -> float:
        return max((part.bound() for part in self.parts), default=0.0)

    def least(self) -> float:
        return min((part.least() for part in self.parts), default=0.0)

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        def of_part(i: int) -> Iterator[int]:
            start, part = self.starts[i], self.reached[i]
            last = high - start
            if i < len(self.reached) - 1:
                last = min(last, int(part.steps) - 1)  # its end is the start of the next
            inner = part.breaks_between(max(1, low - start), last, backwards)
            begins = [start] if max(low, 1) <= start <= high else []
            return one_by_one([begins, (start + step for step in inner)], backwards)

        first = max(0, bisect_right(self.starts, low) - 1)
        parts = range(first, min(bisect_right(self.starts, high), len(self.reached)))
        for i in reversed(parts) if backwards else parts:
            yield from of_part(i)

    @classmethod
    def symbols(cls, symbol: Callable[[str], Any]) -> dict[str, Any]:
        return {"starts": (0, symbol("a.steps"))}

    def cut(self, steps: int) -> Schedule:
        if not self.parts:
            return super().cut(steps)
        parts: list[Schedule] = []
        remaining = steps
        *before, last = self.reached
        for part in before:
            if remaining < part.steps:
                last = part
                break
            parts.append(part)
            remaining -= int(part.steps)
        return joined([*parts, last.cut(remaining)])

    @property
    def open_part(self) -> tuple[int, float] | None:
        if not self.parts or (inner := self.reached[-1].open_part) is None:
            return None
        begin, after = inner
        following = self.parts[len(self.reached) :]
        return self.starts[-1] + begin, after + sum(part.steps for part in following)

    def finished_at(self, at: int) -> Schedule:
        *before, part = self.reached
        following = self.parts[len(self.reached) :]
        return joined([*before, part.finished_at(at - self.starts[-1]), *following])

    @classmethod
    def of(cls, left: Schedule, right: Schedule) -> Schedule:
        return joined([left, right])

    @staticmethod
    def branched(trunk: Schedule, at: int, cooldown: Schedule) -> Schedule:
        """Return a schedule that leaves its trunk for a cooldown: see `Schedule.branch`."""
        at = int(COUNT.check(at, "branch: `at`"))
        Part().check(cooldown, "branch: `cooldown`")
        first, rate = float(cooldown(0)), float(trunk(at))
        if first != 1:
            raise ScheduleError(
                "branch: `cooldown` must begin at 1, as fractions of the rate at step `at`, "
                f"got one that begins at {first}"
            )
        if not rate:
            raise ScheduleError(f"branch: the schedule must be above 0 at step {at}, got 0.0")
        return trunk.cut(at) >> cooldown * rate

    @staticmethod
    def rewarmed(before: Schedule, at: int, steps: int, then: Schedule) -> Schedule:
        """Return a schedule that is warmed up again: see `Schedule.rewarm`."""
        at = int(COUNT.check(at, "rewarm: `at`"))
        steps = int(STEPS.check(steps, "rewarm: `steps`"))
        Part().check(then, "rewarm: `then`")
        return before.cut(at) >> Linear(before(at), then(0), steps) >> then


def joined(parts: list[Schedule]) -> Schedule:
    """Return the chain of parts, or the only one that is not left out."""
    chain = Chain(parts)
    return chain.parts[0] if len(chain.parts) == 1 else chain


def _in(m: Any, branch: Any) -> Any:
    return lambda t: branch(t, m)
