"""Several schedules at the same time."""

import math
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any, ClassVar

from glissando.combinators.base import Combinator, merged, only_one
from glissando.errors import ScheduleError, shown
from glissando.rules import MAX_RATE, MAX_STEP
from glissando.schedule import Children, Schedule


class Pointwise(Combinator):
    """Schedules that run side by side; together they last as long as the longest."""

    parts: Children

    def check(self) -> None:
        if not self.parts:
            raise ScheduleError(f"{type(self).__name__}: `parts` must be 1 or more, got none")
        if self.symbol and isinstance(self.parts[0], type(self)):
            # written with operators it is the same, and computed in the same order
            object.__setattr__(self, "parts", (*self.parts[0].parts, *self.parts[1:]))
        only_one(self, self.parts)

    def length(self) -> float:
        return max(part.steps for part in self.parts)

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        each = [part.breaks_between(low, high, backwards) for part in self.parts]
        return merged(each, backwards)

    @property
    def open_part(self) -> tuple[int, float] | None:
        found = (part.open_part for part in self.parts)
        return next((each for each in found if each is not None), None)

    def finished_at(self, at: int) -> Schedule:
        parts = [part if part.open_part is None else part.finished_at(at) for part in self.parts]
        _, after = self.open_part or (0, 0)
        if after < math.inf:  # what runs beside it for ever ends with it
            end = at + int(after)
            parts = [part.cut(end) if part.steps == math.inf else part for part in parts]
        return type(self)(parts)

    @classmethod
    def of(cls, left: Schedule, right: Schedule) -> Schedule:
        return cls((left, right))


class Product(Pointwise, tag="product"):
    """The product of schedules: `a(t) · b(t)`.

    It is written `a * b`, and lasts as long as the longest of them.

    Args:
        parts: the schedules.

    Raises:
        ScheduleError: there is no part, or the product could exceed the largest rate.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(1.0, 0.0, steps=10) * Linear(1.0, 0.5, steps=20)
        >>> rate(0), rate(5), rate(10), rate.steps
        (1.0, 0.4375, 0.0, 20)
    """

    symbol: ClassVar[str] = "*"

    def at(self, t: Any, m: Any) -> Any:
        return reduce(lambda x, y: x * y, [part.rate_at(t, m) for part in self.parts])

    def bound(self) -> float:
        # of two, of three, and so on: none of them may overflow
        so_far = accumulate((part.bound() for part in self.parts), _product)
        *before, whole = so_far
        return max(before) if max(before, default=0.0) > MAX_RATE else whole

    def least(self) -> float:
        return math.prod(part.least() for part in self.parts)


class Sum(Pointwise, tag="sum"):
    """The sum of schedules: `a(t) + b(t)`.

    It is written `a + b`, and lasts as long as the longest of them.

    Args:
        parts: the schedules.

    Raises:
        ScheduleError: there is no part, or the sum could exceed the largest rate.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(1.0, 0.0, steps=10) + 0.25
        >>> rate(0), rate(5), rate(10), rate.steps
        (1.25, 0.75, 0.25, 10)
    """

    symbol: ClassVar[str] = "+"

    def at(self, t: Any, m: Any) -> Any:
        return reduce(lambda x, y: x + y, [part.rate_at(t, m) for part in self.parts])

    def bound(self) -> float:
        return math.fsum(part.bound() for part in self.parts)

    def least(self) -> float:
        return math.fsum(part.least() for part in self.parts)


class Difference(Pointwise, tag="difference"):
    """A schedule less others: `max(a(t) − b(t), 0)`.

    It is 0 where the others are higher, and lasts as long as the longest of them. `a - b` is the
    same where a is never lower than b, and is refused otherwise.

    Args:
        parts: the schedules: the first, and those that are subtracted.

    Raises:
        ScheduleError: there is no part.

    Example:
        >>> from glissando import Constant, Linear
        >>> rate = Difference([Linear(1.0, 0.0, steps=10), Constant(0.5, steps=10)])
        >>> rate(0), rate(3), rate(5), rate(10)
        (0.5, 0.19999999999999996, 0.0, 0.0)
    """

    bends = True

    def at(self, t: Any, m: Any) -> Any:
        left = reduce(lambda x, y: x - y, [part.rate_at(t, m) for part in self.parts])
        return m.maximum(left, 0.0)

    def bound(self) -> float:
        # also of what is subtracted: its precision is that of the largest
        return max(part.bound() for part in self.parts)

    def least(self) -> float:
        first, *others = self.parts
        return max(first.least() - math.fsum(part.bound() for part in others), 0.0)

    @classmethod
    def of(cls, left: Schedule, right: Schedule) -> Schedule:
        low, high = left.least(), right.bound()
        if low < high:
            write = "gl.Difference([rate, x]), which is 0 where x is higher"
            if right.least() == high:
                write = f"gl.maximum(rate, {high}) - {high}, which is 0 where the rate is lower"
            raise ScheduleError(
                f"rate - x: a rate must not be below 0, but `rate` may fall to {low:g} and `x` "
                f"be {high:g}; write {write}"
            )
        return super().of(left, right)


class Minimum(Pointwise, tag="minimum"):
    """The lowest of several schedules: `min(a(t), b(t))`.

    It changes from one to the other where they cross, and lasts as long as the longest of them.

    Args:
        parts: the schedules.

    Raises:
        ScheduleError: there is no part.

    Example:
        >>> from glissando import Constant, Linear
        >>> rate = Minimum([Linear(0.0, 1.0, steps=10), Constant(0.3)])
        >>> rate(0), rate(2), rate(9)
        (0.0, 0.2, 0.3)
    """

    bends = True

    def at(self, t: Any, m: Any) -> Any:
        return reduce(m.minimum, [part.rate_at(t, m) for part in self.parts])

    def bound(self) -> float:
        return min(part.bound() for part in self.parts)

    def least(self) -> float:
        return min(part.least() for part in self.parts)


class Maximum(Pointwise, tag="maximum"):
    """The highest of several schedules: `max(a(t), b(t))`.

    It changes from one to the other where they cross, and lasts as long as the longest of them.

    Args:
        parts: the schedules.

    Raises:
        ScheduleError: there is no part.

    Example:
        >>> from glissando import Constant, Linear
        >>> rate = Maximum([Linear(1.0, 0.0, steps=10), Constant(0.25)])
        >>> rate(0), rate(2), rate(9)
        (1.0, 0.8, 0.25)
    """

    bends = True

    def at(self, t: Any, m: Any) -> Any:
        return reduce(m.maximum, [part.rate_at(t, m) for part in self.parts])

    def bound(self) -> float:
        return max(part.bound() for part in self.parts)

    def least(self) -> float:
        return max(part.least() for part in self.parts)


def minimum(*parts: Schedule | float) -> Minimum:
    """Return the lowest of several schedules, and of numbers, at each step."""
    return Minimum(_side_by_side("minimum", parts))


def maximum(*parts: Schedule | float) -> Maximum:
    """Return the highest of several schedules, and of numbers, at each step."""
    return Maximum(_side_by_side("maximum", parts))


def _side_by_side(name: str, parts: Sequence[Any]) -> list[Schedule]:
    """Return all parts as schedules: a number lasts as long as the longest of the others."""
    schedules = [part for part in parts if isinstance(part, Schedule)]
    if not schedules:
        raise ScheduleError(f"{name}: one or more must be schedules, got {shown(parts)}")
    longest = max(schedules, key=lambda part: part.steps)
    return [longest.beside(part, f"{name}(rate, x): `x`") for part in parts]


def _product(x: float, y: float) -> float:
    return x * y if x and y else 0.0  # also where the other has no bound
