"""Rows of numbers that formulas look things up in, and the operations that do."""

from array import array
from bisect import bisect_right
from functools import cached_property
from math import ceil
from operator import sub
from typing import Any


class Row(tuple[Any, ...]):
    """The numbers of a field; the forms that arrays are made from are kept, as they take long."""

    @cached_property
    def packed(self) -> "array[Any]":
        """The numbers as C has them: NumPy and the frameworks read them without a loop."""
        return array("q" if all(isinstance(n, int) for n in self) else "d", self)

    @cached_property
    def ceilings(self) -> "array[int]":
        """The first whole step at or after each of some steps."""
        return array("q", map(ceil, self))

    @cached_property
    def offsets(self) -> "array[float]":
        """How far those whole steps lie after the steps themselves."""
        return array("d", map(sub, self.ceilings, self))

    @cached_property
    def widths(self) -> "array[float]":
        """How far each of some steps is from the next."""
        return array("d", map(sub, self[1:], self))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the numbers alone."""
        return Row, (tuple(self),)


def segment(t: Any, knots: Any) -> int:
    """Return the last i with `knots[i] <= t` that has a knot after it; 0 before the first knot."""
    return bisect_right(knots, t, 1, len(knots) - 1) - 1


def share(m: Any, t: Any, knots: Any, i: Any) -> Any:
    """Return how much of the way from knot i to the next is gone at `t`, from 0 to 1."""
    knot = m.pick(knots, i)
    done = (t - knot) / (m.pick(knots, i + 1) - knot)
    return m.minimum(m.maximum(done, 0.0), 1.0)


def line(m: Any, t: Any, knots: Any, rates: Any) -> Any:
    """Return the rate on the straight lines from knot to knot; outside, the nearest rate."""
    i = m.segment(t, knots)
    rate = m.pick(rates, i)
    return rate + (m.pick(rates, i + 1) - rate) * m.share(t, knots, i)
