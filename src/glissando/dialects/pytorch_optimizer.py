"""pytorch-optimizer 4.1.0 (kozistr's): its learning-rate schedulers by its names.

Those that are PyTorch's own are those of `torch` here. `lr` is what the optimizer brings; most
schedulers overwrite it. They also begin late: the constructor sets `min_lr`, which the first update
uses, and the first call of `step` sets what the schedule begins with, which the second one uses.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Literal

from glissando.dialects.shared.curves import until
from glissando.dialects.shared.cycles import damped, until_none
from glissando.dialects.shared.declare import dialect
from glissando.dialects.torch import ConstantLR as ConstantLR
from glissando.dialects.torch import CosineAnnealingLR as CosineAnnealingLR
from glissando.dialects.torch import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from glissando.dialects.torch import CyclicLR as CyclicLR
from glissando.dialects.torch import MultiplicativeLR as MultiplicativeLR
from glissando.dialects.torch import MultiStepLR as MultiStepLR
from glissando.dialects.torch import OneCycleLR as OneCycleLR
from glissando.dialects.torch import StepLR as StepLR
from glissando.errors import ScheduleError
from glissando.families import (
    Chebyshev,
    Constant,
    Cosine,
    CosineWave,
    Linear,
    Piecewise,
    Polynomial,
    Rex,
    Sqrt,
    schedule,
)
from glissando.rules import MAX_RATE, MAX_STEP, Factor, Positive, Power, Rate, Steps, StepsOrZero
from glissando.schedule import Child, Schedule

FAR = 2**31 - 1
"""The steps after which a line that has no end ends here: the last of 32 bits."""

Cooldown = Literal["cosine", "1-sqrt", "linear", "1-square"]


@dialect
def CosineAnnealingWarmupRestarts(
    first_cycle_steps: Steps,
    cycle_mult: Factor = 1.0,
    max_lr: Rate = 1e-4,
    min_lr: Rate = 1e-6,
    warmup_steps: StepsOrZero = 0,
    gamma: Positive = 0.9,
) -> Schedule:
    """Cosines with a warm-up from `min_lr` in each; the optimizer's own rate has no effect.

    Each peak is `gamma` times the last. The decays are `cycle_mult` times as long each time,
    rounded down, 1 at least; the warm-ups stay as long as they are. As in pytorch-optimizer 4.1.0,
    update 0 has `min_lr` even without a warm-up, so that the first peak is never used then. It
    raises where a `gamma` above 1 has led above the largest rate.
    """
    if warmup_steps >= first_cycle_steps:
        raise ScheduleError(
            "`warmup_steps` must be below `first_cycle_steps`, "
            f"got {warmup_steps} and {first_cycle_steps}"
        )

    def cycle(peak: float, floor: float, decay: int) -> Schedule:
        return Linear(floor, peak, warmup_steps) >> Cosine(peak, floor, decay)

    def cycles() -> Iterator[Schedule]:
        decay, peak = first_cycle_steps - warmup_steps, max_lr
        for number in count(1):
            longer = max(1, int(min(decay * cycle_mult, MAX_STEP)))
            if longer == decay < MAX_STEP:  # from here on all are as long
                yield damped(partial(cycle, decay=decay), peak, min_lr, gamma)
            yield cycle(peak, min_lr, decay)
            decay, peak = longer, max_lr * gamma**number
            if peak > MAX_RATE:
                return

    whole = until_none(cycles())
    return whole if warmup_steps else Constant(min_lr, 1) >> whole.drop(1)


@dialect
def CosineScheduler(
    t_max: StepsOrZero,
    max_lr: Rate,
    min_lr: Rate = 0.0,
    init_lr: Rate = 0.0,
    warmup_steps: StepsOrZero = 0,
) -> Schedule:
    """A warm-up from `init_lr`, then half a cosine wave, one update late; it bounces for ever.

    `t_max` includes the warm-up. With no steps for the wave it divides by zero after the warm-up,
    and the schedule raises from there on.
    """
    begin = Constant(min_lr, 1) >> Linear(init_lr, max_lr, warmup_steps)
    if t_max == warmup_steps:
        return until(begin >> Constant(max_lr), 1 + warmup_steps)
    return begin >> CosineWave(max_lr, min_lr, 2 * abs(t_max - warmup_steps))


@dialect
def LinearScheduler(
    t_max: StepsOrZero,
    max_lr: Rate,
    min_lr: Rate = 0.0,
    init_lr: Rate = 0.0,
    warmup_steps: StepsOrZero = 0,
) -> Schedule:
    """A warm-up from `init_lr`, then a line to `min_lr`, one update late.

    As in pytorch-optimizer 4.1.0, the line goes on past `min_lr`. The schedule raises where it
    falls below 0, or where it rises after two billion steps. `t_max` includes the warm-up. With no
    steps for the line it divides by zero after the warm-up, and the schedule raises from there on.
    """
    begin = Constant(min_lr, 1) >> Linear(init_lr, max_lr, warmup_steps)
    steps = t_max - warmup_steps
    if max_lr == min_lr and steps:
        return begin >> Constant(max_lr)
    last = _last(lambda t: max_lr + (min_lr - max_lr) * t / steps) if steps else 0
    if not last:
        return until(begin >> Constant(max_lr), 1 + warmup_steps)
    end = max_lr + (min_lr - max_lr) * last / steps
    return (begin >> Linear(max_lr, end, last)).strict()


@dialect
def PolyScheduler(
    poly_order: Power = 0.5,
    *,
    t_max: StepsOrZero,
    max_lr: Rate,
    min_lr: Rate = 0.0,
    init_lr: Rate = 0.0,
    warmup_steps: StepsOrZero = 0,
) -> Schedule:
    """A warm-up from `init_lr`, then a power of the steps since, one update late.

    As in pytorch-optimizer 4.1.0, it does not decay, nor end at `t_max`: after steps of `max_lr` it
    grows, since the power is not that of a fraction of the steps. The schedule raises after two
    billion steps, and above the largest rate; or, where `max_lr` is below `min_lr`, below 0.
    """
    begin = Constant(min_lr, 1) >> Linear(init_lr, max_lr, warmup_steps)
    if max_lr == min_lr:
        return begin >> Constant(max_lr)
    last = _last(lambda t: min_lr + (max_lr - min_lr) * float(t) ** poly_order)
    if last == 1:
        return until(begin >> Constant(max_lr), 2 + warmup_steps)
    end = min_lr + (max_lr - min_lr) * float(last) ** poly_order
    growth = Polynomial(end, min_lr, last, poly_order).reverse()
    return (begin >> Constant(max_lr, 1) >> growth.drop(1)).strict()


@dialect
def ProportionScheduler(
    lr_scheduler: Child,
    max_lr: Rate,
    min_lr: Rate = 0.0,
    max_value: Rate = 2.0,
    min_value: Rate = 2.0,
) -> Schedule:
    """Another value that follows a schedule: `max_value` where that is `max_lr`, and so on.

    With one of its own classes, pytorch-optimizer 4.1.0 has another value at update 0: that of
    what the scheduler says of itself before its first step, not of the rate that is used. A value
    that falls as the rate rises, or that would be below 0 where the rate is 0, cannot be saved.
    """
    if max_lr <= min_lr or max_value == min_value:
        return Constant(max_value)
    slope = (max_value - min_value) / (max_lr - min_lr)
    offset = min_value - slope * min_lr
    if slope < 0 or offset < 0:
        # divided last, as the peer does, so that what is 0 there is 0 here
        rise, way = max_value - min_value, max_lr - min_lr
        return schedule(lambda step: min_value + rise * (lr_scheduler(step) - min_lr) / way)
    return lr_scheduler * slope + offset if offset else lr_scheduler * slope


@dialect
def REXScheduler(total_steps: Steps, max_lr: Rate = 1.0, min_lr: Rate = 0.0) -> Schedule:
    """REX down to `min_lr`, which holds.

    As in pytorch-optimizer 4.1.0, the peak is never used: update 0 has `min_lr`.
    """
    first, decay = Constant(min_lr, 1), Rex(max_lr, min_lr, total_steps)
    return first >> decay.drop(1) if total_steps > 1 else Constant(min_lr)


@dialect
def get_chebyshev_schedule(num_epochs: Steps, is_warmup: bool = False, *, lr: Positive) -> Schedule:
    """Inverse Chebyshev nodes in a fractal order, up to 20 times `lr`; the last one holds.

    As in pytorch-optimizer 4.1.0, the number of nodes is the next power of two, of which half are
    left out if that is 4, and the first node is used three times. With `is_warmup` there is
    `lr` alone.
    """
    if is_warmup:
        return Constant(lr)
    count = 2 ** (num_epochs - 1).bit_length()
    nodes = Chebyshev(lr, 20.0 * lr, count)
    if count <= 2:
        return Constant(nodes(0))
    if count == 4:
        return Piecewise([nodes(0), nodes(2)], [3])
    return Constant(nodes(0), 2) >> nodes


@dialect
def get_wsd_schedule(
    num_warmup_steps: StepsOrZero,
    num_stable_steps: StepsOrZero,
    num_decay_steps: StepsOrZero,
    min_lr_ratio: Factor = 0.0,
    num_cycles: Factor = 0.5,
    cooldown_type: Cooldown = "1-sqrt",
    *,
    lr: Rate,
) -> Schedule:
    """A warm-up from 0, the rate, and a decay; it begins in time.

    As in pytorch-optimizer 4.1.0, only the cosine goes down to `min_lr_ratio` times `lr`: the
    others go down to 0, and jump up to that at the end. With other `num_cycles` than 1/2 the cosine
    ends elsewhere and jumps, too.
    """

    def cosine(steps: int) -> Schedule:
        if num_cycles == 0:
            return Constant(lr, steps)
        if num_cycles == 0.5 or steps == 0:
            return Cosine(lr, low, steps)
        return CosineWave(lr, low, steps / num_cycles).take(steps)

    low = lr * min_lr_ratio
    shapes: dict[str, Callable[[int], Schedule]] = {
        "cosine": cosine,
        "1-sqrt": lambda steps: Sqrt(lr, 0.0, steps),
        "linear": lambda steps: Linear(lr, 0.0, steps),
        "1-square": lambda steps: Polynomial(0.0, lr, steps, 2.0).reverse(),
    }
    top, fall = Constant(lr, num_stable_steps), shapes[cooldown_type](num_decay_steps)
    return Linear(0.0, lr, num_warmup_steps) >> top >> fall >> Constant(low)


def _last(rate: Callable[[int], float]) -> int:
    """Return the last step, or that of the last 32 bits, at which a steady curve is a rate."""
    low, high = 0, FAR + 1
    while high - low > 1:
        middle = (low + high) // 2
        try:
            good = 0 <= rate(middle) <= MAX_RATE
        except OverflowError:
            good = False
        low, high = (middle, high) if good else (low, middle)
    return low
