"""A schedule as JavaScript, as an ES module would hold it."""

from typing import Any

from glissando.backends.printer import PRECEDENCE, Printer
from glissando.backends.tracer import Node


class JavaScript(Printer):
    """JavaScript, as an ES module would hold it."""

    imports = ()
    search = (
        "function below(table, t, low, high) {",
        "    while (low < high) {",
        "        const middle = (low + high) >> 1;",
        "        if (table[middle] <= t) low = middle + 1; else high = middle;",
        "    }",
        "    return low;",
        "}",
    )
    table_name, tabulate = "table{}", "const {} = {};"
    head = (
        "function rate(t) {",
        '    if (t < 0) throw new RangeError("step must be 0 or more");',
    )
    tail = ("}",)
    functions = {  # noqa: RUF012
        "exp": "Math.exp",
        "log": "Math.log",
        "sqrt": "Math.sqrt",
        "sin": "Math.sin",
        "cos": "Math.cos",
        "tanh": "Math.tanh",
        "minimum": "Math.min",
        "maximum": "Math.max",
    }
    infinity = "Infinity"
    if_, else_, fi = "if ({}) {{", "}} else {{".format(), "}"
    return_ = "return {};"

    def give(self, node: Node, name: str) -> None:
        self.line(f"let {name};")
        super().give(node, name)

    assign = "{} = {};"

    def operation(self, node: Node, outer: int) -> str:
        if node.op == "//":
            x, y = node.args
            return f"Math.floor({self.text(x, 3)} / {self.text(y, 4)})"
        return super().operation(node, outer)

    def lookup(self, _outer: int, t: Any, boundaries: Any, values: Any) -> str:
        where = f"below({self.table(boundaries)}, {self.text(t)}, 0, {len(boundaries)})"
        return f"{self.table(values)}[{where}]"

    def interval(self, outer: int, t: Any, knots: Any) -> str:
        found = f"below({self.table(knots)}, {self.text(t)}, 1, {len(knots) - 1}) - 1"
        return self.wrap(found, PRECEDENCE["-"], outer)

    def guard(self, outer: int, t: Any, steps: Any, rate: Any) -> str:
        step = self.simple(t)
        self.line(f'if ({step} > {steps}) throw new RangeError("step must be at most {steps}");')
        return self.text(rate, outer)
