"""Going on after an interruption, with the same schedule or with another one."""

from collections.abc import Mapping
from typing import Any

from glissando.adapters.optax.plateau import in_graph, remembered
from glissando.adapters.optax.run_length import MAIN, compare_count, plain
from glissando.adapters.optax.state import counts, fields
from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.param_schedules import ParamSchedules, Schedules
from glissando.adapters.shared.resume import Policy
from glissando.errors import ScheduleError
from glissando.families.constant import Constant
from glissando.plateau import OnPlateau, PlateauState
from glissando.rules import COUNT, MAX_STEP, Number, plain_number
from glissando.schedule import Part, Schedule


def state_dict(schedule: Schedules, state: Any, *, on_length: Reaction = "warn") -> dict[str, Any]:
    """Return `{"step": k, "schedule": ...}`: the updates done, and the JSON form.

    An optimizer's state holds its counts, and nothing of the schedule that they count for. Save
    this beside it, as JSON, and `resume` finds out whether the schedule is still the same. What a
    plateau remembers is in it too, as `"plateau"`.

    Args:
        schedule: what the optimizer follows: a schedule, or several by name as for `inject`.
        state: the optimizer's state; or the updates done, where its counts do not agree.
        on_length: what to do if more updates are done than the schedule of the learning rate has
            steps, and its end left a rate of 0 or a small one for them: `"warn"`, `"raise"` a
            `ScheduleError`, or `"ignore"` it.

    Raises:
        ScheduleError: there is no count in the state, or counts that do not agree; or it is called
            in a compiled function.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> import glissando as gl
        >>> rate = gl.Linear(1.0, 0.0, steps=10)
        >>> state = optax.adam(rate).init(jnp.zeros(3))
        >>> gl.optax.state_dict(rate, state)
        {'step': 0, 'schedule': {'type': 'linear', 'start': 1.0, 'end': 0.0, 'steps': 10}}
    """
    schedules = _schedules(schedule, "state_dict")
    check_reaction(on_length, "state_dict: `on_length`")
    step = plain_number(plain(state, "state_dict: `state`"))
    if step is None:
        found = {
            path: int(plain(count, "state_dict: the count in `state`"))
            for path, count in counts(state).items()
        }
        if len(set(found.values())) != 1:
            raise ScheduleError(
                f"state_dict: the counts in the state do not agree: {found}; pass the updates done"
                if found
                else "state_dict: there is no count in the state; pass the updates done"
            )
        step = next(iter(found.values()))
    for name, followed in schedules.followed.items():
        if isinstance(followed, OnPlateau):
            schedules.states[name] = _plateau_state(name, followed, state)
    done = int(COUNT.check(step, "state_dict: `state`"))
    compare_count(schedules.followed, done, "state_dict", on_length)
    return schedules.state_dict(done)


def resume(
    schedule: Any,
    saved: Mapping[str, Any],
    on_mismatch: Policy = "raise",
    *,
    on_length: Reaction = "warn",
) -> Any:
    """Return the schedule to build the optimizer with, so that it goes on from a checkpoint.

    The schedule counts from the start of training, as the count in the optimizer's loaded state
    does. Where that state was not kept, the new one counts from 0: give the optimizer
    `offset(schedule, saved["step"])`.

    Args:
        schedule: the schedule, or the schedules by name, that training shall follow now.
        saved: what `state_dict` returned when the optimizer's state was saved.
        on_mismatch: what to do if it was saved with another schedule: `"raise"`, `"keep"`,
            `"replace"`, `"continue"` or `"rewarm"`; see `glissando.ScheduleMismatch`.
        on_length: what to do if training goes on past the end of the schedule of the learning rate,
            at a rate of 0 or a small one: as for `state_dict`.

    Returns:
        A schedule for a schedule, and a dictionary for a dictionary. Resuming again, with the same
        `schedule` and policy, gives the same, however often.

    Raises:
        ScheduleMismatch: it was saved with another schedule, and `on_mismatch` is `"raise"`.
        ScheduleError: this is nothing that `state_dict` returned; or a plateau would have to begin
            anew, while the optimizer's state holds what the saved one remembers.

    Example:
        >>> import glissando as gl
        >>> short, long = gl.Cosine(0.1, 0.0, steps=10), gl.Cosine(0.1, 0.0, steps=20)
        >>> rate = gl.optax.resume(long, gl.optax.state_dict(short, 5), on_mismatch="continue")
        >>> round(short(5), 6), round(rate(5), 6), round(long(5), 6), rate.steps
        (0.05, 0.05, 0.085355, 20)
    """
    schedules = _schedules(schedule, "resume")
    check_reaction(on_length, "resume: `on_length`")
    done = schedules.load_state_dict(saved, on_mismatch)
    for name, data in saved.get("plateau", {}).items():
        if name in schedules.states and schedules.states[name] != PlateauState.from_data(data):
            raise ScheduleError(
                f"resume: on_mismatch={on_mismatch!r} would begin the plateau of `{name}` anew, "
                "but the optimizer's state holds what the saved one remembers; pass 'keep', or "
                "build the optimizer's state anew with the schedule at `offset`"
            )
    compare_count(schedules.followed, done, "resume", on_length)
    return schedules.schedule


def _schedules(schedule: object, where: str) -> ParamSchedules:
    return ParamSchedules(schedule, where, MAIN)


def _plateau_state(name: str, followed: OnPlateau, state: Any) -> PlateauState:
    """Return what a plateau in an optimizer's state remembers."""
    found = [memory[name] for _, memory in fields(state, "plateaus") if name in memory]
    found += [memory for _, memory in fields(state, "observed")]
    plateau = in_graph(followed)
    states = {remembered(plateau, observed) for observed in found}
    if len(states) != 1:
        raise ScheduleError(
            f"state_dict: the state must hold what the plateau of `{name}` remembers, once; "
            f"found {len(states)}"
        )
    return states.pop()


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
    steps = int(_COUNT.check(plain(steps, "offset: `steps`"), "offset: `steps`"))
    if steps < 0:
        return Constant(schedule(0), -steps) >> schedule
    if steps >= schedule.steps:
        return Constant(schedule(steps))
    return schedule.drop(steps)


_COUNT = Number(-MAX_STEP, MAX_STEP, whole=True)
