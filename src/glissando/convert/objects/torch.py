"""PyTorch's schedulers, and the states that their `state_dict()` returns: the whole of the curve.

The curve is that from the first step on, however far the scheduler is: a step is a call of its
`step()`. A state names no class; its keys tell which it is.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from glissando.convert.given import Given
from glissando.convert.registry import object_reader
from glissando.convert.shared.torch_schedulers import COMPOSED, PLAIN, Scheduler, bases, curve
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule

KEYS: dict[str, tuple[str, ...]] = {
    "SequentialLR": ("_schedulers", "_milestones"),
    "ChainedScheduler": ("_schedulers",),
    "ReduceLROnPlateau": ("patience", "threshold_mode"),
    "OneCycleLR": ("_schedule_phases", "total_steps"),
    "CyclicLR": ("max_lrs", "total_size", "step_ratio"),
    "LambdaLR": ("lr_lambdas",),
    "SWALR": ("anneal_epochs",),
    "MultiStepLR": ("milestones", "gamma"),
    **{name: PLAIN[name] for name in PLAIN if name != "ExponentialLR"},
    "ExponentialLR": ("gamma",),
}
"""The keys of a state that only one class has; the first class that has all of its keys is it."""


def is_state(value: Any) -> bool:
    """Return whether a mapping is a scheduler's state."""
    if not isinstance(value, Mapping) or "param_groups" in value:
        return False
    stepped = "_step_count" in value or "last_epoch" in value or "_schedulers" in value
    return stepped and class_of_state(value) is not None


def class_of_state(state: Mapping[str, Any]) -> str | None:
    """Return the class whose state a mapping is, or None."""
    return next((name for name, keys in KEYS.items() if all(key in state for key in keys)), None)


def schedule_of_state(
    state: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], given: Given
) -> Schedule:
    """Return the schedule of a scheduler's state.

    Args:
        state: the state.
        groups: the optimizer's `param_groups`, which hold what `OneCycleLR` and `SWALR` need.
        given: what else is known.

    Raises:
        ScheduleError: the state does not hold the curve.
    """
    try:
        return _of_group(_from_state(state, groups), given)
    except ScheduleError:
        raise
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        raise ScheduleError(
            f"torch.{class_of_state(state)}: its state holds what no scheduler writes: {error}"
        ) from None


def is_scheduler(value: Any) -> bool:
    """Return whether an object is a scheduler of PyTorch, or of a class made of one."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.optim.lr_scheduler.LRScheduler)


def _known(value: Any) -> bool:
    return is_state(value) or is_scheduler(value)


@object_reader("torch", _known)
def read_scheduler(value: Any, given: Given) -> Schedule:
    """Return the schedule of a scheduler or of its state, of one group of its optimizer."""
    if isinstance(value, Mapping):
        return schedule_of_state(value, (), given)
    if type(value).__module__.startswith("glissando."):
        return _own(value, given)
    return _of_group(_from_live(value), given)


def _own(value: Any, given: Given) -> Schedule:
    """Return the schedule that a scheduler of this library follows."""
    found = getattr(value, "schedule", None)
    if isinstance(found, Schedule):
        return found
    raise ScheduleError(f"torch: a {type(value).__name__} of several schedules: read one of them")


def _from_live(scheduler: Any) -> Scheduler:
    kind = type(scheduler)
    groups = scheduler.optimizer.param_groups
    if not kind.__module__.startswith("torch."):
        raise ScheduleError(
            f"torch: {kind.__module__}.{kind.__qualname__} is none of PyTorch's own schedulers, "
            "and what it does is not in its attributes: write its curve as a schedule"
        )
    state = dict(vars(scheduler))
    if kind.__name__ in COMPOSED:
        state["_schedulers"] = [_from_live(one) for one in scheduler._schedulers]
    return Scheduler(kind.__name__, state, groups)


def _from_state(state: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> Scheduler:
    name = class_of_state(state)
    if name is None or not isinstance(state, Mapping):
        raise ScheduleError(f"torch: the state of no scheduler that is known: {shown(state)}")
    state = dict(state)
    if name in COMPOSED:
        if not isinstance(state["_schedulers"], list | tuple) or not state["_schedulers"]:
            raise ScheduleError(f"torch.{name}: `_schedulers` must be a list of states")
        inner = [_inner(one, groups) for one in state["_schedulers"]]
        state["_schedulers"] = inner
    return Scheduler(name, state, groups)


def _inner(state: Any, groups: Sequence[Mapping[str, Any]]) -> Scheduler:
    if not isinstance(state, Mapping) or class_of_state(state) in (None, *COMPOSED):
        raise ScheduleError(f"torch: the state of no scheduler inside another: {shown(state)}")
    return _from_state(state, groups)


def _of_group(scheduler: Scheduler, given: Given) -> Schedule:
    """Return the schedule of the group that is asked for, or of all of them if it is one."""
    count = max(len(scheduler.groups), len(bases(scheduler)))
    if given.group is not None:
        return curve(scheduler, _index(scheduler, given.group, count))
    first = curve(scheduler, 0)
    for index in range(1, count):
        if _facts(scheduler, index) != _facts(scheduler, 0):
            raise ScheduleError(
                f"torch.{scheduler.name}: the {count} groups of the optimizer have different "
                f"rates: say which by `group` (--group), from 0 to {count - 1}"
            )
    return first


def _index(scheduler: Scheduler, group: str | int, count: int) -> int:
    names = [one.get("name") for one in scheduler.groups]
    if group in names:
        return names.index(group)
    number = int(group) if str(group).isdecimal() and len(str(group)) < 9 else -1
    if not 0 <= number < count:
        known = [str(name) for name in names if name is not None]
        raise ScheduleError(
            f"torch.{scheduler.name}: `group` must be from 0 to {count - 1}"
            + (f" or one of {', '.join(known)}" if known else "")
            + f", got {shown(group)}"
        )
    return number


def _facts(scheduler: Scheduler, index: int) -> list[Any]:
    """Return what a scheduler keeps for a group alone."""
    if scheduler.name in COMPOSED:
        return [_facts(one, index) for one in scheduler.state["_schedulers"]]
    lists = [scheduler.state[key] for key in ("base_lrs", "max_lrs") if key in scheduler.state]
    facts: list[Any] = [float(values[index]) for values in lists]
    if scheduler.name == "LambdaLR":
        function = scheduler.state["lr_lambdas"][index]
        plain = isinstance(function, partial)
        facts.append((function.func, function.keywords) if plain else function)
    if scheduler.groups and scheduler.name in ("OneCycleLR", "SWALR"):
        keys = ("max_lr", "min_lr", "initial_lr", "swa_lr")
        facts += [scheduler.groups[index].get(key) for key in keys]
    return facts
