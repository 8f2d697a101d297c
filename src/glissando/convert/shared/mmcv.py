"""mmcv 1: the `lr_config` of mmdet 2, mmsegmentation 0 and their like.

The rate is set before every iteration, or every epoch; a warm-up is a factor of it, by iterations.
"""

from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.pace import last_of
from glissando.dialects.shared.curves import exponential, staircase, stepped
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, Linear, LogLinear, Polynomial, PowerLaw
from glissando.schedule import Schedule


def rate_of(keys: Keys, given: Given) -> Schedule:
    """Return the rate of each update; `steps_per_epoch` counts iterations."""
    part = keys.section("lr_config")
    by_epoch, warmup = part.flag("by_epoch", True), part.text("warmup", "")
    by_epochs = by_epoch or bool(warmup and part.flag("warmup_by_epoch"))
    if by_epochs:
        given.need("mmengine", "steps_per_epoch")
    epoch = int(given.steps_per_epoch or 1)
    rate = keys.section("optimizer").number("lr") * _scale(keys, given)
    curve = _policy(part, rate, _length(keys, given, by_epoch))
    if by_epoch and epoch > 1 and not isinstance(curve, Constant):
        curve = curve.hold_each(epoch)
    if warmup:
        length = part.count("warmup_iters") * (epoch if part.flag("warmup_by_epoch") else 1)
        curve = _warmup(part, warmup, length) * curve
    accumulated = keys.section("optimizer_config").count("cumulative_iters", 1)
    return curve if accumulated == 1 else last_of(curve, accumulated)


def _scale(keys: Keys, given: Given) -> float:
    part = keys.section("auto_scale_lr")
    if not part.flag("enable"):
        return 1.0
    given.need("mmengine", "world_size")
    size = given.batch_size or keys.section("data").count("samples_per_gpu")
    return int(given.world_size or 0) * size / part.count("base_batch_size")


def _length(keys: Keys, given: Given, by_epoch: bool) -> int | None:
    """Return the epochs, or the iterations, of the run."""
    runner = keys.section("runner")
    epochs = runner.optional_whole("max_epochs") or keys.optional_whole("total_epochs")
    if by_epoch:
        return epochs
    iterations = runner.optional_whole("max_iters") or keys.optional_whole("total_iters")
    if iterations is None and epochs is not None:
        given.need("mmengine", "steps_per_epoch")
        iterations = epochs * int(given.steps_per_epoch or 0)
    return iterations


def _policy(part: Keys, rate: float, length: int | None) -> Schedule:
    """Return the rate without a warm-up, over epochs or iterations."""
    name, gamma = part.text("policy"), part.number("gamma", 0.1)
    floor = part.number("min_lr", 0.0)
    if name == "fixed":
        return Constant(rate)
    if name == "step":
        steps = part.steps("step")
        if isinstance(part.get("step"), int):
            return staircase(rate, gamma, part.count("step")).clip(floor=floor)
        whole = stepped(rate, steps, gamma)
        return whole.clip(floor=floor) if floor else whole
    if name == "exp":
        return exponential(rate, part.number("gamma"))
    if name == "inv":
        return PowerLaw(rate, part.number("power", 1.0), 1 / part.number("gamma"))
    if name not in ("poly", "CosineAnnealing"):
        raise part.refuse("policy", "fixed, step, exp, inv, poly and CosineAnnealing are read")
    if length is None:
        raise ScheduleError("mmengine: `runner` must say how long the run is")
    if name == "poly":
        return Polynomial(rate, floor, length, part.number("power", 1.0))
    ratio = part.optional("min_lr_ratio")
    return Cosine(rate, floor if ratio is None else rate * ratio, length)


def _warmup(part: Keys, kind: str, length: int) -> Schedule:
    """Return the factor of a warm-up."""
    ratio = part.number("warmup_ratio", 0.1)
    if kind == "constant":
        return Constant(ratio, length) >> Constant(1.0)
    if kind == "linear":
        return Linear(ratio, 1.0, length)
    if kind == "exp":
        return LogLinear(1.0, ratio, length).reverse()
    raise part.refuse("warmup", "it must be constant, linear or exp")
