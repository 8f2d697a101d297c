"""A schedule as operations of JAX or Keras, which compute in float32 and in a compiled graph."""

from collections.abc import Mapping
from typing import Any

from glissando.backends.tensors import Tensors
from glissando.backends.tracer import BranchlessTracer, Node
from glissando.languages.numpy import NumPy
from glissando.rules import Row

MAX_INT = 2**31 - 1
"""What the integers of a graph hold."""

HALF = 4096
"""Into how many steps a step is split: half of the digits of float32."""


class GraphTracer(Tensors, BranchlessTracer):  # type: ignore[misc]  # its tables are rows
    """The operations on symbols, in the order in which float32 keeps its digits."""

    def logarithm(self, x: Any) -> Any:
        return Node("log", x)

    def log1p(self, x: Any) -> Any:
        return Node("log1p", x)

    def root(self, x: Any) -> Any:
        return Node("sqrt", x)

    def tangent(self, x: Any) -> Any:
        return Node("tanh", x)

    def real(self, t: Any) -> Any:
        return t * 1.0

    def counts(self, t: Any) -> bool:
        return True

    def steps(self, row: Row, form: str, t: Any) -> Any:
        return tuple(getattr(row, form))

    def numbers(self, row: Row, form: str) -> Any:
        return tuple(getattr(row, form))

    def count_up_to(self, sorted_: Any, t: Any) -> Any:
        return Node("count", sorted_, t)

    def member(self, numbers: Any, i: Any) -> Any:
        return Node("member", numbers, i)

    def past(self, steps: Any, i: Any, t: Any) -> Any:
        return t - Node("member", steps, i)

    def phase(self, t: Any, period: float) -> Any:
        if period == int(period):
            return t % int(period) / int(period)
        if period < 1:
            return t % period / period
        # float32 has too few digits for a far step: it is split, and so is what each half takes
        # of a period, into what is multiplied without rounding and a small rest
        below, above = t % HALF, t // HALF
        whole, rest = 0.0, 0.0
        for half, share in ((below, 1 / period), (above, HALF / period % 1)):
            coarse = round(share * HALF) / HALF
            whole = whole + half * coarse % 1
            rest = rest + half * (share - coarse)
        return (whole + rest) % 1

    def call(self, own: Any, t: Any) -> Any:
        return Node("call", own, t)


class Graph(NumPy):
    """What JAX and Keras have in common; `xp` is their module of operations."""

    tracer = GraphTracer
    xp: str
    return_ = "return {}"

    def write(self, node: Any) -> list[str]:
        steps = Node("step")
        return super().write(node if isinstance(node, Node) else node + 0.0 * steps)

    def number(self, value: Any, outer: int) -> str:
        whole = isinstance(value, int) and abs(value) > MAX_INT
        return super().number(float(value) if whole else value, outer)

    def member(self, _outer: int, numbers: Any, i: Any) -> str:
        return f"{self.table(numbers)}[{self.text(i)}]"


class JAX(Graph):
    """JAX: whole steps in, traced or not, float32 rates out."""

    xp = "jnp"
    imports = ("import jax.numpy as jnp",)
    tabulate = "{} = jnp.array({})"
    head = ("def rate(t):",)
    functions: Mapping[str, str] = {
        **{name: f"jnp.{text[3:]}" for name, text in NumPy.functions.items()},
        "log1p": "jnp.log1p",
    }
    infinity = "jnp.inf"

    def count(self, _outer: int, sorted_: Any, t: Any) -> str:
        return f'jnp.searchsorted({self.table(sorted_)}, {self.text(t)}, side="right")'


class Keras(Graph):
    """Keras: float32 steps in, float32 rates out, on whatever backend."""

    xp = "ops"
    imports = ("import keras", "from keras import ops")
    tabulate = "{} = {}"
    head = ("def rate(t):",)
    functions: Mapping[str, str] = {
        **{name: f"ops.{text[3:]}" for name, text in NumPy.functions.items()},
        "log1p": "ops.log1p",
    }
    infinity = 'float("inf")'

    def count(self, _outer: int, sorted_: Any, t: Any) -> str:
        steps = f"ops.expand_dims({self.text(t)}, -1)"
        table = f'ops.array({self.table(sorted_)}, "float32")'
        return f'ops.sum(ops.cast(ops.greater_equal({steps}, {table}), "int32"), -1)'

    def member(self, _outer: int, numbers: Any, i: Any) -> str:
        return f'ops.take(ops.array({self.table(numbers)}, "float32"), {self.text(i)})'
