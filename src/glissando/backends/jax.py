"""JAX arrays and tracers. Only a program that has loaded JAX comes here."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glissando.backends.steps import not_a_step
from glissando.backends.tensors import Tensors
from glissando.rules import Row


class Jax(Tensors):
    """The operations on JAX arrays."""

    library = "jnp"
    exp = staticmethod(jnp.exp)
    sin = staticmethod(jnp.sin)
    cos = staticmethod(jnp.cos)
    root = staticmethod(jnp.sqrt)
    tangent = staticmethod(jnp.tanh)
    logarithm = staticmethod(jnp.log)
    log1p = staticmethod(jnp.log1p)
    minimum = staticmethod(jnp.minimum)
    maximum = staticmethod(jnp.maximum)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return jnp.where(condition, x, y)

    def real(self, t: Any) -> Any:
        return t * 1.0

    def shift(self, t: Any, count: int) -> Any:
        return self.wide(t) + count

    def wide(self, t: Any) -> Any:
        if t.dtype == jnp.int32:  # JAX would wrap around without a word
            raise OverflowError
        return t

    def counts(self, t: Any) -> bool:
        return bool(jnp.issubdtype(t.dtype, jnp.integer))

    def numbers(self, row: Row, form: str) -> Any:
        # by itself JAX would take a loop
        return jnp.asarray(np.asarray(getattr(row, form)))

    def steps(self, row: Row, form: str, t: Any) -> Any:
        packed = getattr(row, form)
        if t.dtype == jnp.int32 and packed and packed[-1] >= 2**31:
            raise OverflowError
        return jnp.asarray(np.asarray(packed).astype(t.dtype))

    def count_up_to(self, sorted_: Any, t: Any) -> Any:
        return jnp.searchsorted(sorted_, t, side="right")

    def member(self, numbers: Any, i: Any) -> Any:
        return numbers[i]

    def past(self, steps: Any, i: Any, t: Any) -> Any:
        return self.real(t - steps[i])

    def tensor(self, rate: Any) -> Any:
        return self.real(jnp.asarray(rate))

    def known(self, x: Any) -> Any:
        return [] if isinstance(x, jax.core.Tracer) else x.reshape(-1).tolist()


JAX = Jax()


def rates(schedule: Any, step: Any) -> Any:
    """Return the rates at an array of steps, traced or not."""
    if step.dtype == bool or not jnp.issubdtype(step.dtype, jnp.number):
        raise not_a_step(schedule, step)
    if jnp.issubdtype(step.dtype, jnp.integer):
        step = step.astype(jnp.result_type(int))
    elif step.dtype.itemsize < 4:  # float16 knows too few steps to compute with
        step = step.astype(jnp.float32)
    step = jnp.maximum(step, 0)
    kind = step.dtype if step.dtype == jnp.float64 else jnp.result_type(float)
    try:
        rate = schedule.rate_at(step, JAX)
    except OverflowError:  # a number of steps that may be beyond int32
        with jax.enable_x64(True):
            wide = jnp.int64 if jnp.issubdtype(step.dtype, jnp.integer) else jnp.float64
            rate = jnp.asarray(schedule.rate_at(step.astype(wide), JAX)).astype(kind)
    return jnp.broadcast_to(JAX.not_below_0(rate), step.shape).astype(kind)
