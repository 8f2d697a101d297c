"""Keras 3.15: its schedules and the callbacks that set a rate, by their names.

A schedule counts updates. A callback counts epochs of `steps_per_epoch` updates each; by default a
step is an epoch. `name` is there so that a schedule's own `get_config()` can be passed on. What
ends holds its last rate.
"""

import math
from collections.abc import Callable, Sequence
from inspect import signature
from typing import Annotated, Any

from glissando.combinators import Chain
from glissando.dialects.shared.curves import exponential, until
from glissando.dialects.shared.curves import staircase as in_stairs
from glissando.dialects.shared.cycles import height, places
from glissando.dialects.shared.declare import dialect, metric_driven
from glissando.dialects.shared.float32 import in_single, single
from glissando.errors import ScheduleError
from glissando.families import (
    Constant,
    Cosine,
    CyclicPolynomial,
    InverseTime,
    Linear,
    Piecewise,
    Polynomial,
)
from glissando.families import schedule as own
from glissando.rules import (
    MAX_STEP,
    Factor,
    Many,
    Number,
    Positive,
    Rate,
    Rates,
    Share,
    Steps,
    StepsOrZero,
)
from glissando.schedule import Schedule

AnySteps = Annotated[
    Sequence[int], Many(Number(-MAX_STEP, MAX_STEP, whole=True), "a list of whole steps")
]


@dialect
def CosineDecay(
    initial_learning_rate: Rate,
    decay_steps: Steps,
    alpha: Factor = 0.0,
    name: str = "CosineDecay",
    warmup_target: Rate | None = None,
    warmup_steps: StepsOrZero = 0,
) -> Schedule:
    """Half a cosine wave down to `alpha` times its start, after a line up to `warmup_target`.

    `decay_steps` does not count the warm-up. As in Keras 3.15, `warmup_steps` without a
    `warmup_target` has no effect.
    """
    if warmup_target is None:
        return Cosine(initial_learning_rate, initial_learning_rate * alpha, decay_steps)
    rise = Linear(initial_learning_rate, warmup_target, warmup_steps)
    return rise >> Cosine(warmup_target, warmup_target * alpha, decay_steps)


@dialect
def CosineDecayRestarts(
    initial_learning_rate: Rate,
    first_decay_steps: Steps,
    t_mul: Positive = 2.0,
    m_mul: Factor = 1.0,
    alpha: Share = 0.0,
    name: str = "SGDRDecay",
) -> Schedule:
    """Cosines for ever, each `t_mul` times as long and `m_mul` times as high as the one before.

    A cycle may begin between two steps. Its beginnings are exact here, where Keras, which finds
    them by a logarithm in float32, misses some. With a `t_mul` below 1 the cycles end, and Keras
    gives NaN from there on: the schedule raises. Heights that grow for ever in cycles of one length
    take a function, which cannot be saved.
    """
    peak, floor = initial_learning_rate, initial_learning_rate * alpha
    m_mul = in_single(m_mul)
    if t_mul == 1:
        cycle = Cosine(peak - floor, 0.0, first_decay_steps)
        if m_mul == 1:
            return Cosine(peak, floor, first_decay_steps).repeat()
        if m_mul == 0:
            return Cosine(peak, floor, first_decay_steps) >> Constant(floor)
        if m_mul < 1:
            return cycle.repeat(scale=m_mul) + floor
        saw = cycle.repeat()
        return own(lambda step: floor + saw(step) * m_mul ** (step // first_decay_steps))
    parts = []
    for place in places(first_decay_steps, t_mul, seen=single(t_mul) if t_mul > 1 else None):
        above = height(peak - floor, m_mul, place.number)
        parts.append(place.cosine(floor + above, floor))
    whole = Chain(parts)
    return whole if t_mul > 1 else until(whole, int(whole.steps) - 1)


@dialect
def ExponentialDecay(
    initial_learning_rate: Rate,
    decay_steps: Steps,
    decay_rate: Factor,
    staircase: bool = False,
    name: str = "ExponentialDecay",
) -> Schedule:
    """Times `decay_rate` every `decay_steps`, smoothly or as a staircase.

    A `decay_rate` of 0 has an effect from step 1, or the first stair, on. One above 1 takes a
    function, which cannot be saved.
    """
    start, rate = initial_learning_rate, in_single(decay_rate)
    return (in_stairs if staircase else exponential)(start, rate, decay_steps)


@dialect
def InverseTimeDecay(
    initial_learning_rate: Rate,
    decay_steps: Steps,
    decay_rate: Factor,
    staircase: bool = False,
    name: str = "InverseTimeDecay",
) -> Schedule:
    """Over 1 plus `decay_rate` for every `decay_steps`, smoothly or as a staircase."""
    if staircase:
        return InverseTime(initial_learning_rate, decay_rate).hold_each(decay_steps)
    return InverseTime(initial_learning_rate, decay_rate / decay_steps)


@dialect
def LearningRateScheduler(
    schedule: Callable[..., Any], *, steps_per_epoch: Steps = 1, lr: Rate | None = None
) -> Schedule:
    """A function of the epoch, or of the epoch and the rate so far: then give `lr`, the first one.

    It is called at the beginning of an epoch, whose updates all have its rate. A function of the
    rate gets it in float32, as Keras keeps it.
    """

    def held(rate: Schedule) -> Schedule:
        return rate.hold_each(steps_per_epoch) if steps_per_epoch > 1 else rate

    if isinstance(schedule, Schedule):
        return held(schedule)
    try:
        signature(schedule).bind(0, 0.0)
    except TypeError:
        return held(own(schedule))
    if lr is None:
        raise ScheduleError("`lr` must be given for a function of the rate, got None")

    def rate(epoch: float) -> Any:
        found: Any = lr
        for count in range(int(epoch) + 1):
            found = schedule(count, single(found))
        return found

    return held(own(rate))


@dialect
def PiecewiseConstantDecay(
    boundaries: AnySteps, values: Rates, name: str = "PiecewiseConstant"
) -> Schedule:
    """One rate up to each boundary and at it, the last one after all: the change is one step later.

    As in Keras 3.15, boundaries that are not in order add up the values whose ranges overlap.
    """
    if len(boundaries) != len(values) - 1 or not boundaries:
        raise ScheduleError(
            "`boundaries` must be 1 or more, and one fewer than `values`, "
            f"got {len(boundaries)} boundaries and {len(values)} values"
        )
    lows, highs = (-math.inf, *boundaries), (*boundaries, math.inf)
    ranges = [*zip(lows, highs, values, strict=True)]
    steps = [0, *sorted({b + 1 for b in boundaries if b >= 0})]
    rates = [sum(value for low, high, value in ranges if low < t <= high) for t in steps]
    return Piecewise(rates, steps[1:])


@dialect
def PolynomialDecay(
    initial_learning_rate: Rate,
    decay_steps: Steps,
    end_learning_rate: Rate = 0.0001,
    power: Annotated[float, Number(0, 1000)] = 1.0,
    cycle: bool = False,
    name: str = "PolynomialDecay",
) -> Schedule:
    """A power of the remaining fraction.

    With `cycle` it is that of all the periods begun: each period jumps up to a lower rate, and
    comes down to the end again.
    """
    start, end = initial_learning_rate, end_learning_rate
    if power == 0:
        return Constant(start)
    if cycle:
        return CyclicPolynomial(start, end, decay_steps, power)
    if power == 1:
        return Linear(start, end, decay_steps)
    return Polynomial(start, end, decay_steps, power)


ReduceLROnPlateau = metric_driven("keras.ReduceLROnPlateau", 'gl.Plateau("keras", ...)')
