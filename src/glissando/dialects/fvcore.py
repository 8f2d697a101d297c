"""fvcore 0.1.5: functions of `where`, the elapsed fraction of the training.

`steps` is the length of that training: update k has `where` = k / `steps`. fvcore means `where` to
be below 1; what it does from 1 on differs from class to class, and is kept.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Annotated

from glissando.combinators import Chain, Strict
from glissando.dialects.shared.curves import by_updates, later, until
from glissando.dialects.shared.declare import NotRepresentable, how_made, remembered
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, CosineWave, Geometric, Linear, Piecewise, Polynomial
from glissando.rules import (
    MAX_RATE,
    MAX_STEP,
    Choice,
    Many,
    Milestones,
    Number,
    Positive,
    Power,
    Rate,
    Rates,
    Ratio,
    Steps,
)
from glissando.schedule import Children, Schedule

EPSILON = 1e-6
"""What fvcore adds to `where` before it compares."""

FAR = MAX_STEP // 2

Scalings = Annotated[
    Sequence[str], Many(Choice("rescaled", "fixed"), "a list of 'rescaled' and 'fixed'")
]


@remembered
def ConstantParamScheduler(value: Rate, *, steps: Steps) -> Schedule:
    """The same rate; it raises once all the steps are done."""
    return until(Constant(value), steps - 1)


@remembered
def CosineParamScheduler(start_value: Rate, end_value: Rate, *, steps: Steps) -> Schedule:
    """Half a cosine, which turns back past its end."""
    return CosineWave(start_value, end_value, 2.0 * steps)


@remembered
def ExponentialParamScheduler(start_value: Rate, decay: Ratio, *, steps: Steps) -> Schedule:
    """`start_value` times `decay` to the power of `where`, without an end."""
    return Geometric(start_value, decay, every=steps)


@remembered
def LinearParamScheduler(start_value: Rate, end_value: Rate, *, steps: Steps) -> Schedule:
    """A straight line, which goes on past its end; where it would be below 0, it raises."""
    if start_value == end_value:
        return Constant(start_value)
    slope = (end_value - start_value) / steps
    last = FAR if slope > 0 else min(FAR, int(start_value / -slope + 1e-9))
    return Linear(start_value, max(0.0, start_value + slope * last), last).strict()


@remembered
def MultiStepParamScheduler(
    values: Rates,
    num_updates: Steps | None = None,
    milestones: Milestones | None = None,
    *,
    steps: Steps,
) -> Schedule:
    """Values that change at milestones, in updates of which there are `num_updates`, or the last.

    Their scale does not matter, only what fraction of the training they are; without any, all
    values get the same. The last value is that of the step after the training, the next one raises.
    """
    if num_updates is None and milestones is None:
        raise ScheduleError("either `num_updates` or `milestones` must be given")
    if milestones is None:
        width = math.ceil(int(num_updates or 0) / len(values))
        milestones = [width * i for i in range(1, len(values))]
    elif num_updates is None:
        num_updates, milestones = milestones[-1], milestones[:-1]
    if len(milestones) != len(values) - 1:
        raise ScheduleError(
            "`milestones` must be one fewer than the values, or as many without "
            f"`num_updates`, got {len(milestones)} for {len(values)}"
        )
    number = int(num_updates or 0)
    if number < len(values) or (milestones and milestones[-1] >= number):
        raise ScheduleError(
            "`num_updates` must be above the milestones and not below the number of values, "
            f"got {number}"
        )
    found = _staircase(
        values, steps + 1, lambda t: bisect_right(milestones, int((t / steps + EPSILON) * number))
    )
    return until(found, steps)


@remembered
def StepParamScheduler(num_updates: Positive, values: Rates, *, steps: Steps) -> Schedule:
    """Values for equal fractions of the training; it raises once all the steps are done.

    fvcore checks `num_updates` and uses it for nothing.
    """
    if not values:
        raise ScheduleError("`values` must have 1 or more, got 0")

    def index(t: int) -> int:
        return int((t / steps + EPSILON) * len(values))

    count = bisect_left(range(steps + 1), len(values), key=index)
    return until(_staircase(values, count, index), count - 1)


@remembered
def StepWithFixedGammaParamScheduler(
    base_value: Positive,
    num_decays: Annotated[int, Number(1, 100_000, whole=True)],
    gamma: Positive,
    num_updates: Steps,
    *,
    steps: Steps,
) -> Schedule:
    """`num_decays` falls by `gamma`, equally far apart; it raises once all the steps are done."""
    values = accumulate([base_value] + [gamma] * num_decays, lambda rate, factor: rate * factor)
    return StepParamScheduler(num_updates, list(values), steps=steps)


@remembered
def PolynomialDecayParamScheduler(base_value: Rate, power: Power, *, steps: Steps) -> Schedule:
    """`base_value` times a power of what remains; past its end it raises, but for an even power.

    There fvcore's rate is below 0, or a complex number; an even power rises again, for as long as
    rates may grow.
    """
    fall = Polynomial(base_value, 0.0, steps, power)
    if power % 2 or not base_value:
        return fall.strict()
    times = min(1000, int((MAX_RATE / max(1.0, base_value)) ** (1 / power)))
    if times < 1:
        return fall.strict()
    far = Polynomial(base_value * times**power, 0.0, steps * times, power)
    return (fall >> far.reverse()).strict()


@remembered
def CompositeParamScheduler(
    schedulers: Children,
    lengths: Sequence[float],
    interval_scaling: Scalings,
    *,
    steps: Steps,
) -> Schedule:
    """Schedulers one after another, each over its fraction of the training; the last goes on.

    A "rescaled" one runs whole in its fraction, a "fixed" one as if it had the training for itself.
    They are schedules of this dialect, of any length.
    """
    if not schedulers or not len(schedulers) == len(lengths) == len(interval_scaling):
        raise ScheduleError(
            "`lengths` and `interval_scaling` must have one for each of `schedulers`, "
            f"got {len(lengths)} and {len(interval_scaling)} for {len(schedulers)}"
        )
    if min(lengths) <= 0 or abs(sum(lengths) - 1) >= 1e-3:
        raise ScheduleError(f"`lengths` must be above 0, 1 in all, got {shown(list(lengths))}")
    if sum(lengths) != 1:
        lengths = [*lengths[:-1], 1 - sum(lengths[:-1])]
    ends = [*accumulate(lengths)]
    firsts = [0, *(_passed(end, steps) for end in ends[:-1])]
    parts: list[Schedule] = []
    for i, part in enumerate(schedulers):
        known = how_made(part, "fvcore")
        if known is None:
            raise ScheduleError(f"`schedulers[{i}]` must be made by this dialect")
        first, last = firsts[i], MAX_STEP if i == len(schedulers) - 1 else firsts[i + 1]
        if last <= first:
            continue
        begin = Fraction(ends[i] - lengths[i]).limit_denominator(10**6) * steps
        length = Fraction(lengths[i]).limit_denominator(10**6) * steps
        finer = math.lcm(begin.denominator, length.denominator)
        if interval_scaling[i] == "fixed":
            begin, length, finer = Fraction(0), Fraction(steps), 1
        if finer * steps * 4 > MAX_STEP:
            raise NotRepresentable(f"no grid of steps has the fraction {lengths[i]} of {steps}")
        rate, elapsed = known.again(steps=int(length * finer)), max(0, int((first - begin) * finer))
        over: int | None = None
        if isinstance(rate, Strict):  # it is the whole that raises
            rate = rate.schedule
            over = first + (int(rate.steps) - elapsed) // finer
        rate = by_updates(later(rate, elapsed), finer)
        parts.append(rate if last == MAX_STEP else rate.cut(last - first))
    if over is None:
        return Chain(parts)
    return until(Chain(parts), max(over, first - 1))


def _passed(fraction: float, steps: int) -> int:
    """Return the first step that fvcore counts to what comes after a fraction."""
    return bisect_left(range(steps + 1), True, key=lambda t: t / steps + EPSILON > fraction)


def _staircase(values: Sequence[float], count: int, index: Callable[[int], int]) -> Schedule:
    """Return the values by an index that never falls, at the first `count` steps."""
    firsts = [bisect_left(range(count), i, key=index) for i in range(1, len(values))]
    used = sorted({first for first in firsts if 0 < first < count})
    if not used:
        return Constant(values[index(0)])
    return Piecewise([values[index(t)] for t in (0, *used)], used)
