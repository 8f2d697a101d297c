"""Going on from a checkpoint: with the schedule it was saved with, or with another one."""

import math
from collections.abc import Callable
from itertools import islice
from typing import Any, Literal, get_args

from glissando.combinators.chain import Chain
from glissando.combinators.take import Take
from glissando.errors import ScheduleError, one_of, shown
from glissando.families.constant import Constant
from glissando.schedule import Schedule
from glissando.text.data import from_data
from glissando.text.permissions import imports_in, imports_of

Policy = Literal["raise", "keep", "replace", "continue", "rewarm"]

COMPARED = 100_000
"""How many steps are compared to find the first at which two curves differ."""

MAX_TRIED = 100
"""How many corners of a finished schedule are tried as the end of its open-ended part."""


class ScheduleMismatch(ScheduleError):  # noqa: N818  # what users type; it is no failure of theirs
    """A checkpoint was saved with another schedule than the one it is loaded into.

    The message shows where the two curves differ. `on_mismatch` says what to do instead of raising:

    - `"keep"`: go on with the saved schedule.
    - `"replace"`: go on with the new one at the same step, as if it had been followed all along.
    - `"continue"`: go on with the new one at the same step, times the factor that makes its rate
      there the one of the saved schedule: no jump.
    - `"rewarm"`: begin the new one at its own step 0, with its warm-up if it has one.

    Attributes:
        saved: the schedule of the checkpoint; None if it held a function, which has no data form.
        new: the schedule it is loaded into.
        step: the updates done when the checkpoint was saved.
    """

    __module__ = "glissando"

    def __init__(self, message: str, saved: Schedule | None, new: Schedule, step: int) -> None:
        super().__init__(message)
        self.saved = saved
        self.new = new
        self.step = step

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with what it was made of, so that it crosses to another process."""
        return type(self), (str(self), self.saved, self.new, self.step)


def resumed(
    saved: Schedule,
    new: Schedule,
    step: int,
    policy: Policy = "raise",
    *,
    where: str = "schedule",
) -> Schedule:
    """Return the schedule to go on with after `step` updates under another one.

    The result counts from the start of training, as both schedules do. Resuming again, with the
    same `new` and the same policy, gives the same schedule, however often.

    An open-ended schedule and the same one finished are no mismatch: `saved` is followed if it is
    the finished one, and `new` if it has an end that training has not passed.

    Args:
        saved: the schedule that training followed so far.
        new: the schedule that it is asked to follow now.
        step: the updates done, 0 or more.
        policy: what to do if they are not equal: see `ScheduleMismatch`.
        where: what the message calls the schedule.

    Raises:
        ScheduleMismatch: the schedules differ, and the policy is `"raise"`.
        ScheduleError: the policy is unknown; or it is `"continue"` and one of the two schedules
            is at 0 there, so that no factor joins them.

    Example:
        >>> from glissando import Cosine
        >>> short, long = Cosine(0.1, 0.0, steps=10), Cosine(0.1, 0.0, steps=20)
        >>> rate = resumed(short, long, 5, "continue")
        >>> round(short(5), 6), round(rate(5), 6), round(long(5), 6), rate.steps
        (0.05, 0.05, 0.085355, 20)
    """
    check_policy(policy)
    if saved == new or policy == "replace":
        return new
    if _finished_at(new, saved) is not None:
        return saved
    if (end := _finished_at(saved, new)) is not None and end >= step:
        return new
    if policy == "keep" or _was_resumed(saved, new, policy):
        return saved
    if policy == "raise":
        raise _mismatch(shown(saved), saved, new, step, where, lambda t: _rate(saved, t))
    return _joined(saved, new, step, policy, where)


def form(schedule: Schedule, step: int) -> dict[str, Any]:
    """Return what a checkpoint holds of a schedule after `step` updates: its JSON form.

    A function of your own has none. Its name and some of the rates it gave stand in for it, so
    that another function is still found out.
    """
    try:
        return schedule.to_data()
    except ScheduleError:
        steps = sorted({step * i // 8 for i in range(9)})
        return {
            "type": "function",
            "name": shown(schedule),
            "rates": [[t, schedule(t)] for t in steps],
        }


def resumed_from(
    data: object, new: Schedule, step: int, policy: Policy = "raise", *, where: str = "schedule"
) -> Schedule:
    """Return the schedule to go on with, `data` being what `form` gave: see `resumed`."""
    check_policy(policy)
    if not (isinstance(data, dict) and data.get("type") == "function"):
        known = imports_of(new)
        other = next((path for path in imports_in(data) if path not in known), None)
        if other is None:
            return resumed(from_data(data, allow_imports=known), new, step, policy, where=where)
        if policy == "replace":
            return new
        raise ScheduleMismatch(
            f"{where}: the checkpoint was saved with the function {other!r}, which the new "
            "schedule does not have; build it with that function, or pass on_mismatch='replace'",
            None,
            new,
            step,
        )
    try:
        name, rates = data["name"], {int(t): float(rate) for t, rate in data["rates"]}
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ScheduleError(f"{where}: not the saved form of a function: {shown(data)}") from None
    same = name == shown(new) and all(_rate(new, t) == rate for t, rate in rates.items())
    if same or policy == "replace":
        return new
    if policy == "raise":
        raise _mismatch(name, None, new, step, where, rates.get)
    raise ScheduleError(
        f"{where}: the checkpoint was saved with {name}, a function, which cannot be read back "
        f"for on_mismatch={policy!r}; build it from that function, or pass on_mismatch='replace'"
    )


def check_policy(policy: object) -> None:
    """Raise if `policy` is none."""
    one_of(policy, get_args(Policy), "`on_mismatch`")


def _joined(saved: Schedule, new: Schedule, step: int, policy: str, where: str) -> Schedule:
    """Return `saved` up to `step`, then what the policy makes of `new`."""
    begin = 0 if policy == "rewarm" else step
    after = Constant(new(begin)) if begin >= new.steps else new.drop(begin)
    if policy == "continue":
        old, fresh = saved(step), new(step)
        if not (old and fresh):
            name = "saved" if fresh else "new"
            raise ScheduleError(
                f"{where}: on_mismatch='continue' needs rates above 0 at step {step}, but the "
                f"{name} schedule is at 0 there; pass 'rewarm' or 'replace'"
            )
        after = after * (old / fresh)
    return saved.take(step) >> after if step else after


def _was_resumed(saved: Schedule, new: Schedule, policy: str) -> bool:
    """Return whether `saved` is itself what this policy made of `new`, at an earlier resume."""
    if policy not in ("continue", "rewarm") or not isinstance(saved, Chain):
        return False
    first = saved.parts[0] if saved.parts else None
    if not isinstance(first, Take):
        return False
    try:
        joined = _joined(first.schedule, new, first.steps, policy, "")
        return saved == joined or _finished_at(joined, saved) is not None
    except ScheduleError:  # a chain of the user's own, which cannot be joined like that
        return False


def _finished_at(open_ended: Schedule, finished: Schedule) -> int | None:
    """Return the step at which the one must be finished to be the other, if there is one."""
    if open_ended.open_part is None:
        return None
    begin, after = open_ended.open_part
    last = [int(finished.steps - after)] if math.isfinite(finished.steps - after) else []
    ends = (*last, begin, *islice(finished.breaks(begin), MAX_TRIED))
    return next((end for end in ends if _is_finished(open_ended, end, finished)), None)


def _is_finished(open_ended: Schedule, end: int, finished: Schedule) -> bool:
    try:
        return open_ended.finish(at=end) == finished
    except ScheduleError:  # it cannot end there
        return False


def _rate(schedule: Schedule, step: int) -> float | None:
    """Return the rate, or None where a strict schedule has none."""
    try:
        return float(schedule(step))
    except ScheduleError:
        return None


def _mismatch(
    name: str,
    saved: Schedule | None,
    new: Schedule,
    step: int,
    where: str,
    saved_rate: Callable[[int], float | None],
) -> ScheduleMismatch:
    # a function of the user's is asked for no step that training has not reached
    pure = saved is not None and not (saved.is_opaque() or new.is_opaque())
    last = COMPARED if pure else min(step, COMPARED)
    first = next((t for t in range(last + 1) if _differ(saved_rate(t), new, t, saved)), None)

    def at(t: int) -> str:
        old, fresh = saved_rate(t), _rate(new, t)
        return " and ".join(
            f"{rate:.6g} ({whose})" if rate is not None else f"no rate ({whose})"
            for rate, whose in ((old, "saved"), (fresh, "new"))
        )

    if first is None:
        difference = f"no rate differs in steps 0 to {last}"
    else:
        difference = f"the rates first differ at step {first}: {at(first)}"
    return ScheduleMismatch(
        f"{where}: the checkpoint was saved after {step} updates under another schedule.\n"
        f"  saved: {name}\n"
        f"  new:   {shown(new)}\n"
        f"  {difference};\n"
        f"  at step {step}, the next: {at(step)}.\n"
        "Pass on_mismatch='keep' to go on with the saved schedule, 'replace' to go on with the "
        f"new one at step {step}, 'continue' to scale the new one so that the rate does not jump, "
        "or 'rewarm' to begin the new one at its own step 0.",
        saved,
        new,
        step,
    )


def _differ(old: float | None, new: Schedule, t: int, saved: Schedule | None) -> bool:
    # of a saved function only some rates are known
    return (old is not None or saved is not None) and old != _rate(new, t)
