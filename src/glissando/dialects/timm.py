"""timm 1.0.31: the schedulers of `timm.scheduler` by their names.

A step is a call of the scheduler: an epoch with `t_in_epochs`, else an update. The curve is the
same, and `.hold_each(n)` makes epochs of n updates of it. `lr` is what the optimizer brings. Step 0
has the rate that the constructor sets: `warmup_lr_init`, or without a warm-up `lr`, whatever the
schedule begins with. Noise is drawn by PyTorch, so a schedule with `noise_range_t` is not
representable; `.noise(...)` has a noise of our own.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal

from glissando.dialects.shared.curves import later, staircase, stepped
from glissando.dialects.shared.cycles import Cycles
from glissando.dialects.shared.declare import NotRepresentable, dialect, metric_driven
from glissando.errors import ScheduleError, one_of, shown
from glissando.families import (
    Constant,
    Cosine,
    ExponentialCooldown,
    InverseSqrt,
    KDecay,
    Linear,
    Polynomial,
    PowerLaw,
    Sqrt,
    Tanh,
    schedule,
)
from glissando.rules import (
    Count,
    Factor,
    Number,
    Positive,
    Power,
    Rate,
    Rule,
    SomeSteps,
    Steps,
    StepsOrZero,
    Timescale,
)
from glissando.schedule import Schedule

Bound = Annotated[float, Number(-1000, 1000)]
Curve = Callable[[float], float]
Sched = Literal[
    "cosine", "tanh", "step", "multistep", "poly", "wsd", "rsqrt", "constant", "plateau", "none"
]


class _NoNoise(Rule):
    """No noise."""

    words = "None, as PyTorch draws the noise; .noise(...) has one of its own"

    def check(self, value: Any, where: str) -> None:
        """Raise a `NotRepresentable` about `where`, but for None."""
        if value is not None:
            raise NotRepresentable(f"{where} must be {self.words}")


Noise = Annotated[float | Sequence[float] | None, _NoNoise()]


def _cyclic(
    cycles: Cycles, warmup: int, init: float, prefix: bool, *, met: bool = False
) -> Schedule:
    """Return cycles under their warm-up, or after it with `prefix`.

    Args:
        cycles: the cycles.
        warmup: its length.
        init: where it begins.
        prefix: whether the cycles begin after it.
        met: whether the warm-up rises to the rate that the cycles, begun under it, have there.
    """
    last, body = cycles.last(), cycles.cycles()
    top = cycles.lr
    if met and warmup and not prefix:
        if last is not None and warmup > last:
            raise ScheduleError(
                f"`warmup_t` must be at most {last}, where the cycles have shrunk to nothing, "
                f"got {warmup}"
            )
        top = body(warmup)
    whole = _warmed(body, cycles.lr, warmup, init, prefix, top)
    if last is None:
        return whole
    return whole.take(last + warmup if prefix else max(last, warmup - 1)).strict()


def _warmed(
    body: Schedule, lr: float, warmup: int, init: float, prefix: bool, top: float | None = None
) -> Schedule:
    """Return a schedule under its warm-up, or after it; without one the first rate is `lr`."""
    if warmup:
        rise = Linear(init, lr if top is None else top, warmup)
        return rise >> (body if prefix else later(body, warmup))
    return body if body(0) == lr else Constant(lr, 1) >> later(body, 1)


@dialect
def CosineLRScheduler(
    t_initial: Steps,
    lr_min: Rate = 0.0,
    cycle_mul: Positive = 1.0,
    cycle_decay: Factor = 1.0,
    cycle_limit: Count = 1,
    warmup_t: StepsOrZero = 0,
    warmup_lr_init: Rate = 0.0,
    warmup_prefix: bool = False,
    t_in_epochs: bool = True,
    noise_range_t: Noise = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    k_decay: Power = 1.0,
    *,
    lr: Rate,
) -> Schedule:
    """Cosines, `cycle_limit` of them, and then `lr_min`; each `cycle_mul` times as long.

    As in timm 1.0.31, the warm-up rises to `lr`, while the cosine, unless `warmup_prefix` is set,
    has begun under it: the rate then jumps down. A restart is met at its very step, where timm,
    which finds it by a logarithm, misses some. With a `cycle_mul` below 1 timm raises where the
    cycles have shrunk to nothing, and so does the schedule.
    """

    def remaining(fraction: float) -> float:
        return (1.0 + math.cos(math.pi * fraction**k_decay)) / 2

    whole = Cosine if k_decay == 1 else partial(KDecay, power=k_decay)
    cycles = Cycles(whole, remaining, lr, lr_min, t_initial, cycle_mul, cycle_decay, cycle_limit)
    return _cyclic(cycles, warmup_t, warmup_lr_init, warmup_prefix)


@dialect
def MultiStepLRScheduler(
    decay_t: SomeSteps,
    decay_rate: Factor = 1.0,
    warmup_t: StepsOrZero = 0,
    warmup_lr_init: Rate = 0.0,
    warmup_prefix: bool = True,
    t_in_epochs: bool = True,
    noise_range_t: Noise = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    *,
    lr: Rate,
) -> Schedule:
    """Times `decay_rate` at each milestone, one step before it: as in timm 1.0.31.

    Milestones are in order; those of 0 and 1 have an effect from step 1 on.
    """
    if list(decay_t) != sorted(decay_t):
        raise ScheduleError(f"`decay_t` must be increasing, got {shown(list(decay_t))}")
    body = stepped(lr, [max(0, step - 1) for step in decay_t], decay_rate)
    return _warmed(body, lr, warmup_t, warmup_lr_init, warmup_prefix)


PlateauLRScheduler = metric_driven("timm.PlateauLRScheduler")


@dialect
def PolyLRScheduler(
    t_initial: Steps,
    power: Annotated[float, Number(0, 1000)] = 0.5,
    lr_min: Rate = 0.0,
    cycle_mul: Positive = 1.0,
    cycle_decay: Factor = 1.0,
    cycle_limit: Count = 1,
    warmup_t: StepsOrZero = 0,
    warmup_lr_init: Rate = 0.0,
    warmup_prefix: bool = False,
    t_in_epochs: bool = True,
    noise_range_t: Noise = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    k_decay: Power = 1.0,
    *,
    lr: Rate,
) -> Schedule:
    """A power of the remaining fraction, in cycles as those of `CosineLRScheduler`.

    With a `k_decay` the elapsed fraction is raised to that power first.
    """

    def remaining(fraction: float) -> float:
        return float((1.0 - fraction**k_decay) ** power)

    def whole(top: float, floor: float, steps: int) -> Schedule:
        if power == 0:
            return Constant(top, steps)
        if k_decay == 1:
            return Polynomial(top, floor, steps, power)
        return Polynomial(floor, top, steps, k_decay).reverse()

    family = whole if k_decay == 1 or power in (0, 1) else None
    cycles = Cycles(family, remaining, lr, lr_min, t_initial, cycle_mul, cycle_decay, cycle_limit)
    return _cyclic(cycles, warmup_t, warmup_lr_init, warmup_prefix)


@dialect
def StepLRScheduler(
    decay_t: Positive,
    decay_rate: Factor = 1.0,
    warmup_t: StepsOrZero = 0,
    warmup_lr_init: Rate = 0.0,
    warmup_prefix: bool = True,
    t_in_epochs: bool = True,
    noise_range_t: Noise = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    *,
    lr: Rate,
) -> Schedule:
    """Times `decay_rate` at every `decay_t` steps, which need not be whole: 2.4 is a usual one.

    A rate that grows, or a `decay_t` that is no fraction of numbers up to 1000 or so, takes a
    function, which cannot be saved.
    """
    body = staircase(lr, decay_rate, decay_t)
    return _warmed(body, lr, warmup_t, warmup_lr_init, warmup_prefix)


@dialect
def TanhLRScheduler(
    t_initial: Steps,
    lb: Bound = -7.0,
    ub: Bound = 3.0,
    lr_min: Rate = 0.0,
    cycle_mul: Positive = 1.0,
    cycle_decay: Factor = 1.0,
    cycle_limit: Count = 1,
    warmup_t: StepsOrZero = 0,
    warmup_lr_init: Rate = 0.0,
    warmup_prefix: bool = False,
    t_in_epochs: bool = True,
    noise_range_t: Noise = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    *,
    lr: Rate,
) -> Schedule:
    """A hyperbolic tangent from `lb` to `ub`, in cycles as those of `CosineLRScheduler`.

    It begins a little below `lr`, and jumps to `lr_min` at its end. Without `warmup_prefix` the
    warm-up rises to the rate that the tangent, which has begun under it, has there, as only this
    one does in timm 1.0.31.
    """
    if lb >= ub:
        raise ScheduleError(f"`lb` must be below `ub`, got {lb} and {ub}")

    def remaining(fraction: float) -> float:
        return (1.0 - math.tanh(lb * (1.0 - fraction) + ub * fraction)) / 2

    def whole(top: float, floor: float, steps: int) -> Schedule:
        start, end = (floor + (top - floor) * remaining(fraction) for fraction in (0.0, 1.0))
        return Tanh(start, end, steps, lb, ub)

    family = whole if -8 <= lb <= 0 <= ub <= 8 and ub - lb >= 0.01 else None
    cycles = Cycles(family, remaining, lr, lr_min, t_initial, cycle_mul, cycle_decay, cycle_limit)
    return _cyclic(cycles, warmup_t, warmup_lr_init, warmup_prefix, met=True)


@dialect
def WSDLRScheduler(
    t_initial: Steps,
    decay_t: Steps,
    lr_min: Rate = 0.0,
    stable_fn: Literal["constant", "rsqrt", "power"] = "constant",
    stable_timescale: Timescale | None = None,
    stable_power: Power = 0.5,
    decay_fn: str | Curve = "1-sqrt",
    decay_power: Power = 0.5,
    decay_ratio: Annotated[float, Number(0, 1, above=True)] = 0.1,
    warmup_t: StepsOrZero = 0,
    warmup_lr_init: Rate = 0.0,
    t_in_epochs: bool = True,
    noise_range_t: Noise = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    *,
    lr: Rate,
) -> Schedule:
    """A warm-up, a stable phase, and a decay in the last `decay_t` of `t_initial` steps.

    `t_initial` does not count the warm-up. A stable phase that falls goes on falling under the
    decay, and no lower than `lr_min`; what decays is what is above that. With a function of your
    own, of the elapsed fraction of the decay, it cannot be saved.
    """
    if not callable(decay_fn):
        one_of(decay_fn, ("linear", "1-sqrt", "cosine", "power", "exp"), "`decay_fn`")
    if decay_t > t_initial:
        raise ScheduleError(f"`decay_t` must be at most `t_initial`, got {decay_t} and {t_initial}")
    if decay_ratio == 1:
        raise ScheduleError(f"`decay_ratio` must be below 1, got {decay_ratio}")
    timescale = warmup_t if stable_timescale is None else stable_timescale
    if stable_fn != "constant" and not timescale:
        raise ScheduleError(
            f"`stable_timescale` must be given for {stable_fn!r} without a warm-up, "
            f"got {stable_timescale}"
        )
    if stable_fn == "constant":
        stable: Schedule = Constant(lr)
    elif stable_fn == "rsqrt":
        stable = InverseSqrt(lr, timescale)
    else:
        stable = PowerLaw(lr, stable_power, timescale)
    before = t_initial - decay_t
    shape = partial(_decay, steps=decay_t, power=decay_power, ratio=decay_ratio)
    body: Schedule
    if lr <= lr_min:
        body = Constant(lr_min)
    elif callable(decay_fn):
        body = _by_function(stable, lr_min, before, decay_t, decay_fn)
    elif stable_fn == "constant":
        body = Constant(lr, before) >> shape(decay_fn, lr, lr_min)
    else:
        # (stable - floor) * remaining + floor, with nothing below 0
        body = stable * (Constant(1.0, before) >> shape(decay_fn, 1.0, 0.0))
        if lr_min:
            body = (body + (Constant(0.0, before) >> shape(decay_fn, 0.0, lr_min))).clip(
                floor=lr_min
            )
        body = body.take(t_initial)
    return _warmed(body, lr, warmup_t, warmup_lr_init, prefix=True)


@dialect
def create_scheduler(args: Any, updates_per_epoch: Count = 0, *, lr: Rate) -> Schedule:
    """`create_scheduler_v2` by the options of timm's train.py, with the defaults of this function.

    `args` has them as attributes, as train.py parses them, or is a mapping of them, such as the
    args.yaml that it writes. Its `lr` is not read: timm takes it from the optimizer.
    """
    get = args.get if isinstance(args, Mapping) else partial(getattr, args)
    given = {name: get(key, default) for name, (key, default) in OPTIONS.items()}
    return create_scheduler_v2(
        **given,
        step_on_epochs=not get("sched_on_updates", False),
        updates_per_epoch=updates_per_epoch,
        lr=lr,
    )


@dialect
def create_scheduler_v2(
    sched: Sched = "cosine",
    num_epochs: Steps = 300,
    decay_epochs: Positive | None = None,
    decay_milestones: SomeSteps = (90, 180, 270),
    cooldown_epochs: Count = 0,
    patience_epochs: Count = 10,
    decay_rate: Factor = 0.1,
    min_lr: Rate = 0.0,
    warmup_lr: Rate = 1e-5,
    warmup_epochs: StepsOrZero = 0,
    warmup_prefix: bool = False,
    noise: float | Sequence[float] | None = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    cycle_mul: Positive = 1.0,
    cycle_decay: Factor = 0.1,
    cycle_limit: Count = 1,
    k_decay: Power = 1.0,
    decay_fn: str | Curve | None = None,
    stable_timescale: Timescale | None = None,
    plateau_mode: str = "max",
    step_on_epochs: bool = True,
    updates_per_epoch: Count = 0,
    *,
    lr: Rate,
) -> Schedule:
    """A scheduler by its name; "none" is the optimizer's own rate.

    As in timm 1.0.31, `decay_rate` is the power of "poly". With `step_on_epochs` a step is an
    epoch, else an update. The number of epochs that timm returns beside its scheduler is not
    returned.
    """
    if not (step_on_epochs or updates_per_epoch):
        raise ScheduleError("`updates_per_epoch` must be 1 or more by updates, got 0")
    if sched == "none":
        return Constant(lr)
    if sched == "plateau":
        return PlateauLRScheduler()
    by = 1 if step_on_epochs else updates_per_epoch
    short = sched in ("wsd", "rsqrt")
    every = decay_epochs if decay_epochs is not None else 0.2 if short else 90
    steps, rise = num_epochs * by, warmup_epochs * by
    base: dict[str, Any] = {"lr": lr, "noise_range_t": noise}
    base |= {"warmup_t": rise, "warmup_lr_init": warmup_lr}
    if short:
        whole = steps if warmup_prefix else steps - rise
        if whole < 1:
            raise ScheduleError(
                f"`warmup_epochs` must be below `num_epochs`, got {warmup_epochs} and {num_epochs}"
            )
        decay = round(every * whole if every < 1 else every * by)
        if not 0 < decay <= whole:
            raise ScheduleError(
                f"`decay_epochs` must come to 1 step or more, and at most the {whole} "
                f"after the warm-up, got {every}, which is {decay}"
            )
        return WSDLRScheduler(
            whole,
            decay,
            min_lr,
            stable_fn="rsqrt" if sched == "rsqrt" else "constant",
            stable_timescale=None if stable_timescale is None else stable_timescale * by,
            decay_fn=decay_fn or ("linear" if sched == "rsqrt" else "1-sqrt"),
            **base,
        )
    base["warmup_prefix"] = warmup_prefix
    if sched == "constant":
        return StepLRScheduler(1, 1.0, **base)
    if sched == "step":
        return StepLRScheduler(every * by, decay_rate, **base)
    if sched == "multistep":
        return MultiStepLRScheduler([step * by for step in decay_milestones], decay_rate, **base)
    base |= {"lr_min": min_lr, "cycle_mul": cycle_mul, "cycle_decay": cycle_decay}
    base["cycle_limit"] = cycle_limit
    if sched == "tanh":
        return TanhLRScheduler(steps, **base)
    if sched == "cosine":
        return CosineLRScheduler(steps, k_decay=k_decay, **base)
    return PolyLRScheduler(steps, decay_rate, k_decay=k_decay, **base)


OPTIONS: dict[str, tuple[str, Any]] = {
    "sched": ("sched", None),
    "num_epochs": ("epochs", 100),
    "decay_epochs": ("decay_epochs", 30),
    "decay_milestones": ("decay_milestones", [30, 60]),
    "warmup_epochs": ("warmup_epochs", 5),
    "decay_rate": ("decay_rate", 0.1),
    "min_lr": ("min_lr", 0.0),
    "warmup_lr": ("warmup_lr", 1e-5),
    "warmup_prefix": ("warmup_prefix", False),
    "noise": ("lr_noise", None),
    "cycle_mul": ("lr_cycle_mul", 1.0),
    "cycle_decay": ("lr_cycle_decay", 0.1),
    "cycle_limit": ("lr_cycle_limit", 1),
    "k_decay": ("lr_k_decay", 1.0),
    "decay_fn": ("lr_decay_fn", None),
    "stable_timescale": ("lr_stable_timescale", None),
}
"""Where `create_scheduler` finds what shapes the curve, and what it takes if that is not there."""


def _decay(
    shape: str, start: float, end: float, steps: int, power: float, ratio: float
) -> Schedule:
    if shape == "power":
        return Polynomial(end, start, steps, power).reverse()
    if shape == "exp":
        return ExponentialCooldown(start, end, steps, ratio)
    families: dict[str, type[Schedule]] = {"linear": Linear, "1-sqrt": Sqrt, "cosine": Cosine}
    return families[shape](start, end, steps)


def _by_function(
    stable: Schedule, floor: float, before: int, steps: int, remaining: Curve
) -> Schedule:
    def rate(step: float) -> float:
        above = max(float(stable(step)) - floor, 0.0)
        if step > before:
            above *= remaining(min((step - before) / steps, 1.0))
        return floor + above

    return schedule(rate)
