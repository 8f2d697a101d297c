"""A JAX training that can be tried at any rate, and put back as it was."""

import math
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.extend.core import Var

from glissando.adapters.optax.state import fields
from glissando.adapters.shared.batches import Batches
from glissando.errors import ScheduleError, shown
from glissando.finder import random_state
from glissando.finder.training import Training as Base
from glissando.rules import STEPS

_INSTEAD = "give a function of the rate, such as optimizer=lambda rate: optax.adamw(rate)"


class Training(Base):
    """A JAX training with an optax optimizer, for `gl.find_rate` to try at one rate after another.

    Loss and update are compiled once, whatever the rate. What is given is neither changed nor
    donated: parameters and states are values, and those of before are put back by name.

    Args:
        loss: a function of parameters and a batch that returns the loss, a number; with `key` it
            is called with a key as well, another one for each batch.
        params: the parameters, in any structure. Of a `flax.nnx` module: `nnx.split` gives them.
        optimizer: a function of a rate that returns the optimizer, such as `optax.adamw` or
            `lambda rate: optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate))`: leave out
            of it what lowers the rate by itself. Or an optimizer that was made by
            `optax.inject_hyperparams`: where several parts of it have a `learning_rate`, the
            largest becomes the rate that is tried, and the others keep their proportion to it.
        batches: what yields batches each time that it is iterated over, such as a list or a
            `tf.data.Dataset`, or a function that returns it. An iterator is refused: its batches
            would be lost to the training.
        opt_state: the state of the optimizer; None: that of the beginning.
        key: a random key, if `loss` takes one.
        has_aux: whether `loss` returns the loss and something else, which is not looked at.
        accumulate: the batches of an update, 1 or more. With `optax.MultiSteps` it stays 1: an
            update then takes the batches that are left to it.
        validation: what yields the batches of the validation, if its loss is to be asked for.

    Raises:
        ScheduleError: an argument breaks its rule; the optimizer makes no use of the rate;
            `opt_state` is of another optimizer.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> import glissando as gl
        >>> batches = [jnp.ones(4)] * 3
        >>> training = gl.optax.Training(lambda w, x: (w * x).mean(), 2.0, optax.sgd, batches)
        >>> state = training.save()
        >>> training.step(0.5), training.step(0.5)
        (2.0, 1.5)
        >>> training.restore(state)
        >>> training.step(0.25)
        2.0
    """

    __module__ = "glissando.adapters.optax"

    def __init__(
        self,
        loss: Callable[..., Any],
        params: Any,
        optimizer: Any,
        batches: Any,
        *,
        opt_state: Any = None,
        key: Any = None,
        has_aux: bool = False,
        accumulate: int = 1,
        validation: Any = None,
    ) -> None:
        if not callable(loss):
            raise ScheduleError(
                f"Training: `loss` must be a function of parameters and a batch, got {shown(loss)}"
            )
        self._accumulate = int(STEPS.check(accumulate, "Training: `accumulate`"))
        self._batches = Batches(batches, "Training: `batches`")
        self._validation = None
        if validation is not None:
            self._validation = Batches(validation, "Training: `validation`")
        self._params = jax.tree.map(_typed, params)
        self._at, self._opt_state = _rated(optimizer, self._params, opt_state)
        self._key, self._first_key = key, key

        def value(params: Any, batch: Any, key: Any) -> Any:
            found = loss(params, batch) if key is None else loss(params, batch, key)
            return found[0] if has_aux else found

        def update(gradients: Any, state: Any, params: Any, loss: Any, rate: Any) -> Any:
            optimizer, state = self._at(rate, state)
            optimizer = optax.with_extra_args_support(optimizer)
            updates, state = optimizer.update(gradients, state, params, value=loss)
            return optax.apply_updates(params, updates), state

        def mean(*found: Any) -> Any:
            return jax.tree.map(lambda *each: reduce(add, each) / len(each), *found)

        self._value = jax.jit(value)
        self._mean = jax.jit(mean)
        self._gradient = jax.jit(jax.value_and_grad(value))
        self._update = jax.jit(update)

    def step(self, rate: float) -> float:
        """Make one update; return the mean loss of its batches, before it.

        Raises:
            ScheduleError: there is no batch.
        """
        losses = [self._batch(rate)]
        while math.isfinite(losses[-1]) and self._waits():
            losses.append(self._batch(rate))
        return sum(losses) / len(losses)

    def save(self) -> Any:
        """Return all that an update can change."""
        return self._params, self._opt_state, self._key, self._batches.save()

    def restore(self, state: Any) -> None:
        """Put back what `save` returned."""
        self._params, self._opt_state, self._key, batches = state
        self._batches.restore(batches)

    def reseed(self, seed: int) -> None:
        """Draw the order of the data, dropout and the like from another seed, from here on.

        The global generators are seeded, too. Batches whose order is fixed begin somewhere else.
        """
        random_state.seed(seed)
        self._batches.begin(seed)
        if self._key is not None:
            self._key = jax.random.fold_in(self._first_key, seed)

    def validate(self) -> float | None:
        """Return the mean loss of `validation`, or None where there are none."""
        if self._validation is None:
            return None
        state = self._validation.save()
        losses, rows = [], []
        try:
            for batch in map(_arrays, self._validation.once()):
                losses.append(float(self._value(self._params, batch, self._first_key)))
                rows.append(_rows(batch))
        finally:
            self._validation.restore(state)
        return float(np.average(losses, weights=rows))

    def _batch(self, rate: float) -> float:
        """Give the optimizer the mean gradient of some batches; return their mean loss."""
        found = [self._looked_at(_arrays(self._batches.draw())) for _ in range(self._accumulate)]
        loss, gradients = self._mean(*found)
        arguments = gradients, self._opt_state, self._params, loss, float(rate)
        self._params, self._opt_state = self._update(*arguments)
        return float(loss)

    def _looked_at(self, batch: Any) -> Any:
        key = None
        if self._key is not None:
            self._key, key = jax.random.split(self._key)
        return self._gradient(self._params, batch, key)

    def _waits(self) -> bool:
        """Return whether an `optax.MultiSteps` waits for more batches."""
        return any(int(value) > 0 for _, value in fields(self._opt_state, "mini_step"))


def _rated(optimizer: Any, params: Any, state: Any) -> tuple[Callable[[Any, Any], Any], Any]:
    """Return what gives an optimizer and its state a rate, and the state of the beginning."""
    if hasattr(optimizer, "init") and hasattr(optimizer, "update"):
        begun = optimizer.init(params)
        proportions = _proportions(begun if state is None else state)

        def at(rate: Any, state: Any) -> Any:
            return optimizer, jax.tree_util.tree_map_with_path(
                lambda path, leaf: (
                    jnp.asarray(rate * proportions[path], leaf.dtype)
                    if path in proportions
                    else leaf
                ),
                state,
            )
    elif callable(optimizer):
        begun = optimizer(1.0).init(params)

        def at(rate: Any, state: Any) -> Any:
            return optimizer(rate), state
    else:
        raise ScheduleError(
            "Training: `optimizer` must be a function of a rate that returns an optimizer, such as "
            f"optax.adamw, got {shown(optimizer)}"
        )
    if state is None:
        state = begun
    elif jax.tree.structure(state) != jax.tree.structure(begun):
        raise ScheduleError(
            "Training: `opt_state` must be of the optimizer that `optimizer` makes of a rate; one "
            "that follows a schedule has another state, and so has another chain"
        )
    state = jax.tree.map(_typed, state)
    _check_use(at, params, state)
    return at, state


def _proportions(state: Any) -> dict[Any, float]:
    """Return the learning rates in a state by their paths, relative to the largest.

    Raises:
        ScheduleError: there are none.
    """
    rates = {
        path: float(leaf)
        for path, leaf in jax.tree_util.tree_leaves_with_path(state)
        if _names(path[-2:]) == ["hyperparams", "learning_rate"]
    }
    if not rates:
        raise ScheduleError(f"Training: the rate of `optimizer` is fixed: {_INSTEAD}")
    largest = max(rates.values())
    return {path: rate / largest if largest > 0 else 1.0 for path, rate in rates.items()}


def _typed(leaf: Any) -> Any:
    """Return an array of a type of its own: with a weak one, the first update would change it."""
    array = jnp.asarray(leaf)
    return jax.lax.convert_element_type(array, array.dtype) if array.weak_type else array


def _names(path: Any) -> list[Any]:
    return [getattr(key, "name", getattr(key, "key", None)) for key in path]


def _check_use(at: Callable[[Any, Any], Any], params: Any, state: Any) -> None:
    """Raise if the updates of an optimizer do not depend on the rate that is tried."""

    def updates(rate: Any) -> Any:
        optimizer, rated = at(rate, state)
        optimizer = optax.with_extra_args_support(optimizer)
        return optimizer.update(params, rated, params, value=jnp.float32(0))[0]

    program = jax.make_jaxpr(updates)(1.0).jaxpr
    depending = set(program.invars)
    for equation in program.eqns:
        if not depending.isdisjoint(_variables(equation.invars)):
            depending.update(equation.outvars)
    if depending.isdisjoint(_variables(program.outvars)):
        raise ScheduleError(
            "Training: the updates of `optimizer` do not depend on the rate, as where a schedule "
            f"sets it: {_INSTEAD}"
        )


def _variables(values: Any) -> list[Any]:
    return [value for value in values if isinstance(value, Var)]


def _arrays(batch: Any) -> Any:
    """Return a batch of any framework's as JAX takes it."""
    return jax.tree.map(
        lambda leaf: leaf if isinstance(leaf, jax.Array) else np.asarray(leaf), batch
    )


def _rows(batch: Any) -> int:
    return next((leaf.shape[0] for leaf in jax.tree.leaves(batch) if leaf.ndim), 1)
