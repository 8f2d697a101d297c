"""Formulas on symbols: what a formula does is recorded once, to be printed in any language.

A tracer offers the operations of a formula and records what is done with them. From the record come
the compiled scalar function that makes calls fast, dependency-free source code, and the formulas in
the documentation.
"""

from collections.abc import Sequence
from typing import Any

from glissando.backends.floats import FLOATS
from glissando.backends.operations import Branch, Branchless, Operations


class Node:
    """One recorded operation; its operands are nodes or plain numbers."""

    __slots__ = ("args", "op")

    def __init__(self, op: str, *args: Any) -> None:
        self.op = op
        self.args = args

    def __add__(self, other: Any) -> "Node":
        return Node("+", self, other)

    def __radd__(self, other: Any) -> "Node":
        return Node("+", other, self)

    def __sub__(self, other: Any) -> "Node":
        return Node("-", self, other) if isinstance(other, Node) or other else self

    def __rsub__(self, other: Any) -> "Node":
        return Node("-", other, self)

    def __mul__(self, other: Any) -> "Node":
        return Node("*", self, other)

    def __rmul__(self, other: Any) -> "Node":
        return Node("*", other, self)

    def __truediv__(self, other: Any) -> "Node":
        return Node("/", self, other)

    def __rtruediv__(self, other: Any) -> "Node":
        return Node("/", other, self)

    def __floordiv__(self, other: Any) -> "Node":
        return Node("//", self, other)

    def __mod__(self, other: Any) -> "Node":
        return Node("%", self, other)

    def __neg__(self) -> "Node":
        return Node("neg", self)

    def __lt__(self, other: Any) -> "Node":
        return Node("<", self, other)

    def __le__(self, other: Any) -> "Node":
        return Node("<=", self, other)

    def __gt__(self, other: Any) -> "Node":
        return Node(">", self, other)


class Tracer(Operations):
    """The operations on symbols, for languages that compute only the side taken."""

    def _record(self, op: str, *args: Any) -> Any:
        if any(isinstance(arg, Node) for arg in args):
            return Node(op, *args)
        return getattr(FLOATS, op)(*args)

    def exp(self, x: Any) -> Any:
        return self._record("exp", x)

    def log(self, x: Any) -> Any:
        return self._record("log", x)

    def sqrt(self, x: Any) -> Any:
        return self._record("sqrt", x)

    def sin(self, x: Any) -> Any:
        return self._record("sin", x)

    def cos(self, x: Any) -> Any:
        return self._record("cos", x)

    def tanh(self, x: Any) -> Any:
        return self._record("tanh", x)

    def power(self, base: Any, exponent: Any) -> Any:
        return self._record("power", base, exponent)

    def minimum(self, x: Any, y: Any) -> Any:
        return self._record("minimum", x, y)

    def maximum(self, x: Any, y: Any) -> Any:
        return self._record("maximum", x, y)

    def lookup(self, t: Any, boundaries: Sequence[int], values: Sequence[float]) -> Any:
        return self._record("lookup", t, boundaries, values)

    def interval(self, t: Any, knots: Sequence[float]) -> Any:
        return self._record("interval", t, knots)

    def gather(self, values: Sequence[Any], i: Any) -> Any:
        return self._record("gather", values, i)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return self._record("where", condition, x, y)

    def hold(self, t: Any, steps: int, formula: Branch, end: float, lands: bool = False) -> Any:
        if not isinstance(t, Node):
            return FLOATS.hold(t, steps, formula, end)
        rate = formula(t)
        return rate if rate == end else Node("where", t < steps, rate, end)

    def switch(self, t: Any, starts: Sequence[int], branches: Sequence[Branch]) -> Any:
        if not isinstance(t, Node):
            return FLOATS.switch(t, starts, branches)

        def among(first: int, beyond: int) -> Any:
            if beyond - first == 1:
                return branches[first](t - starts[first])
            middle = (first + beyond) // 2  # halved again and again: a long chain is not deep
            return Node("where", t < starts[middle], among(first, middle), among(middle, beyond))

        return among(0, len(branches))

    def guard(self, t: Any, steps: float, formula: Branch) -> Any:
        if not isinstance(t, Node):
            return FLOATS.guard(t, steps, formula)
        return Node("guard", t, steps, formula(t))

    def call(self, own: Any, t: Any) -> Any:
        return Node("call", own, t)


class FormulaTracer(Tracer):
    """The operations on symbols for a reader: what takes a page of arithmetic has a name."""

    def switch(self, t: Any, starts: Sequence[int], branches: Sequence[Branch]) -> Any:
        if not isinstance(t, Node):
            return super().switch(t, starts, branches)
        rate = branches[-1](t - starts[-1])  # one case after another
        for i in reversed(range(len(branches) - 1)):
            rate = Node("where", t < starts[i + 1], branches[i](t - starts[i]), rate)
        return rate

    def noise(self, t: Any, seed: Any) -> Node:
        return Node("noise", t, seed)

    def fractal(self, t: Any, nodes: Any) -> Node:
        return Node("fractal", t, nodes)

    def fraction(self, t: Any, knots: Any, i: Any) -> Node:
        return Node("fraction", t, knots, i)


class BranchlessTracer(Branchless, Tracer):
    """The operations on symbols, for languages whose `where` computes both sides."""
