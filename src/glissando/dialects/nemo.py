"""NVIDIA NeMo 3.0.0: the schedulers of `nemo.core.optim.lr_scheduler` by their names.

Step k is update k. A warm-up begins at one of `warmup_steps` + 1 parts and has all of them at step
`warmup_steps`; a `warmup_ratio` is cut to a whole number of steps. Past `max_steps` the rate is
`min_lr`.
"""

import math
from collections.abc import Callable

from glissando.dialects.shared.curves import later
from glissando.dialects.shared.declare import dialect
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, InverseSqrt, Linear, Polynomial, PowerLaw, Sqrt
from glissando.rules import Positive, Power, Rate, Share, Steps, StepsOrZero
from glissando.schedule import Schedule


@dialect
def CosineAnnealing(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    constant_steps: StepsOrZero | None = None,
    constant_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """Half a cosine after the warm-up, and `min_lr` for the last `constant_steps`.

    With these the warm-up is Megatron's, from 0 at step 0. Where the warm-up and they are all the
    steps there are, or more, `min_lr` comes after the peak at once.
    """
    if lr < min_lr:
        raise ScheduleError(f"`lr` must be at least `min_lr`, got {lr} and {min_lr}")
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    constant = _steps(max_steps, constant_steps, constant_ratio, "constant")
    rise = Linear(0.0, lr, warmup) if constant else _rise(lr, warmup)
    if warmup and warmup + constant >= max_steps:  # nothing is left of the cosine
        return rise >> Constant(lr, 1) >> Constant(min_lr)
    if constant > max_steps:
        return Constant(min_lr)
    return rise >> Cosine(lr, min_lr, _rest(max_steps, warmup + constant))


@dialect
def InverseSquareRootAnnealing(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """The rate over the root of the step, both counted from 1, which is `lr` after the warm-up."""
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    return _until(_rise(lr, warmup) >> InverseSqrt(lr, warmup + 1), max_steps, min_lr)


@dialect
def NoamAnnealing(
    d_model: Positive,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    max_steps: Steps | None = None,
    min_lr: Rate = 0.0,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0 to `lr` over the root of `d_model` times the warm-up, then a root.

    Step 0 has the rate of step 1; it falls no lower than `min_lr`, and does not end.
    """
    if lr < min_lr:
        raise ScheduleError(f"`lr` must be at least `min_lr`, got {lr} and {min_lr}")
    warmup = _steps(max_steps or 0, warmup_steps, warmup_ratio, "warmup")
    peak = lr / math.sqrt(d_model * max(1, warmup))
    if not warmup:
        return Constant(max(peak, min_lr), 1) >> InverseSqrt(peak, 1).clip(floor=min_lr)
    fall = InverseSqrt(peak, warmup).drop(1).clip(floor=min_lr)
    whole = Linear(0.0, peak, warmup) >> Constant(peak, 1) >> fall
    return Constant(whole(1), 1) >> whole.drop(1)


@dialect
def NoamHoldAnnealing(
    max_steps: Steps,
    decay_rate: Power = 0.5,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    hold_steps: StepsOrZero | None = None,
    hold_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """The peak for some steps after the warm-up, then a power of the step without these."""
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    hold = _steps(max_steps, hold_steps, hold_ratio, "hold")
    if not warmup:
        raise ScheduleError("`warmup_steps` must be 1 or more, got 0")
    fall = PowerLaw(lr, decay_rate, warmup).clip(floor=min_lr)
    return _until(_rise(lr, warmup) >> Constant(lr, hold) >> fall, max_steps, min_lr)


@dialect
def PolynomialDecayAnnealing(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    power: Power = 1.0,
    cycle: bool = False,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """A power of what remains after the warm-up; a `cycle` would begin past `max_steps`."""
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    return _rise(lr, warmup) >> Polynomial(lr, min_lr, _rest(max_steps, warmup), power)


@dialect
def PolynomialHoldDecayAnnealing(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    power: Power = 1.0,
    cycle: bool = False,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    hold_steps: StepsOrZero | None = None,
    hold_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """The peak for some steps after the warm-up, then a power of what remains.

    Where neither `hold_steps` nor `hold_ratio` is given, NeMo counts the decay from step 0, and it
    is over before `max_steps` by the length of the warm-up.
    """
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    hold = _steps(max_steps, hold_steps, hold_ratio, "hold")
    rise, rest = _rise(lr, warmup), _rest(max_steps, warmup + hold)
    fall = Polynomial(lr, min_lr, rest, power)
    if hold_steps is None and hold_ratio is None and warmup:
        after = fall.drop(warmup + 1) if warmup + 1 < rest else Constant(min_lr)
        return rise >> Constant(lr, 1) >> after
    return rise >> Constant(lr, hold) >> fall


@dialect
def SquareAnnealing(
    max_steps: Steps,
    min_lr: Rate = 1e-5,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """The square of what remains after the warm-up, but no less than `min_lr`."""
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    fall = Polynomial(lr, 0.0, _rest(max_steps, warmup), 2.0).clip(floor=min_lr)
    return _until(_rise(lr, warmup) >> fall, max_steps, min_lr)


@dialect
def SquareRootAnnealing(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """The root of what remains of all the steps: it falls at once after the warm-up."""
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    _rest(max_steps, warmup)
    fall = Polynomial(lr, 0.0, max_steps, 0.5).clip(floor=min_lr)
    if not warmup:
        return _until(fall, max_steps, min_lr)
    after = fall.drop(warmup + 1) if warmup + 1 < max_steps else Constant(min_lr)
    return _until(_rise(lr, warmup) >> Constant(lr, 1) >> after, max_steps, min_lr)


@dialect
def T5InverseSquareRootAnnealing(
    max_steps: Steps, constant_steps: Steps, min_lr: Rate = 0.0, *, lr: Rate | None = None
) -> Schedule:
    """One over the root of the step, at least of `constant_steps`; the rate does not count."""
    _rest(max_steps, constant_steps)
    top = 1 / math.sqrt(constant_steps)
    return _until(
        Constant(top, constant_steps) >> InverseSqrt(top, constant_steps), max_steps, min_lr
    )


@dialect
def WarmupAnnealing(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """A line down to `min_lr` after the warm-up."""
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    return _rise(lr, warmup) >> Linear(lr, min_lr, _rest(max_steps, warmup))


@dialect
def WarmupHoldAnnealLinear(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    hold_steps: StepsOrZero | None = None,
    hold_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """The peak for some steps after the warm-up, then a line down to `min_lr`.

    Where neither `hold_steps` nor `hold_ratio` is given, NeMo counts the line from step 0.
    """
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    hold = _steps(max_steps, hold_steps, hold_ratio, "hold")
    held = None if hold_steps is None and hold_ratio is None else hold
    return _held(lr, warmup, held, max_steps, min_lr, lambda n: Linear(lr, min_lr, n))


@dialect
def WarmupHoldAnnealOneMinusSquareRoot(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    hold_steps: StepsOrZero | None = None,
    hold_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """The peak for some steps after the warm-up, then one minus a root, no less than `min_lr`.

    Where neither `hold_steps` nor `hold_ratio` is given, NeMo counts the root from step 0.
    """
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    hold = _steps(max_steps, hold_steps, hold_ratio, "hold")
    held = None if hold_steps is None and hold_ratio is None else hold
    return _held(lr, warmup, held, max_steps, min_lr, lambda n: Sqrt(lr, 0.0, n).clip(floor=min_lr))


@dialect
def WarmupHoldPolicy(
    max_steps: Steps,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    hold_steps: StepsOrZero | None = None,
    hold_ratio: Share | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """The peak after the warm-up, whatever `hold_steps` is."""
    _steps(max_steps, hold_steps, hold_ratio, "hold")
    warmup = _steps(max_steps, warmup_steps, warmup_ratio, "warmup")
    return _until(_rise(lr, warmup) >> Constant(lr), max_steps, min_lr)


@dialect
def WarmupPolicy(
    warmup_steps: StepsOrZero | None = None,
    warmup_ratio: Share | None = None,
    max_steps: Steps | None = None,
    min_lr: Rate = 0.0,
    *,
    lr: Rate,
) -> Schedule:
    """The peak after the warm-up."""
    warmup = _steps(max_steps or 0, warmup_steps, warmup_ratio, "warmup")
    whole = _rise(lr, warmup) >> Constant(lr)
    return whole if max_steps is None else _until(whole, max_steps, min_lr)


def _steps(total: int, steps: int | None, ratio: float | None, name: str) -> int:
    """Return a length that is given in steps or as a ratio of all, which is cut."""
    if steps is not None and ratio is not None:
        raise ScheduleError(f"either `{name}_steps` or `{name}_ratio` may be given, got both")
    if ratio is not None and not total:
        raise ScheduleError(f"`max_steps` must be given with a `{name}_ratio`, got None")
    return steps or int((ratio or 0.0) * total)


def _rest(total: int, steps: int) -> int:
    """Return the steps that remain, of which there must be some."""
    if steps >= total:
        raise ScheduleError(f"`max_steps` must be above the {steps} steps before, got {total}")
    return total - steps


def _held(
    lr: float,
    warmup: int,
    hold: int | None,
    steps: int,
    floor: float,
    fall: Callable[[int], Schedule],
) -> Schedule:
    """Return a warm-up, a hold and a fall for the rest, which without a hold begins at step 0."""
    if hold is not None:
        rest = _rest(steps, warmup + hold)
        return _until(_rise(lr, warmup) >> Constant(lr, hold) >> fall(rest), steps, floor)
    _rest(steps, warmup)
    rise = _rise(lr, warmup) >> Constant(lr, 1) if warmup else Constant(lr, 0)
    return _until(rise >> later(fall(steps), warmup + (warmup > 0)), steps, floor)


def _rise(lr: float, warmup: int) -> Schedule:
    return Linear(lr / (warmup + 1), lr, warmup)


def _until(whole: Schedule, last: int, after: float) -> Schedule:
    """Return a schedule up to its last step, and then another rate."""
    if whole.steps <= last:
        return whole >> Constant(whole.final(), last + 1 - int(whole.steps)) >> Constant(after)
    return whole.take(last + 1) >> Constant(after)
