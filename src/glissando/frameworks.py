"""The functions that a formula may use, for JAX, PyTorch and TensorFlow.

No framework is imported with this module: whoever makes one of the classes has it loaded already.
"""

import math
from collections.abc import Callable
from typing import Any

from glissando.ops import Strict, not_a_step
from glissando.tables import Row, line


class Framework(Strict):
    """What JAX, PyTorch and TensorFlow share."""

    pi = math.pi
    real: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    logarithm: Callable[[Any], Any]
    log1p: Callable[[Any], Any]
    root: Callable[[Any], Any]
    tangent: Callable[[Any], Any]

    # what a framework makes of a row: its numbers as steps like `t`, how many of them are at or
    # below `t`, and how far `t` lies past one of them
    steps: Callable[[Any, str, Any], Any]
    below: Callable[[Any, Any], Any]
    past: Callable[[Any, Any, Any], Any]
    counts: Callable[[Any], bool]
    numbers: Callable[[Any, str], Any]
    member: Callable[[Any, Any], Any]

    def lookup(self, t: Any, boundaries: Row, values: Row) -> Any:
        return self.pick(values, self.below(self.steps(boundaries, "packed", t), t))

    def pick(self, values: Row, i: Any) -> Any:
        return self.member(self.numbers(values, "packed"), i)

    def line(self, t: Any, knots: Row, rates: Row) -> Any:
        return line(self, t, knots, rates)

    def wide(self, t: Any) -> Any:
        """Return whole steps as 64-bit integers."""
        return t

    def segment(self, t: Any, knots: Row) -> Any:
        # float32 would round a knot beyond or before a whole step
        form = "ceilings" if self.counts(t) else "packed"
        return self.below(self.steps(knots, form, t)[1:-1], t)

    def share(self, t: Any, knots: Row, i: Any) -> Any:
        # from the first whole step after the knot on, so that no two near numbers are subtracted
        whole = self.past(self.steps(knots, "ceilings", t), i, t)
        done = whole + self.member(self.numbers(knots, "offsets"), i)
        done = done / self.member(self.numbers(knots, "widths"), i)
        return self.minimum(self.maximum(done, 0.0), 1.0)

    # of plain numbers in double precision

    def tanh(self, x: Any) -> Any:
        return math.tanh(x) if isinstance(x, float) else self.tangent(x)

    def log(self, x: Any) -> Any:
        return math.log(x) if isinstance(x, float) else self.logarithm(x)

    def sqrt(self, x: Any) -> Any:
        # the slope at 0 is infinite, and infinity times the 0 of a masked side is NaN
        some = x > 0
        return self.where(some, self.root(self.where(some, x, 1.0)), 0.0)

    def power(self, base: float, exponent: Any) -> Any:
        # float32 would round the base and raise the error to the exponent; its log it may round
        return self.exp(self.real(exponent) * math.log(base))

    def left(self, t: Any, steps: int, power: float) -> Any:
        return self.rest(t / steps, (steps - t) / steps, power)

    def rest(self, gone: Any, left: Any, power: float) -> Any:
        # float32 cannot tell the share left from 1 at first, nor the share gone from 1 at last: a
        # high power would magnify the one error and a root the other, so each half is taken from
        # its own end
        early = gone < 0.5
        # the side not taken stays finite, and so does its slope: that of 0 ** 0.5 is infinite
        near = self.log1p(-self.where(early, gone, 0.0))
        some = left > 0
        far = self.log(self.where(some, left, 1.0))
        return self.where(some, self.exp(power * self.where(early, near, far)), 0.0)

    def turn(self, t: Any, period: float) -> Any:
        if period == int(period):
            return t % int(period) / int(period)
        if not self.counts(t):
            return t % period / period
        # float32 knows too few digits of a far step: count in 2**64ths of a period, integers that
        # drop whole periods by overflowing
        above, below = period.as_integer_ratio()
        parts = (2**65 * below + above) // (2 * above) % 2**64  # rounded
        return self.real(self.wide(t) * (parts - 2**64 if parts >= 2**63 else parts)) / 2.0**64


class Jax(Framework):
    """JAX arrays and tracers."""

    def __init__(self) -> None:
        import jax
        import jax.numpy as jnp
        import numpy

        self.jax, self.jnp, self.numpy = jax, jnp, numpy
        self.exp, self.root, self.sin, self.cos = jnp.exp, jnp.sqrt, jnp.sin, jnp.cos
        self.tangent = jnp.tanh
        self.logarithm, self.log1p = jnp.log, jnp.log1p
        self.minimum, self.maximum, self.where = jnp.minimum, jnp.maximum, jnp.where

    def real(self, t: Any) -> Any:
        return t * 1.0

    def shift(self, t: Any, count: int) -> Any:
        return self.wide(t) + count

    def wide(self, t: Any) -> Any:
        if t.dtype == self.jnp.int32:  # JAX would wrap around without a word
            raise OverflowError
        return t

    def counts(self, t: Any) -> bool:
        return bool(self.jnp.issubdtype(t.dtype, self.jnp.integer))

    def numbers(self, row: Row, form: str) -> Any:
        # by itself JAX would take a loop
        return self.jnp.asarray(self.numpy.asarray(getattr(row, form)))

    def steps(self, row: Row, form: str, t: Any) -> Any:
        packed = getattr(row, form)
        if t.dtype == self.jnp.int32 and packed and packed[-1] >= 2**31:
            raise OverflowError
        return self.jnp.asarray(self.numpy.asarray(packed).astype(t.dtype))

    def below(self, sorted_: Any, t: Any) -> Any:
        return self.jnp.searchsorted(sorted_, t, side="right")

    def member(self, numbers: Any, i: Any) -> Any:
        return numbers[i]

    def past(self, steps: Any, i: Any, t: Any) -> Any:
        return self.real(t - steps[i])

    def rates(self, schedule: Any, step: Any) -> Any:
        jnp = self.jnp
        if step.dtype == bool or not jnp.issubdtype(step.dtype, jnp.number):
            raise not_a_step(schedule, step)
        if jnp.issubdtype(step.dtype, jnp.integer):
            step = step.astype(jnp.result_type(int))
        step = jnp.maximum(step, 0)
        kind = step.dtype if step.dtype == jnp.float64 else jnp.result_type(float)
        try:
            rate = schedule.follow(step, self)
        except OverflowError:  # a number of steps that may be beyond int32
            with self.jax.enable_x64(True):
                wide = jnp.int64 if jnp.issubdtype(step.dtype, jnp.integer) else jnp.float64
                rate = jnp.asarray(schedule.follow(step.astype(wide), self)).astype(kind)
        return jnp.broadcast_to(rate, step.shape).astype(kind)


class Torch(Framework):
    """PyTorch tensors."""

    def __init__(self) -> None:
        import torch

        from glissando.torch_rows import tensor

        self.torch, self._tensor = torch, tensor
        self.exp, self.root, self.sin, self.cos = torch.exp, torch.sqrt, torch.sin, torch.cos
        self.tangent = torch.tanh
        self.logarithm, self.log1p, self.where = torch.log, torch.log1p, torch.where

    def real(self, t: Any) -> Any:
        return t * 1.0

    def minimum(self, x: Any, y: Any) -> Any:
        return self.torch.minimum(*self._tensors(x, y))

    def maximum(self, x: Any, y: Any) -> Any:
        return self.torch.maximum(*self._tensors(x, y))

    def _tensors(self, *values: Any) -> Any:
        # a constant schedule is a plain number, which torch.minimum would refuse
        return (v if isinstance(v, self.torch.Tensor) else self.torch.tensor(v) for v in values)

    def counts(self, t: Any) -> bool:
        return not t.is_floating_point()

    def numbers(self, row: Row, form: str) -> Any:
        return self._tensor(row, form, self.kind, self.device)

    def steps(self, row: Row, form: str, t: Any) -> Any:
        return self._tensor(row, form, t.dtype, t.device)

    def below(self, sorted_: Any, t: Any) -> Any:
        return self.torch.bucketize(t, sorted_, right=True)

    def member(self, numbers: Any, i: Any) -> Any:
        return self.torch.take(numbers, i)  # a subscript would compile for each place anew

    def past(self, steps: Any, i: Any, t: Any) -> Any:
        return self.real(t - self.torch.take(steps, i))

    def rates(self, schedule: Any, step: Any) -> Any:
        torch = self.torch
        if step.dtype == torch.bool or step.is_complex():
            raise not_a_step(schedule, step)
        default = torch.get_default_dtype()
        kind = torch.float64 if step.dtype == torch.float64 else default
        self.kind, self.device = kind, step.device
        step = step.to(kind if step.is_floating_point() else torch.int64)
        rate = schedule.follow(self.maximum(step, 0), self)
        if not isinstance(rate, torch.Tensor):
            rate = torch.tensor(rate, dtype=kind, device=step.device)
        return rate.to(kind).expand(step.shape)


class _Count:
    """An integer tensor of TensorFlow that promotes as JAX's and PyTorch's do.

    TensorFlow refuses `int * 0.5` and gives float64 for `int / int`. Here integer arithmetic stays
    integer, so that offsets are subtracted exactly, and everything else becomes a float tensor.
    """

    def __init__(self, tensor: Any, real: Callable[[Any], Any]) -> None:
        self.tensor = tensor
        self._real = real

    def real(self) -> Any:
        return self._real(self.tensor)

    def _stay(self, other: Any, apply: Callable[[Any, Any], Any]) -> Any:
        if isinstance(other, _Count):
            return _Count(apply(self.tensor, other.tensor), self._real)
        if isinstance(other, int):
            return _Count(apply(self.tensor, other), self._real)
        return apply(self.real(), other)

    def __add__(self, other: Any) -> Any:
        return self._stay(other, lambda x, y: x + y)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._stay(other, lambda x, y: x - y)

    def __rsub__(self, other: Any) -> Any:
        return self._stay(other, lambda x, y: y - x)

    def __floordiv__(self, other: Any) -> Any:
        return self._stay(other, lambda x, y: x // y)

    def __mod__(self, other: Any) -> Any:
        return self._stay(other, lambda x, y: x % y)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, int | _Count):
            return self._stay(other, lambda x, y: x * y)
        return self.real() * other

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self.real() / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.real()

    def __neg__(self) -> Any:
        return -self.real()

    def __lt__(self, other: Any) -> Any:
        return self.tensor < other

    def __le__(self, other: Any) -> Any:
        return self.tensor <= other

    def __gt__(self, other: Any) -> Any:
        return self.tensor > other


def _plain(t: Any) -> Any:
    return t.tensor if isinstance(t, _Count) else t


class TensorFlow(Framework):
    """TensorFlow tensors, eager or in a graph."""

    def __init__(self, kind: Any) -> None:
        import numpy
        import tensorflow as tf

        self.tf, self.numpy = tf, numpy
        self.kind = kind

    def real(self, t: Any) -> Any:
        if isinstance(t, _Count):
            return t.real()
        if isinstance(t, int | float):
            return self.tf.constant(t, self.kind)  # cast would round it to float32 first
        return self.tf.cast(t, self.kind)

    def exp(self, x: Any) -> Any:
        return self.tf.exp(self.real(x))

    def root(self, x: Any) -> Any:
        return self.tf.sqrt(self.real(x))

    def sin(self, x: Any) -> Any:
        return self.tf.sin(self.real(x))

    def cos(self, x: Any) -> Any:
        return self.tf.cos(self.real(x))

    def tangent(self, x: Any) -> Any:
        return self.tf.tanh(self.real(x))

    def logarithm(self, x: Any) -> Any:
        return self.tf.math.log(self.real(x))

    def log1p(self, x: Any) -> Any:
        return self.tf.math.log1p(self.real(x))

    def minimum(self, x: Any, y: Any) -> Any:
        return self._extreme(x, y, self.tf.minimum)

    def maximum(self, x: Any, y: Any) -> Any:
        return self._extreme(x, y, self.tf.maximum)

    def _extreme(self, x: Any, y: Any, of_two: Callable[[Any, Any], Any]) -> Any:
        if isinstance(x, _Count) and isinstance(y, int):
            return _Count(of_two(x.tensor, self.tf.constant(y, x.tensor.dtype)), self._cast)
        return of_two(self.real(x), self.real(y))

    def _cast(self, t: Any) -> Any:
        return self.tf.cast(t, self.kind)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return self.tf.where(condition, self.real(x), self.real(y))

    def counts(self, t: Any) -> bool:
        return isinstance(t, _Count)

    def numbers(self, row: Row, form: str) -> Any:
        return self.tf.constant(self.numpy.asarray(getattr(row, form)), self.kind)

    def steps(self, row: Row, form: str, t: Any) -> Any:
        return self.tf.constant(self.numpy.asarray(getattr(row, form)), _plain(t).dtype)

    def below(self, sorted_: Any, t: Any) -> Any:
        tf, t = self.tf, _plain(t)
        found = tf.searchsorted(sorted_, tf.reshape(t, [-1]), side="right")
        return tf.reshape(found, tf.shape(t))

    def member(self, numbers: Any, i: Any) -> Any:
        return self.tf.gather(numbers, i)

    def past(self, steps: Any, i: Any, t: Any) -> Any:
        return self.real(_plain(t) - self.tf.gather(steps, i))

    def rates(self, schedule: Any, step: Any) -> Any:
        tf = self.tf
        if step.dtype.is_integer:
            count = tf.cast(step, tf.int64)
            t: Any = _Count(tf.maximum(count, tf.constant(0, tf.int64)), self._cast)
        elif step.dtype.is_floating:
            t = tf.maximum(tf.cast(step, self.kind), tf.constant(0, self.kind))
        else:
            raise not_a_step(schedule, step)
        return tf.broadcast_to(self.real(schedule.follow(t, self)), tf.shape(step))
