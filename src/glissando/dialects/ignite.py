"""Ignite 0.5.5: its parameter schedulers by their names.

A step is a call of the scheduler: an iteration if it is attached to `ITERATION_STARTED`. What sets
the parameters of one group or another, `param_name`, `param_group_index`, is the optimizer's side
and no argument here.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

from glissando.combinators.chain import Chain
from glissando.combinators.combinator import cut
from glissando.dialects.dialect import NotRepresentable, dialect, stepped
from glissando.dialects.torch_joined import members_of
from glissando.families.constant import Constant
from glissando.families.cosine import Cosine
from glissando.families.geometric import Geometric
from glissando.families.linear import Linear
from glissando.families.staircase import Staircase
from glissando.families.table import Table
from glissando.function import schedule
from glissando.rules import (
    MAX_STEP,
    Child,
    Factor,
    Number,
    Rate,
    Ratio,
    ScheduleError,
    Steps,
    StepsOrZero,
    shown,
)
from glissando.schedule import Schedule

CycleSize = Annotated[int, Number(2, MAX_STEP, whole=True)]
MOST = 10_000
"""Cycles of different lengths: more of them are no schedule that anyone could read."""


@dialect
def LinearCyclicalScheduler(
    start_value: Rate,
    end_value: Rate,
    cycle_size: CycleSize,
    cycle_mult: Factor = 1.0,
    start_value_mult: Factor = 1.0,
    end_value_mult: Factor = 1.0,
    warmup_duration: StepsOrZero = 0,
    *,
    monotonic: bool = False,
) -> Schedule:
    """To `end_value` and back in straight lines, or with `monotonic` only there, over and over.

    `cycle_size` is the whole way there and back. With cycles that shrink to nothing it raises.
    """
    if warmup_duration and not monotonic:
        raise ScheduleError(
            "ignite.LinearCyclicalScheduler: `warmup_duration` must be 0 without `monotonic`, "
            f"got {warmup_duration}"
        )
    body = Linear if monotonic else _there_and_back
    values = (start_value, end_value), (start_value_mult, end_value_mult)
    return _cycles(body, *values, (cycle_size, warmup_duration), cycle_mult)


@dialect
def CosineAnnealingScheduler(
    start_value: Rate,
    end_value: Rate,
    cycle_size: CycleSize,
    cycle_mult: Factor = 1.0,
    start_value_mult: Factor = 1.0,
    end_value_mult: Factor = 1.0,
    warmup_duration: StepsOrZero = 0,
) -> Schedule:
    """Cosines to `end_value`, over and over; without a warm-up that value itself is never reached.

    The warm-up follows each cycle: a line to the start of the next. With cycles that shrink to
    nothing it raises.
    """
    values = (start_value, end_value), (start_value_mult, end_value_mult)
    return _cycles(Cosine, *values, (cycle_size, warmup_duration), cycle_mult)


@dialect
def PiecewiseLinear(milestones_values: Sequence[tuple[int, float]]) -> Schedule:
    """Straight lines between milestones; at one that is there twice the rate jumps to the second.

    The first value holds before the first milestone, and the last after the last.
    """
    parts: list[Schedule] = []
    begin, before = 0, milestones_values[0][1]
    for milestone, value in milestones_values:
        if milestone < begin:
            raise ScheduleError(
                "ignite.PiecewiseLinear: `milestones_values` must have increasing milestones of 0 "
                f"or more, got {shown(milestones_values)}"
            )
        if milestone > begin:
            parts.append(Linear(before, value, milestone - begin))
        begin, before = milestone, value
    return Chain([*parts, Constant(before)])


@dialect
def ConcatScheduler(schedulers: Sequence[Schedule], durations: Sequence[int]) -> Schedule:
    """Schedules one after another, each from its own step 0; the last goes on."""
    if len(schedulers) != len(durations) + 1 or not durations:
        raise ScheduleError(
            "ignite.ConcatScheduler: `durations` must be one fewer than `schedulers`, 1 or more, "
            f"got {len(durations)} and {len(schedulers)}"
        )
    parts = zip(schedulers, durations, strict=False)
    return Chain([*(cut(part, steps) for part, steps in parts), schedulers[-1]])


@dialect
def LRScheduler(lr_scheduler: Child) -> Schedule:
    """A schedule of PyTorch's dialect, as Ignite's first call leaves it.

    Ignite 0.5.5 runs PyTorch's recurrence once too often, at step 0. So an `ExponentialLR` is one
    update ahead; a `LinearLR`, `ConstantLR` or `PolynomialLR` is lower throughout, by what it
    multiplies first; a `CosineAnnealingLR` has a first rate above `lr`. All others are right.
    """
    one = members_of([lr_scheduler])[0]
    given = one.given
    share: float
    if one.name == "ExponentialLR":
        return lr_scheduler.drop(1)
    if one.name in ("LinearLR", "ConstantLR"):
        share = given["start_factor" if one.name == "LinearLR" else "factor"]
        return lr_scheduler * share
    if one.name == "PolynomialLR" and given["total_iters"]:
        total = given["total_iters"]
        share = (total / (total + 1)) ** given["power"]
        return lr_scheduler * share
    if one.name == "CosineAnnealingLR":
        lr, floor, steps = (given[name] for name in ("lr", "eta_min", "T_max"))
        if steps == 1:
            raise NotRepresentable("PyTorch divides by zero in the first call")
        first: float = floor + (lr - floor) * 2 / (1 + math.cos(math.pi / steps))
        return Constant(first, 1) >> lr_scheduler.drop(1)
    return lr_scheduler


@dialect
def create_lr_scheduler_with_warmup(
    lr_scheduler: Child,
    warmup_start_value: Rate,
    warmup_duration: CycleSize,
    warmup_end_value: Rate | None = None,
    *,
    lr: Rate | None = None,
) -> Schedule:
    """A line up to `warmup_end_value`, then a schedule from its step 0.

    The end of the line is at update `warmup_duration - 1`; where it is also the schedule's first
    rate, that update is the schedule's own step 0. Without `warmup_end_value` the line ends at the
    optimizer's `lr`, which is the schedule's first rate if it is not given. (Ignite compares the
    two in floating point, and may start a triangle an update later for a rounded bit.)
    """
    first = lr_scheduler(0)
    end = warmup_end_value if warmup_end_value is not None else first if lr is None else lr
    rise = Linear(warmup_start_value, end, warmup_duration - 1)
    return (rise if end == first else rise.take(warmup_duration)) >> lr_scheduler


@dialect
def ReduceLROnPlateauScheduler(*_args: Any, **_options: Any) -> Schedule:
    """Metric-driven: no schedule."""
    raise NotRepresentable(
        "it follows a metric; gl.Plateau('torch', ...) has its rules: put a schedule on it"
    )


@dialect
def BatchSizeScheduler(scheduler_fn: Callable[[int], int]) -> Schedule:
    """Your own function of the event's number, for the batch size."""
    return schedule(scheduler_fn)


@dialect
def LambdaStateScheduler(lambda_obj: Callable[[int], float]) -> Schedule:
    """Your own function of the event's number.

    Of this and the other schedulers of the engine's state, step k is the value that is in force in
    update k when it is attached to `ITERATION_COMPLETED`, as by default; the first update sees
    none yet.
    """
    return schedule(lambda_obj)


@dialect
def PiecewiseLinearStateScheduler(milestones_values: Sequence[tuple[int, float]]) -> Schedule:
    """`PiecewiseLinear`, of a value in the engine's state."""
    return PiecewiseLinear(milestones_values)


@dialect
def ExpStateScheduler(initial_value: Rate, gamma: Ratio) -> Schedule:
    """Times `gamma` at every step."""
    return Geometric(initial_value, gamma)


@dialect
def StepStateScheduler(initial_value: Rate, gamma: Ratio, step_size: Steps) -> Schedule:
    """Times `gamma` at every `step_size` steps."""
    return Staircase(initial_value, gamma, step_size)


@dialect
def MultiStepStateScheduler(
    initial_value: Rate, gamma: Ratio, milestones: Sequence[int]
) -> Schedule:
    """Times `gamma` at each milestone, which already has the new value."""
    return stepped(initial_value, milestones, gamma)


def _there_and_back(start: float, end: float, steps: int) -> Schedule:
    return Table([start, end, start], [0, steps / 2, steps])


def _cycles(
    body: Callable[[float, float, int], Schedule],
    values: tuple[float, float],
    multipliers: tuple[float, float],
    lengths: tuple[int, int],
    growth: float,
) -> Schedule:
    """Return cycles of a body and a warm-up; the lengths grow, and are cut to whole steps."""
    (start, end), (start_mult, end_mult), (size, warmup) = values, multipliers, lengths
    parts: list[Schedule] = []
    begin = 0
    while begin <= MAX_STEP:
        following = int(size * growth), int(warmup * growth)
        if following == (size, warmup):
            cycle = partial(_cycle, body, size=size, warmup=warmup)
            starts = _over_and_over(cycle(start, 0.0, start * start_mult), start_mult)
            ends = _over_and_over(cycle(0.0, end, 0.0), end_mult)
            return Chain([*parts, starts + ends])
        if len(parts) > MOST:
            raise NotRepresentable(f"more than {MOST:,} cycles, each of another length")
        parts.append(_cycle(body, start, end, start * start_mult, size=size, warmup=warmup))
        begin += size + warmup
        start, end = start * start_mult, end * end_mult
        size, warmup = (min(length, MAX_STEP) for length in following)
        if size == 0:
            return Chain(parts).take(begin - 1).strict()
    return Chain(parts)


def _cycle(
    body: Callable[[float, float, int], Schedule],
    start: float,
    end: float,
    following: float,
    *,
    size: int,
    warmup: int,
) -> Schedule:
    rate = body(start, end, size)
    return rate >> Linear(end, following, warmup) if warmup else rate


def _over_and_over(cycle: Schedule, scale: float) -> Schedule:
    """Return a cycle for ever, each time times `scale`."""
    if not cycle.bound():
        return Constant(0.0)
    if scale > 1:
        raise NotRepresentable("it grows without bound")
    return cycle.repeat(scale=scale) if scale else cycle >> Constant(0.0)
