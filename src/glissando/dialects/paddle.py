"""PaddlePaddle 3.3.1: the schedulers of `paddle.optimizer.lr` by their names.

A step is a call of the scheduler's `step`, after each update or after each epoch as one likes.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from glissando.dialects.dialect import NotRepresentable, dialect, restarts
from glissando.dialects.one_cycle import phases
from glissando.families.constant import Constant
from glissando.families.cosine import Cosine
from glissando.families.cosine_wave import CosineWave
from glissando.families.cyclic_polynomial import CyclicPolynomial
from glissando.families.exponential import Exponential
from glissando.families.geometric import Geometric
from glissando.families.inverse_sqrt import InverseSqrt
from glissando.families.inverse_time import InverseTime
from glissando.families.linear import Linear
from glissando.families.piecewise import Piecewise
from glissando.families.polynomial import Polynomial
from glissando.families.staircase import Staircase
from glissando.function import schedule
from glissando.rules import (
    RATE,
    Factor,
    Positive,
    Power,
    Rate,
    Rates,
    Ratio,
    ScheduleError,
    Share,
    Steps,
    one_of,
    shown,
)
from glissando.schedule import Schedule


@dialect
def CosineAnnealingDecay(learning_rate: Rate, T_max: Steps, eta_min: Rate = 0.0) -> Schedule:
    """Half a cosine wave to step `T_max`; it bounces for ever."""
    return CosineWave(learning_rate, eta_min, 2 * T_max)


@dialect
def CosineAnnealingWarmRestarts(
    learning_rate: Rate, T_0: Steps, T_mult: Steps = 1, eta_min: Rate = 0.0
) -> Schedule:
    """Cosines for ever, each `T_mult` times as long as the one before.

    Inside a `LinearWarmup` Paddle 3.3.1 counts the cycles by a logarithm, which misses the start
    of some, such as step 121 with `T_0` 1 and `T_mult` 3: ours does not.
    """
    return restarts(lambda _, length: Cosine(learning_rate, eta_min, length), T_0, T_mult)


@dialect
def CyclicLR(
    base_learning_rate: Rate,
    max_learning_rate: Rate,
    step_size_up: Steps,
    step_size_down: Steps | None = None,
    mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
    exp_gamma: Positive = 1.0,
    scale_fn: Callable[[float], float] | None = None,
    scale_mode: Literal["cycle", "iterations"] = "cycle",
) -> Schedule:
    """Up and down in straight lines for ever.

    A `scale_fn` takes the place of the mode; it gets the cycle, from 1, or the step, from 0. With
    one the schedule cannot be saved, nor if a peak below the base changes, or peaks grow.
    """
    where = "paddle.CyclicLR: "
    one_of(scale_mode, ("cycle", "iterations"), where + "`scale_mode`")
    if scale_fn is None:
        one_of(mode, ("triangular", "triangular2", "exp_range"), where + "`mode`")
    down = step_size_up if step_size_down is None else step_size_down

    def triangle(peak: float, base: float) -> Schedule:
        return Linear(base, peak, step_size_up) >> Linear(peak, base, down)

    height = max_learning_rate - base_learning_rate
    if scale_fn is None and (mode == "triangular" or height == 0):
        return triangle(max_learning_rate, base_learning_rate).repeat()
    if scale_fn is None and height > 0 and mode == "triangular2":
        return triangle(height, 0.0).repeat(scale=0.5) + base_learning_rate
    if scale_fn is None and height > 0 and exp_gamma <= 1:
        return triangle(height, 0.0).repeat() * Geometric(1.0, exp_gamma) + base_learning_rate
    scale, shape, length = scale_fn, triangle(1.0, 0.0).repeat(), step_size_up + down
    if scale is None:
        scale_mode = "cycle" if mode == "triangular2" else "iterations"
        scale = _halved if mode == "triangular2" else lambda step: exp_gamma**step
    first, every = (1.0, length) if scale_mode == "cycle" else (0, 1)

    def rate(step: float) -> float:
        return base_learning_rate + height * float(shape(step)) * scale(first + step // every)

    return schedule(rate)


@dialect
def ExponentialDecay(learning_rate: Rate, gamma: Ratio) -> Schedule:
    """Times `gamma` at every step."""
    _below_1("ExponentialDecay", gamma)
    return Geometric(learning_rate, gamma)


@dialect
def InverseTimeDecay(learning_rate: Rate, gamma: Factor) -> Schedule:
    """Over one plus `gamma` times the step."""
    return InverseTime(learning_rate, gamma)


@dialect
def LambdaDecay(learning_rate: Rate, lr_lambda: Callable[[int], float]) -> Schedule:
    """Times a function of the step; a schedule with a function of yours cannot be saved."""
    return schedule(lr_lambda) * learning_rate


@dialect
def LinearLR(
    learning_rate: Rate,
    total_steps: Steps,
    start_factor: Ratio = 1.0 / 3,
    end_factor: Share = 1.0,
) -> Schedule:
    """A line from one share of the rate to another; it ends with that."""
    return Linear(learning_rate * start_factor, learning_rate * end_factor, total_steps)


@dialect
def LinearWarmup(
    learning_rate: float | Schedule, warmup_steps: Steps, start_lr: Rate, end_lr: Rate
) -> Schedule:
    """A line up to `end_lr`, then a rate, or a schedule from its own step 0."""
    if end_lr <= start_lr:
        raise ScheduleError(
            f"paddle.LinearWarmup: `end_lr` must be above `start_lr`, got {end_lr} and {start_lr}"
        )
    if not isinstance(learning_rate, Schedule):
        rate = RATE.check(learning_rate, "paddle.LinearWarmup: `learning_rate`")
        learning_rate = Constant(rate)
    return Linear(start_lr, end_lr, warmup_steps) >> learning_rate


@dialect
def MultiStepDecay(learning_rate: Rate, milestones: Sequence[int], gamma: Share = 0.1) -> Schedule:
    """Times `gamma` at each milestone, which already has the new rate."""
    _below_1("MultiStepDecay", gamma)
    if list(milestones) != sorted(set(milestones)):
        raise ScheduleError(
            "paddle.MultiStepDecay: `milestones` must be increasing, got " + shown(milestones)
        )
    steps = [step for step in milestones if step > 0]
    passed = len(milestones) - len(steps)
    rates = [learning_rate * gamma ** (passed + i) for i in range(len(steps) + 1)]
    return Piecewise(rates, steps)


@dialect
def MultiplicativeDecay(learning_rate: Rate, lr_lambda: Callable[[int], float]) -> Schedule:
    """Times a function of each step from 1 on; a schedule with one of yours cannot be saved."""
    rates = [learning_rate]

    def product(step: float) -> float:
        while len(rates) <= step:
            rates.append(rates[-1] * lr_lambda(len(rates)))
        return rates[int(step)]

    return schedule(product)


@dialect
def NaturalExpDecay(learning_rate: Rate, gamma: Positive) -> Schedule:
    """Times e to the power of minus `gamma` times the step."""
    return Exponential(learning_rate, gamma)


@dialect
def NoamDecay(d_model: Positive, warmup_steps: Steps, learning_rate: Rate = 1.0) -> Schedule:
    """A line up from 0, then the inverse square root of the step; step 0 has the rate 0.

    The peak is `learning_rate` over the root of `d_model` times `warmup_steps`. The function
    `noam_decay` of Paddle's old static graphs, which is there but no longer public in 3.3.1,
    counts from 1 instead: that is `NoamDecay(...).drop(1)`.
    """
    peak = learning_rate / math.sqrt(d_model * warmup_steps)
    return Linear(0.0, peak, warmup_steps) >> InverseSqrt(peak, warmup_steps)


@dialect
def OneCycleLR(
    max_learning_rate: Rate,
    total_steps: Steps,
    divide_factor: Positive = 25.0,
    end_learning_rate: Rate = 0.0001,
    phase_pct: Share = 0.3,
    anneal_strategy: Literal["cos", "linear"] = "cos",
    three_phase: bool = False,
) -> Schedule:
    """Up from a share of the peak, and down to `end_learning_rate` at step `total_steps` - 1.

    With `three_phase` it comes down as it went up, and then to the end. A phase ends between two
    steps, and a rise that is over before step 0 is left out. As in Paddle 3.3.1, step
    `total_steps` goes on in the same direction, a cosine back up again; after it, or where a line
    goes below 0, it raises.
    """
    where = "paddle.OneCycleLR: `phase_pct`"
    one_of(anneal_strategy, ("cos", "linear"), "paddle.OneCycleLR: `anneal_strategy`")
    if three_phase and phase_pct >= 0.5:
        raise ScheduleError(f"{where} must be below 0.5 in three phases, got {phase_pct}")
    start, top = max_learning_rate / divide_factor, phase_pct * total_steps - 1
    if top == 0:
        raise ScheduleError(
            f"{where} must not make the rise end at step 0, got {phase_pct} of {total_steps}"
        )
    ends = [0.0, top, 2 * top, total_steps - 1]
    rates = [start, max_learning_rate, start, end_learning_rate]
    if not three_phase:
        del ends[2], rates[2]
    return phases(ends, rates, total_steps, anneal_strategy)


@dialect
def PiecewiseDecay(boundaries: Sequence[int], values: Rates) -> Schedule:
    """One rate before each boundary, which already has the next rate, and the last value after all.

    A boundary that is not above all before it, or not above 0, takes its value with it.
    """
    if not 0 < len(boundaries) < len(values):
        raise ScheduleError(
            "paddle.PiecewiseDecay: `boundaries` must be fewer than `values`, 1 or more, got "
            f"{len(boundaries)} boundaries and {len(values)} values"
        )
    steps: list[int] = []
    rates: list[float] = []
    for step, rate in zip(boundaries, values, strict=False):
        if step > max(steps, default=0):
            steps.append(step)
            rates.append(rate)
    return Piecewise([*rates, values[-1]], steps)


@dialect
def PolynomialDecay(
    learning_rate: Rate,
    decay_steps: Steps,
    end_lr: Rate = 0.0001,
    power: Power = 1.0,
    cycle: bool = False,
) -> Schedule:
    """A power of the way that is left; with `cycle`, of a way that grows by itself at each end."""
    family = CyclicPolynomial if cycle else Polynomial
    return family(learning_rate, end_lr, decay_steps, power)


@dialect
def ReduceOnPlateau(*arguments: Any, **named: Any) -> Schedule:
    """A metric lowers the rate, so no step has a rate of its own: see `gl.Plateau`."""
    raise NotRepresentable("a metric drives it: use gl.Plateau")


@dialect
def StepDecay(learning_rate: Rate, step_size: Steps, gamma: Share = 0.1) -> Schedule:
    """Times `gamma` at every `step_size` steps."""
    _below_1("StepDecay", gamma)
    if gamma == 0:
        return Piecewise([learning_rate, 0.0], [step_size])
    return Staircase(learning_rate, gamma, step_size)


def _below_1(name: str, gamma: float) -> None:
    if gamma == 1:
        raise ScheduleError(f"paddle.{name}: `gamma` must be below 1, got {gamma}")


def _halved(cycle: float) -> float:
    return float(0.5 ** (cycle - 1))
