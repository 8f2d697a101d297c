"""The rates of a schedule for whatever holds steps: numbers, arrays, tensors."""

import sys
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from glissando.backends.steps import bad_step, not_a_step
from glissando.rules import plain_number

Shape = TypeVar("Shape", bound=tuple[Any, ...])


class Shaped(Protocol):
    """What arrays and tensors have, and numbers, strings and lists have not."""

    @property
    def shape(self) -> Any: ...


Tensor = TypeVar("Tensor", bound=Shaped)


def evaluate(schedule: Any, step: Any) -> Any:
    """Return the schedule's rate at `step`: any number, array, sequence or tensor.

    A framework's backend imports it, so it is loaded only where the step is of that framework.
    """
    loaded = sys.modules.get
    # a module may be half imported: ask for the class, not for the module alone
    if isinstance(step, getattr(loaded("numpy"), "ndarray", ())):
        from glissando.backends import numpy

        return numpy.rates(schedule, step)
    if isinstance(step, getattr(loaded("torch"), "Tensor", ())):
        from glissando.backends import torch

        return torch.rates(schedule, step)
    if isinstance(step, getattr(loaded("jax"), "Array", ())):
        from glissando.backends import jax

        return jax.rates(schedule, step)
    tf: Any = loaded("tensorflow")
    tensors: Any = (getattr(tf, "Tensor", ()), getattr(tf, "Variable", ()))
    if isinstance(step, tensors):
        from glissando.backends import tensorflow

        return tensorflow.rates(schedule, step)
    variable: Any = getattr(loaded("keras"), "Variable", ())
    if isinstance(step, variable):
        return evaluate(schedule, step.value)
    number = plain_number(step)
    if number is not None:
        return schedule(number)
    if hasattr(step, "__array__") or (
        isinstance(step, Sequence) and not isinstance(step, str | bytes | bytearray)
    ):
        try:
            from glissando.backends import numpy
        except ImportError:  # NumPy is not installed
            raise not_a_step(schedule, step) from None
        return numpy.rates(schedule, step)
    raise bad_step(schedule, step) if is_nan(step) else not_a_step(schedule, step)


def is_nan(step: Any) -> bool:
    """Return whether a step is NaN, of whatever type."""
    try:
        return bool(step != step)
    except Exception:  # what compares by members, or not at all
        return False
