"""Reads from an optimizer's state how far it is, and what it used."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import optax


def counts(state: Any) -> dict[str, Any]:
    """Return every count of updates that an optimizer's state holds, by its path.

    They agree, unless a part of the optimizer began later, such as a label that was added to
    `optax.multi_transform`. One at 0 after a resume is of a part that starts anew, and one above 0
    in a new run is of a part that was loaded.

    Args:
        state: the state of any optax optimizer, however nested; the `opt_state` of a
            `flax.nnx.Optimizer` and anything else that holds one.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> state = optax.adam(lambda step: 0.1).init(jnp.zeros(3))
        >>> {path: int(count) for path, count in counts(state).items()}
        {'0/ScaleByAdamState.count': 0, '1/ScaleByScheduleState.count': 0}
    """
    return {
        _path(path): jnp.asarray(value)
        for field in ("count", "gradient_step")
        for path, value in fields(state, field)
        if path[-1].tuple_name not in _OTHER_COUNTS
    }


_OTHER_COUNTS = {"ReduceLROnPlateauState"}
"""States whose `count` is not of updates: this one's is of the metrics averaged so far."""


def rates(state: Any, schedule: Callable[[Any], Any] | None = None) -> dict[str, Any]:
    """Return the hyperparameters that an optimizer last used, by their path in its state.

    Before the first update they are those that it will use. Works on the host and inside `jit` and
    `scan`, where the values are tracers: return them from the step to log them.

    Args:
        state: the state of any optax optimizer, however nested. Found in it are the values of
            `inject` and of `optax.inject_hyperparams`, and what `plateau` multiplied by.
        schedule: the schedule that was given to the optimizer directly, as in `optax.adam(rate)`:
            optax keeps its count alone, so the value is computed from that.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> import glissando as gl
        >>> rate = gl.Linear(1.0, 0.0, steps=10)
        >>> optimizer = optax.adam(rate)
        >>> state = optimizer.init(jnp.zeros(3))
        >>> for _ in range(6):
        ...     _, state = optimizer.update(jnp.ones(3), state)
        >>> {path: float(rate) for path, rate in gl.optax.rates(state, rate).items()}
        {'1/ScaleByScheduleState.count': 0.5}
    """
    found = {
        f"{_path(path)}/{name}": jnp.asarray(value)
        for path, values in fields(state, "hyperparams")
        for name, value in values.items()
    }
    for path, rate in fields(state, "rate"):
        if path[-1].tuple_name == "OnPlateauState":
            found[_path(path)] = jnp.asarray(rate)
    if schedule is not None:
        for path, count in fields(state, "count"):
            if path[-1].tuple_name == "ScaleByScheduleState":
                found[_path(path)] = schedule(jnp.maximum(jnp.asarray(count) - 1, 0))
    return found


def fields(state: Any, field: str) -> Iterator[tuple[Any, Any]]:
    """Yield the path and the value of every field of that name in an optimizer's state."""
    for path, value in optax.tree.get_all_with_path(state, field):
        # a parameter may have any name, but it is no field of an optimizer's state
        if isinstance(path[-1], optax.tree_utils.NamedTupleKey):
            yield path, value


def _path(path: Any) -> str:
    return str(jax.tree_util.keystr(path, simple=True, separator="/"))
