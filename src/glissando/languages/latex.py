"""A schedule, or a family's formula, as LaTeX mathematics."""

import math
from typing import Any

from glissando.backends.printer import ATOM, PRECEDENCE, Printer
from glissando.backends.tracer import FormulaTracer, Node
from glissando.languages.symbols import symbolic
from glissando.schedule import Schedule

LATEX = {"where": "cases", "/": "quotient", "//": "floor"}


class LaTeX(Printer):
    """LaTeX mathematics."""

    tracer = FormulaTracer
    lazy = False
    imports = ()
    head = ()

    def __init__(self) -> None:
        super().__init__()
        self.letters: dict[str, list[list[str]]] = {}
        self.conditions: dict[str, str] = {}

    def write(self, node: Any) -> list[str]:
        return [r" \qquad ".join([self.text(node), *self.conditions.values()])]

    def operation(self, node: Node, outer: int) -> str:
        spell = getattr(self, LATEX.get(node.op, node.op), None)
        if spell is None:
            return super().operation(node, outer)
        return str(spell(outer, *node.args))

    def wrap(self, text: str, mine: int, outer: int) -> str:
        return rf"\left({text}\right)" if mine < outer else text

    def binary(self, op: str, x: Any, y: Any) -> str:
        sign = {"*": r"\cdot", "%": r"\bmod", "<=": r"\le"}.get(op, op)
        mine = PRECEDENCE[op]
        first, others = _spine(op, x, y)
        texts = [self.text(first, mine), *(self.text(other, mine + 1) for other in others)]
        return f" {sign} ".join(texts)

    def number(self, value: Any, outer: int) -> str:
        if isinstance(value, tuple):
            return r"\left(" + ", ".join(self.number(v, 0) for v in value) + r"\right)"
        if value == math.inf:
            return r"\infty"
        mantissa, _, exponent = f"{value:.12g}".partition("e")
        text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
        return self.wrap(text, 3 if exponent or value < 0 else ATOM, outer)

    def field(self, _outer: int, name: str) -> str:
        return r"\mathrm{" + name.replace("_", r"\_") + "}"

    def of(self, _outer: int, name: str, t: Any) -> str:
        return rf"{name}\left({self.text(t)}\right)"

    def pi(self, _outer: int) -> str:
        return r"\pi"

    def quotient(self, _outer: int, x: Any, y: Any) -> str:
        return rf"\frac{{{self.text(x)}}}{{{self.text(y)}}}"

    def floor(self, _outer: int, x: Any, y: Any) -> str:
        return rf"\left\lfloor {self.quotient(0, x, y)} \right\rfloor"

    def exp(self, _outer: int, x: Any) -> str:
        return f"e^{{{self.text(x)}}}"

    def log(self, _outer: int, x: Any) -> str:
        return rf"\ln\left({self.text(x)}\right)"

    def sqrt(self, _outer: int, x: Any) -> str:
        return rf"\sqrt{{{self.text(x)}}}"

    def sin(self, _outer: int, x: Any) -> str:
        return rf"\sin\left({self.text(x)}\right)"

    def cos(self, _outer: int, x: Any) -> str:
        return rf"\cos\left({self.text(x)}\right)"

    def tanh(self, _outer: int, x: Any) -> str:
        return rf"\tanh\left({self.text(x)}\right)"

    def power(self, _outer: int, base: Any, exponent: Any) -> str:
        fraction = isinstance(base, Node) and base.op == "/"
        return f"{self.wrap(self.text(base, ATOM), 0, fraction)}^{{{self.text(exponent)}}}"

    def minimum(self, _outer: int, x: Any, y: Any) -> str:
        return self.extreme("min", *_spine("minimum", x, y))

    def maximum(self, _outer: int, x: Any, y: Any) -> str:
        return self.extreme("max", *_spine("maximum", x, y))

    def extreme(self, name: str, first: Any, others: list[Any]) -> str:
        """Return the lowest or the highest of some."""
        return rf"\{name}\left({', '.join(map(self.text, (first, *others)))}\right)"

    def guard(self, outer: int, _t: Any, _steps: Any, rate: Any) -> str:
        return self.text(rate, outer)

    def noise(self, _outer: int, t: Any, seed: Any) -> str:
        return rf"\mathrm{{noise}}_{{{self.text(seed)}}}\left({self.text(t)}\right)"

    def fractal(self, _outer: int, t: Any, nodes: Any) -> str:
        return rf"\mathrm{{fractal}}_{{{self.text(nodes)}}}\left({self.text(t)}\right)"

    def cases(self, _outer: int, *branch: Any) -> str:
        rows = []
        rest: Any = Node("where", *branch)
        while isinstance(rest, Node) and rest.op == "where":
            condition, x, rest = rest.args
            rows.append(rf"{self.text(x)} & \text{{if }} {self.text(condition)}")
        rows.append(rf"{self.text(rest)} & \text{{otherwise}}")
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"

    def gather(self, _outer: int, values: Any, i: Any) -> str:
        return f"{self.text(values, ATOM)}_{{{self.text(i)}}}"

    def interval(self, _outer: int, t: Any, knots: Any) -> str:
        i, knot = self.letter("i", t, knots), self.text(knots, ATOM)
        self.conditions[i] = rf"{knot}_{{{i}}} \le {self.text(t)} < {knot}_{{{i} + 1}}"
        return i

    def fraction(self, _outer: int, t: Any, knots: Any, i: Any) -> str:
        x, i, knot = self.letter("x", t, knots), self.text(i), self.text(knots, ATOM)
        width = f"{knot}_{{{i} + 1}} - {knot}_{{{i}}}"
        self.conditions[x] = rf"{x} = \frac{{{self.text(t)} - {knot}_{{{i}}}}}{{{width}}}"
        return x

    def letter(self, letter: str, *names: Any) -> str:
        """Return a letter for what depends on some steps and knots, and on nothing else."""
        known = self.letters.setdefault(letter, [])
        key = [*map(self.text, names)]
        if key not in known:
            known.append(key)
        return letter + "'" * known.index(key)

    def lookup(self, _outer: int, t: Any, boundaries: Any, values: Any) -> str:
        count = rf"\left|\{{b \in {self.text(boundaries)} : b \le {self.text(t)}\}}\right|"
        return f"{self.text(values, ATOM)}_{{{count}}}"


def _spine(op: str, x: Any, y: Any) -> tuple[Any, list[Any]]:
    """Return the operands of an operation that has itself on the left, again and again."""
    others = [y]
    while isinstance(x, Node) and x.op == op:
        x, other = x.args
        others.append(other)
    return x, others[::-1]


def formula(family: type[Schedule]) -> str:
    r"""Return a family's formula in LaTeX, its fields as symbols.

    Example:
        >>> from glissando import Exponential
        >>> print(formula(Exponential))
        \mathrm{start} \cdot e^{-\mathrm{rate} \cdot t}
    """
    tracer = LaTeX.tracer()
    tracer.pi = Node("pi")
    return LaTeX().write(symbolic(family).at(Node("step"), tracer))[0]
