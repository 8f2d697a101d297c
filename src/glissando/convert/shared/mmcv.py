"""mmcv 1: the `lr_config` of mmdet 2, mmsegmentation 0 and their like.

The rate is set before every iteration, or every epoch; a warm-up is a factor of it, by iterations.
"""

from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.pace import last_of
from glissando.dialects.shared.curves import exponential, staircase, stepped
from glissando.dialects.shared.cycles import in_turn
from glissando.dialects.shared.one_cycle import one_cycle
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, Linear, LogLinear, Polynomial, PowerLaw
from glissando.schedule import Schedule

BY_ITERATIONS = ("cyclic", "OneCycle", "YOLOX")
"""The policies that count iterations unless they are told otherwise."""

KNOWN = (
    *("poly", "CosineAnnealing", "FlatCosineAnnealing", "CosineRestart", "fixed", "step"),
    *("exp", "inv", *BY_ITERATIONS),
)


def rate_of(keys: Keys, given: Given) -> Schedule:
    """Return the rate of each update; `steps_per_epoch` counts iterations."""
    part = keys.section("lr_config")
    by_epoch = part.flag("by_epoch", part.get("policy") not in BY_ITERATIONS)
    warmup = part.text("warmup", "")
    by_epochs = by_epoch or bool(warmup and part.flag("warmup_by_epoch"))
    if by_epochs:
        given.need("mmengine", "steps_per_epoch")
    epoch = int(given.steps_per_epoch or 1)
    scale = auto_scale(keys, given, "data", "samples_per_gpu")
    rate = keys.section("optimizer").number("lr") * scale
    length = _length(keys, given, by_epoch)
    if part.get("policy") == "YOLOX":
        given.need("mmengine", "steps_per_epoch")
        return _yolox(part, rate, int(length or 0), int(given.steps_per_epoch or 0))
    curve = _policy(part, rate, length)
    if by_epoch and epoch > 1 and not isinstance(curve, Constant):
        curve = curve.hold_each(epoch)
    if warmup:
        length = part.count("warmup_iters") * (epoch if part.flag("warmup_by_epoch") else 1)
        curve = _warmup(part, warmup, length) * curve
    accumulated = keys.section("optimizer_config").count("cumulative_iters", 1)
    return curve if accumulated == 1 else last_of(curve, accumulated)


def auto_scale(keys: Keys, given: Given, data: str, name: str) -> float:
    """Return what the rate is multiplied by for batches of another size than the file's.

    Args:
        keys: the configuration.
        given: what is known beside it.
        data: the section that says how many samples a process takes at once.
        name: its key of that.
    """
    part = keys.section("auto_scale_lr")
    if not part.flag("enable"):
        return 1.0
    given.need("mmengine", "world_size")
    size = given.batch_size or keys.section(data).count(name)
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
    if name == "CosineRestart":
        return _restarts(part, rate)
    if name not in KNOWN:
        raise part.refuse("policy", f"{', '.join(KNOWN)} are read")
    if length is None:
        raise ScheduleError("mmengine: `runner` must say how long the run is")
    if name == "poly":
        return Polynomial(rate, floor, length, part.number("power", 1.0))
    if name == "cyclic":
        return _cycles(part, rate, length)
    if name == "OneCycle":
        top, divided = part.number("max_lr"), part.number("div_factor", 25.0)
        last = top / divided / part.number("final_div_factor", 1e4)
        rates, share = [top / divided, top, top / divided, last], part.number("pct_start", 0.3)
        total = part.optional_whole("total_steps") or length
        shape = part.text("anneal_strategy", "cos"), part.flag("three_phase")
        return one_cycle(rates, total, share, *shape)
    end = _floor(part, rate)
    if name == "FlatCosineAnnealing":
        flat = round(length * part.number("start_percent", 0.75))
        return Constant(rate, flat) >> Cosine(rate, end, length - flat)
    return Cosine(rate, end, length)


def _floor(part: Keys, rate: float) -> float:
    ratio = part.optional("min_lr_ratio")
    return part.number("min_lr", 0.0) if ratio is None else rate * ratio


def _restarts(part: Keys, rate: float) -> Schedule:
    """Return cosines of some periods, of which a weight leaves a part of the fall."""
    periods, end = part.steps("periods"), _floor(part, rate)
    weights = part.numbers("restart_weights") or [1.0]
    if not periods or len(periods) != len(weights):
        raise part.refuse("restart_weights", "there must be one for each of `periods`")
    tops = [end + (rate - end) * weight for weight in weights]
    return in_turn(Cosine(top, end, n) for top, n in zip(tops, periods, strict=True))


def _cycles(part: Keys, rate: float, length: int) -> Schedule:
    """Return cosines up and down, from the rate and back to a part of it."""
    ratios = part.numbers("target_ratio") or [10.0, 1e-4]
    high, low = ratios if len(ratios) == 2 else (ratios[0], ratios[0] / 1e5)
    cycle = length // part.count("cyclic_times", 1)
    up = int(part.number("step_ratio_up", 0.4) * cycle)
    if part.number("gamma", 1.0) != 1 or part.text("anneal_strategy", "cos") != "cos":
        raise part.refuse("policy", "its `gamma` and `anneal_strategy` are not read")
    wave = Cosine(rate, rate * high, up) >> Cosine(rate * high, rate * low, cycle - up)
    return wave.repeat()


def _yolox(part: Keys, rate: float, length: int, epoch: int) -> Schedule:
    """Return mmdet's YOLOX: a square, a cosine, and its end for the last epochs."""
    warmup = part.count("warmup_iters") * (epoch if part.flag("warmup_by_epoch") else 1)
    rest = length - warmup - part.whole("num_last_epochs") * epoch
    if rest < 1:
        raise part.refuse("num_last_epochs", "the cosine must take an iteration")
    top = rate * part.number("warmup_ratio", 0.1)
    rise = Polynomial(top, 0.0, warmup, 2.0).reverse().drop(1)
    fall = Cosine(rate, _floor(part, rate), rest)
    return rise >> Constant(top, 1) >> fall.drop(1)


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
