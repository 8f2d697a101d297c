"""Prints a family's formula once for all values of its fields, in the designer's languages."""

from collections.abc import Mapping
from typing import Any

from glissando.backends.printer import PRECEDENCE, Printer
from glissando.backends.tracer import BranchlessTracer, Node, Tracer
from glissando.languages.javascript import JavaScript
from glissando.languages.numpy import NumPy


class Names:
    """What takes a page of arithmetic has a name."""

    def noise(self, t: Any, seed: Any) -> Node:
        return Node("noise", t, seed)

    def fractal(self, t: Any, nodes: Any) -> Node:
        return Node("fractal", t, nodes)


class LazySymbols(Names, Tracer):
    """The operations on symbols, for languages that compute only the side taken."""


class Symbols(Names, BranchlessTracer):
    """The operations on symbols, for languages whose `where` computes both sides."""


class Fields(Printer):
    """What a printer of fields prints: their names, and calls of the schedules in them."""

    child, child_steps = "schedule({})", "schedule_steps"

    def text(self, node: Any, outer: int = 0) -> str:
        if isinstance(node, Node) and node.op == "field":  # a name already, however often it stands
            (name,) = node.args
            return self.child_steps if name == "s.steps" else name
        return super().text(node, outer)

    def of(self, _outer: int, _name: str, t: Any) -> str:
        return self.child.format(self.text(t))

    def noise(self, _outer: int, t: Any, seed: Any) -> str:
        return f"noise({self.text(t)}, {self.text(seed)})"

    def fractal(self, _outer: int, t: Any, nodes: Any) -> str:
        return f"fractal({self.text(t)}, {self.text(nodes)})"

    def table(self, values: Any) -> str:
        return self.text(values)


class Scalar(Fields):
    """Python's numbers."""

    tracer = LazySymbols
    functions: Mapping[str, str] = dict(Printer.functions) | {"minimum": "min", "maximum": "max"}

    def guard(self, outer: int, t: Any, steps: Any, rate: Any) -> str:
        self.line(f"if {self.simple(t)} > {self.text(steps)}:")
        message = f"step must be at most {{{self.text(steps)}}}"
        self.line(f'    raise ValueError(f"{message}")')
        return self.text(rate, outer)

    def interval(self, outer: int, t: Any, knots: Any) -> str:
        names = self.text(knots)
        found = f"bisect_right({names}, {self.text(t)}, 1, len({names}) - 1) - 1"
        return self.wrap(found, PRECEDENCE["-"], outer)


class Arrays(Fields, NumPy):
    """Arrays of NumPy, JAX or Keras: `xp` stands for the module of their operations."""

    tracer = Symbols
    functions: Mapping[str, str] = {n: f"xp.{f[3:]}" for n, f in NumPy.functions.items()}
    return_ = "return {}"

    def below(self, t: Any, boundaries: str) -> str:
        steps = f"xp.expand_dims({self.text(t)}, -1)"
        return f"xp.sum(xp.greater_equal({steps}, xp.array({boundaries})), -1)"

    def lookup(self, _outer: int, t: Any, boundaries: Any, values: Any) -> str:
        return f"xp.take(xp.array({self.text(values)}), {self.below(t, self.text(boundaries))})"

    def interval(self, _outer: int, t: Any, knots: Any) -> str:
        return self.below(t, f"{self.text(knots)}[1:-1]")

    def gather(self, _outer: int, values: Any, i: Any) -> str:
        return f"xp.take(xp.array({self.text(values)}), {self.text(i)})"


class Browser(Fields, JavaScript):
    """JavaScript."""

    tracer = LazySymbols
    child, child_steps = "schedule.rate({})", "schedule.steps"

    def lookup(self, _outer: int, t: Any, boundaries: Any, values: Any) -> str:
        names = self.text(boundaries)
        return f"{self.text(values)}[below({names}, {self.text(t)}, 0, {names}.length)]"

    def interval(self, outer: int, t: Any, knots: Any) -> str:
        names = self.text(knots)
        found = f"below({names}, {self.text(t)}, 1, {names}.length - 1) - 1"
        return self.wrap(found, PRECEDENCE["-"], outer)

    def guard(self, outer: int, _t: Any, _steps: Any, rate: Any) -> str:
        return self.text(rate, outer)  # the curve is drawn past the end, too
