"""Prints a recorded formula as the body of a function: here in Python, a base for others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from glissando.backends.tracer import Node, Tracer
from glissando.errors import ScheduleError, shown

PRECEDENCE = {"<": 1, "<=": 1, ">": 1, "+": 2, "-": 2, "*": 3, "/": 3, "//": 3, "%": 3}
NEGATIVE, POWER, ATOM = 4, 5, 6
DEEP = 30
"""After how many operations inside each other the innermost ones get a name."""

FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tanh")


class Printer:
    """Prints a recorded formula as the body of a function.

    This class prints plain Python; a subclass says what its language spells differently.
    """

    tracer: type[Tracer] = Tracer
    lazy = True  # whether a `where` becomes a branch, or an expression with both sides computed
    imports: Sequence[str] = ("import math",)
    search: Sequence[str] = ("from bisect import bisect_right",)  # what tables need
    table_name, tabulate = "TABLE{}", "{} = {}"
    head: Sequence[str] = (
        "def rate(t):",
        "    if t < 0:",
        '        raise ValueError("step must be 0 or more")',
    )
    tail: Sequence[str] = ()
    functions: Mapping[str, str] = {name: f"math.{name}" for name in FUNCTIONS}
    infinity = "math.inf"
    if_, else_, fi = "if {}:", "else:", ""
    return_, assign = "return {}", "{} = {}"

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indent = 1
        self.names: dict[int, str] = {}
        self.uses: Counter[int] = Counter()
        self.heights: dict[int, int] = {}
        self.deep = False  # whether any operation is so high that those in it need names
        self.fresh = 0
        self.tables: dict[int, tuple[str, Any]] = {}

    def write(self, node: Any) -> list[str]:
        """Return the lines of a body that returns the value of `node`."""
        stack = [(node, False)]
        while stack:
            each, done = stack.pop()
            if done:
                self.heights[id(each)] = height = self.height(each)
                self.deep = self.deep or height >= DEEP
            elif isinstance(each, Node):
                self.uses[id(each)] += 1
                if self.uses[id(each)] == 1:
                    stack.append((each, True))
                    stack.extend((arg, False) for arg in each.args)
        self.put(node, None)
        return self.lines

    def height(self, node: Node) -> int:
        """Return how many operations stand inside each other in the expression of a node."""
        if self.is_branch(node):  # it is not in the expression
            return 0
        return 1 + max((self.heights.get(id(arg), 0) for arg in node.args), default=0)

    def is_branch(self, node: Any) -> bool:
        """Return whether a node is printed as statements, by sides of which one is computed."""
        return self.lazy and isinstance(node, Node) and node.op == "where"

    def top(self) -> list[str]:
        """Return what stands above the function: imports and tables."""
        lines = [*self.imports, *(self.search if self.tables else ())]
        if self.tables:
            tables = self.tables.values()
            lines += ["", *(self.tabulate.format(n, self.number(v, 0)) for n, v in tables)]
        return [*lines, "", ""] if lines else []

    def table(self, values: Any) -> str:
        """Return the name of a table that stands above the function."""
        if id(values) not in self.tables:
            self.tables[id(values)] = self.table_name.format(len(self.tables) + 1), values
        return self.tables[id(values)][0]

    def line(self, text: str) -> None:
        """Add a line at the present depth."""
        self.lines.append("    " * self.indent + text)

    def put(self, node: Any, name: str | None) -> None:
        """Write statements that return the value of `node`, or give it a name."""
        if self.deep:
            self.name_inner(node)
        if self.is_branch(node):
            self.branch(node, name)
        elif name is None:
            self.line(self.return_.format(self.text(node)))
        else:
            self.line(self.assign.format(name, self.text(node)))

    def name_inner(self, node: Any) -> None:
        """Give names to operations that stand deep in an expression, the innermost first.

        So a sum of a thousand schedules takes neither a thousand calls nor a thousand parentheses.
        """
        found: dict[int, Node] = {}
        stack = [node]
        while stack:
            each = stack.pop()
            if isinstance(each, Node) and id(each) not in found:
                found[id(each)] = each
                stack.extend(each.args[:1] if self.is_branch(each) else each.args)
        inner = [each for key, each in found.items() if self.is_high(key) and each is not node]
        for each in sorted(inner, key=lambda each: self.heights[id(each)]):
            self.text(each)

    def is_high(self, key: int) -> bool:
        """Return whether what has this `id` gets a name for being high."""
        height = self.heights.get(key, 0)
        return height > 0 and height % DEEP == 0

    def branch(self, node: Node, name: str | None) -> None:
        """Write a choice between the two sides of a `where`."""
        condition, x, y = node.args
        self.line(self.if_.format(self.text(condition)))
        self.side(x, name)
        if name is None:  # the first side has returned: the rest needs no deeper indent
            if self.fi:
                self.line(self.fi)
            self.put(y, name)
        else:
            self.line(self.else_)
            self.side(y, name)
            if self.fi:
                self.line(self.fi)

    def side(self, node: Any, name: str | None) -> None:
        """Write one side of a choice; what it names, the other side does not know."""
        names = dict(self.names)
        self.indent += 1
        self.put(node, name)
        self.indent -= 1
        self.names = names

    def text(self, node: Any, outer: int = 0) -> str:
        """Return an expression for `node`, in parentheses if `outer` binds tighter."""
        if not isinstance(node, Node):
            return self.number(node, outer)
        if id(node) in self.names:
            return self.names[id(node)]
        if node.op == "step":
            return "t"
        if self.is_branch(node) or self.uses[id(node)] > 1 or self.is_high(id(node)):
            self.fresh += 1
            name = f"x{self.fresh}"
            self.give(node, name)
            self.names[id(node)] = name
            return name
        return self.operation(node, outer)

    def give(self, node: Node, name: str) -> None:
        """Write statements that give the value of an operation a new name."""
        if self.is_branch(node):
            self.branch(node, name)
        else:
            self.line(self.assign.format(name, self.operation(node, 0)))

    def operation(self, node: Node, outer: int) -> str:
        """Return the expression of one operation."""
        if node.op in PRECEDENCE:
            return self.wrap(self.binary(node.op, *node.args), PRECEDENCE[node.op], outer)
        if node.op == "neg":
            return self.wrap(f"-{self.text(node.args[0], NEGATIVE)}", NEGATIVE, outer)
        if node.op in self.functions:
            return f"{self.functions[node.op]}({', '.join(map(self.text, node.args))})"
        return str(getattr(self, node.op)(outer, *node.args))

    def wrap(self, text: str, mine: int, outer: int) -> str:
        """Return `text` in parentheses if `outer` binds tighter than its own operator."""
        return f"({text})" if mine < outer else text

    def binary(self, op: str, x: Any, y: Any) -> str:
        """Return the expression of a binary operator."""
        mine = PRECEDENCE[op]
        # the right side binds tighter: floats are combined in the order recorded
        return f"{self.text(x, mine)} {op} {self.text(y, mine + 1)}"

    def number(self, value: Any, outer: int) -> str:
        """Return a literal."""
        if isinstance(value, tuple):
            return "[" + ", ".join(self.number(v, 0) for v in value) + "]"
        text = repr(value).replace("inf", self.infinity)
        return self.wrap(text, NEGATIVE if value < 0 else ATOM, outer)

    def power(self, outer: int, base: Any, exponent: Any) -> str:
        """Return a power."""
        text = f"{self.text(base, ATOM)} ** {self.text(exponent, POWER)}"
        return self.wrap(text, POWER, outer)

    def minimum(self, _outer: int, x: Any, y: Any) -> str:
        """Return the smaller of two, as Python's own `min` chooses but without a call."""
        x, y = self.simple(x), self.simple(y)
        return f"({y} if {y} < {x} else {x})"

    def maximum(self, _outer: int, x: Any, y: Any) -> str:
        """Return the larger of two, as Python's own `max` chooses but without a call."""
        x, y = self.simple(x), self.simple(y)
        return f"({y} if {y} > {x} else {x})"

    def simple(self, node: Any) -> str:
        """Return a name or a literal for an operand that is written twice."""
        if isinstance(node, Node) and node.op != "step":
            self.uses[id(node)] += 1
        return self.text(node, ATOM)

    def lookup(self, _outer: int, t: Any, boundaries: Any, values: Any) -> str:
        """Return the choice from a table."""
        return f"{self.table(values)}[bisect_right({self.table(boundaries)}, {self.text(t)})]"

    def interval(self, outer: int, t: Any, knots: Any) -> str:
        """Return the number of the last knot, but one, that is at or below a step."""
        found = f"bisect_right({self.table(knots)}, {self.text(t)}, 1, {len(knots) - 1}) - 1"
        return self.wrap(found, PRECEDENCE["-"], outer)

    def gather(self, _outer: int, values: Any, i: Any) -> str:
        """Return a member of a table."""
        return f"{self.table(values)}[{self.text(i)}]"

    def guard(self, outer: int, t: Any, steps: Any, rate: Any) -> str:
        """Return the rate, and write the statement that refuses a step past the end."""
        self.line(f"if {self.simple(t)} > {steps}:")
        self.line(f'    raise ValueError("step must be at most {steps}")')
        return self.text(rate, outer)

    def call(self, _outer: int, own: Any, _t: Any) -> str:
        """Refuse: a user's own function has no formula to print."""
        raise ScheduleError(f"source: a function of your own has no formula, got {shown(own)}")
