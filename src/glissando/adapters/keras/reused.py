"""A model that is trained again and again: it is compiled once, and begins anew each time."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from glissando.adapters.keras.batches import unpacked
from glissando.adapters.keras.optimizers import inner, optimizer_of, plain, whole
from glissando.adapters.keras.rate_table import RateTable
from glissando.adapters.shared.batches import plain_attributes
from glissando.adapters.shared.train_function import WHERE
from glissando.errors import ScheduleError, shown

_IS_JAX = keras.backend.backend() == "jax"
_IS_TORCH = keras.backend.backend() == "torch"


class Reused:
    """A compiled model, and all that an update changes in it.

    Args:
        model: the model, as `build` returned it.
        batch: a batch of its data, to build by what is not built.

    Raises:
        ScheduleError: it is no model that is compiled with one optimizer.
    """

    def __init__(self, model: Any, batch: Any) -> None:
        if not isinstance(model, keras.Model) or not model.compiled or not whole(model):
            raise ScheduleError(
                f"{WHERE}: `build` must return a Keras model that is compiled with an optimizer, "
                f"as by model.compile(keras.optimizers.SGD(0.01), 'mse'), got {shown(model)}"
            )
        self.model = model
        self.optimizer = inner(optimizer_of(model))
        if self.optimizer.use_ema:
            raise ScheduleError(
                f"{WHERE}: the optimizer of `build` must not have use_ema=True: Keras puts the "
                "averaged weights into the model only after training"
            )
        self.table = RateTable(self.optimizer)
        self.each = self.optimizer.gradient_accumulation_steps or 1
        model.steps_per_execution = 1  # or updates could not be counted one by one
        model._symbolic_build(data_batch=unpacked(batch))
        self.content = self.state()  # at the beginning

    def _variables(self) -> list[Any]:
        found = [*self.model.variables]
        for optimizer in whole(self.model).values():
            found += optimizer.variables
        return list({id(one): one for one in found}.values())

    def _objects(self) -> list[Any]:
        return [*self.model._flatten_layers(), *whole(self.model).values(), self.optimizer]

    def state(self) -> dict[str, Any]:
        """Return all that an update changes, as plain values."""
        buffers = self.model.buffers() if _IS_TORCH else ()  # of PyTorch modules in it
        return {
            "variables": [_value(one) for one in self._variables()],
            "attributes": [_numbers(one) for one in self._objects()],
            "buffers": [buffer.detach().cpu().numpy().copy() for buffer in buffers],
        }

    def put(self, state: dict[str, Any]) -> None:
        """Put back what `state` returned, also that of another model of the same build."""
        for variable, value in zip(self._variables(), state["variables"], strict=True):
            # a copy, since JAX may take an array as it is, and later write into it
            variable.assign(value.copy())
        for one, attributes in zip(self._objects(), state["attributes"], strict=True):
            vars(one).update(attributes)
        for buffer, value in zip(
            self.model.buffers() if _IS_TORCH else (), state["buffers"], strict=True
        ):
            buffer.copy_(buffer.new_tensor(value))
        if _IS_JAX:  # what an update that broke off has left for later
            self.model._jax_state = None

    def sync(self) -> None:
        """Let the variables hold what a `fit` that goes on has made of them."""
        if _IS_JAX:
            self.model.jax_state_sync()

    def fits(self, other: "Reused") -> bool:
        """Return whether another model has the same parts."""
        mine, theirs = self.content, other.content
        return [_form(one) for one in mine["variables"]] == [
            _form(one) for one in theirs["variables"]
        ] and len(mine["attributes"]) == len(theirs["attributes"])


_KEPT: dict[str, Reused] = {}
"""The last model, by the function that it is of: a process keeps one."""


def begun(token: str, build: Callable[[], Any], batch: Any) -> Reused:
    """Return a model at its beginning: the one of before, with the weights of a new one."""
    fresh = Reused(build(), batch)
    kept = _KEPT.get(token)
    if kept is None or not kept.fits(fresh):
        _KEPT.clear()
        _KEPT[token] = fresh
        return fresh
    kept.put(fresh.content)
    return kept


def _value(variable: Any) -> Any:
    return np.array(keras.ops.convert_to_numpy(plain(variable)))


def _numbers(thing: Any) -> dict[str, Any]:
    """Return the counts and flags of an object; not its names, which differ from build to build."""
    found = plain_attributes(thing)
    return {name: value for name, value in found.items() if isinstance(value, int | float)}


def _form(value: Any) -> Any:
    return value.shape, value.dtype
