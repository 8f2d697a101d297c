"""Megatron-LM (megatron-core 0.16.1): the schedules of its optimizer's parameters.

Its steps are samples: each update adds `increment` of them, the global batch size. The lengths
below count samples, and step k of the schedule is update k.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal

from glissando.dialects.shared.curves import by_updates
from glissando.dialects.shared.declare import dialect
from glissando.dialects.shared.hyperparameters import Hyperparameters
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, ExponentialCooldown, InverseSqrt, Linear, Sqrt
from glissando.rules import Rate, Steps, StepsOrZero
from glissando.schedule import Schedule

Style = Literal["constant", "linear", "cosine", "inverse-square-root", "WSD"]
WSDStyle = Literal["linear", "cosine", "exponential", "minus_sqrt"]
WSD_SHAPES: dict[str, Callable[[float, float, int], Schedule]] = {
    "linear": Linear,
    "cosine": Cosine,
    "exponential": partial(ExponentialCooldown, ratio=0.5),
    "minus_sqrt": Sqrt,
}
WeightDecayStyle = Literal["constant", "linear", "cosine"]


@dialect
def OptimizerParamScheduler(
    init_lr: Rate,
    max_lr: Rate,
    min_lr: Rate,
    lr_warmup_steps: StepsOrZero,
    lr_decay_steps: Steps,
    lr_decay_style: Style,
    start_wd: Rate | None = None,
    end_wd: Rate | None = None,
    wd_incr_steps: StepsOrZero = 0,
    wd_incr_style: WeightDecayStyle = "constant",
    wsd_decay_steps: StepsOrZero | None = None,
    lr_wsd_decay_style: WSDStyle | None = None,
    *,
    increment: Steps = 1,
    of: Literal["lr", "weight_decay"] | None = None,
) -> Schedule | Hyperparameters:
    """The learning rate and the weight decay; `lr_decay_steps` has the warm-up in it.

    Past `lr_decay_steps` the rate is `min_lr`, to which "inverse-square-root" falls off a cliff.
    Both come by name, for an adapter to set; in a group that has a `wd_mult` Megatron multiplies
    the weight decay by that. With `of="lr"`, or where neither `start_wd` nor `end_wd` is given,
    the rate comes alone, and with `of="weight_decay"` that.
    """
    decays = start_wd is not None or end_wd is not None
    if of == "weight_decay" or (of is None and decays):
        if start_wd is None or end_wd is None:
            raise ScheduleError(
                f"`start_wd` and `end_wd` must both be given, got {start_wd} and {end_wd}"
            )
        decay = _weight_decay(start_wd, end_wd, wd_incr_steps, wd_incr_style)
        decay = by_updates(decay, increment)
        if of == "weight_decay":
            return decay
    if not max(init_lr, min_lr) <= max_lr:
        raise ScheduleError(
            "`max_lr` must be at least `init_lr` and `min_lr`, "
            f"got {max_lr}, {init_lr} and {min_lr}"
        )
    if lr_warmup_steps >= lr_decay_steps:
        raise ScheduleError(
            "`lr_warmup_steps` must be below `lr_decay_steps`, "
            f"got {lr_warmup_steps} and {lr_decay_steps}"
        )
    rise = Linear(init_lr, max_lr, lr_warmup_steps)
    remaining = lr_decay_steps - lr_warmup_steps
    if lr_decay_style == "constant":
        fall: Schedule = Constant(max_lr, 1)
    elif lr_decay_style == "inverse-square-root":
        fall = _inverse_sqrt(max_lr, lr_warmup_steps).clip(floor=min_lr).take(remaining + 1)
        fall = fall >> Constant(min_lr, 1)
    elif lr_decay_style == "WSD":
        if wsd_decay_steps is None or lr_wsd_decay_style is None:
            raise ScheduleError(
                "`wsd_decay_steps` and `lr_wsd_decay_style` must be given for 'WSD', "
                f"got {wsd_decay_steps} and {lr_wsd_decay_style}"
            )
        fall = _wsd(max_lr, min_lr, remaining, wsd_decay_steps, lr_wsd_decay_style)
    else:
        fall = {"linear": Linear, "cosine": Cosine}[lr_decay_style](max_lr, min_lr, remaining)
    rate = by_updates(rise >> fall, increment)
    if of is None and decays:
        return Hyperparameters({"lr": rate, "weight_decay": decay})
    return rate


def _inverse_sqrt(peak: float, warmup: int) -> Schedule:
    if warmup:
        return InverseSqrt(peak, warmup)
    return Constant(peak, 1) >> InverseSqrt(peak, 1)


def _wsd(start: float, end: float, steps: int, decay: int, style: str) -> Schedule:
    stable = steps - decay
    if decay == 0:
        return Constant(start, stable + 1) >> Constant(end, 1)
    if stable >= 0:
        return Constant(start, stable) >> WSD_SHAPES[style](start, end, decay)
    # the decay begins under the warm-up, whose end still has the peak
    fall = WSD_SHAPES[style](start, end, decay)
    rest = fall.drop(1 - stable) if 1 - stable < decay else Constant(end, 1)
    return Constant(start, 1) >> rest


def _weight_decay(start: float, end: float, steps: int, style: str) -> Schedule:
    if start > end or (style == "constant" and start != end):
        raise ScheduleError(
            "`end_wd` must be `start_wd`"
            + (" or more" * (style != "constant"))
            + f", got {end} and {start}"
        )
    if style == "constant":
        return Constant(end, 1)
    if steps == 0:
        raise ScheduleError("`wd_incr_steps` must be 1 or more, got 0")
    return {"linear": Linear, "cosine": Cosine}[style](start, end, steps)
