"""PaddlePaddle 3.3.1: the schedulers of `paddle.optimizer.lr` by their names.

A step is a call of the scheduler's `step`, after each update or after each epoch as one likes.
"""

import math
from collections.abc import Callable, Sequence
from typing import Literal

from glissando.dialects.shared.curves import staircase
from glissando.dialects.shared.cycles import cosine_restarts, triangles
from glissando.dialects.shared.declare import dialect, metric_driven
from glissando.dialects.shared.one_cycle import one_cycle
from glissando.errors import ScheduleError, shown
from glissando.families import (
    Constant,
    CosineWave,
    CyclicPolynomial,
    Exponential,
    Geometric,
    InverseSqrt,
    InverseTime,
    Linear,
    Piecewise,
    Polynomial,
    schedule,
)
from glissando.rules import RATE, Factor, Positive, Power, Rate, Rates, Ratio, Share, Steps
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
    of some, such as step 121 with `T_0` 1 and `T_mult` 3: here all are met.
    """
    return cosine_restarts(learning_rate, eta_min, T_0, T_mult)


@dialect
def CyclicLR(
    base_learning_rate: Rate,
    max_learning_rate: Rate,
    step_size_up: Steps,
    step_size_down: Steps | None = None,
    mode: str = "triangular",
    exp_gamma: Positive = 1.0,
    scale_fn: Callable[[float], float] | None = None,
    scale_mode: Literal["cycle", "iterations"] = "cycle",
) -> Schedule:
    """Up and down in straight lines for ever.

    A `scale_fn` takes the place of the mode; it gets the cycle, from 1, or the step, from 0. With
    one the schedule cannot be saved, nor if the peaks grow.
    """
    ends = base_learning_rate, max_learning_rate
    down = step_size_up if step_size_down is None else step_size_down
    return triangles(*ends, step_size_up, down, mode, exp_gamma, scale_fn, scale_mode)


@dialect
def ExponentialDecay(learning_rate: Rate, gamma: Ratio) -> Schedule:
    """Times `gamma` at every step."""
    _below_1(gamma)
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
    """A line from one fraction of the rate to another; it ends with that."""
    return Linear(learning_rate * start_factor, learning_rate * end_factor, total_steps)


@dialect
def LinearWarmup(
    learning_rate: float | Schedule, warmup_steps: Steps, start_lr: Rate, end_lr: Rate
) -> Schedule:
    """A line up to `end_lr`, then a rate, or a schedule from its own step 0."""
    if end_lr <= start_lr:
        raise ScheduleError(f"`end_lr` must be above `start_lr`, got {end_lr} and {start_lr}")
    if not isinstance(learning_rate, Schedule):
        learning_rate = Constant(RATE.check(learning_rate, "`learning_rate`"))
    return Linear(start_lr, end_lr, warmup_steps) >> learning_rate


@dialect
def MultiStepDecay(learning_rate: Rate, milestones: Sequence[int], gamma: Share = 0.1) -> Schedule:
    """Times `gamma` at each milestone, which already has the new rate."""
    _below_1(gamma)
    if list(milestones) != sorted(set(milestones)):
        raise ScheduleError(f"`milestones` must be increasing, got {shown(milestones)}")
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
    """Up from a fraction of the peak, and down to `end_learning_rate` at step `total_steps` - 1.

    With `three_phase` it comes down as it went up, and then to the end. A phase ends between two
    steps, and a rise that is over before step 0 is left out. As in Paddle 3.3.1, step
    `total_steps` goes on in the same direction, a cosine back up again; after it, or where a line
    goes below 0, it raises.
    """
    if three_phase and phase_pct >= 0.5:
        raise ScheduleError(f"`phase_pct` must be below 0.5 in three phases, got {phase_pct}")
    start = max_learning_rate / divide_factor
    rates = [start, max_learning_rate, start, end_learning_rate]
    shape = anneal_strategy, three_phase
    return one_cycle(rates, total_steps, phase_pct, *shape, argument="phase_pct")


@dialect
def PiecewiseDecay(boundaries: Sequence[int], values: Rates) -> Schedule:
    """One rate before each boundary, which already has the next rate, and the last value after all.

    A boundary that is not above all before it, or not above 0, takes its value with it.
    """
    if not 0 < len(boundaries) < len(values):
        raise ScheduleError(
            "`boundaries` must be fewer than `values`, 1 or more, "
            f"got {len(boundaries)} boundaries and {len(values)} values"
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
    """A power of the remaining fraction; with `cycle`, of all the periods begun so far."""
    family = CyclicPolynomial if cycle else Polynomial
    return family(learning_rate, end_lr, decay_steps, power)


ReduceOnPlateau = metric_driven("paddle.ReduceOnPlateau")


@dialect
def StepDecay(learning_rate: Rate, step_size: Steps, gamma: Share = 0.1) -> Schedule:
    """Times `gamma` at every `step_size` steps."""
    _below_1(gamma)
    return staircase(learning_rate, gamma, step_size)


def _below_1(gamma: float) -> None:
    if gamma == 1:
        raise ScheduleError(f"`gamma` must be below 1, got {gamma}")
