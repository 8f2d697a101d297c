"""The dozen functions that a formula may use, for floats and NumPy.

A formula is written against a set of operations `m`; whoever evaluates it brings another one: that
of JAX, PyTorch and TensorFlow is in `frameworks.py`, that of symbols in `trace.py`.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from glissando.hashing import noise
from glissando.orders import fractal
from glissando.rules import ScheduleError, plain_number, shown
from glissando.tables import Row, line, segment, share


class Floats:
    """Python numbers, by `math`: the truth that every other evaluation is held against."""

    pi = math.pi
    exp = staticmethod(math.exp)
    log = staticmethod(math.log)
    sqrt = staticmethod(math.sqrt)
    sin = staticmethod(math.sin)
    cos = staticmethod(math.cos)
    tanh = staticmethod(math.tanh)
    minimum = staticmethod(min)
    maximum = staticmethod(max)
    noise = staticmethod(noise)
    fractal = staticmethod(fractal)

    @staticmethod
    def power(base: Any, exponent: Any) -> Any:
        """Return base to the power of exponent; one of the two is a plain number."""
        return base**exponent

    @staticmethod
    def shift(t: Any, count: int) -> Any:
        """Return `t + count`, which may be more than a graph's integers hold."""
        return t + count

    @staticmethod
    def left(t: Any, steps: int, power: float) -> Any:
        """Return the share of `steps` that is left at `t`, to a power."""
        return ((steps - t) / steps) ** power

    @staticmethod
    def rest(_gone: Any, left: Any, power: float) -> Any:
        """Return the share that is left to a power; `gone` is the other share, as exact."""
        return left**power

    @staticmethod
    def turn(t: Any, period: float) -> Any:
        """Return the share of the present period that is gone; a graph may have it less 1."""
        return t % period / period

    @staticmethod
    def where(condition: Any, x: Any, y: Any) -> Any:
        """Return `x` where `condition` holds, else `y`."""
        return x if condition else y

    @staticmethod
    def lookup(t: Any, boundaries: Sequence[int], values: Sequence[float]) -> Any:
        """Return `values[i]`, i being the number of boundaries at or below `t`."""
        return values[bisect_right(boundaries, t)]

    segment = staticmethod(segment)

    @staticmethod
    def pick(values: Sequence[Any], i: int) -> Any:
        """Return `values[i]`."""
        return values[i]

    @staticmethod
    def share(t: Any, knots: Sequence[float], i: int) -> Any:
        """Return how much of the way from knot i to the next is gone at `t`, from 0 to 1."""
        return share(Floats, t, knots, i)

    @staticmethod
    def line(t: Any, knots: Sequence[float], rates: Sequence[float]) -> Any:
        """Return the rate on the straight lines from knot to knot."""
        return line(Floats, t, knots, rates)

    @staticmethod
    def hold(t: Any, steps: int, formula: Callable[[Any], Any], end: float) -> Any:
        """Return `formula(t)` before `steps`, and `end` from there on."""
        return formula(t) if t < steps else end

    @staticmethod
    def switch(t: Any, starts: Sequence[int], branches: Sequence[Callable[[Any], Any]]) -> Any:
        """Return the value of the branch that `t` falls in, called with its own local step."""
        i = bisect_right(starts, t) - 1
        return branches[i](t - starts[i])

    @staticmethod
    def guard(t: Any, steps: float, formula: Callable[[Any], Any]) -> Any:
        """Return `formula(t)`, or raise if `t` is past the end; a graph cannot raise."""
        within(t, steps)
        return formula(t)

    @staticmethod
    def call(function: Callable[[Any], Any], t: Any) -> Any:
        """Return what a user's own function gives at `t`."""
        return function(t)


class Arrays:
    """NumPy arrays; a part is evaluated on its own steps only."""

    pi = math.pi
    noise = staticmethod(noise)
    fractal = staticmethod(fractal)

    def __init__(self, numpy: ModuleType) -> None:
        self.numpy: Any = numpy
        self.exp = numpy.exp
        self.log = numpy.log
        self.sqrt = numpy.sqrt
        self.sin = numpy.sin
        self.cos = numpy.cos
        self.tanh = numpy.tanh
        self.minimum = numpy.minimum
        self.maximum = numpy.maximum
        self.power = numpy.power
        self.where = numpy.where

    def shift(self, t: Any, count: int) -> Any:
        return t + count

    def left(self, t: Any, steps: int, power: float) -> Any:
        return self.power((steps - t) / steps, power)

    def rest(self, _gone: Any, left: Any, power: float) -> Any:
        return self.power(left, power)

    def turn(self, t: Any, period: float) -> Any:
        return t % period / period

    def row(self, values: Row) -> Any:
        return self.numpy.asarray(values.packed)

    def lookup(self, t: Any, boundaries: Row, values: Row) -> Any:
        return self.pick(values, self.numpy.searchsorted(self.row(boundaries), t, side="right"))

    def segment(self, t: Any, knots: Row) -> Any:
        return self.numpy.searchsorted(self.row(knots)[1:-1], t, side="right")

    def pick(self, values: Row, i: Any) -> Any:
        return self.row(values)[i]

    def share(self, t: Any, knots: Row, i: Any) -> Any:
        return share(self, t, knots, i)

    def line(self, t: Any, knots: Row, rates: Row) -> Any:
        # much faster than our own; by rounding it may fall below a rate of 0
        rate = self.numpy.interp(t, self.row(knots), self.row(rates))
        return self.maximum(rate, 0.0, out=rate)

    def hold(self, t: Any, steps: int, formula: Callable[[Any], Any], end: float) -> Any:
        return self.switch(t, (0, steps), (formula, lambda local: local * 0.0 + end))

    def switch(
        self, t: Any, starts: Sequence[int], branches: Sequence[Callable[[Any], Any]]
    ) -> Any:
        first, last = (bisect_right(starts, edge) - 1 for edge in (t.min(), t.max()))
        if first == last:
            return branches[first](t - starts[first])
        which = self.numpy.searchsorted(starts, t, side="right") - 1
        rates = self.numpy.empty(t.shape)
        for i in self.numpy.unique(which):
            mine = which == i
            rates[mine] = branches[i](t[mine] - starts[i])
        return rates

    def guard(self, t: Any, steps: float, formula: Callable[[Any], Any]) -> Any:
        within(t.max(), steps)
        return formula(t)

    def call(self, function: Callable[[Any], Any], t: Any) -> Any:
        return self.numpy.array([function(step) for step in t.tolist()])


class Strict:
    """Frameworks whose `where` computes both sides: the side not taken must stay finite."""

    where: Callable[[Any, Any, Any], Any]
    minimum: Callable[[Any, Any], Any]
    maximum: Callable[[Any, Any], Any]
    noise = staticmethod(noise)
    fractal = staticmethod(fractal)

    def hold(self, t: Any, steps: int, formula: Callable[[Any], Any], end: float) -> Any:
        return self.where(t < steps, formula(self.minimum(t, steps)), end)

    def switch(
        self, t: Any, starts: Sequence[int], branches: Sequence[Callable[[Any], Any]]
    ) -> Any:
        rate = None
        for i in reversed(range(len(branches))):
            local = t - starts[i] if i else t
            if rate is None:
                rate = branches[i](self.maximum(local, 0))
            else:
                length = starts[i + 1] - starts[i]
                inside = self.minimum(self.maximum(local, 0), length)
                rate = self.where(t < starts[i + 1], branches[i](inside), rate)
        return rate

    def shift(self, t: Any, count: int) -> Any:
        return t + count

    def guard(self, t: Any, _steps: float, formula: Callable[[Any], Any]) -> Any:
        return formula(t)

    def call(self, function: Callable[[Any], Any], _t: Any) -> Any:
        raise ScheduleError(
            f"schedule({shown(function)}): a function of your own has no formula, so it cannot run "
            "inside a compiled graph; call it with Python numbers, or build it from families"
        )


def bad_step(schedule: Any, step: object) -> ScheduleError:
    """Return the error for a step that is negative, NaN or beyond 2**53."""
    number = plain_number(step)
    return ScheduleError(
        f"{type(schedule).__name__}: `step` must be from 0 to 2**53, "
        f"got {shown(step if number is None else number)}"
    )


def within(step: Any, steps: float) -> None:
    """Raise the error of a strict schedule if it is asked for a step past its end."""
    if step > steps:
        raise ScheduleError(
            f"Strict: `step` must be at most {steps}, the schedule's end, got {step}"
        )


def not_a_step(schedule: Any, step: object) -> TypeError:
    """Return the error for what is no step of any kind."""
    return TypeError(
        f"{type(schedule).__name__}: `step` must be a number, a NumPy array, or a JAX, PyTorch or "
        f"TensorFlow tensor of numbers, got {shown(step)}"
    )
