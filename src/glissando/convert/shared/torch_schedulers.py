"""The curves of PyTorch's schedulers, by what they keep of their arguments."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from glissando.convert.shared.lambdas import curve_of
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

COMPOSED = ("SequentialLR", "ChainedScheduler")
"""Those that are made of others."""


def bases(scheduler: Scheduler) -> Sequence[Any]:
    """Return the groups' first rates."""
    if scheduler.name in COMPOSED:
        return bases(scheduler.state["_schedulers"][0])
    found = scheduler.state.get("base_lrs", ())
    if not isinstance(found, list | tuple):
        raise ScheduleError(
            f"torch.{scheduler.name}: `base_lrs` must be a list, got {shown(found)}"
        )
    return found


def curve(scheduler: Scheduler, index: int) -> Schedule:
    """Return the curve of a group."""
    if scheduler.name == "ReduceLROnPlateau":
        return dialect.ReduceLROnPlateau()  # which says what there is in its place
    if scheduler.name in COMPOSED:
        return _composed(scheduler, index)
    return _single(scheduler, index, _base(scheduler, index))


def _base(scheduler: Scheduler, index: int) -> float:
    rates = bases(scheduler)
    if index >= len(rates):
        raise ScheduleError(f"torch.{scheduler.name}: `base_lrs` has no rate of group {index}")
    return float(rates[index])


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
