"""The scalar function of a schedule, compiled: what makes calls fast."""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from glissando.backends.printer import FUNCTIONS, Printer
from glissando.backends.steps import bad_step, is_thrown_away, within
from glissando.backends.tracer import Node, Tracer
from glissando.rules import MAX_STEP


class CompilingTracer(Tracer):
    """The operations on symbols for the compiled scalar function.

    A long chain is found by bisection, and each of its parts compiled when it is first reached:
    a thousand parts cost no more source code than the few that are used.
    """

    inline = 4

    def switch(
        self, t: Any, starts: Sequence[int], branches: Sequence[Callable[[Any], Any]]
    ) -> Any:
        if len(branches) <= self.inline or not isinstance(t, Node):
            return super().switch(t, starts, branches)
        return Node("bisect", t, starts, branches)


def scalar(schedule: Any) -> Callable[[Any], float]:
    """Return the schedule's scalar function, compiled from its recorded formula.

    It is bit-equal to the plain evaluation and several times faster. The source consists of
    operators and of numbers that the schedule's rules have let through, and of nothing else.
    """

    def outside(step: Any) -> int:
        if is_thrown_away(step):
            return 0
        raise bad_step(schedule, step)

    node = schedule.rate_at(Node("step"), CompilingTracer())
    return _function(node, f"    if not 0 <= t <= {MAX_STEP}: t = outside(t)", outside=outside)


def _function(node: Any, *prelude: str, **names: Any) -> Callable[[Any], float]:
    printer = Scalar()
    lines = ["def rate(t):", *prelude, *printer.write(node)]
    scope = printer.scope | names
    exec("\n".join(lines), scope)
    function: Callable[[Any], float] = scope["rate"]
    return function


def _parts(
    starts: Sequence[int], branches: Sequence[Callable[[Any], Any]]
) -> list[Callable[[Any], float]]:
    """Return the functions of a long chain's parts: each compiles itself when first called."""
    parts: list[Callable[[Any], float]] = []  # a plain list, whose members are found fastest

    def later(i: int, start: int, branch: Callable[[Any], Any]) -> Callable[[Any], float]:
        def first_call(t: Any) -> float:
            parts[i] = _function(branch(Node("step") - start))
            return parts[i](t)

        return first_call

    parts.extend(map(later, range(len(starts)), starts, branches))
    return parts


class Scalar(Printer):
    """Python to be compiled at once: functions and tables are bound by name."""

    functions = {name: name for name in FUNCTIONS}  # noqa: RUF012
    infinity = "inf"

    def __init__(self) -> None:
        super().__init__()
        self.scope: dict[str, Any] = {
            **{name: getattr(math, name) for name in FUNCTIONS},
            "bisect_right": bisect_right,
            "inf": math.inf,
            "within": within,
        }

    def bind(self, value: Any) -> str:
        """Return a name that stands for `value` in the compiled code."""
        name = f"c{len(self.scope)}"
        self.scope[name] = value
        return name

    def table(self, values: Any) -> str:
        if id(values) not in self.tables:  # a search in a plain tuple takes a quarter of the time
            self.tables[id(values)] = self.bind(tuple(values)), values
        return self.tables[id(values)][0]

    def guard(self, outer: int, t: Any, steps: Any, rate: Any) -> str:
        self.line(f"within({self.text(t)}, {steps})")
        return self.text(rate, outer)

    def call(self, _outer: int, own: Any, t: Any) -> str:
        return f"{self.bind(own.rate)}({self.text(t)})"

    def bisect(self, _outer: int, t: Any, starts: Any, branches: Any) -> str:
        """Return the call of the part that a step falls in."""
        parts, later = self.bind(_parts(starts, branches)), self.bind(starts[1:])
        step = self.simple(t)
        return f"{parts}[bisect_right({later}, {step})]({step})"
