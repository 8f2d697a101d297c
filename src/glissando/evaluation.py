"""The rates of a schedule for whatever holds steps: numbers, arrays, tensors."""

import sys
from typing import Any

from glissando.frameworks import Jax, TensorFlow, Torch
from glissando.ops import Arrays, bad_step, not_a_step
from glissando.rules import MAX_STEP, plain_number

BLOCK = 1 << 15
"""Steps evaluated at a time in a NumPy array: the temporaries stay in the processor's cache."""


def evaluate(schedule: Any, step: Any) -> Any:
    """Return the schedule's rate at `step`: any number, array or tensor."""
    loaded = sys.modules.get
    # a module may be half imported: ask for the class, not for the module alone
    if isinstance(step, getattr(loaded("numpy"), "ndarray", ())):
        return _numpy_rates(schedule, step, loaded("numpy"))
    if isinstance(step, getattr(loaded("torch"), "Tensor", ())):
        return Torch().rates(schedule, step)
    if isinstance(step, getattr(loaded("jax"), "Array", ())):
        return Jax().rates(schedule, step)
    tf: Any = loaded("tensorflow")
    tensors: Any = (getattr(tf, "Tensor", ()), getattr(tf, "Variable", ()))
    if isinstance(step, tensors):
        kind = tf.float64 if step.dtype == tf.float64 else tf.float32
        # AutoGraph would rewrite our plain Python: nothing in it depends on a tensor's value
        return tf.autograph.experimental.do_not_convert(TensorFlow(kind).rates)(schedule, step)
    number = plain_number(step)
    if number is not None:
        return schedule(number)
    raise bad_step(schedule, step) if step != step else not_a_step(schedule, step)


def _numpy_rates(schedule: Any, step: Any, numpy: Any) -> Any:
    if step.dtype.kind not in "iuf":
        raise not_a_step(schedule, step)
    rates = numpy.empty(step.shape)
    flat, out = step.reshape(-1), rates.reshape(-1)
    kind = numpy.int64 if step.dtype.kind in "iu" else numpy.float64
    m = Arrays(numpy)
    for i in range(0, flat.size, BLOCK):
        block = flat[i : i + BLOCK].astype(kind, copy=False)
        if not (block.min() >= 0 and block.max() <= MAX_STEP):
            bad = flat[i : i + BLOCK][~((block >= 0) & (block <= MAX_STEP))][0]
            raise bad_step(schedule, bad)
        out[i : i + BLOCK] = schedule.follow(block, m)
    return rates
