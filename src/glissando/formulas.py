"""What a schedule declares: a formula, and what can be said of its curve without computing it."""

import math
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, Any, ClassVar

from glissando.errors import ScheduleError
from glissando.rules import MAX_RATE, MAX_STEP, RATE, Many
from glissando.value import Value

MAX_DEPTH = 32
"""How deep schedules may be nested; a chain is flat, so its length does not count."""

MAX_LENGTH = 2**62
"""How long a schedule may be: 64-bit integers hold it, and the last step is far before that."""

MAX_PARTS = 100_000
"""How many schedules one may be made of, at all depths: a product with itself doubles them."""


class Formula(Value):
    """A formula of the step: what those who write families declare.

    `m` is a set of operations: see `backends`.
    """

    positional = ("start", "end", "value", "schedule", "parts", "function")
    lands: ClassVar[bool] = False  # whether its formula meets the end in a graph's floats, too
    sequential: ClassVar[bool] = False  # whether its `parts` follow one another
    opaque: ClassVar[bool] = False  # whether it calls a function of the user's own
    smooth: ClassVar[bool] = True  # whether its rates between two breaks are a curve, and no noise
    bends: ClassVar[bool] = False  # whether its curve may have corners that are no breaks
    restarts: ClassVar[bool] = False  # whether it jumps back to its start on purpose
    _depth: ClassVar[int] = 1  # how deep schedules are nested in it
    _size: ClassVar[int] = 1  # of how many schedules it is made, itself included

    if TYPE_CHECKING:

        @property
        def steps(self) -> float:
            """How many steps the schedule takes to its end; math.inf if it never ends."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        if "steps" not in self.fields:
            object.__setattr__(self, "steps", self.length())
        self._hold_to_limits()

    def _hold_to_limits(self) -> None:
        name, depth, size = type(self).__name__, 1, 1
        for part in self.parts_of():
            if part.is_empty():
                raise ScheduleError(
                    f"Chain: an empty chain has no rate for a {name}; give it a part"
                )
            depth, size = max(depth, part._depth + 1), size + part._size
        if depth > MAX_DEPTH:
            raise ScheduleError(f"{name}: schedules may be nested {MAX_DEPTH} deep, got {depth}")
        if size > MAX_PARTS:
            raise ScheduleError(
                f"{name}: a schedule may be made of {MAX_PARTS:,} schedules, got {size:,}"
            )
        object.__setattr__(self, "_depth", depth)
        object.__setattr__(self, "_size", size)
        if MAX_LENGTH < self.steps < math.inf:
            raise ScheduleError(
                f"{name}: a schedule takes at most 2**62 steps, or never ends, "
                f"got {self.steps:.6g} steps"
            )
        top = self.bound()
        if top > MAX_RATE and not (top == math.inf and self.is_opaque()):
            raise ScheduleError(f"{name}: rates must stay at most {MAX_RATE:g}, got up to {top:g}")

    def length(self) -> float:
        """Return `steps` where it is not a field: a family without an end has none."""
        return math.inf

    def at(self, t: Any, m: Any) -> Any:
        """Return the formula's value at `t`, in the operations of `m`."""
        raise NotImplementedError

    def bound(self) -> float:
        """Return an upper bound of the rate: the schedule's full scale."""
        return max(self._rates())

    def least(self) -> float:
        """Return a lower bound of the rate, at which a difference to it is judged.

        It is 0 for a decay that has no `end`.
        """
        return (
            0.0
            if "start" in self.fields and "end" not in self.fields
            else min(self._rates(), default=0.0)
        )

    def _rates(self) -> list[float]:
        rates: list[float] = []
        for name, field in self.fields.items():
            if field.rule is RATE:
                rates.append(getattr(self, name))
            elif isinstance(field.rule, Many) and field.rule.member is RATE:
                rates.extend(getattr(self, name))
        return rates

    def breaks(self, low: int = 0) -> Iterator[int]:
        """Yield in order, maybe without end, the steps from `low` where the formula changes."""
        if max(low, 1) <= self.steps < math.inf:
            yield int(self.steps)

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        """Yield the breaks from `low` to `high`, in order or backwards.

        Each is found when it is asked for: there may be more than anybody can list.
        """
        if not backwards:
            yield from takewhile(lambda step: step <= high, self.breaks(low))
            return
        apart = 1  # the next is looked for as far back as this one was
        while (step := self._last_break(low, high, apart)) is not None:
            yield step
            apart = high + 1 - step
            high = step - 1

    def _last_break(self, low: int, high: int, apart: int) -> int | None:
        """Return the last break from `low` to `high`: by a look back, ever farther, and halving."""
        begin = beyond = high + 1
        step = math.inf
        while step > high:
            if begin <= low:
                return None
            beyond, begin, apart = begin, max(low, begin - apart), 2 * apart
            step = next(self.breaks(begin), math.inf)
        found = int(step)
        middle = found + 1  # most often there is none between
        while beyond - found > 1:
            step = next(self.breaks(middle), math.inf)
            found, beyond = (int(step), beyond) if step <= high else (found, middle)
            middle = (found + beyond) // 2
        return found

    def is_empty(self) -> bool:
        """Return whether it has no rate at all: an empty chain."""
        return False

    def parts_of(self) -> Iterator[Any]:
        """Yield the schedules that this one is made of."""
        for name, field in self.fields.items():
            yield from field.rule.schedules(getattr(self, name))

    def every_part(self) -> Iterator[Any]:
        """Yield this schedule and those in it, at any depth."""
        yield self
        for part in self.parts_of():
            yield from part.every_part()

    def operands(self) -> tuple[Any, ...]:
        return tuple(self.parts_of())

    def is_opaque(self) -> bool:
        """Return whether a function of the user's own is in it, at any depth."""
        return any(part.opaque for part in self.every_part())

    @classmethod
    def symbols(cls, symbol: Callable[[str], Any]) -> dict[str, Any]:
        """Return what the formula reads beside the fields, as symbols for its LaTeX form."""
        return {}
