"""mmengine 0.10.7: schedulers of the rate, of the momentum, and of any parameter.

Each moves its parameter from step `begin` on, and does so for the last time at step `end` - 1:
what it would reach at `end` is not reached, and the parameter stays as it is. Steps are epochs, or
updates where `by_epoch` is False; `lr`, `momentum` or `value` is what the optimizer has. The
default `end` is a billion, which here means never.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Literal

from glissando.combinators import Chain, Strict
from glissando.dialects.shared.curves import exponential, staircase, stepped
from glissando.dialects.shared.declare import dialect, metric_driven, variant
from glissando.dialects.shared.one_cycle import one_cycle
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, CosineWave, Linear, Polynomial
from glissando.rules import (
    STEPS,
    Factor,
    Many,
    Number,
    Positive,
    Power,
    Rate,
    Ratio,
    Share,
    SomeSteps,
    Steps,
    StepsOrZero,
)
from glissando.schedule import Schedule

INF = 1_000_000_000

Periods = Annotated[Sequence[int], Many(STEPS, "a list of whole steps, 1 or more")]
Factors = Annotated[Sequence[float], Many(Number(0, 1e30), "a list of factors, 0 or more")]


def _window(curve: Callable[[int], Schedule], lr: float, begin: int, end: int) -> Schedule:
    """Return what moves in a window, by the number of steps in it, and is as it is outside."""
    if end <= begin:
        raise ScheduleError(f"`end` must be above `begin`, got {end} and {begin}")
    moving = curve(end - begin)
    last = end - begin - 1
    if last == 0:
        return Constant(lr, begin) >> Constant(moving(0))
    if end < INF and last <= moving.steps:
        moving = moving.schedule if isinstance(moving, Strict) else moving
        moving = moving.take(last) if last < moving.steps else moving
    return Constant(lr, begin) >> moving


@dialect
def ConstantLR(
    factor: Ratio = 1 / 3,
    begin: StepsOrZero = 0,
    end: Steps = INF,
    by_epoch: bool = True,
    *,
    lr: Rate,
) -> Schedule:
    """`factor` times the rate, and the rate again from the last step of the window on.

    mmengine takes the factor 0, and stops at the step at which it divides by it.
    """

    def curve(steps: int) -> Schedule:
        return Constant(lr * factor, steps - 1) >> Constant(lr if steps > 1 else lr * factor)

    return _window(curve, lr, begin, end)


@dialect
def CosineAnnealingLR(
    T_max: Steps | None = None,
    eta_min: Rate | None = None,
    begin: StepsOrZero = 0,
    end: Steps = INF,
    by_epoch: bool = True,
    eta_min_ratio: Factor | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """Half a cosine, which turns back after `T_max` steps, the window's by default.

    With that default the lowest rate is the one that the window does not reach.
    """
    if eta_min is not None and eta_min_ratio is not None:
        raise ScheduleError("either `eta_min` or `eta_min_ratio` may be given, got both")
    floor = lr * eta_min_ratio if eta_min_ratio is not None else eta_min or 0.0
    return _window(lambda steps: CosineWave(lr, floor, 2.0 * (T_max or steps)), lr, begin, end)


@dialect
def CosineRestartLR(
    periods: Periods,
    restart_weights: Factors = (1,),
    eta_min: Rate | None = None,
    eta_min_ratio: Factor | None = None,
    begin: StepsOrZero = 0,
    end: Steps = INF,
    by_epoch: bool = True,
    *,
    lr: Rate,
) -> Schedule:
    """Half a cosine for each period; after them the last rate, which is above the lowest.

    Each period begins with `lr` times its weight, also where the first weight is not 1.
    """
    if len(periods) != len(restart_weights) or not periods:
        raise ScheduleError(
            "`restart_weights` must have one for each of `periods`, "
            f"got {len(restart_weights)} for {len(periods)}"
        )
    if (eta_min is None) == (eta_min_ratio is None):
        raise ScheduleError("either `eta_min` or `eta_min_ratio` must be given")
    floor = lr * eta_min_ratio if eta_min_ratio is not None else float(eta_min or 0.0)
    parts = [Cosine(lr * w, floor, p) for p, w in zip(periods, restart_weights, strict=True)]

    def curve(_: int) -> Schedule:
        last = sum(periods) - 1
        return Chain(parts).take(last) if last else Constant(lr * restart_weights[0])

    return _window(curve, lr, begin, end)


@dialect
def ExponentialLR(
    gamma: Factor, begin: StepsOrZero = 0, end: Steps = INF, by_epoch: bool = True, *, lr: Rate
) -> Schedule:
    """The rate times `gamma` at every step but the first of the window."""
    return _window(lambda _: exponential(lr, gamma), lr, begin, end)


@dialect
def LinearLR(
    start_factor: Ratio = 1 / 3,
    end_factor: Share = 1.0,
    begin: StepsOrZero = 0,
    end: Steps = INF,
    by_epoch: bool = True,
    *,
    lr: Rate,
) -> Schedule:
    """A line between two fractions of the rate, the second at the window's last step.

    mmengine takes a `start_factor` of 0, and stops at the second step, where it divides by it.
    """

    def curve(steps: int) -> Schedule:
        start = lr * start_factor
        return Linear(start, lr * end_factor, steps - 1) if steps > 1 else Constant(start)

    return _window(curve, lr, begin, end)


@dialect
def MultiStepLR(
    milestones: SomeSteps,
    gamma: Factor = 0.1,
    begin: StepsOrZero = 0,
    end: Steps = INF,
    by_epoch: bool = True,
    *,
    lr: Rate,
) -> Schedule:
    """The rate times `gamma` at each milestone, which counts from `begin`."""
    return _window(lambda _: stepped(lr, milestones, gamma), lr, begin, end)


@dialect
def OneCycleLR(
    eta_max: Positive,
    total_steps: Steps | None = None,
    pct_start: Share = 0.3,
    anneal_strategy: Literal["cos", "linear"] = "cos",
    div_factor: Positive = 25.0,
    final_div_factor: Positive = 1e4,
    three_phase: bool = False,
    begin: StepsOrZero = 0,
    end: Steps = INF,
    by_epoch: bool = True,
    *,
    lr: Rate | None = None,
) -> Schedule:
    """PyTorch's `OneCycleLR` over the window, or over `total_steps`, where it raises after that.

    The optimizer's rate counts before `begin` alone.
    """
    if begin and lr is None:
        raise ScheduleError(f"`begin` must be 0 without the optimizer's own value, got {begin}")
    first = eta_max / div_factor
    rates = [first, eta_max, first, first / final_div_factor]

    def curve(steps: int) -> Schedule:
        return one_cycle(rates, total_steps or steps, pct_start, anneal_strategy, three_phase)

    return _window(curve, lr or 0.0, begin, end)


@dialect
def PolyLR(
    eta_min: Rate = 0.0,
    power: Power = 1.0,
    begin: StepsOrZero = 0,
    end: Steps = INF,
    by_epoch: bool = True,
    *,
    lr: Rate,
) -> Schedule:
    """A polynomial down to `eta_min`, which the window's last step has."""

    def curve(steps: int) -> Schedule:
        return Polynomial(lr, eta_min, steps - 1, power) if steps > 1 else Constant(lr)

    return _window(curve, lr, begin, end)


ReduceOnPlateauLR = metric_driven("mmengine.ReduceOnPlateauLR")


@dialect
def StepLR(
    step_size: Steps,
    gamma: Factor = 0.1,
    begin: StepsOrZero = 0,
    end: Steps = INF,
    by_epoch: bool = True,
    *,
    lr: Rate,
) -> Schedule:
    """The rate times `gamma` after every `step_size` steps of the window."""
    return _window(lambda _: staircase(lr, gamma, step_size), lr, begin, end)


def _twin(function: Callable[..., Schedule], kind: str, own: str) -> Callable[..., Schedule]:
    """Return a scheduler of the rate as that of another parameter, which `own` is given as."""
    name = function.__name__.removesuffix("LR") + kind
    return variant(function, name, names={"lr": own})


_momentum = partial(_twin, kind="Momentum", own="momentum")

ConstantMomentum = _momentum(ConstantLR)
CosineAnnealingMomentum = _momentum(CosineAnnealingLR)
CosineRestartMomentum = _momentum(CosineRestartLR)
ExponentialMomentum = _momentum(ExponentialLR)
LinearMomentum = _momentum(LinearLR)
MultiStepMomentum = _momentum(MultiStepLR)
PolyMomentum = _momentum(PolyLR)
ReduceOnPlateauMomentum = metric_driven("mmengine.ReduceOnPlateauMomentum")
StepMomentum = _momentum(StepLR)

_value = partial(_twin, kind="ParamScheduler", own="value")

ConstantParamScheduler = _value(ConstantLR)
CosineAnnealingParamScheduler = _value(CosineAnnealingLR)
CosineRestartParamScheduler = _value(CosineRestartLR)
ExponentialParamScheduler = _value(ExponentialLR)
LinearParamScheduler = _value(LinearLR)
MultiStepParamScheduler = _value(MultiStepLR)
OneCycleParamScheduler = _value(OneCycleLR)
PolyParamScheduler = _value(PolyLR)
ReduceOnPlateauParamScheduler = metric_driven("mmengine.ReduceOnPlateauParamScheduler")
StepParamScheduler = _value(StepLR)
