"""JAX follows a schedule: a schedule already is what optax calls one.

`optax.adamw(rate)` works as it is, under `jax.jit`, in `jax.lax.scan`, in `flax.nnx` training and
inside `optax.MultiSteps` or `optax.apply_if_finite`: optax counts the completed updates, and
update k uses `rate(k)`. This module adds what optax lacks: `inject` schedules several
hyperparameters at once, `offset` goes on after an interruption without the optimizer's state, and
`counts` and `rates` read back what any optimizer is at.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from glissando.families.constant import Constant
from glissando.rules import MAX_STEP, Number, Part, ScheduleError, shown
from glissando.schedule import Schedule


class InjectState(NamedTuple):
    """The state of an optimizer made by `inject`.

    Attributes:
        count: the completed updates, an int32 scalar.
        hyperparams: by name, what the last update used, or before the first one what that will
            use: float32 scalars (float64 under `jax_enable_x64`).
        inner_state: the state of the optimizer inside.
    """

    count: Any
    hyperparams: dict[str, Any]
    inner_state: Any


def inject(
    factory: Callable[..., Any], /, **hyperparameters: Any
) -> optax.GradientTransformationExtraArgs:
    """Return an optimizer some of whose hyperparameters follow schedules.

    Update k uses `schedule(k)`, k being the updates completed so far. The value is computed in
    float64 and rounded once, to float32, whatever the parameters' type: it is exactly
    `numpy.float32(schedule(k))`. With bfloat16 parameters the arithmetic that a scheduled value
    takes part in is float32, and constants stay the numbers they are; `optax.inject_hyperparams`
    would make 1 of `b2=0.999`. Updates and state have the types that the optimizer gives them
    anyway.

    What the last update used is in the state: `optax.tree.get(state, "learning_rate")`, or
    `rates(state)`.

    Args:
        factory: what makes the optimizer: `optax.adamw`, `optax.sgd`, or any function that
            returns a gradient transformation.
        hyperparameters: its arguments by name. A glissando schedule is followed; everything else
            is handed on as it is.

    Raises:
        ScheduleError: `factory` cannot be called, or none of the arguments is a schedule. What
            the factory itself raises comes through as it is.

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
    followed = {k: v for k, v in hyperparameters.items() if isinstance(v, Schedule)}
    if not followed:
        raise ScheduleError(
            "inject: at least one hyperparameter must be a glissando schedule, "
            f"got {shown(hyperparameters)}"
        )

    def made(values: dict[str, Any]) -> Any:
        return optax.with_extra_args_support(factory(**{**hyperparameters, **values}))

    first = {name: schedule(0) for name, schedule in followed.items()}
    plain = made(first)  # now, so that a wrong name is told where it was written

    def init(params: Any) -> InjectState:
        count = jnp.zeros([], jnp.int32)
        values = _values(followed, count)
        return InjectState(count, values, plain.init(params))

    def update(
        updates: Any, state: InjectState, params: Any = None, **extra: Any
    ) -> tuple[Any, InjectState]:
        values = _values(followed, state.count)
        arguments = (updates, state.inner_state, params)
        new = made(values).update(*arguments, **extra)
        # A float32 value makes float32 of what it meets. A state that changes its type would be
        # compiled again, and refused by `scan` and `cond`.
        kinds = jax.eval_shape(lambda: plain.update(*arguments, **extra))
        new_updates, inner_state = jax.tree.map(_as, new, kinds)
        return new_updates, InjectState(optax.safe_increment(state.count), values, inner_state)

    return optax.GradientTransformationExtraArgs(init, update)


def _values(schedules: dict[str, Schedule], count: Any) -> dict[str, Any]:
    kind = jnp.result_type(float)
    # a few scalars: float64 costs nothing, and float32 would miss by up to 4 ulp of full scale
    with jax.enable_x64(True):
        step = jnp.asarray(count).astype(jnp.int64)
        return {name: schedule(step).astype(kind) for name, schedule in schedules.items()}


def _as(value: Any, kind: Any) -> Any:
    return value if value.dtype == kind.dtype else value.astype(kind.dtype)


def offset(schedule: Schedule, steps: int) -> Schedule:
    """Return the schedule as a count sees it that is off by `steps`: `schedule(count + steps)`.

    A new optimizer counts from 0. After n updates that it has not counted, because its state was
    not kept, give it `offset(schedule, n)`; n may lie past the schedule's end. The other way
    round, an optimizer whose state was loaded has counted n updates already: to begin a schedule
    anew there, give it `offset(schedule, -n)`; `schedule(0)` holds until the count is n.

    Args:
        schedule: a glissando schedule.
        steps: what to add to the count, a whole number; a JAX scalar such as those of `counts`
            will do, outside a graph.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> import glissando as gl
        >>> rate = gl.Linear(1.0, 0.0, steps=10)
        >>> gl.optax.offset(rate, 4)(0), gl.optax.offset(rate, 40)(0), gl.optax.offset(rate, -4)(5)
        (0.6, 0.0, 0.9)
    """
    schedule = Part().check(schedule, "offset: `schedule`")
    steps = int(_COUNT.check(steps, "offset: `steps`"))
    if steps < 0:
        return Constant(schedule(0), -steps) >> schedule
    if steps >= schedule.steps:
        return Constant(schedule(steps))
    return schedule.drop(steps) if steps else schedule


_COUNT = Number(-MAX_STEP, MAX_STEP, whole=True)


def counts(state: Any) -> dict[str, Any]:
    """Return every count of updates that an optimizer's state holds, by its path.

    The counts of a healthy state agree, or you know why not: a label of `optax.multi_transform`
    that was added late, say. One at 0 after a resume tells of a part that starts anew, and one
    above 0 in a new run of a part that was loaded.

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
        for path, value in _fields(state, field)
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
            `inject` and of `optax.inject_hyperparams`.
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
        for path, values in _fields(state, "hyperparams")
        for name, value in values.items()
    }
    if schedule is not None:
        for path, count in _fields(state, "count"):
            if path[-1].tuple_name == "ScaleByScheduleState":
                found[_path(path)] = schedule(jnp.maximum(jnp.asarray(count) - 1, 0))
    return found


def _fields(state: Any, field: str) -> Iterator[tuple[Any, Any]]:
    for path, value in optax.tree.get_all_with_path(state, field):
        # a parameter may have any name, but it is no field of an optimizer's state
        if isinstance(path[-1], optax.tree_utils.NamedTupleKey):
            yield path, value


def _path(path: Any) -> str:
    return str(jax.tree_util.keystr(path, simple=True, separator="/"))
