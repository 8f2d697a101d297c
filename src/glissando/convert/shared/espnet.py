"""ESPnet's own schedulers: update k has the rate of its step k + 1."""

import math
from collections.abc import Callable

from glissando.convert.keys import Keys
from glissando.dialects.shared.curves import later
from glissando.families import (
    Constant,
    Cosine,
    Geometric,
    InverseSqrt,
    Linear,
    Staircase,
)
from glissando.schedule import Schedule

MOST = 2**53
"""How long cycles that grow are written out."""


def _warmup(part: Keys, rate: float) -> Schedule:
    warmup = part.count("warmup_steps", 25_000)
    return (Linear(0.0, rate, warmup) >> InverseSqrt(rate, warmup)).drop(1)


def _noam(part: Keys, rate: float) -> Schedule:
    warmup = part.count("warmup_steps", 25_000)
    return _warmup(part, rate / math.sqrt(part.number("model_size", 320) * warmup))


def _steps(part: Keys, rate: float) -> Schedule:
    """Return a rise and stairs, whose epochs are counted from the first update."""
    warmup, epoch = part.count("warmup_steps", 25_000), part.count("steps_per_epoch", 10_000)
    every, gamma = part.count("step_size", 1), part.number("gamma", 0.1)
    if not 0 < gamma < 1:
        raise part.refuse("gamma", "it must be above 0 and below 1")
    rest = (warmup // epoch + every) * epoch - warmup
    stairs = Staircase(rate * gamma, gamma, every * epoch)
    return (Linear(0.0, rate, warmup) >> Constant(rate, rest) >> stairs).drop(1)


def _lines(part: Keys, rate: float) -> Schedule:
    """Return lines between given rates, and from the last of them on the inverse square root."""
    steps = part.steps("warmup_steps_list") or [0, 25_000]
    rates = part.numbers("warmup_lr_list") or [0.0, 0.001]
    if len(steps) != len(rates) or steps != sorted({*steps}) or not 0 <= steps[0] < steps[-1]:
        raise part.refuse("warmup_steps_list", "it must rise, with a rate for each step")
    whole: Schedule = Constant(rates[0], steps[0])
    for i in range(1, len(steps)):
        whole = whole >> Linear(rates[i - 1], rates[i], steps[i] - steps[i - 1])
    return (whole >> Constant(rates[-1], 1) >> InverseSqrt(rate, steps[-1]).drop(1)).drop(1)


def _stages(part: Keys, rate: float) -> Schedule:
    """Return a line up, a plateau and an exponential, whose lengths are cut."""
    whole = part.whole("max_steps", 25_000)
    ratios = [("warmup", 0.1), ("hold", 0.4), ("decay", 0.5)]
    shares = [part.number(f"{name}_ratio", default) for name, default in ratios]
    rise, hold, fall = (int(whole * share) for share in shares)
    end, first = part.number("final_lr_scale", 0.01), part.number("init_lr_scale", 0.01)
    if sum(shares) != 1 or not 0 < end < 1 or not fall:
        raise part.refuse("decay_ratio", "the ratios must be 1 in all, and the last be above 0")
    decay = Geometric(rate, end, fall).take(whole - rise - hold)
    return (Linear(rate * first, rate, rise) >> Constant(rate, hold) >> decay).drop(1)


def _exponential(part: Keys, rate: float) -> Schedule:
    """Return a rise or a plateau, and an exponential; the first update has 0 if it rises."""
    del rate
    peak, end = part.number("max_lr"), part.number("min_lr")
    warmup, whole = part.whole("warmup_steps", 0), part.whole("total_steps")
    if warmup >= whole or not 0 < end < peak:
        raise part.refuse("min_lr", "it must be above 0 and below `max_lr`, the warm-up shorter")
    fall = Geometric(peak, end / peak, whole - warmup)
    if not part.flag("warm_from_zero"):
        return Constant(peak, warmup) >> fall
    rise = Linear(0.0, peak, warmup).drop(1) >> Constant(peak, 1) if warmup else fall
    return Constant(0.0, 1) >> later(rise >> fall if warmup else fall, 1)


def _line(part: Keys, rate: float) -> Schedule:
    warmup, whole = part.whole("warmup_steps", 20_000), part.whole("total_steps", 600_000)
    start, end = part.number("start_factor", 1e-8), part.number("end_factor", 1e-8)
    if warmup and not start:
        raise part.refuse("start_factor", "ESPnet divides by it: it must be above 0")
    rise = Linear(rate * start, rate, warmup)
    return rise >> Linear(rate, rate * end, max(1, whole - warmup))


def _restarts(part: Keys, rate: float) -> Schedule:
    """Return cycles of a rise and a cosine, with lower peaks and another length each."""
    del rate
    length, warmup = part.count("first_cycle_steps"), part.whole("warmup_steps", 0)
    low, high = part.number("min_lr", 0.001), part.number("max_lr", 0.1)
    growth, gamma = part.number("cycle_mult", 1.0), part.number("gamma", 1.0)
    if warmup >= length or growth < 1 or not 0 < gamma <= 1:
        raise part.refuse(
            "first_cycle_steps",
            "it must be longer than `warmup_steps`, `cycle_mult` 1 or more, `gamma` at most 1",
        )

    def cycle(bottom: float, top: float, steps: int) -> Schedule:
        return Linear(bottom, top, warmup) >> Cosine(top, bottom, steps - warmup)

    whole: Schedule = Constant(low, 0)
    if growth == 1:
        whole = cycle(low, high, length).repeat()
    if growth == 1 and gamma != 1:
        whole = cycle(0.0, high, length).repeat(scale=gamma) + cycle(low, 0.0, length).repeat()
    if growth == 1:
        return whole if warmup else Constant(low, 1) >> whole.drop(1)
    while whole.steps < MOST and int((length - warmup) * growth) > length - warmup:
        whole = whole >> cycle(low, high, length)
        length, high = int((length - warmup) * growth) + warmup, high * gamma
    whole = whole >> cycle(low, high, length)
    return whole if warmup else Constant(low, 1) >> later(whole, 1)


CURVES: dict[str, Callable[[Keys, float], Schedule]] = {
    "warmuplr": _warmup,
    "noamlr": _noam,
    "warmupsteplr": _steps,
    "piecewiselinearwarmuplr": _lines,
    "tristagelr": _stages,
    "exponentialdecaywarmup": _exponential,
    "linearwarmupdecaylr": _line,
    "cosineannealingwarmuprestarts": _restarts,
}
"""The schedulers that ESPnet has of its own, by their names in lower case."""
