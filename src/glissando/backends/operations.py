"""The operations that a formula is written in, all declared once.

A formula is written against a set of operations `m`; each backend has its own: Python's floats,
NumPy, JAX, PyTorch, TensorFlow, and the tracer, whose operands are symbols.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from glissando.backends.integers import fractal, noise

Branch = Callable[[Any], Any]


class Operations:
    """What a formula may use beside `+ - * / // %`, comparisons, and plain numbers."""

    pi: Any = math.pi
    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    sin: Callable[[Any], Any]
    cos: Callable[[Any], Any]
    tanh: Callable[[Any], Any]
    minimum: Callable[[Any, Any], Any]
    maximum: Callable[[Any, Any], Any]

    power: Callable[[Any, Any], Any]
    """`power(base, exponent)`; one of the two is a plain number."""

    where: Callable[[Any, Any, Any], Any]
    """`where(condition, x, y)`: `x` where `condition` holds, else `y`."""

    noise: Callable[[Any, Any], Any] = staticmethod(noise)
    fractal: Callable[[Any, Any], Any] = staticmethod(fractal)

    lookup: Callable[[Any, Any, Any], Any]
    """`lookup(t, boundaries, values)`: `values[i]`, i boundaries being at or below `t`."""

    interval: Callable[[Any, Any], Any]
    """`interval(t, knots)`: the last i with `knots[i] <= t` and a knot after it; 0 before them."""

    gather: Callable[[Any, Any], Any]
    """`gather(values, i)`: `values[i]`."""

    def shift(self, t: Any, count: int) -> Any:
        """Return `t + count`, which may be more than a graph's integers hold."""
        return t + count

    def remaining(self, t: Any, steps: Any, power: Any) -> Any:
        """Return the fraction of `steps` that remains at `t`, to a power."""
        return self.power((steps - t) / steps, power)

    def remaining_power(self, elapsed: Any, remaining: Any, power: Any) -> Any:
        """Return the remaining fraction to a power; `elapsed` is the other one, as exact."""
        del elapsed
        return self.power(remaining, power)

    def phase(self, t: Any, period: float) -> Any:
        """Return the elapsed fraction of the present period; a graph may give it less 1."""
        return t % period / period

    def fraction(self, t: Any, knots: Any, i: Any) -> Any:
        """Return the elapsed fraction from knot i to the next at `t`, from 0 to 1."""
        knot = self.gather(knots, i)
        elapsed = (t - knot) / (self.gather(knots, i + 1) - knot)
        return self.minimum(self.maximum(elapsed, 0.0), 1.0)

    def interp(self, t: Any, knots: Any, rates: Any) -> Any:
        """Return the rate on the straight lines from knot to knot; outside, the nearest rate."""
        i = self.interval(t, knots)
        rate = self.gather(rates, i)
        return rate + (self.gather(rates, i + 1) - rate) * self.fraction(t, knots, i)

    def hold(self, t: Any, steps: int, formula: Branch, end: float, lands: bool = False) -> Any:
        """Return `formula(t)` before `steps`, and `end` from there on.

        Where the formula lands on its end, a graph need not choose between the two.
        """
        raise NotImplementedError

    def switch(self, t: Any, starts: Sequence[int], branches: Sequence[Branch]) -> Any:
        """Return the value of the branch that `t` falls in, called with its own local step."""
        raise NotImplementedError

    def guard(self, t: Any, steps: float, formula: Branch) -> Any:
        """Return `formula(t)`, or raise if `t` is past the end; a graph cannot raise."""
        raise NotImplementedError

    def call(self, own: Any, t: Any) -> Any:
        """Return the rate of a schedule at `t` that is a user's own function."""
        raise NotImplementedError


class Branchless(Operations):
    """Operations whose `where` computes both sides: the side not taken must stay finite."""

    def hold(self, t: Any, steps: int, formula: Branch, end: float, lands: bool = False) -> Any:
        rate = formula(self.minimum(t, steps))
        return rate if lands else self.where(t < steps, rate, end)

    def switch(self, t: Any, starts: Sequence[int], branches: Sequence[Branch]) -> Any:
        def local(i: int) -> Any:
            return self.maximum(t - starts[i], 0) if i else t  # which is 0 or more already

        last = len(branches) - 1
        rate = branches[last](local(last))
        for i in reversed(range(last)):
            clamped = self.minimum(local(i), starts[i + 1] - starts[i])
            rate = self.where(t < starts[i + 1], branches[i](clamped), rate)
        return rate

    def guard(self, t: Any, steps: float, formula: Branch) -> Any:
        del steps
        return formula(t)
