"""Keras 3.15: its learning-rate schedules, and the callbacks that set a rate, by their names.

They compute in float32; here the rates are those of the same formula in double precision.
"""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from glissando.combinators.chain import Chain
from glissando.dialects.dialect import NotRepresentable, dialect, in_single
from glissando.families.constant import Constant
from glissando.families.cosine import Cosine
from glissando.families.cosine_table import CosineTable
from glissando.families.cyclic_polynomial import CyclicPolynomial
from glissando.families.geometric import Geometric
from glissando.families.inverse_time import InverseTime
from glissando.families.linear import Linear
from glissando.families.piecewise import Piecewise
from glissando.families.polynomial import Polynomial
from glissando.families.staircase import Staircase
from glissando.function import schedule as made_of
from glissando.rules import (
    MAX_RATE,
    MAX_STEP,
    Factor,
    Number,
    Power,
    Rate,
    Rates,
    ScheduleError,
    Steps,
    StepsOrZero,
)
from glissando.schedule import Schedule

Growth = Annotated[float, Number(0, MAX_RATE, above=True)]
MOST = 10_000
"""Cycles of different lengths: more of them are no schedule that anyone could read."""


@dialect
def ExponentialDecay(
    initial_learning_rate: Rate, decay_steps: Steps, decay_rate: Factor, staircase: bool = False
) -> Schedule:
    """Times `decay_rate` every `decay_steps`, smoothly or in stairs, for ever."""
    if decay_rate > 1:
        raise NotRepresentable("with a `decay_rate` above 1 it grows without bound")
    if decay_rate == 0:
        return Piecewise([initial_learning_rate, 0.0], [decay_steps if staircase else 1])
    family = Staircase if staircase else Geometric
    return family(initial_learning_rate, in_single(decay_rate), decay_steps)


@dialect
def PiecewiseConstantDecay(boundaries: Sequence[int], values: Rates) -> Schedule:
    """Constant rates; the step of a boundary still has the rate before it.

    Keras adds up the rates of boundaries that are not in order, which is refused here.
    """
    return Piecewise(values, [boundary + 1 for boundary in boundaries])


@dialect
def PolynomialDecay(
    initial_learning_rate: Rate,
    decay_steps: Steps,
    end_learning_rate: Rate = 0.0001,
    power: Power = 1.0,
    cycle: bool = False,
) -> Schedule:
    """A power of the way left; with `cycle` over ways that become longer by `decay_steps`."""
    family = CyclicPolynomial if cycle else Polynomial
    return family(initial_learning_rate, end_learning_rate, decay_steps, power)


@dialect
def InverseTimeDecay(
    initial_learning_rate: Rate, decay_steps: Steps, decay_rate: Factor, staircase: bool = False
) -> Schedule:
    """One over one plus `decay_rate` for every `decay_steps`, smoothly or in stairs."""
    if staircase:
        return InverseTime(initial_learning_rate, decay_rate).hold_each(decay_steps)
    return InverseTime(initial_learning_rate, decay_rate / decay_steps)


@dialect
def CosineDecay(
    initial_learning_rate: Rate,
    decay_steps: Steps,
    alpha: Factor = 0.0,
    warmup_target: Rate | None = None,
    warmup_steps: StepsOrZero = 0,
) -> Schedule:
    """Half a cosine wave down to the share `alpha`, after a warm-up that comes on top.

    Without `warmup_target` there is no warm-up, whatever `warmup_steps` is.
    """
    if warmup_target is None or warmup_steps == 0:
        peak = initial_learning_rate if warmup_target is None else warmup_target
        return Cosine(peak, peak * alpha, decay_steps)
    rise = Linear(initial_learning_rate, warmup_target, warmup_steps)
    return rise >> Cosine(warmup_target, warmup_target * alpha, decay_steps)


@dialect
def CosineDecayRestarts(
    initial_learning_rate: Rate,
    first_decay_steps: Steps,
    t_mul: Growth = 2.0,
    m_mul: Factor = 1.0,
    alpha: Factor = 0.0,
) -> Schedule:
    """Cosines, each `t_mul` times as long as the last, from `m_mul` times its height.

    Keras finds the cycle by a logarithm in float32 and misses some restarts by a step or more;
    here they are exact. With `t_mul` below 1 the cycles end at a step, from which Keras gives NaN
    and this raises.
    """
    floor = initial_learning_rate * alpha
    height = initial_learning_rate - floor
    if height < 0:
        raise ScheduleError(f"keras.CosineDecayRestarts: `alpha` must be at most 1, got {alpha}")
    if t_mul == 1:
        if m_mul > 1:
            raise NotRepresentable("with an `m_mul` above 1 it grows without bound")
        first = Cosine(height, 0.0, first_decay_steps)
        rest = first.repeat(scale=m_mul) if m_mul else first >> Constant(0.0)
        return rest + floor if floor else rest
    parts: list[Schedule] = []
    begin, length, count = 0.0, float(first_decay_steps), 0
    last = first_decay_steps / (1 - t_mul) if t_mul < 1 else math.inf
    while begin <= MAX_STEP and math.ceil(begin) < last:
        end = min(begin + length, float(MAX_STEP))
        first_step, last_step = math.ceil(begin), math.ceil(begin + length)
        peak = floor + height * m_mul**count
        if peak > MAX_RATE:
            raise NotRepresentable("with an `m_mul` above 1 it grows without bound")
        if count > MOST:
            raise NotRepresentable(f"more than {MOST:,} cycles, each of another length")
        if last_step > first_step:
            curve: Schedule = CosineTable([peak, floor], [begin, end])
            curve = curve.drop(first_step) if first_step else curve
            parts.append(curve.take(min(last_step, MAX_STEP) - first_step))
        begin, length, count = begin + length, length * t_mul, count + 1
    whole = Chain(parts)
    if t_mul > 1:
        return whole
    return whole.take(int(whole.steps) - 1).strict() if whole.steps > 1 else whole.strict()


@dialect
def LearningRateScheduler(schedule: Callable[[int], float]) -> Schedule:
    """Your own function of the epoch."""
    return made_of(schedule)


@dialect
def ReduceLROnPlateau(*_args: Any, **_options: Any) -> Schedule:
    """Metric-driven: no schedule."""
    raise NotRepresentable("it follows a metric; gl.Plateau('keras', ...) has its rules")
