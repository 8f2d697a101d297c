"""MosaicML Composer 0.32.1: the schedulers of `composer.optim` by their names.

A time is a string as Composer reads it: "10ba" is ten batches, "1ep" an epoch, "8sp" samples,
"300tok" tokens, "0.5dur" a fraction of the run; what is not whole after a conversion is cut off.
What the `Trainer` knows is given by name where a time needs it: `steps`, its `max_duration`, as a
number of batches or a string such as "90ep"; `steps_per_epoch`; and how many samples or tokens each
batch has. With a `scale_schedule_ratio`, `steps` is what the trainer has scaled `max_duration` to:
fractions of the run follow from that, and all other times are multiplied by the ratio.

Step k is when k batches have been counted. The trainer steps its schedulers before it counts a
batch, so that its update k, from 1 on, has the rate of step k - 1 here: what it trains with is
`gl.Constant(rate(0), 1) >> rate`.
"""

from functools import partial
from typing import Annotated

from glissando.dialects.shared.composer_time import State, Time, Times, scheduler
from glissando.dialects.shared.curves import by_updates, stepped, until
from glissando.dialects.shared.cycles import cosine_restarts
from glissando.families import (
    Constant,
    Cosine,
    Geometric,
    Linear,
    Piecewise,
    Polynomial,
    Staircase,
    schedule,
)
from glissando.rules import MAX_STEP, Factor, Number, Rate
from glissando.schedule import Schedule

PowerOrZero = Annotated[float, Number(0, 1000)]


@scheduler()
def ConstantScheduler(
    state: State, alpha: Factor = 1.0, t_max: Time = "1dur", *, lr: Rate
) -> Schedule:
    """`alpha` times `lr` before `t_max`, and `lr` itself from there on."""
    return Constant(lr * alpha, state.batch(t_max)) >> Constant(lr)


@scheduler(of_run=True)
def ConstantWithWarmupScheduler(
    state: State,
    t_warmup: Time,
    alpha: Factor = 1.0,
    t_max: Time = "1dur",
    scale_warmup: bool = False,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then `alpha` times `lr` for ever.

    Its documentation has the rate go back to `lr` at `t_max`; Composer's code does not, nor does
    this. The ramp is as in `LinearWithWarmupScheduler`, and so is what is held against `t_max`.
    """
    top = lr * alpha
    return state.with_warmup(t_warmup, t_max, scale_warmup, top, lambda _: Constant(top))


@scheduler()
def CosineAnnealingScheduler(
    state: State, t_max: Time = "1dur", alpha_f: Factor = 0.0, *, lr: Rate
) -> Schedule:
    """Half a cosine wave to `alpha_f` times `lr`, which holds."""
    length, per = state.period("t_max", t_max)
    return by_updates(Cosine(lr, lr * alpha_f, length), per)


@scheduler()
def CosineAnnealingWarmRestartsScheduler(
    state: State, t_0: Time, t_mult: Factor = 1.0, alpha_f: Factor = 0.0, *, lr: Rate
) -> Schedule:
    """Cosines, each `t_mult` times as long as the one before, cut to a whole length.

    So a cycle of 1 with `t_mult` 1.5 never grows. Below 1 the lengths come to 0, and where they do
    Composer raises, and so does the schedule.
    """
    length, per = state.period("t_0", t_0)
    cycles = cosine_restarts(lr, lr * alpha_f, length, t_mult)
    rate = by_updates(cycles, per)
    return rate if cycles.steps > MAX_STEP else until(rate, int(rate.steps) - 1)


@scheduler(of_run=True)
def CosineAnnealingWithWarmupScheduler(
    state: State,
    t_warmup: Time,
    t_max: Time = "1dur",
    alpha_f: Factor = 0.0,
    scale_warmup: bool = False,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then half a cosine wave to `alpha_f` times `lr`, which holds.

    The ramp is as in `LinearWithWarmupScheduler`, and so is what is held against `t_max`.
    """
    fall = partial(Cosine, lr, lr * alpha_f)
    return state.with_warmup(t_warmup, t_max, scale_warmup, lr, fall)


@scheduler()
def ExponentialScheduler(
    state: State, gamma: Factor, decay_period: Time = "1ep", *, lr: Rate
) -> Schedule:
    """Times `gamma` for every `decay_period`, smoothly.

    Above 1 it takes a function, which cannot be saved.
    """
    period, per = state.period("decay_period", decay_period)
    if gamma == 0:
        return Piecewise([lr, 0.0], [1])
    if gamma > 1:
        return schedule(lambda step: lr * gamma ** (step * per / period))
    return by_updates(Geometric(lr, gamma, period), per)


@scheduler()
def LinearScheduler(
    state: State,
    alpha_i: Factor = 1.0,
    alpha_f: Factor = 0.0,
    t_max: Time = "1dur",
    *,
    lr: Rate,
) -> Schedule:
    """A line from `alpha_i` to `alpha_f` times `lr`, which holds."""
    length, per = state.period("t_max", t_max)
    return by_updates(Linear(lr * alpha_i, lr * alpha_f, length), per)


@scheduler(of_run=True)
def LinearWithWarmupScheduler(
    state: State,
    t_warmup: Time,
    alpha_i: Factor = 1.0,
    alpha_f: Factor = 0.0,
    t_max: Time = "1dur",
    scale_warmup: bool = False,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0 to `alpha_i` times `lr`, then one to `alpha_f` times that, at `t_max`.

    The warm-up is part of `t_max`, which its documentation has not so. It must cover the run and
    be in the unit of `t_warmup`; where the warm-up is as long, its top holds. As in Composer
    0.32.1, `scale_warmup` scales the ramp, but not when it ends: with a ratio of 2 the rate jumps
    to its top from half of that, and with 0.5 the top holds for half of the warm-up.
    """
    fall = partial(Linear, lr * alpha_i, lr * alpha_f)
    return state.with_warmup(t_warmup, t_max, scale_warmup, lr * alpha_i, fall)


@scheduler()
def MultiStepScheduler(
    state: State, milestones: Times, gamma: Factor = 0.1, *, lr: Rate
) -> Schedule:
    """Times `gamma` at each milestone, which already has the new rate; in any order and unit."""
    return stepped(lr, [state.batch(milestone) for milestone in milestones], gamma)


@scheduler()
def MultiStepWithWarmupScheduler(
    state: State,
    t_warmup: Time,
    milestones: Times,
    gamma: Factor = 0.1,
    scale_warmup: bool = False,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then `lr` times `gamma` for each milestone until then.

    The ramp is as in `LinearWithWarmupScheduler`; it hides the milestones in it, which count after.
    """
    ramp, _, unit = state.warmup(t_warmup, lr, scale_warmup)
    rise = by_updates(ramp, state.per(unit))
    passed = int(rise.steps)
    remaining = [max(0, state.batch(milestone) - passed) for milestone in milestones]
    return rise >> stepped(lr, remaining, gamma)


@scheduler()
def PolynomialScheduler(
    state: State,
    power: PowerOrZero,
    t_max: Time = "1dur",
    alpha_f: Factor = 0.0,
    *,
    lr: Rate,
) -> Schedule:
    """A power of the remaining fraction, to `alpha_f` times `lr`, which holds; power 0 is `lr`."""
    length, per = state.period("t_max", t_max)
    return by_updates(_polynomial(lr, lr * alpha_f, power, length), per)


@scheduler(of_run=True)
def PolynomialWithWarmupScheduler(
    state: State,
    t_warmup: Time,
    power: PowerOrZero = 2.0,
    t_max: Time = "1dur",
    alpha_f: Factor = 0.0,
    scale_warmup: bool = False,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then a power of the remaining fraction, to `alpha_f` times `lr`.

    The ramp is as in `LinearWithWarmupScheduler`, and so is what is held against `t_max`.
    """
    fall = partial(_polynomial, lr, lr * alpha_f, power)
    return state.with_warmup(t_warmup, t_max, scale_warmup, lr, fall)


@scheduler()
def StepScheduler(state: State, step_size: Time, gamma: Factor = 0.1, *, lr: Rate) -> Schedule:
    """Times `gamma` at every `step_size`.

    Above 1 it takes a function, which cannot be saved.
    """
    every, per = state.period("step_size", step_size)
    if gamma == 0:
        return Piecewise([lr, 0.0], [-(-every // per)])
    if gamma > 1:
        return schedule(lambda step: lr * gamma ** (step * per // every))
    return by_updates(Staircase(lr, gamma, every), per)


def _polynomial(start: float, end: float, power: float, steps: int) -> Schedule:
    return Polynomial(start, end, steps, power) if power else Constant(start)
