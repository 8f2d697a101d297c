"""mmyolo: hooks that set the rate before each iteration, in place of schedulers."""

from collections.abc import Callable

from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.dialects.shared.curves import later
from glissando.families import Constant, Cosine, CosineWave, Linear
from glissando.schedule import Schedule


def rate_of(hook: Keys, name: str, rate: float, given: Given) -> Schedule:
    """Return the rate that a hook of a name sets, over iterations."""
    given.need("mmengine", "steps_per_epoch")
    return HOOKS[name](hook, rate, int(given.steps_per_epoch or 0), given)


def _warmup(hook: Keys, epochs: float, least: str, epoch: int) -> int:
    steps = max(round(hook.number("warmup_epochs", epochs) * epoch), hook.whole(least, 1000))
    if steps < 1:
        raise hook.refuse(least, "the warm-up must take an iteration")
    return steps


def _yolo(hook: Keys, rate: float, epoch: int, given: Given) -> Schedule:
    """Return YOLOv5's: after the warm-up, each epoch has the factor of the one before it.

    The `group` "bias" comes down to the rate from its own.
    """
    epochs, low = hook.count("max_epochs", 300), hook.number("lr_factor", 0.01)
    shapes: dict[str, Callable[..., Schedule]] = {"cosine": Cosine, "linear": Linear}
    kind = "linear" if hook.get("scheduler_type") is None else hook.one_of("scheduler_type", shapes)
    fall = shapes[kind](rate, rate * low, epochs)
    warmup = _warmup(hook, 3, "warmup_mim_iter", epoch)
    rise = fall.hold_each(epoch) * (Linear(0.0, 1.0, warmup) >> Constant(1.0))
    if given.group == "bias":
        rise = rise + Linear(hook.number("warmup_bias_lr", 0.1), 0.0, warmup)
    last = warmup // epoch
    held = Constant(fall(last), (last + 1) * epoch - warmup)
    return rise.take(warmup) >> held >> later(fall, last).hold_each(epoch)


def _ppyoloe(hook: Keys, rate: float, epoch: int, given: Given) -> Schedule:
    """Return PPYOLOE's: a cosine that is longer than the run."""
    warmup = _warmup(hook, 5, "warmup_min_iter", epoch)
    length = hook.count("total_epochs", 360) * epoch - warmup
    if length < 1:
        raise hook.refuse("total_epochs", "the cosine must be longer than the warm-up")
    floor = rate * hook.number("min_lr_ratio", 0.0)
    rise = Linear(rate * hook.number("start_factor", 0.0), rate, warmup)
    return rise >> CosineWave(rate, floor, 2.0 * length)


HOOKS: dict[str, Callable[[Keys, float, int, Given], Schedule]] = {
    "PPYOLOEParamSchedulerHook": _ppyoloe,
    "YOLOv5ParamSchedulerHook": _yolo,
}
"""What a hook of a name makes of the rate and of the iterations of an epoch."""
