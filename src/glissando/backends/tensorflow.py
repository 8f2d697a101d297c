"""TensorFlow tensors, eager or in a graph. Only a program that has loaded it comes here."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from glissando.backends.steps import not_a_step
from glissando.backends.tensors import Tensors
from glissando.rules import Row


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


class TensorFlow(Tensors):
    """The operations on TensorFlow tensors.

    Args:
        kind: the float type of the rates.
    """

    library = "tf"

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def real(self, t: Any) -> Any:
        if isinstance(t, _Count):
            return t.real()
        if isinstance(t, int | float):
            return tf.constant(t, self.kind)  # cast would round it to float32 first
        return tf.cast(t, self.kind)

    def exp(self, x: Any) -> Any:
        return tf.exp(self.real(x))

    def root(self, x: Any) -> Any:
        return tf.sqrt(self.real(x))

    def sin(self, x: Any) -> Any:
        return tf.sin(self.real(x))

    def cos(self, x: Any) -> Any:
        return tf.cos(self.real(x))

    def tangent(self, x: Any) -> Any:
        return tf.tanh(self.real(x))

    def logarithm(self, x: Any) -> Any:
        return tf.math.log(self.real(x))

    def log1p(self, x: Any) -> Any:
        return tf.math.log1p(self.real(x))

    def minimum(self, x: Any, y: Any) -> Any:
        return self._extreme(x, y, tf.minimum)

    def maximum(self, x: Any, y: Any) -> Any:
        return self._extreme(x, y, tf.maximum)

    def _extreme(self, x: Any, y: Any, of_two: Callable[[Any, Any], Any]) -> Any:
        if isinstance(x, _Count) and isinstance(y, int):
            return _Count(of_two(x.tensor, tf.constant(y, x.tensor.dtype)), self.cast)
        return of_two(self.real(x), self.real(y))

    def cast(self, t: Any) -> Any:
        """Return an integer tensor as floats."""
        return tf.cast(t, self.kind)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return tf.where(condition, self.real(x), self.real(y))

    def counts(self, t: Any) -> bool:
        return isinstance(t, _Count)

    def numbers(self, row: Row, form: str) -> Any:
        return tf.constant(np.asarray(getattr(row, form)), self.kind)

    def steps(self, row: Row, form: str, t: Any) -> Any:
        return tf.constant(np.asarray(getattr(row, form)), _plain(t).dtype)

    def count_up_to(self, sorted_: Any, t: Any) -> Any:
        t = _plain(t)
        found = tf.searchsorted(sorted_, tf.reshape(t, [-1]), side="right")
        return tf.reshape(found, tf.shape(t))

    def member(self, numbers: Any, i: Any) -> Any:
        return tf.gather(numbers, i)

    def past(self, steps: Any, i: Any, t: Any) -> Any:
        return self.real(_plain(t) - tf.gather(steps, i))

    def tensor(self, rate: Any) -> Any:
        return tf.cast(rate, self.kind)

    def plain(self, t: Any) -> Any:
        return self.real(t)  # TensorFlow's integers take no float

    def known(self, x: Any) -> Any:
        return x.numpy().reshape(-1).tolist() if hasattr(x, "numpy") else []


def rates(schedule: Any, step: Any) -> Any:
    """Return the rates at a tensor of steps."""
    kind = tf.float64 if step.dtype == tf.float64 else tf.float32
    # AutoGraph would rewrite our plain Python: nothing in it depends on a tensor's value
    return tf.autograph.experimental.do_not_convert(_rates)(schedule, step, TensorFlow(kind))


def _rates(schedule: Any, step: Any, m: TensorFlow) -> Any:
    if step.dtype.is_integer:
        count = tf.cast(step, tf.int64)
        t: Any = _Count(tf.maximum(count, tf.constant(0, tf.int64)), m.cast)
    elif step.dtype.is_floating:
        t = tf.maximum(tf.cast(step, m.kind), tf.constant(0, m.kind))
    else:
        raise not_a_step(schedule, step)
    rate = m.not_below_0(m.real(schedule.rate_at(t, m)))
    if not m.counts(t):
        rate += 0.0 * tf.clip_by_value(t, 0, 0)  # what is the same at all steps has a slope, too
    return tf.broadcast_to(rate, tf.shape(step))
