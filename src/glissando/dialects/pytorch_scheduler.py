"""pytorch-scheduler 0.2.2: its schedulers by its names.

What an optimizer brings is `lr`. Unless it is said otherwise, a warm-up is a line up from 0, and
what ends holds its last rate. A warm-up, a stable part and a decay are each counted in steps of
their own, and the decay takes what `total_steps` leaves.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, Literal

from glissando.combinators import Chain
from glissando.dialects.shared.curves import sampled
from glissando.dialects.shared.cycles import damped, until_none
from glissando.dialects.shared.declare import dialect
from glissando.errors import ScheduleError, one_of, shown
from glissando.families import (
    Constant,
    Cosine,
    ExpHyperbolic,
    Hyperbolic,
    InverseSqrt,
    KDecay,
    Linear,
    Polynomial,
    PowerLaw,
    Rex,
    Sqrt,
    Tanh,
)
from glissando.rules import MAX_RATE, MAX_STEP, Positive, Power, Rate, Share, Steps, StepsOrZero
from glissando.schedule import Child, Children, Schedule

SHAPES: dict[str, type[Cosine] | type[Linear] | type[Sqrt]] = {
    "cosine": Cosine,
    "linear": Linear,
    "sqrt": Sqrt,
}


@dialect
def ChebyshevScheduler(total_steps: Steps, min_lr: Rate = 0.0, *, lr: Rate) -> Schedule:
    """Half a cosine wave shifted by half a step: it begins below `lr` and ends above `min_lr`."""
    half_steps = Cosine(lr, min_lr, 2 * total_steps)
    if total_steps == 1:
        return Constant(half_steps(1))
    return half_steps.drop(1).take(2 * total_steps - 2).stretch(total_steps - 1)


@dialect
def CosineAnnealingWarmupRestarts(
    first_cycle_steps: Steps,
    warmup_steps: StepsOrZero = 0,
    max_lr: Rate = 0.1,
    min_lr: Rate = 0.001,
    cycle_mult: Positive = 1.0,
    gamma: Positive = 1.0,
) -> Schedule:
    """Cosines with a warm-up from `min_lr` in each; the optimizer's own rate has no effect.

    As in pytorch-scheduler 0.2.2, the first step of a cycle has `min_lr` even without a warm-up,
    so that the peak is never used then, and a cycle no longer than its warm-up ends on the way up.
    A `cycle_mult` below 1 ends in a cycle of no steps, at which pytorch-scheduler never returns:
    the schedule raises from there on, and where a `gamma` above 1 has led above the largest rate.
    """
    _fits(first_cycle_steps, warmup_steps=warmup_steps)
    if max_lr < min_lr:
        raise ScheduleError(f"`max_lr` must be `min_lr` or more, got {max_lr} and {min_lr}")

    def cycle(peak: float, floor: float, length: int) -> Schedule:
        if not warmup_steps:
            first, fall = Constant(floor, 1), Cosine(peak, floor, length)
            return first >> fall.drop(1) if length > 1 else first
        rise = Linear(floor, peak, warmup_steps)
        if length <= warmup_steps:
            return rise.take(length)
        return rise >> Cosine(peak, floor, length - warmup_steps)

    if cycle_mult == 1:
        return damped(lambda p, f: cycle(p, f, first_cycle_steps), max_lr, min_lr, gamma)

    def cycles() -> Iterator[Schedule]:
        length, peak = first_cycle_steps, max_lr
        for number in count(1):
            if not length or peak > MAX_RATE:
                return
            yield cycle(peak, min_lr, length)
            length = int(min(first_cycle_steps * cycle_mult**number, MAX_STEP))
            peak = max_lr * gamma**number

    return until_none(cycles())


@dialect
def CosineWithWarmupScheduler(
    total_steps: Steps, warmup_steps: StepsOrZero = 0, min_lr: Rate = 0.0, *, lr: Rate
) -> Schedule:
    """A warm-up, then half a cosine wave to step `total_steps`."""
    _fits(total_steps, warmup_steps=warmup_steps)
    return Linear(0.0, lr, warmup_steps) >> Cosine(lr, min_lr, total_steps - warmup_steps)


@dialect
def ExpHyperbolicLRScheduler(
    total_steps: Steps,
    upper_bound: Steps,
    min_lr: Positive = 1e-6,
    warmup_steps: StepsOrZero = 0,
    *,
    lr: Positive,
) -> Schedule:
    """A hyperbola on a logarithmic scale, after a warm-up from `min_lr`.

    It reaches `min_lr` only if the decay takes `upper_bound` steps, and ends above it otherwise.
    """
    steps, depth = _hyperbolic(total_steps, upper_bound, warmup_steps)
    rise = Linear(min_lr, lr, warmup_steps)
    if lr < min_lr:
        remaining = Hyperbolic(1.0, 0.0, steps, upper_bound)
        return rise >> sampled(lambda t: lr * (min_lr / lr) ** (depth * (1 - remaining(t))), steps)
    return rise >> ExpHyperbolic(lr, lr * (min_lr / lr) ** depth, steps, upper_bound)


@dialect
def FlatCosineScheduler(
    total_steps: Steps, flat_fraction: Share = 0.7, min_lr: Rate = 0.0, *, lr: Rate
) -> Schedule:
    """The rate stays for a fraction of the steps, rounded down; then half a cosine wave."""
    if flat_fraction == 1:
        raise ScheduleError("`flat_fraction` must be below 1, got 1.0")
    flat = math.floor(total_steps * flat_fraction)
    return Constant(lr, flat) >> Cosine(lr, min_lr, total_steps - flat)


@dialect
def HyperbolicLRScheduler(
    total_steps: Steps,
    upper_bound: Steps,
    min_lr: Rate = 1e-6,
    warmup_steps: StepsOrZero = 0,
    *,
    lr: Rate,
) -> Schedule:
    """A hyperbola, after a warm-up from `min_lr`.

    It reaches `min_lr` only if the decay takes `upper_bound` steps, and ends above it otherwise.
    """
    steps, depth = _hyperbolic(total_steps, upper_bound, warmup_steps)
    rise = Linear(min_lr, lr, warmup_steps)
    return rise >> Hyperbolic(lr, lr - (lr - min_lr) * depth, steps, upper_bound)


@dialect
def IdentityScheduler(*, lr: Rate) -> Schedule:
    """The optimizer's rate for ever."""
    return Constant(lr)


@dialect
def InverseSqrtScheduler(warmup_steps: Steps, *, lr: Rate) -> Schedule:
    """A warm-up, then the inverse square root of the step; `lr` is the peak."""
    return Linear(0.0, lr, warmup_steps) >> InverseSqrt(lr, warmup_steps)


@dialect
def KDecayScheduler(
    total_steps: Steps, k: Power = 1.0, min_lr: Rate = 0.0, *, lr: Rate
) -> Schedule:
    """Half a cosine wave over the elapsed fraction to the power `k`."""
    return KDecay(lr, min_lr, total_steps, k)


@dialect
def LinearDecayScheduler(
    total_steps: Steps, warmup_steps: StepsOrZero = 0, min_lr: Rate = 0.0, *, lr: Rate
) -> Schedule:
    """A warm-up, then a line down to step `total_steps`."""
    _fits(total_steps, warmup_steps=warmup_steps)
    return Linear(0.0, lr, warmup_steps) >> Linear(lr, min_lr, total_steps - warmup_steps)


@dialect
def PolynomialScheduler(
    total_steps: Steps,
    power: Power = 1.0,
    min_lr: Rate = 0.0,
    warmup_steps: StepsOrZero = 0,
    cycle: bool = False,
    *,
    lr: Rate,
) -> Schedule:
    """A warm-up, then a power of the remaining fraction; with `cycle`, the whole of it for ever."""
    _fits(total_steps, warmup_steps=warmup_steps)
    fall = Polynomial(lr, min_lr, total_steps - warmup_steps, power)
    once = Linear(0.0, lr, warmup_steps) >> fall
    return once.repeat() if cycle else once


@dialect
def PowerDecayScheduler(
    total_steps: Steps,
    warmup_steps: StepsOrZero = 0,
    alpha: Power = 0.5,
    min_lr: Rate = 0.0,
    *,
    lr: Rate,
) -> Schedule:
    """A warm-up, then a power of the step, kept above `min_lr`; it never ends.

    `total_steps` is for nothing but the check of the warm-up. Without a warm-up the power is that
    of the step plus 1, and step 0 has `lr` even if that is below `min_lr`.
    """
    _fits(total_steps, warmup_steps=warmup_steps)
    fall = PowerLaw(lr, alpha, timescale=max(warmup_steps, 1))
    floored = fall.clip(min_lr) if min_lr else fall
    if not warmup_steps and lr < min_lr:
        return Constant(lr, 1) >> floored.drop(1)
    return Linear(0.0, lr, warmup_steps) >> floored


@dialect
def RexScheduler(total_steps: Steps, *, lr: Rate) -> Schedule:
    """REX, down to 0 at step `total_steps`."""
    return Rex(lr, 0.0, total_steps)


@dialect
def SlantedTriangularScheduler(
    total_steps: Steps, cut_frac: Positive = 0.1, ratio: Positive = 32.0, *, lr: Rate
) -> Schedule:
    """A line up from `lr` / `ratio` for a fraction of the steps, rounded down, and one back to it.

    As in pytorch-scheduler 0.2.2, with a rise of no steps step 0 has the lowest rate, and the peak
    is never used. A `ratio` of 1 or less leaves `lr` for ever.
    """
    if cut_frac >= 1:
        raise ScheduleError(f"`cut_frac` must be below 1, got {cut_frac}")
    if ratio <= 1:
        return Constant(lr)
    low, rise = lr / ratio, math.floor(total_steps * cut_frac)
    fall = Linear(lr, low, total_steps - rise)
    if rise:
        return Linear(low, lr, rise) >> fall
    return Constant(low, 1) >> fall.drop(1) if total_steps > 1 else Constant(low)


@dialect
def TanhDecayScheduler(
    total_steps: Steps, steepness: Positive = 3.0, min_lr: Rate = 0.0, *, lr: Rate
) -> Schedule:
    """The middle of a hyperbolic tangent, from a little below `lr`.

    It ends a little above `min_lr`, which step `total_steps` jumps to.
    """
    if 0.005 <= steepness <= 8:  # what the family takes
        beyond = (lr - min_lr) * (1.0 - math.tanh(steepness)) / 2
        fall = Tanh(lr - beyond, min_lr + beyond, total_steps, -steepness, steepness)
        return fall >> Constant(min_lr)

    def rate(step: int) -> float:
        remaining = (1.0 - math.tanh(steepness * (2 * step - total_steps) / total_steps)) / 2
        return min_lr + (lr - min_lr) * remaining if step < total_steps else min_lr

    return sampled(rate, total_steps)


@dialect
def TrapezoidalScheduler(
    total_steps: Steps,
    warmup_steps: StepsOrZero,
    decay_steps: StepsOrZero,
    min_lr: Rate = 0.0,
    *,
    lr: Rate,
) -> Schedule:
    """A warm-up, the rate, and a line down; without a decay, `min_lr` from `total_steps` on."""
    if warmup_steps + decay_steps > total_steps:
        raise ScheduleError(
            "`warmup_steps` + `decay_steps` must be at most `total_steps`, "
            f"got {warmup_steps} + {decay_steps} and {total_steps}"
        )
    top = Constant(lr, total_steps - warmup_steps - decay_steps)
    fall = Linear(lr, min_lr, decay_steps) if decay_steps else Constant(min_lr)
    return Linear(0.0, lr, warmup_steps) >> top >> fall


@dialect
def WSDScheduler(
    total_steps: Steps,
    warmup_steps: StepsOrZero,
    stable_steps: StepsOrZero,
    min_lr: Rate = 0.0,
    decay_type: Literal["cosine", "linear", "sqrt"] = "cosine",
    *,
    lr: Rate,
) -> Schedule:
    """A warm-up, the rate, and a decay; the one named "sqrt" is 1 - √."""
    _fits(total_steps, warmup_steps=warmup_steps, stable_steps=stable_steps)
    fall = SHAPES[decay_type](lr, min_lr, total_steps - warmup_steps - stable_steps)
    return Linear(0.0, lr, warmup_steps) >> Constant(lr, stable_steps) >> fall


@dialect
def WarmupHoldCosineScheduler(
    total_steps: Steps,
    warmup_steps: StepsOrZero = 0,
    hold_steps: StepsOrZero = 0,
    min_lr: Rate = 0.0,
    *,
    lr: Rate,
) -> Schedule:
    """A warm-up, the rate, and half a cosine wave to step `total_steps`."""
    _fits(total_steps, warmup_steps=warmup_steps, hold_steps=hold_steps)
    fall = Cosine(lr, min_lr, total_steps - warmup_steps - hold_steps)
    return Linear(0.0, lr, warmup_steps) >> Constant(lr, hold_steps) >> fall


@dialect
def WarmupScheduler(
    base_scheduler: Child,
    warmup_steps: StepsOrZero,
    warmup_type: Literal["linear", "cosine", "exponential"] = "linear",
    *,
    lr: Rate,
) -> Schedule:
    """A warm-up from 0 to `lr`, then a schedule from its own step 0.

    The one named "exponential" is the square of the elapsed fraction. A base of PyTorch's own is
    another matter: its rates are multiples of the last warm-up rate, as in pytorch-scheduler 0.2.2.
    """
    if warmup_type == "exponential":
        return Polynomial(lr, 0.0, warmup_steps, 2.0).reverse() >> base_scheduler
    return SHAPES[warmup_type](0.0, lr, warmup_steps) >> base_scheduler


@dialect
def SequentialComposer(schedulers: Children, milestones: Sequence[int]) -> Schedule:
    """Schedules one after another, each from its own step 0; a milestone already has the next.

    PyTorch's own among them are another matter: their rates are multiples of the rate before.
    """
    if len(milestones) != len(schedulers) - 1:
        raise ScheduleError(
            "`milestones` must be one fewer than the schedulers, "
            f"got {len(milestones)} and {len(schedulers)}"
        )
    if list(milestones) != sorted(milestones) or any(m < 0 for m in milestones):
        raise ScheduleError(f"`milestones` must be in order, 0 or more, got {shown(milestones)}")
    lengths = [end - start for start, end in zip([0, *milestones], milestones, strict=False)]
    parts = [part.cut(n) for part, n in zip(schedulers, lengths, strict=False)]
    return Chain.of(Chain(parts), schedulers[-1])


@dialect
def ScheduleFreeWrapper(warmup_steps: StepsOrZero = 0, beta: Share = 0.9, *, lr: Rate) -> Schedule:
    """The rate of the wrapped optimizer: a line up that begins one step above 0.

    What else it does, averaging the parameters, is no matter of the rate.
    """
    if beta == 1:
        raise ScheduleError("`beta` must be below 1, got 1")
    return Linear(0.0, lr, warmup_steps).drop(1) if warmup_steps > 1 else Constant(lr)


SCHEDULERS: dict[str, Callable[..., Schedule]] = {
    "chebyshev": ChebyshevScheduler,
    "cosine_annealing": CosineAnnealingWarmupRestarts,
    "cosine_with_warmup": CosineWithWarmupScheduler,
    "exp_hyperbolic": ExpHyperbolicLRScheduler,
    "flat_cosine": FlatCosineScheduler,
    "hyperbolic": HyperbolicLRScheduler,
    "identity": IdentityScheduler,
    "inverse_sqrt": InverseSqrtScheduler,
    "k_decay": KDecayScheduler,
    "linear_decay": LinearDecayScheduler,
    "polynomial": PolynomialScheduler,
    "power_decay": PowerDecayScheduler,
    "rex": RexScheduler,
    "slanted_triangular": SlantedTriangularScheduler,
    "tanh_decay": TanhDecayScheduler,
    "trapezoidal": TrapezoidalScheduler,
    "warmup_hold_cosine": WarmupHoldCosineScheduler,
    "wsd": WSDScheduler,
}
SCHEDULERS |= {scheduler.__name__.lower(): scheduler for scheduler in SCHEDULERS.values()}

PRESETS: dict[str, tuple[Callable[..., Schedule], dict[str, float], float | None]] = {
    "llm_pretrain": (WSDScheduler, {"warmup_steps": 0.01, "stable_steps": 0.7}, None),
    "llm_finetune": (CosineWithWarmupScheduler, {"warmup_steps": 0.03}, 0.1),
    "vision_finetune": (CosineWithWarmupScheduler, {"warmup_steps": 0.05}, 0.01),
    "vision_pretrain": (
        WarmupHoldCosineScheduler,
        {"warmup_steps": 0.05, "hold_steps": 0.3},
        0.001,
    ),
    "transfer_small_data": (SlantedTriangularScheduler, {}, None),
    "budgeted_training": (RexScheduler, {}, None),
}
"""Of each preset the scheduler, the fractions of the steps, and the last rate's of `lr`."""


@dialect
def create_scheduler(name: str, **kwargs: Any) -> Schedule:
    """A scheduler by its name or its class's, in any case; `lr` goes with the other arguments."""
    one_of(name.lower(), tuple(SCHEDULERS), "`name`")
    return SCHEDULERS[name.lower()](**kwargs)


@dialect
def create_scheduler_from_plan(
    name: str,
    epochs: StepsOrZero,
    steps_per_epoch: StepsOrZero,
    grad_accum_steps: Steps = 1,
    **kwargs: Any,
) -> Schedule:
    """A scheduler by its name, for all optimizer steps of a training, rounded down."""
    total_steps = epochs * steps_per_epoch // grad_accum_steps
    return create_scheduler(name, total_steps=total_steps, **kwargs)


@dialect
def create_from_preset(preset: str, total_steps: Steps, *, lr: Rate, **overrides: Any) -> Schedule:
    """A preset by its name; fractions of the steps are rounded down."""
    one_of(preset, tuple(PRESETS), "`preset`")
    scheduler, fractions, last = PRESETS[preset]
    given: dict[str, Any] = {name: int(total_steps * part) for name, part in fractions.items()}
    if last is not None:
        given["min_lr"] = lr * last
    return scheduler(**given | {"total_steps": total_steps, "lr": lr} | overrides)


def _hyperbolic(total_steps: int, upper_bound: int, warmup_steps: int) -> tuple[int, float]:
    """Return the steps of a hyperbola after a warm-up, and how far it comes down in them."""
    _fits(total_steps, warmup_steps=warmup_steps)
    if upper_bound < total_steps:
        raise ScheduleError(
            f"`upper_bound` must be `total_steps` or more, got {upper_bound} and {total_steps}"
        )
    steps = total_steps - warmup_steps
    return steps, math.sqrt(steps / upper_bound * (2.0 - steps / upper_bound))


def _fits(total_steps: int, **parts: int) -> None:
    if sum(parts.values()) >= total_steps:
        names = " + ".join(f"`{part}`" for part in parts)
        values = " + ".join(map(str, parts.values()))
        raise ScheduleError(f"{names} must be below `total_steps`, got {values} and {total_steps}")
