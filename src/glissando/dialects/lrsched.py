"""lrsched 0.5.0: its schedules by its names; every parameter has a name and no default.

What ends holds its last rate.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from glissando.combinators import Chain
from glissando.dialects.shared.curves import stepped
from glissando.dialects.shared.cycles import cosine_restarts as restarts
from glissando.dialects.shared.cycles import triangles
from glissando.dialects.shared.declare import dialect
from glissando.errors import ScheduleError
from glissando.families import (
    Constant,
    Cosine,
    Geometric,
    InverseSqrt,
    Linear,
    Polynomial,
    Sqrt,
    Staircase,
)
from glissando.rules import MAX_STEP, Number, Positive, Power, Rate, Ratio, Steps, StepsOrZero
from glissando.schedule import Child, Schedule

SHAPES: dict[str, type[Linear] | type[Sqrt]] = {"linear": Linear, "1-sqrt": Sqrt}


@dialect
def constant(*, lr: Rate) -> Schedule:
    """One rate for ever."""
    return Constant(lr)


@dialect
def step_decay(*, base_lr: Rate, drop: Ratio, step_size: Steps) -> Schedule:
    """Times `drop` at every `step_size` steps."""
    return Staircase(base_lr, drop, step_size)


@dialect
def multi_step(*, base_lr: Rate, milestones: Sequence[int], gamma: Ratio) -> Schedule:
    """Times `gamma` at each milestone, which already has the new rate; in any order."""
    return stepped(base_lr, milestones, gamma)


@dialect
def exponential(*, base_lr: Rate, gamma: Ratio) -> Schedule:
    """Times `gamma` at every step."""
    return Geometric(base_lr, gamma)


@dialect
def exponential_decay(*, base_lr: Rate, decay_rate: Ratio, decay_steps: Steps) -> Schedule:
    """Times `decay_rate` every `decay_steps`, smoothly."""
    return Geometric(base_lr, decay_rate, every=decay_steps)


@dialect
def linear(*, base_lr: Rate, end_lr: Rate, total_steps: Steps) -> Schedule:
    """A straight line to step `total_steps`."""
    return Linear(base_lr, end_lr, total_steps)


@dialect
def polynomial(*, base_lr: Rate, end_lr: Rate, total_steps: Steps, power: Power) -> Schedule:
    """A power of the remaining fraction."""
    return Polynomial(base_lr, end_lr, total_steps, power)


@dialect
def polynomial_decay(*, start_lr: Rate, end_lr: Rate, total_steps: Steps, power: Power) -> Schedule:
    """A power of the remaining fraction: `polynomial` by another name."""
    return Polynomial(start_lr, end_lr, total_steps, power)


@dialect
def cosine(*, base_lr: Rate, min_lr: Rate, total_steps: Steps) -> Schedule:
    """Half a cosine wave to step `total_steps`."""
    return Cosine(base_lr, min_lr, total_steps)


@dialect
def cosine_restarts(*, base_lr: Rate, min_lr: Rate, period: Steps, t_mult: Steps) -> Schedule:
    """Cosines for ever, each `t_mult` times as long as the one before."""
    return restarts(base_lr, min_lr, period, t_mult)


@dialect
def inverse_sqrt(*, base_lr: Rate, warmup_steps: Steps) -> Schedule:
    """A line up from 0, then the inverse square root of the step."""
    return Linear(0.0, base_lr, warmup_steps) >> InverseSqrt(base_lr, warmup_steps)


@dialect
def one_cycle(
    *,
    max_lr: Rate,
    total_steps: Annotated[int, Number(2, MAX_STEP, whole=True)],
    pct_start: Annotated[float, Number(0, 1, above=True)],
    initial_div: Positive,
    final_div: Positive,
) -> Schedule:
    """Two cosines, up and down; `final_div` divides `max_lr`, not the first rate."""
    if pct_start == 1:
        raise ScheduleError("`pct_start` must be below 1, got 1.0")
    rise = min(max(1, round(pct_start * total_steps)), total_steps - 1)
    fall = Cosine(max_lr, max_lr / final_div, total_steps - rise)
    return Cosine(max_lr / initial_div, max_lr, rise) >> fall


@dialect
def warmup_stable_decay(
    *,
    base_lr: Rate,
    warmup_steps: StepsOrZero,
    decay_steps: StepsOrZero,
    total_steps: Steps,
    final_lr: Rate,
    warmup_start: Rate,
    decay_shape: Literal["linear", "1-sqrt"],
) -> Schedule:
    """A line up, a stable rate, a decay; without a decay the stable rate holds."""
    stable = total_steps - warmup_steps - decay_steps
    if stable < 0:
        raise ScheduleError(
            "`warmup_steps` + `decay_steps` must be at most `total_steps`, "
            f"got {warmup_steps} + {decay_steps} and {total_steps}"
        )
    rise, fall = Linear(warmup_start, base_lr, warmup_steps), SHAPES[decay_shape]
    return rise >> Constant(base_lr, stable) >> fall(base_lr, final_lr, decay_steps)


@dialect
def triangular(*, min_lr: Rate, max_lr: Rate, step_size: Steps) -> Schedule:
    """Up and down in straight lines for ever, at the top at `step_size`."""
    return _triangles(min_lr, max_lr, step_size, "triangular")


@dialect
def triangular2(*, min_lr: Rate, max_lr: Rate, step_size: Steps) -> Schedule:
    """Triangles, each half as high as the one before."""
    return _triangles(min_lr, max_lr, step_size, "triangular2")


@dialect
def exp_range(*, min_lr: Rate, max_lr: Rate, step_size: Steps, gamma: Ratio) -> Schedule:
    """Triangles whose height is times `gamma` at every step."""
    return _triangles(min_lr, max_lr, step_size, "exp_range", gamma)


@dialect
def with_warmup(schedule: Child, *, warmup_steps: Steps, start_lr: Rate) -> Schedule:
    """A line up to a schedule's first rate, then that schedule, whole."""
    return Linear(start_lr, schedule(0), warmup_steps) >> schedule


@dialect
def sequential(phases: Sequence[tuple[int, Schedule]]) -> Schedule:
    """Schedules one after another, each for its duration.

    At the end the rate of the last trained step holds, `schedule(duration - 1)`, and so the end of
    what the last phase goes down to is never reached.
    """
    *before, (duration, last) = phases
    held = last.cut(duration - 1) if duration > 1 else Constant(last(0))
    return Chain([*(schedule.cut(steps) for steps, schedule in before), held])


def _triangles(low: float, high: float, half: int, mode: str, gamma: float = 1.0) -> Schedule:
    if low > high:
        raise ScheduleError(f"`max_lr` must be at least `min_lr`, got {high} and {low}")
    return triangles(low, high, half, half, mode, gamma, None, "cycle")
