"""Python numbers, by `math`: the truth that every other evaluation is held against."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from glissando.backends.operations import Branch, Operations
from glissando.backends.steps import within


class Floats(Operations):
    """The operations on Python numbers."""

    exp = staticmethod(math.exp)
    log = staticmethod(math.log)
    sqrt = staticmethod(math.sqrt)
    sin = staticmethod(math.sin)
    cos = staticmethod(math.cos)
    tanh = staticmethod(math.tanh)
    minimum = staticmethod(min)
    maximum = staticmethod(max)

    def power(self, base: Any, exponent: Any) -> Any:
        return base**exponent

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return x if condition else y

    def lookup(self, t: Any, boundaries: Sequence[int], values: Sequence[float]) -> Any:
        return values[bisect_right(boundaries, t)]

    def interval(self, t: Any, knots: Sequence[float]) -> int:
        return bisect_right(knots, t, 1, len(knots) - 1) - 1

    def gather(self, values: Sequence[Any], i: int) -> Any:
        return values[i]

    def hold(self, t: Any, steps: int, formula: Branch, end: float, lands: bool = False) -> Any:
        return formula(t) if t < steps else end

    def switch(self, t: Any, starts: Sequence[int], branches: Sequence[Branch]) -> Any:
        i = bisect_right(starts, t) - 1
        return branches[i](t - starts[i])

    def guard(self, t: Any, steps: float, formula: Branch) -> Any:
        within(t, steps)
        return formula(t)

    def call(self, own: Any, t: Any) -> Any:
        return own.rate(t)


FLOATS = Floats()
