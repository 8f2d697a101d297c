"""torch-schedule-anything 1.2.3: its schedules by their names.

They are factors of the optimizer's own value, `lr`. Nothing stops them past `num_training_steps`:
each docstring says where the curve goes from there, and where that would be below 0, it raises.
"""

import math
from collections.abc import Callable

from glissando.dialects.shared.curves import sampled
from glissando.dialects.shared.declare import dialect, variant
from glissando.families import Constant, CosinePower, CosineWave, Linear, Polynomial
from glissando.rules import MAX_RATE, MAX_STEP, Power, Rate, StepsOrZero
from glissando.schedule import Schedule


@dialect
def constant_schedule(value: Rate, *, lr: Rate) -> Schedule:
    """One rate for ever."""
    return Constant(lr * value)


@dialect
def constant_with_warmup(
    warmup_to_value: Rate, num_warmup_steps: StepsOrZero, *, lr: Rate
) -> Schedule:
    """A line up from 0, then one rate."""
    peak = lr * warmup_to_value
    return Linear(0.0, peak, num_warmup_steps) >> Constant(peak)


@dialect
def constant_with_inverse_warmup(
    warmup_to_value: Rate,
    num_warmup_steps: StepsOrZero,
    warmup_multiplier: Rate = 20.0,
    *,
    lr: Rate,
) -> Schedule:
    """A line from `warmup_multiplier` times the rate to it, then one rate."""
    peak = lr * warmup_to_value
    return Linear(warmup_multiplier * peak, peak, num_warmup_steps) >> Constant(peak)


@dialect
def cosine_annealing_with_warmup(
    warmup_to_value: Rate,
    anneal_to_value: Rate,
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then a quarter of a cosine wave, which is steepest where others are flat.

    Past the end it falls on, by the wave's next quarter.
    """
    peak, end = lr * warmup_to_value, lr * anneal_to_value
    rise = Linear(0.0, peak, num_warmup_steps)
    return rise >> _quarter(peak, end, num_training_steps - num_warmup_steps)


@dialect
def cosine_annealing_with_inverse_warmup(
    warmup_to_value: Rate,
    anneal_to_value: Rate,
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    warmup_multiplier: Rate = 20.0,
    *,
    lr: Rate,
) -> Schedule:
    """A line down from `warmup_multiplier` times the peak, then a quarter of a cosine wave."""
    peak, end = lr * warmup_to_value, lr * anneal_to_value
    fall = Linear(warmup_multiplier * peak, peak, num_warmup_steps)
    return fall >> _quarter(peak, end, num_training_steps - num_warmup_steps)


@dialect
def polynomial_schedule_with_warmup(
    warmup_to_value: Rate,
    anneal_to_value: Rate,
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    polynomial_exponent: Power = 2.0,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then a power of the remaining fraction.

    Past the end that is negative: an even exponent turns up again and grows without bound, an
    odd one goes on down, and one that is not whole makes the rate a complex number.
    """
    peak, end = lr * warmup_to_value, lr * anneal_to_value
    rise = Linear(0.0, peak, num_warmup_steps)
    return rise >> _power(peak, end, num_training_steps - num_warmup_steps, polynomial_exponent)


@dialect
def polynomial_schedule_with_inverse_warmup(
    warmup_to_value: Rate,
    anneal_to_value: Rate,
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    polynomial_exponent: Power = 2.0,
    warmup_multiplier: Rate = 20.0,
    *,
    lr: Rate,
) -> Schedule:
    """A line from `warmup_multiplier` times the peak, then a power of the remaining fraction."""
    peak, end = lr * warmup_to_value, lr * anneal_to_value
    fall = Linear(warmup_multiplier * peak, peak, num_warmup_steps)
    return fall >> _power(peak, end, num_training_steps - num_warmup_steps, polynomial_exponent)


EXPONENTS = {"linear": 1.0, "quadratic": 2.0, "sqrt": 0.5}


def _with_exponent(function: Callable[..., Schedule], kind: str) -> Callable[..., Schedule]:
    """Return a polynomial schedule with the exponent that has a name."""
    base, exponent = function.__name__, EXPONENTS[kind]
    return variant(
        function,
        base.replace("polynomial", kind),
        f"`{base}` with the exponent {exponent:g}.",
        fixed={"polynomial_exponent": exponent},
    )


linear_schedule_with_warmup = _with_exponent(polynomial_schedule_with_warmup, "linear")
quadratic_schedule_with_warmup = _with_exponent(polynomial_schedule_with_warmup, "quadratic")
sqrt_schedule_with_warmup = _with_exponent(polynomial_schedule_with_warmup, "sqrt")

linear_schedule_with_inverse_warmup = _with_exponent(
    polynomial_schedule_with_inverse_warmup, "linear"
)
quadratic_schedule_with_inverse_warmup = _with_exponent(
    polynomial_schedule_with_inverse_warmup, "quadratic"
)
sqrt_schedule_with_inverse_warmup = _with_exponent(polynomial_schedule_with_inverse_warmup, "sqrt")


def _quarter(peak: float, end: float, steps: int) -> Schedule:
    """Return end + (peak - end) cos(pi/2 · t / steps), to where it would be below 0."""
    if steps <= 0:
        return Constant(end + (peak - end) * math.cos(math.pi / 2))  # which is not quite 0 there
    if 2 * end >= peak:
        return CosineWave(peak, 2 * end - peak, 4.0 * steps)

    def beyond(t: int) -> float:
        return end + (peak - end) * math.cos(math.pi / 2 * ((steps + t) / steps))

    fall = CosinePower(peak, end, steps, 0.5)  # the root of half a wave is a quarter of one
    last = 0
    while beyond(last + 1) >= 0:
        last += 1
    return (fall >> sampled(beyond, last) if last else fall).strict()


def _power(peak: float, end: float, steps: int, power: float) -> Schedule:
    """Return end + (peak - end) · (1 - t / steps) ** power, to where that is no rate any more."""
    if steps <= 0:
        return Constant(end)
    fall = Polynomial(peak, end, steps, power)
    if power != int(power):
        return fall.strict()
    # past the end: a power of the way beyond it, up or down
    slope = (peak - end) * (-1) ** int(power)
    if slope == 0:
        return Constant(end)
    room = (MAX_RATE / 10 - end) / slope if slope > 0 else end / -slope
    last = min(int(steps * room ** (1 / power)), MAX_STEP // 2)
    if last == 0:
        return fall.strict()
    far = max(0.0, end + slope * (last / steps) ** power)
    return (fall >> Polynomial(far, end, last, power).reverse()).strict()
