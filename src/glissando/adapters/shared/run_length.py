"""Holds the length of what is followed against that of the run."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from glissando.adapters.shared.conflicts import Reaction, react
from glissando.adapters.shared.param_schedules import AnySchedule, Schedules, bare
from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, shown
from glissando.text.parse import parse

Written = Schedules | str | Mapping[str, AnySchedule | str]
"""What users may write where the length of the run is known: texts count lengths such as '3%'."""

Rate = Written | Callable[[int], Written]
"""The same, or a function that takes the number of the run's steps and returns it."""


NOMINAL = 10**6
"""So many steps stand for those of a run whose length is not known, or makes no sense."""


def needs_length(rate: Any) -> bool:
    """Return whether it takes the length of the run to know what is followed."""
    if isinstance(rate, Mapping):
        return any(isinstance(value, str) for value in rate.values())
    return not isinstance(rate, AnySchedule)


def for_run(rate: Any, steps: int, where: str) -> Schedules:
    """Return what is to be followed in a run of so many steps.

    Args:
        rate: a schedule, a text form, either by name, or a function of the steps that returns one.
        steps: how many steps the run makes.
        where: what messages call the adapter.

    Raises:
        ScheduleError: a text cannot be read, or `rate` is nothing of this kind.
    """
    if callable(rate) and not isinstance(rate, AnySchedule | Mapping | type):
        made = rate(steps)
        if isinstance(made, int | float):
            raise ScheduleError(
                f"{where}: the rate must be a schedule, but the function, which takes the steps of "
                f"the run, returned {shown(made)}; wrap a function of the step in gl.schedule(f)"
            )
        rate = made
    if isinstance(rate, Mapping) and not needs_length(rate):
        return rate
    if isinstance(rate, Mapping):
        return {name: _read(value, steps, f"{where}: `{name}`") for name, value in rate.items()}
    return _read(rate, steps, where)


def tried(rate: Any, where: str) -> Schedules | None:
    """Return what would be followed in a run of `NOMINAL` steps; None for a function of them.

    Such a function is called when the length of the run is known, and not before.

    Raises:
        ScheduleError: a text cannot be read, or `rate` is nothing of this kind.
    """
    if not needs_length(rate):
        schedules: Schedules = rate
        return schedules
    if callable(rate) and not isinstance(rate, type):
        return None
    return for_run(rate, NOMINAL, where)


def _read(rate: Any, steps: int, where: str) -> AnySchedule:
    if isinstance(rate, str):
        return parse(rate, Plan(steps))
    if isinstance(rate, AnySchedule):
        return rate
    raise ScheduleError(
        f"{where}: the rate must be a schedule, a text such as "
        "'linear(0, 1e-3, steps=3%) >> cosine(1e-3, 0, steps=rest)', either by name, or a function "
        f"that takes the steps of the run and returns one of these, got {shown(rate)}"
        + "; wrap a function of the step in gl.schedule(f)"
        * isinstance(rate, int | float)
    )


def compare(
    named: Mapping[str, AnySchedule],
    steps: int,
    where: str,
    reaction: Reaction,
    remedy: str,
    *,
    unit: str = "updates",
    reaches: float = 1.0,
    first: bool = True,
) -> None:
    """Report the schedules that do not end where the run does.

    A schedule without an end fits any run; so does a warm-up alone, whose peak is then held.

    Args:
        named: what is followed, by name.
        steps: how many steps the run makes.
        where: what the message calls the adapter.
        reaction: what to do about one.
        remedy: what to write instead.
        unit: what the steps are.
        reaches: a run that covers at least this fraction of a schedule is not too short for it.
        first: whether this process is the one that warns; all of them raise, or some would wait
            for the others for ever.
    """
    for name, followed in named.items():
        schedule = bare(followed)
        length = schedule.steps
        # the last step is the one before the number of them: a step less reaches the end too
        if length == math.inf or steps - 1 <= length <= steps:
            continue
        if length > steps:
            if steps >= length * reaches and reaches < 1:
                continue
            what = f"training stops {length - steps} steps before the schedule's end"
        elif schedule.final() >= schedule.bound() / 2:
            continue
        else:
            what = f"the last {steps - length} {unit} are past the schedule's end"
        if first or reaction == "raise":
            react(
                reaction,
                f"{where}: the schedule of `{name}` has {length} steps, but the run makes {steps} "
                f"{unit}: {what}. {remedy}; if it is meant, pass on_length='ignore'",
            )


def spent(followed: AnySchedule) -> bool:
    """Return whether next to nothing is learned past the end: its rate is 0, or a small rest.

    Where the length of the run is not known, an update past the end of such a schedule is a sign
    that the two do not fit.
    """
    schedule = bare(followed)
    if schedule.steps == math.inf:
        return False
    final, top = schedule.final(), schedule.bound()
    return final == 0 or (top < math.inf and final < top / 10)
