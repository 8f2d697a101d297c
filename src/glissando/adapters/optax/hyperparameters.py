"""Hyperparameters of an optax optimizer that follow schedules."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from glissando.adapters.optax.plateau import Observed, in_graph, lowered, nothing_observed, observe
from glissando.adapters.optax.run_length import compare_count, seen
from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.names import other_name
from glissando.adapters.shared.param_schedules import AnySchedule, bare
from glissando.adapters.shared.run_length import spent
from glissando.errors import ScheduleError, shown
from glissando.plateau import OnPlateau
from glissando.schedule import Schedule


class InjectState(NamedTuple):
    """The state of an optimizer made by `inject`.

    Attributes:
        count: the completed updates, an int32 scalar.
        hyperparams: by name, what the last update used, or before the first one what that will
            use: float32 scalars (float64 under `jax_enable_x64`).
        inner_state: the state of the optimizer inside.
        plateaus: by name, what the plateaus remember.
    """

    count: Any
    hyperparams: dict[str, Any]
    inner_state: Any
    plateaus: dict[str, Observed]


def inject(
    factory: Callable[..., Any], /, *, on_length: Reaction = "warn", **hyperparameters: Any
) -> optax.GradientTransformationExtraArgs:
    """Return an optimizer some of whose hyperparameters follow schedules.

    Update k uses `schedule(k)`, k being the updates completed so far. The value is computed in
    float64 and rounded once, to float32, whatever the parameters' type: it is exactly
    `numpy.float32(schedule(k))`. With bfloat16 parameters the arithmetic that a scheduled value
    takes part in is float32, and constants stay the numbers they are; `optax.inject_hyperparams`
    would make 1 of `b2=0.999`. Updates and state have the types that the optimizer gives them
    anyway.

    One of them, or several, may be on a plateau: `learning_rate=gl.Plateau(...).on(rate)`. The
    metric is then given as `update(..., value=loss)`, None where there is none this time, and
    observed before the update is made; see `plateau`.

    What the last update used is in the state: `optax.tree.get(state, "learning_rate")`, or
    `rates(state)`.

    Args:
        factory: what makes the optimizer: `optax.adamw`, `optax.sgd`, or any function that
            returns a gradient transformation.
        on_length: what to do at an update past the end of the schedule of the learning rate, where
            that left a rate of 0 or a small one: `"warn"` once, `"raise"` a `ScheduleError`, or
            `"ignore"` it. It can be seen outside of compiled functions only: see `for_run`.
        hyperparameters: its arguments by name. A glissando schedule, on a plateau or not, is
            followed; everything else is handed on as it is.

    Raises:
        ScheduleError: `factory` cannot be called, or none of the arguments is a schedule. What
            the factory itself raises comes through as it is.
        TypeError: the factory has no argument of such a name; the message says which it has.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> import glissando as gl
        >>> optimizer = gl.optax.inject(
        ...     optax.adamw,
        ...     learning_rate=gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500),
        ...     weight_decay=gl.Linear(0.1, 0.0, steps=10_000),
        ...     b2=0.95,
        ... )
        >>> state = optimizer.init(jnp.zeros(3))
        >>> float(state.hyperparams["weight_decay"])
        0.10000000149011612
    """
    if not callable(factory):
        raise ScheduleError(
            "inject: `factory` must be what makes the optimizer, such as optax.adamw, "
            f"got {shown(factory)}"
        )
    followed = {k: v for k, v in hyperparameters.items() if isinstance(v, AnySchedule)}
    plateaus = {k: v for k, v in followed.items() if isinstance(v, OnPlateau)}
    if not followed:
        raise ScheduleError(
            "inject: at least one hyperparameter must be a glissando schedule, "
            f"got {shown(hyperparameters)}"
            + "; a text becomes one by gl.optax.for_run(text, steps=...), with the run's updates"
            * any(isinstance(value, str) for value in hyperparameters.values())
        )
    _check_names(factory, hyperparameters)
    check_reaction(on_length, "inject: `on_length`")
    for on_plateau in plateaus.values():
        in_graph(on_plateau)

    def made(values: dict[str, Any]) -> Any:
        return optax.with_extra_args_support(factory(**{**hyperparameters, **values}))

    first = {name: bare(rate)(0) for name, rate in followed.items()}
    plain = made(first)  # now, so that a wrong name is reported where it was written

    ends = any(map(spent, followed.values()))  # and it was not told yet

    def init(params: Any) -> InjectState:
        count = jnp.zeros([], jnp.int32)
        observed = {name: nothing_observed(rate) for name, rate in plateaus.items()}
        return InjectState(count, _values(followed, count, observed), plain.init(params), observed)

    def update(
        updates: Any, state: InjectState, params: Any = None, **extra: Any
    ) -> tuple[Any, InjectState]:
        if plateaus and "value" not in extra:
            raise TypeError(
                f"inject: `{', '.join(plateaus)}` is on a plateau, so `update` needs the keyword "
                "argument `value`: the metric, or None if there is none this time"
            )
        nonlocal ends
        if ends and (count := seen(state.count)) is not None:
            ends = not compare_count(followed, count + 1, "inject", on_length)
        observed = {
            name: observe(rate, state.plateaus[name], extra["value"], state.count)
            for name, rate in plateaus.items()
        }
        values = _values(followed, state.count, observed)
        arguments = (updates, state.inner_state, params)
        new = made(values).update(*arguments, **extra)
        # A float32 value makes float32 of what it meets. A state that changes its type would be
        # compiled again, and refused by `scan` and `cond`.
        kinds = jax.eval_shape(lambda: plain.update(*arguments, **extra))
        new_updates, inner_state = jax.tree.map(_as, new, kinds)
        done = optax.safe_increment(state.count)
        return new_updates, InjectState(done, values, inner_state, observed)

    return optax.GradientTransformationExtraArgs(init, update)


def _check_names(factory: Callable[..., Any], hyperparameters: Mapping[str, Any]) -> None:
    """Raise what the factory would, with the name that it has for what was meant."""
    try:
        known = inspect.signature(factory).parameters
    except (TypeError, ValueError):  # a builtin may have none
        return
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return
    for name in hyperparameters:
        if name not in known:
            raise TypeError(
                f"inject: {getattr(factory, '__name__', 'the factory')}() has no argument {name!r}"
                f"{other_name(name, list(known))}"
            )


def _values(
    followed: Mapping[str, Any], count: Any, observed: Mapping[str, Observed]
) -> dict[str, Any]:
    kind = jnp.result_type(float)
    # a few scalars: float64 costs nothing, and float32 would miss by up to 4 ulp of full scale
    with jax.enable_x64(True):
        step = jnp.asarray(count).astype(jnp.int64)
        plain = {
            name: rate(step).astype(kind)
            for name, rate in followed.items()
            if isinstance(rate, Schedule)
        }
    return plain | {
        name: lowered(followed[name], count, memory) for name, memory in observed.items()
    }


def _as(value: Any, kind: Any) -> Any:
    return value if value.dtype == kind.dtype else value.astype(kind.dtype)
