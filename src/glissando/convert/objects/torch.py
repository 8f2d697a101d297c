"""PyTorch's schedulers, and the states that their `state_dict()` returns: the whole of the curve.

The curve is that from the first step on, however far the scheduler is: a step is a call of its
`step()`. A state names no class; its keys tell which it is.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from glissando.convert.given import Given
from glissando.convert.objects.lambdas import curve_of
from glissando.convert.registry import object_reader
from glissando.dialects import torch as dialect
from glissando.dialects.shared.torch_composition import first_rates, members_of
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule


class Scheduler(NamedTuple):
    """What is known of a scheduler.

    Attributes:
        name: its class.
        state: its attributes, or its state.
        groups: its optimizer's groups; empty if they are not known.
    """

    name: str
    state: Mapping[str, Any]
    groups: Sequence[Mapping[str, Any]]


PLAIN: dict[str, tuple[str, ...]] = {
    "StepLR": ("step_size", "gamma"),
    "ConstantLR": ("factor", "total_iters"),
    "LinearLR": ("start_factor", "end_factor", "total_iters"),
    "ExponentialLR": ("gamma",),
    "PolynomialLR": ("total_iters", "power"),
    "CosineAnnealingLR": ("T_max", "eta_min"),
    "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min"),
}
"""The schedulers that keep their arguments under their names."""

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

COMPOSED = ("SequentialLR", "ChainedScheduler")


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
    count = max(len(scheduler.groups), len(_bases(scheduler)))
    if given.group is not None:
        return _curve(scheduler, _index(scheduler, given.group, count))
    first = _curve(scheduler, 0)
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


def _bases(scheduler: Scheduler) -> Sequence[Any]:
    """Return the groups' first rates."""
    if scheduler.name in COMPOSED:
        return _bases(scheduler.state["_schedulers"][0])
    found = scheduler.state.get("base_lrs", ())
    if not isinstance(found, list | tuple):
        raise ScheduleError(
            f"torch.{scheduler.name}: `base_lrs` must be a list, got {shown(found)}"
        )
    return found


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


def _curve(scheduler: Scheduler, index: int) -> Schedule:
    """Return the curve of a group."""
    if scheduler.name == "ReduceLROnPlateau":
        return dialect.ReduceLROnPlateau()  # which says what there is in its place
    if scheduler.name in COMPOSED:
        return _composed(scheduler, index)
    return _single(scheduler, index, _base(scheduler, index))


def _base(scheduler: Scheduler, index: int) -> float:
    bases = _bases(scheduler)
    if index >= len(bases):
        raise ScheduleError(f"torch.{scheduler.name}: `base_lrs` has no rate of group {index}")
    return float(bases[index])


def _composed(scheduler: Scheduler, index: int) -> Schedule:
    """Return what several schedulers make together."""
    parts = scheduler.state["_schedulers"]
    lr = _base(parts[0], index)
    curves = [_single(one, index, lr, inside=True) for one in parts]
    if scheduler.name == "ChainedScheduler":
        whole = dialect.ChainedScheduler(curves)
    else:
        whole = dialect.SequentialLR(curves, list(scheduler.state["_milestones"]))
    rates = first_rates(members_of(curves))
    for one, rate in zip(parts, rates, strict=True):
        base = _base(one, index)
        if one.name != "CyclicLR" and abs(base - rate) > 1e-12 * max(base, rate):
            raise ScheduleError(
                f"torch.{scheduler.name}: {one.name} began from a rate of {base:g}, and not from "
                f"{rate:g} as one that was built in the order of the list: the schedulers were "
                "built in another order, which is not known"
            )
    return whole  # type: ignore[return-value]  # none of them moves the momentum, too


def _single(scheduler: Scheduler, index: int, lr: float, *, inside: bool = False) -> Schedule:
    """Return the curve of one scheduler at a rate of the optimizer.

    Args:
        scheduler: the scheduler.
        index: the optimizer's group.
        lr: the group's first rate.
        inside: whether it is part of others, which want it for other rates as well.
    """
    name, state = scheduler.name, scheduler.state
    if name in PLAIN:
        arguments = {key: _number(state[key]) for key in PLAIN[name]}
        return getattr(dialect, name)(**arguments, lr=lr)  # type: ignore[no-any-return]
    if name == "MultiStepLR":
        return dialect.MultiStepLR(_milestones(state["milestones"]), state["gamma"], lr=lr)
    if name == "LambdaLR":
        function = state["lr_lambdas"][index]
        if inside:
            return dialect.LambdaLR(curve_of(function, 1.0), lr=lr)
        return curve_of(function, lr)
    if name in SPECIAL:
        return SPECIAL[name](scheduler, index, lr)
    raise ScheduleError(f"torch: {name}: what it does is a function, and no value: not read")


def _number(value: Any) -> Any:
    """Return a number, which may be in a tensor."""
    return value.item() if hasattr(value, "item") else value


def _milestones(milestones: Any) -> list[int]:
    """Return milestones, each as often as it counts."""
    if not isinstance(milestones, Mapping):
        return sorted(milestones)
    return sorted(step for step, times in milestones.items() for _ in range(min(times, 1000)))


def _group(scheduler: Scheduler, index: int, *keys: str) -> list[float]:
    """Return what a scheduler has written into its optimizer's group."""
    group = scheduler.groups[index] if index < len(scheduler.groups) else {}
    missing = [key for key in keys if key not in group]
    if missing:
        raise ScheduleError(
            f"torch.{scheduler.name}: its state does not hold `{missing[0]}`, which it keeps in "
            "the optimizer: read the scheduler itself, or a checkpoint that has both states"
        )
    return [float(group[key]) for key in keys]


def _one_cycle(scheduler: Scheduler, index: int, _lr: float) -> Schedule:
    first, top, last = _group(scheduler, index, "initial_lr", "max_lr", "min_lr")
    state = scheduler.state
    phases, steps = state["_schedule_phases"], int(state["total_steps"])
    end = float(phases[0]["end_step"])
    strategy = state.get("_anneal_func_type", state.get("anneal_strategy"))
    return dialect.OneCycleLR(  # type: ignore[return-value]  # without the momentum
        top,
        steps,
        pct_start=_tidy((end + 1) / steps, lambda share: float(share * steps) - 1 == end),
        anneal_strategy=strategy,
        cycle_momentum=False,
        div_factor=_tidy(top / first, lambda factor: top / factor == first),
        final_div_factor=_tidy(first / last, lambda factor: first / factor == last),
        three_phase=len(phases) == 3,
    )


def _tidy(value: float, same: Any) -> float:
    """Return the number as it was written, where another one near it does the same."""
    return next((short for n in (4, 8, 12) if same(short := round(value, n))), value)


def _cyclic(scheduler: Scheduler, index: int, _lr: float) -> Schedule:
    state = scheduler.state
    if state.get("_scale_fn_custom") is not None:
        raise ScheduleError("torch.CyclicLR: `scale_fn` is a function of your own: not read")
    up = round(state["total_size"] * state["step_ratio"])
    return dialect.CyclicLR(  # type: ignore[return-value]  # without the momentum
        float(state["base_lrs"][index]),
        float(state["max_lrs"][index]),
        up,
        round(state["total_size"]) - up,
        state["mode"],
        state["gamma"],
        cycle_momentum=False,
    )


def _swa(scheduler: Scheduler, index: int, lr: float) -> Schedule:
    (swa_lr,) = _group(scheduler, index, "swa_lr")
    state = scheduler.state
    strategy: Any = state.get("_anneal_strategy")
    if strategy not in ("cos", "linear"):
        raise ScheduleError("torch.SWALR: its state does not hold `anneal_strategy`: not read")
    return dialect.SWALR(swa_lr, state["anneal_epochs"], strategy, lr=lr)


SPECIAL = {"OneCycleLR": _one_cycle, "CyclicLR": _cyclic, "SWALR": _swa}
"""The schedulers that keep their arguments in another form."""
