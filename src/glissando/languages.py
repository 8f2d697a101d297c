"""A schedule as source code: Python, NumPy, JavaScript, LaTeX."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from glissando.rules import Many, Part, ScheduleError
from glissando.schedule import Schedule
from glissando.trace import FormulaTracer, Node, StrictTracer, Tracer


def source(schedule: Schedule, language: str) -> str:
    """Return the schedule as source code that needs nothing but the language's own mathematics.

    Args:
        schedule: the schedule.
        language: "python", "numpy", "javascript" or "latex".

    Raises:
        ScheduleError: the language is unknown, or the schedule holds a function of your own.

    Example:
        >>> from glissando import Exponential
        >>> print(source(Exponential(0.001, rate=0.1), "python"))
        import math
        <BLANKLINE>
        <BLANKLINE>
        def rate(t):
            if t < 0:
                raise ValueError("step must be 0 or more")
            return 0.001 * math.exp(-0.1 * t)
    """
    if language not in LANGUAGES:
        raise ScheduleError(
            f"source: `language` must be one of {', '.join(LANGUAGES)}, got {language!r}"
        )
    writer = LANGUAGES[language]()
    node = schedule.follow(Node("step"), writer.tracer())
    body = writer.write(node)
    return "\n".join([*writer.top(), *writer.head, *body, *writer.tail])


def formula(family: type[Schedule]) -> str:
    r"""Return a family's formula in LaTeX, its fields as symbols.

    Example:
        >>> from glissando import Exponential
        >>> print(formula(Exponential))
        \mathrm{start} \cdot e^{-\mathrm{rate} \cdot t}
    """
    tracer = LaTeX.tracer()
    tracer.pi = Node("pi")
    return LaTeX().write(_symbolic(family).at(Node("step"), tracer))[0]


class _Letter:
    """Stands for a schedule inside a combinator."""

    untold = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps = Node("field", f"{name}.steps")

    def follow(self, t: Any, _m: Any) -> Node:
        return Node("of", self.name, t)

    inside = follow


def _symbolic(family: type[Schedule]) -> Schedule:
    """Return a schedule whose fields are symbols; it was never checked and can only be traced."""
    schedule = object.__new__(family)
    values: dict[str, Any] = {
        "steps": Node("field", "steps"),
        "final": lambda: Node("field", "end"),
        "starts": (0, Node("field", "a.steps")),
        "pace": (Node("field", "s.steps"), Node("field", "steps")),
        **{name: Node("field", name) for name in ("after", "before", "nodes")},
    }
    for name, rule in family.rules.items():
        if isinstance(rule, Part):
            values[name] = _Letter("s")
        elif isinstance(rule, Many) and isinstance(rule.member, Part):
            values[name] = (_Letter("a"), _Letter("b"))
        else:
            values[name] = Node("field", name)
    schedule.__dict__.update(values)
    return schedule


PRECEDENCE = {"<": 1, "<=": 1, ">": 1, "+": 2, "-": 2, "*": 3, "/": 3, "//": 3, "%": 3}
NEGATIVE, POWER, ATOM = 4, 5, 6
FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tanh")


class Writer:
    """Prints a recorded formula as the body of a function.

    This class writes plain Python; the others say what their language spells in another way.
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
    if_, else_, fi = "if {}:", "else:", ""
    return_, assign = "return {}", "{} = {}"

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indent = 1
        self.names: dict[int, str] = {}
        self.uses: Counter[int] = Counter()
        self.fresh = 0
        self.tables: dict[int, tuple[str, Any]] = {}

    def write(self, node: Any) -> list[str]:
        """Return the lines of a body that returns the value of `node`."""
        stack = [node]
        while stack:
            each = stack.pop()
            if isinstance(each, Node):
                self.uses[id(each)] += 1
                if self.uses[id(each)] == 1:
                    stack.extend(each.args)
        self.put(node, None)
        return self.lines

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
        if self.lazy and isinstance(node, Node) and node.op == "where":
            self.branch(node, name)
        elif name is None:
            self.line(self.return_.format(self.text(node)))
        else:
            self.line(self.assign.format(name, self.text(node)))

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
        if (self.lazy and node.op == "where") or self.uses[id(node)] > 1:
            self.fresh += 1
            name = f"x{self.fresh}"
            self.uses[id(node)] = 1
            self.put(node, name)
            self.names[id(node)] = name
            return name
        return self.operation(node, outer)

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
        return self.wrap(repr(value), NEGATIVE if value < 0 else ATOM, outer)

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

    def segment(self, outer: int, t: Any, knots: Any) -> str:
        """Return the number of the last knot, but one, that is at or below a step."""
        found = f"bisect_right({self.table(knots)}, {self.text(t)}, 1, {len(knots) - 1}) - 1"
        return self.wrap(found, PRECEDENCE["-"], outer)

    def pick(self, _outer: int, values: Any, i: Any) -> str:
        """Return a member of a table."""
        return f"{self.table(values)}[{self.text(i)}]"

    def guard(self, outer: int, t: Any, steps: Any, rate: Any) -> str:
        """Return the rate, and write the statement that refuses a step past the end."""
        self.line(f"if {self.simple(t)} > {steps}:")
        self.line(f'    raise ValueError("step must be at most {steps}")')
        return self.text(rate, outer)

    def call(self, _outer: int, function: Any, _t: Any) -> str:
        """Refuse: a user's own function has no formula to print."""
        raise ScheduleError(f"source: a function of your own has no formula, got {function!r}")


class NumPy(Writer):
    """NumPy: arrays of steps in, arrays of rates out."""

    tracer = StrictTracer
    lazy = False
    imports = ("import numpy as np",)
    search = ()
    tabulate = "{} = np.array({})"
    head = (
        "def rate(t):",
        "    t = np.asarray(t)",
        "    if np.any(t < 0):",
        '        raise ValueError("step must be 0 or more")',
    )
    functions = {  # noqa: RUF012
        "exp": "np.exp",
        "log": "np.log",
        "sqrt": "np.sqrt",
        "sin": "np.sin",
        "cos": "np.cos",
        "tanh": "np.tanh",
        "where": "np.where",
        "minimum": "np.minimum",
        "maximum": "np.maximum",
        "power": "np.power",
    }
    return_ = "return np.broadcast_to({}, t.shape).astype(float)"

    def lookup(self, _outer: int, t: Any, boundaries: Any, values: Any) -> str:
        where = f'np.searchsorted({self.table(boundaries)}, {self.text(t)}, side="right")'
        return f"{self.table(values)}[{where}]"

    def segment(self, _outer: int, t: Any, knots: Any) -> str:
        return f'np.searchsorted({self.table(knots)}[1:-1], {self.text(t)}, side="right")'


class JavaScript(Writer):
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
    if_, else_, fi = "if ({}) {{", "}} else {{".format(), "}"
    return_ = "return {};"

    def put(self, node: Any, name: str | None) -> None:
        if name is not None and name not in self._declared:
            self._declared.add(name)
            self.line(f"let {name};")
        super().put(node, name)

    def __init__(self) -> None:
        super().__init__()
        self._declared: set[str] = set()

    assign = "{} = {};"

    def operation(self, node: Node, outer: int) -> str:
        if node.op == "//":
            x, y = node.args
            return f"Math.floor({self.text(x, 3)} / {self.text(y, 4)})"
        return super().operation(node, outer)

    def lookup(self, _outer: int, t: Any, boundaries: Any, values: Any) -> str:
        where = f"below({self.table(boundaries)}, {self.text(t)}, 0, {len(boundaries)})"
        return f"{self.table(values)}[{where}]"

    def segment(self, outer: int, t: Any, knots: Any) -> str:
        found = f"below({self.table(knots)}, {self.text(t)}, 1, {len(knots) - 1}) - 1"
        return self.wrap(found, PRECEDENCE["-"], outer)

    def guard(self, outer: int, t: Any, steps: Any, rate: Any) -> str:
        step = self.simple(t)
        self.line(f'if ({step} > {steps}) throw new RangeError("step must be at most {steps}");')
        return self.text(rate, outer)


class LaTeX(Writer):
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
        return f"{self.text(x, mine)} {sign} {self.text(y, mine + 1)}"

    def number(self, value: Any, outer: int) -> str:
        if isinstance(value, tuple):
            return r"\left(" + ", ".join(self.number(v, 0) for v in value) + r"\right)"
        mantissa, _, exponent = f"{value:.12g}".partition("e")
        text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
        return self.wrap(text, 3 if exponent or value < 0 else ATOM, outer)

    def field(self, _outer: int, name: str) -> str:
        return r"\mathrm{" + name.replace("_", r"\_") + "}"

    def of(self, _outer: int, name: str, t: Any) -> str:
        return rf"{name}\left({self.text(t)}\right)"

    def pi(self, _outer: int) -> str:
        return r"\pi"

    def fraction(self, _outer: int, x: Any, y: Any) -> str:
        return rf"\frac{{{self.text(x)}}}{{{self.text(y)}}}"

    def floor(self, _outer: int, x: Any, y: Any) -> str:
        return rf"\left\lfloor {self.fraction(0, x, y)} \right\rfloor"

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
        return rf"\min\left({self.text(x)}, {self.text(y)}\right)"

    def maximum(self, _outer: int, x: Any, y: Any) -> str:
        return rf"\max\left({self.text(x)}, {self.text(y)}\right)"

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

    def pick(self, _outer: int, values: Any, i: Any) -> str:
        return f"{self.text(values, ATOM)}_{{{self.text(i)}}}"

    def segment(self, _outer: int, t: Any, knots: Any) -> str:
        i, knot = self.letter("i", t, knots), self.text(knots, ATOM)
        self.conditions[i] = rf"{knot}_{{{i}}} \le {self.text(t)} < {knot}_{{{i} + 1}}"
        return i

    def share(self, _outer: int, t: Any, knots: Any, i: Any) -> str:
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


LATEX = {"where": "cases", "/": "fraction", "//": "floor"}

LANGUAGES: dict[str, type[Writer]] = {
    "python": Writer,
    "numpy": NumPy,
    "javascript": JavaScript,
    "latex": LaTeX,
}
