"""Ignite 0.5.5: its parameter schedulers by their names.

A step is a call of the scheduler: an iteration if it is attached to `ITERATION_STARTED`. What sets
the parameters of one group or another, `param_name`, `param_group_index`, is the optimizer's side
and no argument here.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Annotated

from glissando.combinators import Chain
from glissando.dialects.shared.curves import stepped
from glissando.dialects.shared.cycles import until_none
from glissando.dialects.shared.declare import NotRepresentable, dialect, metric_driven
from glissando.dialects.shared.hyperparameters import Hyperparameters, rate_of
from glissando.dialects.shared.torch_composition import AnyScheduler, members_of
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, Geometric, Linear, Staircase, Table, schedule
from glissando.rules import MAX_STEP, Factor, Number, Rate, Ratio, SomeSteps, Steps, StepsOrZero
from glissando.schedule import Children, Schedule

CycleSize = Annotated[int, Number(2, MAX_STEP, whole=True)]


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
            f"`warmup_duration` must be 0 without `monotonic`, got {warmup_duration}"
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
    try:
        begin, before = 0, milestones_values[0][1]
        ordered = all(a <= b for (a, _), (b, _) in pairwise([(0, before), *milestones_values]))
    except (IndexError, TypeError, ValueError):
        raise ScheduleError(
            "`milestones_values` must be a list of pairs such as (10, 0.5), 1 or more, "
            f"got {shown(milestones_values)}"
        ) from None
    if not ordered:
        raise ScheduleError(
            "`milestones_values` must have increasing milestones of 0 or more, "
            f"got {shown(milestones_values)}"
        )
    for milestone, value in milestones_values:
        parts.append(Linear(before, value, milestone - begin))
        begin, before = milestone, value
    return Chain([*parts, Constant(before)])


@dialect
def ConcatScheduler(schedulers: Children, durations: SomeSteps) -> Schedule:
    """Schedules one after another, each from its own step 0; the last goes on."""
    if len(schedulers) != len(durations) + 1 or not durations:
        raise ScheduleError(
            "`durations` must be one fewer than `schedulers`, 1 or more, "
            f"got {len(durations)} and {len(schedulers)}"
        )
    parts = zip(schedulers, durations, strict=False)
    return Chain([*(part.cut(steps) for part, steps in parts), schedulers[-1]])


@dialect
def LRScheduler(lr_scheduler: AnyScheduler) -> Schedule | Hyperparameters:
    """A schedule of PyTorch's dialect, as Ignite's first call leaves it.

    Ignite 0.5.5 runs PyTorch's recurrence once too often, at step 0. So an `ExponentialLR` is one
    update ahead; a `LinearLR`, `ConstantLR` or `PolynomialLR` is lower throughout, by what it
    multiplies first; a `CosineAnnealingLR` has a first rate above `lr`. All others are right. One
    that gives the momentum too gives it here.
    """
    one = members_of([lr_scheduler])[0]
    if isinstance(lr_scheduler, Hyperparameters):  # it sets both without looking at what is there
        return lr_scheduler
    given = one.given
    factor: float
    if one.name == "ExponentialLR":
        return lr_scheduler.drop(1)
    if one.name in ("LinearLR", "ConstantLR"):
        factor = given["start_factor" if one.name == "LinearLR" else "factor"]
        return lr_scheduler * factor
    if one.name == "PolynomialLR" and given["total_iters"]:
        total = given["total_iters"]
        factor = (total / (total + 1)) ** given["power"]
        return lr_scheduler * factor
    if one.name == "CosineAnnealingLR":
        lr, floor, steps = (given[name] for name in ("lr", "eta_min", "T_max"))
        if steps == 1:
            raise NotRepresentable("PyTorch divides by zero in the first call")
        first: float = floor + (lr - floor) * 2 / (1 + math.cos(math.pi / steps))
        return Constant(first, 1) >> lr_scheduler.drop(1)
    return lr_scheduler


@dialect
def create_lr_scheduler_with_warmup(
    lr_scheduler: AnyScheduler,
    warmup_start_value: Rate,
    warmup_duration: CycleSize,
    warmup_end_value: Rate | None = None,
    *,
    lr: Rate | None = None,
) -> Schedule | Hyperparameters:
    """A line up to `warmup_end_value`, then a schedule from its step 0.

    The end of the line is at update `warmup_duration - 1`; where it is also the schedule's first
    rate, that update is the schedule's own step 0. Without `warmup_end_value` the line ends at the
    optimizer's `lr`, which is the schedule's first rate if it is not given. (Ignite compares the
    two in floating point, and may start a triangle an update later for a rounded bit.) The momentum
    of a schedule that gives it too has its first value in the warm-up.
    """
    rate = rate_of(lr_scheduler)
    first = rate(0)
    end = warmup_end_value if warmup_end_value is not None else first if lr is None else lr
    line = Linear(warmup_start_value, end, warmup_duration - 1)
    rise: Schedule = line if end == first else line.take(warmup_duration)
    if not isinstance(lr_scheduler, Hyperparameters):
        return rise >> rate
    momentum = lr_scheduler["momentum"]
    held = Constant(momentum(0), rise.steps)
    return Hyperparameters({"lr": rise >> rate, "momentum": held >> momentum})


ReduceLROnPlateauScheduler = metric_driven("ignite.ReduceLROnPlateauScheduler")


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

    def once(start: float, end: float, following: float, size: int, warmup: int) -> Schedule:
        return body(start, end, size) >> Linear(end, following, warmup)

    def cycles() -> Iterator[Schedule]:
        (start, end), (start_mult, end_mult), (size, warmup) = values, multipliers, lengths
        while size:
            longer = min(int(size * growth), MAX_STEP), min(int(warmup * growth), MAX_STEP)
            following = start * start_mult
            if longer == (size, warmup) and size < MAX_STEP:
                starts = once(start, 0.0, following, size, warmup)
                ends = once(0.0, end, 0.0, size, warmup)
                yield _over_and_over(starts, start_mult) + _over_and_over(ends, end_mult)
            yield once(start, end, following, size, warmup)
            start, end = following, end * end_mult
            size, warmup = longer

    return until_none(cycles())


def _over_and_over(cycle: Schedule, scale: float) -> Schedule:
    """Return a cycle for ever, each time times `scale`."""
    if not cycle.bound():
        return Constant(0.0)
    if scale > 1:
        raise NotRepresentable("it grows without bound")
    return cycle.repeat(scale=scale) if scale else cycle >> Constant(0.0)
