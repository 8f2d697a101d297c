"""Optax 0.2.8: its schedules by their names, functions of the number of updates so far.

What ends holds its last value. As in Optax, a `transition_steps` of 0 or less, or a `decay_rate` of
0, gives a constant, where Optax says so in its log alone; a `transition_begin` below 0 counts as 0.
The steps of a dictionary may be strings, as JSON has them.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from glissando.combinators import Chain
from glissando.dialects.shared.declare import dialect, metric_driven
from glissando.dialects.shared.float32 import in_single
from glissando.errors import ScheduleError, shown
from glissando.families import (
    Constant,
    Cosine,
    CosinePower,
    CosineTable,
    Geometric,
    Linear,
    Piecewise,
    Polynomial,
    Staircase,
    Table,
    schedule,
)
from glissando.rules import (
    MAX_RATE,
    MAX_STEP,
    Factor,
    Number,
    Positive,
    Rate,
    Share,
    SomeSteps,
    Steps,
    StepsOrZero,
)
from glissando.schedule import Children, Schedule

AnySteps = Annotated[int, Number(-MAX_STEP, MAX_STEP, whole=True)]
Exponent = Annotated[float, Number(0, 1000)]
STEP = Number(0, MAX_STEP, whole=True)
Scales = Mapping[int, float] | None


@dialect
def constant_schedule(value: Rate) -> Schedule:
    """One value for ever."""
    return Constant(value)


@dialect
def cosine_decay_schedule(
    init_value: Rate, decay_steps: Steps, alpha: Factor = 0.0, exponent: Exponent = 1.0
) -> Schedule:
    """Half a cosine wave, raised to a power, down to `alpha` times `init_value`."""
    end = init_value * alpha
    if exponent == 0:
        return Constant(init_value)
    if exponent == 1:
        return Cosine(init_value, end, decay_steps)
    return CosinePower(init_value, end, decay_steps, exponent)


@dialect
def cosine_onecycle_schedule(
    transition_steps: Steps,
    peak_value: Rate,
    pct_start: Share = 0.3,
    div_factor: Positive = 25.0,
    final_div_factor: Positive = 10000.0,
) -> Schedule:
    """Half a cosine wave up and one down, to the first value over `final_div_factor`.

    The peak is at a whole step, rounded down; one at step 0 or at the end has its neighbor's scale.
    """
    scales = {
        int(pct_start * transition_steps): div_factor,
        transition_steps: 1.0 / (div_factor * final_div_factor),
    }
    return piecewise_interpolate_schedule("cosine", peak_value / div_factor, scales)


@dialect
def exponential_decay(
    init_value: Rate,
    transition_steps: AnySteps,
    decay_rate: Factor,
    transition_begin: AnySteps = 0,
    staircase: bool = False,
    end_value: Rate | None = None,
) -> Schedule:
    """Times `decay_rate` every `transition_steps`, smoothly or as a staircase.

    `end_value` is a floor, or a ceiling if `decay_rate` is 1 or more, from step 0 on. A growth
    without one takes a function, which cannot be saved.
    """
    if transition_steps <= 0 or decay_rate == 0:
        return Constant(init_value)
    decay_rate = in_single(decay_rate)
    if decay_rate <= 1:
        family = Staircase if staircase else Geometric
        curve: Schedule = family(init_value, decay_rate, transition_steps)
    else:
        curve = _growing(init_value, transition_steps, decay_rate, staircase, end_value)
    curve = Constant(init_value, max(0, transition_begin)) >> curve
    if end_value is None:
        return curve
    return curve.clip(floor=end_value) if decay_rate < 1 else curve.clip(ceiling=end_value)


@dialect
def join_schedules(schedules: Children, boundaries: SomeSteps) -> Schedule:
    """Schedules one after another, each counting from its boundary.

    As in Optax 0.2.8, a schedule or boundary too many is left out, and so is a schedule whose
    boundary is not below those after it.
    """
    if not schedules:
        raise ScheduleError("`schedules` must be 1 or more, got none")
    whole: Schedule = Chain(())
    end = math.inf
    for step, part in reversed([*zip((0, *boundaries), schedules, strict=False)]):
        if step < end:
            whole = (part if end == math.inf else part.cut(int(end) - step)) >> whole
            end = step
    return whole


@dialect
def linear_onecycle_schedule(
    transition_steps: Steps,
    peak_value: Rate,
    pct_start: Share = 0.3,
    pct_final: Share = 0.85,
    div_factor: Positive = 25.0,
    final_div_factor: Positive = 10000.0,
) -> Schedule:
    """A line up, one down again, and a last one to the first value over `final_div_factor`.

    The corners are at whole steps, rounded down; of two at one step the later one's scale counts.
    """
    scales = {
        int(pct_start * transition_steps): div_factor,
        int(pct_final * transition_steps): 1.0 / div_factor,
        transition_steps: 1.0 / final_div_factor,
    }
    return piecewise_interpolate_schedule("linear", peak_value / div_factor, scales)


@dialect
def linear_schedule(
    init_value: Rate,
    end_value: Rate,
    transition_steps: AnySteps,
    transition_begin: AnySteps = 0,
) -> Schedule:
    """A straight line, after `transition_begin` steps of its first value."""
    return polynomial_schedule(init_value, end_value, 1, transition_steps, transition_begin)


@dialect
def piecewise_constant_schedule(init_value: Rate, boundaries_and_scales: Scales = None) -> Schedule:
    """Times a scale at each boundary, which already has the new value; in any order."""
    steps, values = _scaled(init_value, boundaries_and_scales)
    return Piecewise(values, steps[1:])


@dialect
def piecewise_interpolate_schedule(
    interpolate_type: Literal["linear", "cosine"],
    init_value: Rate,
    boundaries_and_scales: Scales = None,
) -> Schedule:
    """Lines or half cosine waves between boundaries, at each of which the value is times a scale.

    A boundary at step 0 scales the first value.
    """
    steps, values = _scaled(init_value, boundaries_and_scales)
    if len(steps) == 1:
        return Constant(values[0])
    return (CosineTable if interpolate_type == "cosine" else Table)(values, steps)


@dialect
def polynomial_schedule(
    init_value: Rate,
    end_value: Rate,
    power: Exponent,
    transition_steps: AnySteps,
    transition_begin: AnySteps = 0,
) -> Schedule:
    """A power of the remaining fraction, after `transition_begin` steps of its first value."""
    if transition_steps <= 0 or power == 0:
        return Constant(init_value)
    before = Constant(init_value, max(0, transition_begin))
    if power == 1:
        return before >> Linear(init_value, end_value, transition_steps)
    return before >> Polynomial(init_value, end_value, transition_steps, power)


reduce_on_plateau = metric_driven("optax.reduce_on_plateau", 'gl.Plateau("optax", ...)')


@dialect
def sgdr_schedule(cosine_kwargs: Sequence[Mapping[str, Any]]) -> Schedule:
    """Warm-ups and cosines one after another, each with its own numbers."""
    if not cosine_kwargs:
        raise ScheduleError("`cosine_kwargs` must be 1 or more, got none")
    *before, last = [warmup_cosine_decay_schedule(**each) for each in cosine_kwargs]
    lengths = [each["decay_steps"] for each in cosine_kwargs]
    return Chain([*(part.cut(n) for part, n in zip(before, lengths, strict=False)), last])


@dialect
def warmup_constant_schedule(
    init_value: Rate, peak_value: Rate, warmup_steps: AnySteps
) -> Schedule:
    """A line up to a value that holds; as in Optax 0.2.8, without a warm-up `init_value` holds."""
    return linear_schedule(init_value, peak_value, warmup_steps)


@dialect
def warmup_cosine_decay_schedule(
    init_value: Rate,
    peak_value: Rate,
    warmup_steps: StepsOrZero,
    decay_steps: Steps,
    end_value: Rate = 0.0,
    exponent: Exponent = 1.0,
) -> Schedule:
    """A line up, then half a cosine wave to step `decay_steps`, which counts the warm-up as well.

    As in Optax 0.2.8, all after the warm-up is 0 if `peak_value` is 0, whatever `end_value` is.
    """
    if warmup_steps >= decay_steps:
        raise ScheduleError(
            f"`decay_steps` must be above `warmup_steps`, got {decay_steps} and {warmup_steps}"
        )
    alpha = end_value / peak_value if peak_value else 0.0
    fall = cosine_decay_schedule(peak_value, decay_steps - warmup_steps, alpha, exponent)
    return Linear(init_value, peak_value, warmup_steps) >> fall


@dialect
def warmup_exponential_decay_schedule(
    init_value: Rate,
    peak_value: Rate,
    warmup_steps: StepsOrZero,
    transition_steps: AnySteps,
    decay_rate: Factor,
    transition_begin: AnySteps = 0,
    staircase: bool = False,
    end_value: Rate | None = None,
) -> Schedule:
    """A line up, then `exponential_decay`, whose steps count from the end of the warm-up."""
    fall = exponential_decay(
        peak_value, transition_steps, decay_rate, transition_begin, staircase, end_value
    )
    return Linear(init_value, peak_value, warmup_steps) >> fall


def _scaled(first: float, scales: Scales) -> tuple[list[int], list[float]]:
    """Return the steps at which there is a new value, from 0 on, and those values."""
    where = "`boundaries_and_scales`"
    if not isinstance(scales, Mapping | None):
        raise ScheduleError(f"{where} must be a dictionary, got {shown(scales)}")
    steps, values = [0], [first]
    checked = {}
    given: Mapping[Any, float] = scales or {}
    for step, scale in given.items():
        number = int(step) if isinstance(step, str) and step.isdecimal() else step
        at = int(STEP.check(number, f"{where}: a boundary"))
        checked[at] = Number(0, MAX_RATE).check(scale, f"{where}[{step}]")
    for step, scale in sorted(checked.items()):
        if step == 0:
            values[0] *= scale
        else:
            steps.append(step)
            values.append(values[-1] * scale)
    return steps, values


def _growing(first: float, every: int, rate: float, staircase: bool, end: float | None) -> Schedule:
    """Return growth by a factor above 1, up to an end or a little beyond it."""
    if first == 0 or (end is not None and end <= first):
        return Constant(first)
    if end is None:
        return schedule(lambda step: first * rate ** (step // every if staircase else step / every))
    periods = math.ceil(math.log(end / first, rate)) + 1
    grown = Geometric(first * rate**periods, 1 / rate).take(periods).reverse()
    return grown.hold_each(every) if staircase else grown.slow(every)
