"""Several schedules at the same time."""

import math
from collections.abc import Iterator
from functools import reduce
from typing import Any, ClassVar

from glissando.combinators.combinator import Combinator, cut, merged, only_one
from glissando.rules import Children, ScheduleError
from glissando.schedule import Schedule


class Joint(Combinator):
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
    def untold(self) -> tuple[int, float] | None:
        found = [part.untold for part in self.parts]
        return next((untold for untold in found if untold is not None), None)

    def end_untold(self, at: int) -> Schedule:
        parts = [part if part.untold is None else part.end_untold(at) for part in self.parts]
        _, after = self.untold or (0, 0)
        if after < math.inf:  # what runs beside it for ever ends with it
            end = at + int(after)
            parts = [cut(part, end) if part.steps == math.inf else part for part in parts]
        return type(self)(parts)

    @classmethod
    def of(cls, left: Schedule, right: Schedule) -> Schedule:
        # only the left side is spliced in: floats must be combined in the order as written
        first = left.parts if isinstance(left, cls) else (left,)
        return cls((*first, right))


class Product(Joint, tag="product"):
    """The product of schedules: `a * b`.

    Args:
        parts: the schedules.

    Raises:
        ScheduleError: there is no part, or the product could exceed the largest rate.

    Example:
        >>> from glissando import Constant, Linear
        >>> rate = Linear(1.0, 0.0, steps=10) * Constant(0.5)
        >>> rate(5)
        0.25
    """

    symbol: ClassVar[str] = "*"

    def at(self, t: Any, m: Any) -> Any:
        return reduce(lambda x, y: x * y, [part.follow(t, m) for part in self.parts])

    def bound(self) -> float:
        return math.prod(part.bound() for part in self.parts)


class Sum(Joint, tag="sum"):
    """The sum of schedules: `a + b`.

    Args:
        parts: the schedules.

    Raises:
        ScheduleError: there is no part, or the sum could exceed the largest rate.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(1.0, 0.0, steps=10) + 0.25
        >>> rate(5), rate.steps
        (0.75, 10)
    """

    symbol: ClassVar[str] = "+"

    def at(self, t: Any, m: Any) -> Any:
        return reduce(lambda x, y: x + y, [part.follow(t, m) for part in self.parts])

    def bound(self) -> float:
        return math.fsum(part.bound() for part in self.parts)


class Minimum(Joint, tag="minimum"):
    """The lowest of several schedules at each step.

    Args:
        parts: the schedules.

    Raises:
        ScheduleError: there is no part.

    Example:
        >>> from glissando import Constant, Linear
        >>> rate = Minimum([Linear(0.0, 1.0, steps=10), Constant(0.3)])
        >>> rate(2), rate(9)
        (0.2, 0.3)
    """

    def at(self, t: Any, m: Any) -> Any:
        return reduce(m.minimum, [part.follow(t, m) for part in self.parts])

    def bound(self) -> float:
        return min(part.bound() for part in self.parts)


class Maximum(Joint, tag="maximum"):
    """The highest of several schedules at each step.

    Args:
        parts: the schedules.

    Raises:
        ScheduleError: there is no part.

    Example:
        >>> from glissando import Constant, Linear
        >>> rate = Maximum([Linear(1.0, 0.0, steps=10), Constant(0.25)])
        >>> rate(2), rate(9)
        (0.8, 0.25)
    """

    def at(self, t: Any, m: Any) -> Any:
        return reduce(m.maximum, [part.follow(t, m) for part in self.parts])

    def bound(self) -> float:
        return max(part.bound() for part in self.parts)


def minimum(*parts: Schedule) -> Minimum:
    """Return the lowest of several schedules at each step."""
    return Minimum(parts)


def maximum(*parts: Schedule) -> Maximum:
    """Return the highest of several schedules at each step."""
    return Maximum(parts)
