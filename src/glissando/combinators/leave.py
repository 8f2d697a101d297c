"""Leaving a schedule at a step: into a cooldown, or up again into another schedule."""

from glissando.combinators.chain import Chain
from glissando.combinators.combinator import cut
from glissando.combinators.until_told import UntilTold
from glissando.families.linear import Linear
from glissando.rules import MAX_STEP, STEPS, Number, Part, ScheduleError
from glissando.schedule import Schedule

AT = Number(0, MAX_STEP, whole=True)


def branched(trunk: Schedule, at: int, cooldown: Schedule) -> Schedule:
    """Return a schedule that leaves its trunk for a cooldown: see `Schedule.branch`."""
    at = int(AT.check(at, "branch: `at`"))
    Part().check(cooldown, "branch: `cooldown`")
    first, rate = float(cooldown(0)), float(trunk(at))
    if first != 1:
        raise ScheduleError(
            "branch: `cooldown` must begin at 1, as shares of the rate at step `at`, "
            f"got one that begins at {first}"
        )
    if not rate:
        raise ScheduleError(f"branch: the schedule must be above 0 at step {at}, got 0.0")
    return _until(trunk, at) >> cooldown * rate


def rewarmed(before: Schedule, at: int, steps: int, then: Schedule) -> Schedule:
    """Return a schedule that is warmed up again: see `Schedule.rewarm`."""
    at = int(AT.check(at, "rewarm: `at`"))
    steps = int(STEPS.check(steps, "rewarm: `steps`"))
    Part().check(then, "rewarm: `then`")
    return _until(before, at) >> Linear(before(at), then(0), steps) >> then


def _until(schedule: Schedule, at: int) -> Schedule:
    """Return the first `at` steps of a schedule, in parts as one would write them."""
    parts: list[Schedule] = []
    rest = at
    *before, last = schedule.reached if isinstance(schedule, Chain) else (schedule,)
    for part in before:
        if rest < part.steps:
            last = part
            break
        parts.append(part)
        rest -= int(part.steps)
    if rest == last.steps:
        parts.append(last)
    elif rest:
        parts.append(cut(last.schedule if isinstance(last, UntilTold) else last, rest))
    return parts[0] if len(parts) == 1 else Chain(parts)
