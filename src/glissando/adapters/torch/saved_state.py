"""What is saved of a `Scheduler`, and what is loaded in its place: states of PyTorch's own."""

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from glissando.adapters.shared.resume import Policy, ScheduleMismatch
from glissando.adapters.torch.slot import as_float
from glissando.errors import ScheduleError, shown
from glissando.rules import COUNT
from glissando.schedule import Schedule

# PyTorch's schedulers take the keys of any state for names of attributes: "step" would stand in
# the place of a method. This one they go on from, at the same step.
_STEP = "last_epoch"

# All else is one text: a distributed checkpoint would make a key of each name in it, so that
# another schedule would be a missing key.
_TEXT = "glissando"

_BEST = "glissando_best"  # tensors

_NOTHING: dict[str, Any] = {"lr_lambdas": [], "_scale_fn_custom": None}
"""What `LambdaLR` and `CyclicLR` want to find in a state."""


class Saved(NamedTuple):
    """What is in a state."""

    state: Any  # the step and the schedules, or what another scheduler has saved
    updates: int = 0  # in the epoch that is not over
    best: Any = None  # the best weights


def packed(state: Mapping[str, Any], updates: int | None, best: Any) -> dict[str, Any]:
    """Return a state as it is saved.

    Args:
        state: the step and the schedules.
        updates: those in the epoch that is not over; None if the steps are updates.
        best: the best weights, or None.
    """
    text = {key: value for key, value in state.items() if key != "step"}
    if updates is not None:
        text |= {"unit": "epoch", "updates": updates}
    whole = {_STEP: state["step"], _TEXT: json.dumps(text), **_NOTHING}
    return whole if best is None else whole | {_BEST: best}


def unpacked(state: Any, unit: str) -> Saved:
    """Return what is in a saved state.

    Args:
        state: what was saved.
        unit: what the steps are to be.

    Raises:
        ScheduleError: it looks like what `packed` returns, but is not, or has another unit.
    """
    if not isinstance(state, Mapping):
        return Saved(state)
    if _TEXT not in state:
        if "schedule" in state:  # of an earlier version
            _check_unit("step", unit, state.get("step"))
        return Saved(state)
    if _STEP not in state or set(state) - {_STEP, _TEXT, _BEST, "step", *_NOTHING}:
        raise ScheduleError(
            f"Scheduler: a saved state has `{_STEP}` and `{_TEXT}`, got {shown(list(state))}. To "
            f"go on from another step k, load scheduler.state_dict() | {{'{_STEP}': k}}"
        )
    # "step" is what earlier versions called it: code for them may set it
    step = state.get("step", state[_STEP])
    try:
        found = json.loads(state[_TEXT])
    except (TypeError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ScheduleError(
            f"Scheduler: `{_TEXT}` in the saved state must be the text that state_dict() left "
            f"there, got {shown(state[_TEXT])}"
        )
    _check_unit(found.pop("unit", "step"), unit, step)
    updates = COUNT.check(found.pop("updates", 0), "Scheduler: `updates` in the saved state")
    return Saved({**found, "step": step}, int(updates), state.get(_BEST))


def _check_unit(theirs: object, ours: str, step: object) -> None:
    if theirs != ours:
        raise ScheduleError(
            f"Scheduler: the saved state counts in unit={shown(theirs)}, and this one in "
            f"unit={ours!r}: its step {shown(step)} would be another place on the schedule. Build "
            f"it with unit={shown(theirs)}, and a schedule in that unit"
        )


def calls_of(state: Any) -> int | None:
    """Return how many calls a scheduler of PyTorch's own had counted; of another state None.

    Raises:
        ScheduleError: its count is none.
    """
    if not isinstance(state, Mapping) or "schedule" in state:
        return None
    if _STEP not in state:  # several, each of which counts all calls
        parts = state.get("_schedulers")
        state = parts[0] if isinstance(parts, Sequence) and parts else None
        if not isinstance(state, Mapping) or _STEP not in state:
            return None
    return int(COUNT.check(state[_STEP], f"Scheduler: `{_STEP}` in the saved state"))


def check_taken_over(
    state: Mapping[str, Any], calls: int, schedule: Schedule, rates: list[float], policy: Policy
) -> None:
    """Warn or raise about going on where a scheduler of PyTorch's own was saved.

    Its calls need not be steps of the schedule. Where its rates are the schedule's they seem to be.

    Args:
        state: its state.
        calls: how many calls of `step()` it has counted.
        schedule: what is to be followed.
        rates: the rates of the schedule after so many steps, for each group.
        policy: what to do about another schedule.
    """
    if policy == "replace":
        return
    theirs = _rates_in(state)
    if policy == "raise" and _close(theirs, rates):
        warnings.warn(
            f"Scheduler: training goes on at step {calls}, the number of calls of step() in a "
            f"state of PyTorch's own scheduler, whose rate then, {_listed(theirs)}, was that of "
            "the schedule. Pass on_mismatch='replace' if this is meant",
            stacklevel=3,
        )
        return
    message = (
        "Scheduler: the saved state is that of a scheduler of PyTorch's own, whose schedule it "
        f"does not hold. It has counted {calls} calls of its step(), and its rate was "
        f"{_listed(theirs)}; "
        f"at step {calls} of the new schedule it is {_listed(rates)}. If the calls are steps of "
        f"the new schedule, pass on_mismatch='replace' to go on at step {calls}. If they are not, "
        "epochs and updates for instance, go on at a step k by "
        f"load_state_dict(scheduler.state_dict() | {{'{_STEP}': k}})"
    )
    if policy == "raise":
        raise ScheduleMismatch(message, None, schedule, calls)
    raise ScheduleError(f"{message}. With on_mismatch={policy!r} it cannot be loaded")


def _rates_in(state: Mapping[str, Any]) -> list[float]:
    try:
        return [as_float(rate) for rate in state.get("_last_lr", ())]
    except (TypeError, ValueError):
        return []


def _listed(rates: list[float]) -> str:
    return ", ".join(f"{rate:.6g}" for rate in rates[:4]) + ", …" * (len(rates) > 4) or "not kept"


def _close(theirs: list[float], ours: list[float]) -> bool:
    # PyTorch's come from one another, and gather errors of rounding
    pairs = zip(theirs, ours, strict=False)
    return len(theirs) == len(ours) and all(
        math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12) for a, b in pairs
    )
