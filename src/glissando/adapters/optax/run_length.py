"""The length of a run: optax is never told it, so it is given, or seen once training is past it."""

from collections.abc import Mapping
from typing import Any

import jax

from glissando.adapters.shared.conflicts import Reaction, check_reaction, react
from glissando.adapters.shared.param_schedules import AnySchedule, ParamSchedules, bare
from glissando.adapters.shared.run_length import Rate, compare, needs_length, spent
from glissando.adapters.shared.run_length import for_run as resolved
from glissando.errors import ScheduleError
from glissando.rules import STEPS

MAIN = "learning_rate"
"""The name of what a single schedule sets."""


def for_run(rate: Rate, steps: int, *, on_length: Reaction = "warn") -> Any:
    """Return the schedule for a run of so many updates, or several by name for `inject`.

    optax is never told how long a run is, and in a compiled step nothing can warn. Here the
    schedule's length is held against it before training begins.

    Args:
        rate: a schedule; or a text whose lengths may be in percent of the run and "rest"; either of
            these by the names of hyperparameters; or a function of the updates that returns one.
        steps: how many updates of the optimizer the run makes: with `optax.MultiSteps` those, and
            not the batches.
        on_length: what to do if a schedule of the learning rate does not end where the run does:
            `"warn"`, `"raise"` a `ScheduleError`, or `"ignore"` it. One without an end fits any
            run, and so does a warm-up alone, whose peak is then held.

    Raises:
        ScheduleError: an argument breaks its rule, or a text cannot be read.

    Example:
        >>> import optax
        >>> import glissando as gl
        >>> text = "linear(0, 1e-3, steps=3%) >> cosine(1e-3, 0, steps=rest)"
        >>> rate = gl.optax.for_run(text, steps=1000)
        >>> rate
        gl.Linear(0.0, 0.001, steps=30) >> gl.Cosine(0.001, 0.0, steps=970)
        >>> optimizer = optax.adamw(rate)
    """
    steps = int(STEPS.check(plain(steps, "for_run: `steps`"), "for_run: `steps`"))
    check_reaction(on_length, "for_run: `on_length`")
    found = resolved(rate, steps, "for_run") if needs_length(rate) else rate
    schedules = ParamSchedules(found, "for_run", MAIN)
    remedy = (
        "Give lengths in percent of the updates, as 'linear(0, 1e-3, steps=3%) >> cosine(1e-3, 0, "
        f"steps=rest)', or write .stretch({steps}) after the schedule"
    )
    compare(_rates(schedules.followed), steps, "for_run", on_length, remedy)
    return schedules.schedule


def compare_count(
    named: Mapping[str, AnySchedule], done: int, where: str, reaction: Reaction
) -> bool:
    """Report, and say whether, updates were made past an end that leaves next to nothing to learn.

    Args:
        named: what is followed, by name.
        done: the updates done. The one after the end uses its rate, which a schedule may be meant
            to reach: only the ones after that are past it.
        where: what the message calls who asks.
        reaction: what to do.
    """
    for name, followed in _rates(named).items():
        schedule = bare(followed)
        if done > schedule.steps + 1 and spent(followed):
            react(
                reaction,
                f"{where}: the schedule of `{name}` has {schedule.steps} steps, but {done} updates "
                f"are done, and the rate stays at {schedule.final():.4g}. Give it as many steps as "
                "the run makes updates, by gl.optax.for_run(rate, steps=...) say; if the state "
                "counts another run's updates too, see gl.optax.offset; if it is meant, pass "
                "on_length='ignore'",
            )
            return True
    return False


def seen(count: Any) -> int | None:
    """Return a count that can be read at once: none in a graph, nor one still being computed."""
    if isinstance(count, jax.core.Tracer):
        return None
    if isinstance(count, jax.Array) and not (count.is_fully_addressable and count.is_ready()):
        return None
    return int(jax.device_get(count))


def plain(value: Any, where: str) -> Any:
    """Return a value that is none of JAX's tracers, or raise about `where`."""
    if isinstance(value, jax.core.Tracer):
        raise ScheduleError(
            f"{where} is traced by JAX, but schedules hold plain numbers: a traced one would "
            "become a constant. Call this outside of jit, grad and vmap"
        )
    return value


def _rates(named: Mapping[str, AnySchedule]) -> Mapping[str, AnySchedule]:
    """Return the schedules of the learning rate; all, where it has another name."""
    return {MAIN: named[MAIN]} if MAIN in named else named
