"""A plateau inside an optax optimizer: the host's state machine, as arrays."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from glissando.errors import ScheduleError, shown
from glissando.families.constant import Constant
from glissando.plateau import MetricDriven, OnPlateau, Plateau, PlateauState

_LAST = 2**31 - 1

_ON_THE_HOST = (
    "; a gl.Greedy moves the rate from the host, where `rate = gl.Greedy(...).on(schedule)`: build "
    "the optimizer by optax.inject_hyperparams, and write rate(step, memory) into its state's "
    "hyperparams['learning_rate'] before an update, as the page on JAX shows"
)


class Observed(NamedTuple):
    """What a plateau remembers between two metrics, as scalars.

    Attributes:
        falls: how often the rate has fallen, int32.
        best: the best metric so far, float32 (float64 under `jax_enable_x64`); infinite before
            the first.
        bad: how many metrics in a row have not improved on it, int32.
        cooldown: how many metrics of the cooldown are still to come, int32.
    """

    falls: Any
    best: Any
    bad: Any
    cooldown: Any


class OnPlateauState(NamedTuple):
    """The state of what `plateau` made.

    Attributes:
        count: the completed updates, an int32 scalar.
        rate: what the last update was multiplied by, or before the first one what that will be: a
            float32 scalar (float64 under `jax_enable_x64`).
        observed: what the plateau remembers.
    """

    count: Any
    rate: Any
    observed: Observed


def plateau(settings: Plateau | OnPlateau) -> optax.GradientTransformationExtraArgs:
    """Return a transformation that lowers the updates when a metric has stopped improving.

    It takes the metric as `optax.contrib.reduce_on_plateau` does: `update(..., value=loss)`. The
    metric of an update is observed before that update is made. `value=None` says that there is none
    this time, where there is one an epoch, say; left out, it is an error.

    After `n` updates and the metrics so far, the factor, the best metric and every count are those
    of `gl.Plateau.update`, by the rules that were named, and with its care for metrics that are
    negative, infinite or NaN. JAX gives the metrics in float32; they are compared in float64.

    Args:
        settings: a `gl.Plateau` multiplies updates by its factor: put it after an optimizer that
            has a rate of its own. With a schedule, `gl.Plateau(...).on(schedule, after=n)`, it
            multiplies them by the rate: put it after an optimizer of rate 1. Update k then uses
            `schedule(k)` times the factor, rounded once, and no metric counts before update n.

    Raises:
        ScheduleError: `settings` is neither, such as a `gl.Greedy`, which has no form in a graph;
            the page on JAX shows how to follow one from the host.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> import glissando as gl
        >>> rate = gl.Plateau("torch", factor=0.5, patience=2).on(gl.Constant(0.1))
        >>> optimizer = optax.chain(optax.sgd(1.0), gl.optax.plateau(rate))
        >>> state, changes = optimizer.init(jnp.zeros(())), []
        >>> for loss in [1.0, 0.8, 0.8, 0.8, 0.8]:
        ...     change, state = optimizer.update(jnp.ones(()), state, value=loss)
        ...     changes.append(round(float(change), 3))
        >>> changes
        [-0.1, -0.1, -0.1, -0.1, -0.05]
    """
    if not isinstance(settings, Plateau | OnPlateau):
        raise ScheduleError(
            "plateau: `settings` must be a gl.Plateau, or one on a schedule by .on(schedule), "
            f"got {shown(settings)}" + _ON_THE_HOST * isinstance(settings, MetricDriven)
        )
    followed = settings.on(Constant(1.0)) if isinstance(settings, Plateau) else settings
    in_graph(followed)

    def init(_params: Any) -> OnPlateauState:
        count, observed = jnp.zeros([], jnp.int32), nothing_observed(followed)
        return OnPlateauState(count, lowered(followed, count, observed), observed)

    def update(
        updates: Any, state: OnPlateauState, params: Any = None, *, value: Any, **extra: Any
    ) -> tuple[Any, OnPlateauState]:
        del params, extra
        observed = observe(followed, state.observed, value, state.count)
        rate = lowered(followed, state.count, observed)
        # the product in the rate's precision, the update in its own
        updates = jax.tree.map(lambda u: (rate * u).astype(u.dtype), updates)
        return updates, OnPlateauState(optax.safe_increment(state.count), rate, observed)

    return optax.GradientTransformationExtraArgs(init, update)


def in_graph(followed: OnPlateau) -> Plateau:
    """Return what a schedule is on: a plateau, or else a `ScheduleError` is raised."""
    if not isinstance(followed.plateau, Plateau):
        raise ScheduleError(
            "optax: a schedule must be on a gl.Plateau, whose counts fit into a graph, got "
            f"{shown(followed.plateau)}{_ON_THE_HOST}"
        )
    return followed.plateau


def nothing_observed(followed: OnPlateau) -> Observed:
    """Return what a plateau remembers before the first metric."""
    best = jnp.asarray(_worst(in_graph(followed)), jnp.result_type(float))
    return Observed(
        jnp.zeros([], jnp.int32), best, jnp.zeros([], jnp.int32), jnp.zeros([], jnp.int32)
    )


def observe(followed: OnPlateau, observed: Observed, value: Any, count: Any) -> Observed:
    """Return what a plateau remembers after one more metric, observed after `count` updates.

    This is `Plateau.update`, in a graph.
    """
    if value is None:
        return observed
    if jnp.shape(value) != ():
        raise ScheduleError(f"plateau: `value` must be a scalar, got {shown(value)}")
    plateau = in_graph(followed)
    rules = plateau.rules
    kind = observed.best.dtype
    value = jnp.asarray(value).astype(kind)
    with jax.enable_x64(True):  # a few scalars
        falls, bad, cooldown = (
            jnp.asarray(n).astype(jnp.int64)
            for n in (observed.falls, observed.bad, observed.cooldown)
        )
        best, metric = (jnp.asarray(x).astype(jnp.float64) for x in (observed.best, value))
        improved = _improves(plateau, metric, best)
        cooling = cooldown > 0
        cooldown = cooldown - cooling
        ignored = cooldown > 0 if rules == "keras" else cooling
        bad = jnp.where(improved | ignored, 0, jnp.where(cooling, 0, bad) + 1)
        fall = (bad > 0) & (bad >= plateau.patience + (rules == "torch"))
        if rules == "keras" and plateau.floor:
            fall &= falls < _falls_to_floor(plateau)
        best = jnp.where(improved, metric, best)
        counts = (
            falls + fall,
            jnp.where(fall, 0, bad),
            jnp.where(fall, plateau.cooldown, cooldown),
        )
        falls, bad, cooldown = (jnp.minimum(n, _LAST).astype(jnp.int32) for n in counts)
        new = Observed(falls, best.astype(kind), bad, cooldown)
        counts_now = jnp.asarray(count).astype(jnp.int64) >= followed.after
        return Observed(*(jnp.where(counts_now, x, y) for x, y in zip(new, observed, strict=True)))


def lowered(followed: OnPlateau, count: Any, observed: Observed) -> Any:
    """Return the rate of update `count`: computed in float64, and rounded once."""
    plateau, kind = in_graph(followed), jnp.result_type(float)
    with jax.enable_x64(True):
        falls = jnp.asarray(observed.falls).astype(jnp.float64)
        factor = jnp.maximum(jnp.power(plateau.factor, falls), plateau.floor)
        return (followed.schedule(jnp.asarray(count).astype(jnp.int64)) * factor).astype(kind)


def remembered(plateau: Plateau, observed: Observed) -> PlateauState:
    """Return the same memory as the host's state."""
    factor = 1.0
    for _ in range(int(observed.falls)):
        factor = max(factor * plateau.factor, plateau.floor) or factor
    best = float(observed.best)
    return PlateauState(
        factor, None if best == _worst(plateau) else best, int(observed.bad), int(observed.cooldown)
    )


def _worst(plateau: Plateau) -> float:
    return float("inf") if plateau.mode == "min" else -float("inf")


def _improves(plateau: Plateau, metric: Any, best: Any) -> Any:
    """Return whether a metric improves, as `Plateau.improves` does; any finite one is the first."""
    up = plateau.mode == "max"
    delta = plateau.threshold if up else -plateau.threshold
    bar = best
    if plateau.threshold_mode == "rel":
        bar = best * jnp.where(best >= 0, 1.0 + delta, 1.0 - delta)
    elif plateau.rules == "keras":
        metric = metric - delta
    else:
        bar = best + delta
    return jnp.isfinite(metric) & (metric > bar if up else metric < bar)


def _falls_to_floor(plateau: Plateau) -> int:
    """Return after how many falls the factor is at the floor."""
    falls, factor = 0, 1.0
    while factor > plateau.floor:
        falls, factor = falls + 1, factor * plateau.factor
    return falls
