"""Several schedules at the same time."""

import math
from collections.abc import Iterator
from functools import reduce
from typing import Any, ClassVar

from glissando.combinators.base import Combinator, merged, only_one
from glissando.errors import ScheduleError
from glissando.schedule import Children, Schedule


class Pointwise(Combinator):
    """Schedules that run side by side; together they last as long as the longest."""

    parts: Children

    def check(self) -> None:
        if not self.parts:
            raise ScheduleError(f"{type(self).__name__}: `parts` must be 1 or more, got none")
        only_one(self, self.parts)

    def length(self) -> float:
        return max(part.steps for part in self.parts)

    def breaks(self, low: int = 0) -> Iterator[int]:
        return merged(part.breaks(low) for part in self.parts)

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
        # only the left side is spliced in: floats must be combined in the order as written
        first = left.parts if isinstance(left, cls) else (left,)
        return cls((*first, right))


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
        return math.prod(part.bound() for part in self.parts)


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


def minimum(*parts: Schedule) -> Minimum:
    """Return the lowest of several schedules at each step."""
    return Minimum(parts)


def maximum(*parts: Schedule) -> Maximum:
    """Return the highest of several schedules at each step."""
    return Maximum(parts)
