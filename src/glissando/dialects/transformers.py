"""Transformers 5.23.0: the schedules of `transformers.optimization` by their names.

`lr` is the optimizer's rate, `optimizer.defaults["lr"]`. A parameter group of another rate
has its fraction of every rate, as there: an absolute `lr_end` or `min_lr` is the end of groups at
`lr` alone.
"""

from collections.abc import Callable, Mapping
from math import ceil, cos, pi
from typing import Annotated, Any, Literal

from glissando.combinators import Chain
from glissando.dialects.shared.curves import later, sampled
from glissando.dialects.shared.declare import dialect, metric_driven, refused
from glissando.errors import ScheduleError, one_of
from glissando.families import (
    Constant,
    Cosine,
    CosineTable,
    CosineWave,
    InverseSqrt,
    Linear,
    Polynomial,
    Sqrt,
)
from glissando.rules import MAX_RATE, Factor, Number, Power, Rate, StepsOrZero, Timescale
from glissando.schedule import Schedule

Cycles = Annotated[float, Number(-MAX_RATE, MAX_RATE)]
Shape = Literal["linear", "cosine", "1-sqrt"]
PROXY = "it shows the rates that Adafactor makes of its own, and makes none"

AdafactorSchedule = refused("transformers.AdafactorSchedule", PROXY)
get_adafactor_schedule = refused("transformers.get_adafactor_schedule", PROXY)
GreedyLR = metric_driven("transformers.GreedyLR", "gl.Greedy(...)")
get_greedy_schedule = metric_driven("transformers.get_greedy_schedule", "gl.Greedy(...)")
get_reduce_on_plateau_schedule = metric_driven("transformers.get_reduce_on_plateau_schedule")


@dialect
def get_constant_schedule(*, lr: Rate) -> Schedule:
    """One rate for ever."""
    return Constant(lr)


@dialect
def get_constant_schedule_with_warmup(num_warmup_steps: StepsOrZero, *, lr: Rate) -> Schedule:
    """A line up from 0, then one rate for ever."""
    return Linear(0.0, lr, num_warmup_steps) >> Constant(lr)


@dialect
def get_cosine_schedule_with_warmup(
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    num_cycles: Cycles = 0.5,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then cosine waves to 0, half of one by default; they go on past the end."""
    span = max(1, num_training_steps - num_warmup_steps)
    return Linear(0.0, lr, num_warmup_steps) >> _wave(lr, 0.0, span, num_cycles)


@dialect
def get_cosine_with_hard_restarts_schedule_with_warmup(
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    num_cycles: Factor = 1,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then half cosines to 0; after the end 0 holds.

    They are equally long, and may end between two steps. As in Transformers 5.23.0, rounding can
    put a restart one step late: the rate is 0 there.
    """
    span = max(1, num_training_steps - num_warmup_steps)
    return Linear(0.0, lr, num_warmup_steps) >> _restarts(lr, span, num_cycles)


@dialect
def get_cosine_with_min_lr_schedule_with_warmup(
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    num_cycles: Cycles = 0.5,
    min_lr: Rate | None = None,
    min_lr_rate: Factor | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then cosine waves to a lowest rate; they go on past the end."""
    end = _lowest(lr, min_lr, min_lr_rate)
    span = max(1, num_training_steps - num_warmup_steps)
    return Linear(0.0, lr, num_warmup_steps) >> _wave(lr, end, span, num_cycles)


@dialect
def get_cosine_with_min_lr_schedule_with_warmup_lr_rate(
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    num_cycles: Cycles = 0.5,
    min_lr: Rate | None = None,
    min_lr_rate: Factor | None = None,
    warmup_lr_rate: Factor | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """A line up, then cosine waves to a lowest rate, all one step early; they go on past the end.

    The peak is at step `num_warmup_steps` - 1, and without a warm-up it is left out. The line
    begins one step up from 0, or at `warmup_lr_rate` times the peak.
    """
    end = _lowest(lr, min_lr, min_lr_rate)
    wave = _wave(lr, end, max(1, num_training_steps - num_warmup_steps), num_cycles)
    if num_warmup_steps == 0:
        return wave.drop(1)
    first = lr / num_warmup_steps if warmup_lr_rate is None else lr * warmup_lr_rate
    if num_warmup_steps == 1:
        return Constant(first, 1) >> wave.drop(1)
    return Linear(first, lr, num_warmup_steps - 1) >> wave


@dialect
def get_inverse_sqrt_schedule(
    num_warmup_steps: StepsOrZero, timescale: Timescale | None = None, *, lr: Rate
) -> Schedule:
    """A line up from 0, then the inverse square root of the step, for ever.

    The time scale is the warm-up, or 10 000 steps without one.
    """
    fall = InverseSqrt(lr, timescale or num_warmup_steps or 10_000)
    return Linear(0.0, lr, num_warmup_steps) >> fall


@dialect
def get_linear_schedule_with_warmup(
    num_warmup_steps: StepsOrZero, num_training_steps: StepsOrZero, *, lr: Rate
) -> Schedule:
    """A line up from 0, then a line down to 0; after the end 0 holds."""
    span = num_training_steps - num_warmup_steps
    fall = Linear(lr, 0.0, span) if span > 0 else Constant(0.0)
    return Linear(0.0, lr, num_warmup_steps) >> fall


@dialect
def get_polynomial_decay_schedule_with_warmup(
    num_warmup_steps: StepsOrZero,
    num_training_steps: StepsOrZero,
    lr_end: Rate = 1e-7,
    power: Power = 1.0,
    *,
    lr: Rate,
) -> Schedule:
    """A line up from 0, then a power of the remaining fraction, to `lr_end`, which holds."""
    if lr_end >= lr:
        raise ScheduleError(f"`lr_end` must be below `lr`, got {lr_end} and {lr}")
    span = num_training_steps - num_warmup_steps
    if span == 0:  # there it divides by 0
        raise ScheduleError(
            "`num_training_steps` must not be `num_warmup_steps`, "
            f"got {num_training_steps} for both"
        )
    fall = Polynomial(lr, lr_end, span, power) if span > 0 else Constant(lr_end)
    return Linear(0.0, lr, num_warmup_steps) >> fall


@dialect
def get_scheduler(
    name: str,
    num_warmup_steps: StepsOrZero | None = None,
    num_training_steps: StepsOrZero | None = None,
    scheduler_specific_kwargs: Mapping[str, Any] | None = None,
    *,
    lr: Rate,
) -> Schedule:
    """A schedule by the name of its type, such as `lr_scheduler_type` of training arguments.

    As in Transformers 5.23.0, "constant" and "constant_with_warmup" ignore the specific arguments.
    """
    name = getattr(name, "value", name)  # a member of the enumeration
    one_of(name, tuple(TYPES), "`name`")
    function, needed = TYPES[name]
    given = {"num_warmup_steps": num_warmup_steps, "num_training_steps": num_training_steps}
    for argument in needed:
        if given[argument] is None:
            raise ScheduleError(f"`{argument}` must be given for {name!r}, got None")
    arguments = {argument: given[argument] for argument in needed}
    if function is get_wsd_schedule:
        arguments["num_training_steps"] = num_training_steps
    if not name.startswith("constant"):
        arguments |= scheduler_specific_kwargs or {}
    schedule: Schedule = function(**arguments, lr=lr)
    return schedule


@dialect
def get_wsd_schedule(
    num_warmup_steps: StepsOrZero,
    num_decay_steps: StepsOrZero,
    num_training_steps: StepsOrZero | None = None,
    num_stable_steps: StepsOrZero | None = None,
    warmup_type: Shape = "linear",
    decay_type: Shape = "cosine",
    min_lr_ratio: Factor = 0,
    num_cycles: Cycles = 0.5,
    *,
    lr: Rate,
) -> Schedule:
    """Up from the lowest rate, a stable rate, and down to the lowest rate, which holds.

    If the steps of training are too few for warm-up and decay, the decay begins in its middle.
    """
    stable = num_stable_steps
    if stable is None:
        if num_training_steps is None:
            raise ScheduleError("`num_training_steps` or `num_stable_steps` must be given")
        stable = num_training_steps - num_warmup_steps - num_decay_steps
    low, passed = lr * min_lr_ratio, max(0, -stable)
    before = RISES[warmup_type](low, lr, num_warmup_steps) >> Constant(lr, max(0, stable))
    if passed >= num_decay_steps:
        return before >> Constant(low)
    if decay_type == "cosine" and num_cycles != 0.5:
        fall = _wave(lr, low, num_decay_steps, num_cycles)
    else:
        fall = FALLS[decay_type](lr, low, num_decay_steps)
    return before >> later(fall, passed).cut(num_decay_steps - passed) >> Constant(low)


BOTH = ("num_warmup_steps", "num_training_steps")
TYPES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "linear": (get_linear_schedule_with_warmup, BOTH),
    "cosine": (get_cosine_schedule_with_warmup, BOTH),
    "cosine_with_restarts": (get_cosine_with_hard_restarts_schedule_with_warmup, BOTH),
    "polynomial": (get_polynomial_decay_schedule_with_warmup, BOTH),
    "constant": (get_constant_schedule, ()),
    "constant_with_warmup": (get_constant_schedule_with_warmup, BOTH[:1]),
    "inverse_sqrt": (get_inverse_sqrt_schedule, BOTH[:1]),
    "reduce_lr_on_plateau": (get_reduce_on_plateau_schedule, ()),
    "cosine_with_min_lr": (get_cosine_with_min_lr_schedule_with_warmup, BOTH),
    "cosine_warmup_with_min_lr": (get_cosine_with_min_lr_schedule_with_warmup_lr_rate, BOTH),
    "warmup_stable_decay": (get_wsd_schedule, BOTH[:1]),
    "greedy": (get_greedy_schedule, ()),
}
"""Each type's function, and what `get_scheduler` must be given for it."""


def _late_sqrt(start: float, end: float, steps: int) -> Schedule:
    return Sqrt(end, start, steps).reverse()


FALLS: dict[str, Callable[[float, float, int], Schedule]] = {
    "linear": Linear,
    "cosine": Cosine,
    "1-sqrt": Sqrt,
}
RISES = FALLS | {"1-sqrt": _late_sqrt}


def _wave(lr: float, end: float, span: int, cycles: float) -> Schedule:
    return CosineWave(lr, end, span / abs(cycles)) if cycles else Constant(lr)


def _lowest(lr: float, min_lr: float | None, min_lr_rate: float | None) -> float:
    if (min_lr is None) == (min_lr_rate is None):
        raise ScheduleError(
            f"one of `min_lr` and `min_lr_rate` must be given, got {min_lr} and {min_lr_rate}"
        )
    if min_lr is None:
        return lr * (min_lr_rate or 0.0)
    if lr == 0:  # there it divides by 0
        raise ScheduleError(f"`lr` must be above 0 for a `min_lr`, got {lr}")
    return min_lr


def _restarts(lr: float, span: int, cycles: float) -> Schedule:
    """Return half cosines to 0, `cycles` of them in `span` steps, and then 0."""
    if not cycles:
        return Constant(lr, span) >> Constant(0.0)

    def done(step: int) -> float:  # in cycles, with that library's rounding
        return cycles * (step / span)

    length = span / cycles
    whole = cycles == int(cycles) and length == int(length)
    if whole and all(done(cycle * int(length)) == cycle for cycle in range(int(cycles))):
        return Cosine(lr, 0.0, int(length)).repeat(cycles)
    if cycles >= span:  # a step or more from restart to restart

        def rate(step: int) -> float:
            return lr * 0.5 * (1.0 + cos(pi * (done(step) % 1.0))) if step < span else 0.0

        return sampled(rate, span)
    parts: list[Schedule] = []
    begin = 0
    for cycle in range(ceil(cycles)):
        end = ceil((cycle + 1) * length)
        while done(end) < cycle + 1:
            end += 1
        if begin >= span:
            break
        first = max(0.0, 1.0 - (begin - cycle * length))  # of the step before, so as to be above 0
        half = CosineTable([lr, 0.0], [first, first + length]).drop(1)
        parts.append(half.cut(min(end, span) - begin))
        begin = min(end, span)
    return Chain([*parts, Constant(0.0)])
