"""OLMo-core: the JSON that it writes of its configuration.

It counts an update before it asks for the rate: the first update has the schedule's step 1, or the
tokens of one batch.
"""

from collections.abc import Callable, Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.dialects.shared.curves import by_updates
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, InverseSqrt, Linear, PowerLaw
from glissando.schedule import Schedule

CLASS = "_CLASS_"


def _knows(document: Document) -> float:
    module = document.data.get("train_module")
    return 0.9 if isinstance(module, Mapping) and "optim" in module else 0.0


@reader("olmo-core", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    keys = Keys("olmo-core", document.data)
    module = keys.section("train_module")
    rate = module.section("optim").number("lr")
    part = module.section("scheduler")
    if not part.data:
        return Constant(rate)
    units = part.text("units", "steps")
    if units not in ("steps", "tokens"):
        raise part.refuse("units", "it must be steps or tokens")
    name = part.text(CLASS if part.get(CLASS) is not None else "type").rpartition(".")[2]
    if name not in SCHEDULERS:
        raise ScheduleError(
            f"olmo-core: the scheduler must be one of {', '.join(SCHEDULERS)}, got {name!r}"
        )
    sizes = Sizes(keys, part, given, units)
    batch = sizes.batch() if units == "tokens" else 1
    return by_updates(SCHEDULERS[name](part, rate, sizes), batch).drop(1)


class Sizes:
    """How long things are, in the scheduler's units."""

    def __init__(self, keys: Keys, part: Keys, given: Given, units: str) -> None:
        self.keys = keys
        self.part = part
        self.given = given
        self.units = units

    def batch(self) -> int:
        """Return the tokens of an update."""
        loader = self.keys.section("data_loader")
        if loader.get("global_batch_size") is not None:
            return loader.count("global_batch_size")
        self.given.need("olmo-core", "tokens_per_step")
        return int(self.given.tokens_per_step or 0)

    def run(self) -> int:
        """Return the length of the run."""
        duration = self.keys.within("trainer", "max_duration")
        amount, unit = duration.whole("value"), duration.text("unit")
        if unit == "tokens":
            return amount if self.units == "tokens" else -(-amount // self.batch())
        if unit == "epochs":
            self.given.need("olmo-core", "steps_per_epoch")
            amount *= int(self.given.steps_per_epoch or 0)
        return amount * (self.batch() if self.units == "tokens" else 1)

    def end(self) -> int:
        """Return where the decay ends: `t_max`, or with the run."""
        t_max = self.part.optional_whole("t_max")
        return self.run() if t_max is None else t_max

    def length(self, name: str, end: Callable[[], int], default: float | None = None) -> int:
        """Return a length, which may be a fraction of the whole."""
        for key in (name, f"{name}_steps"):
            if self.part.get(key) is not None:
                return self.part.whole(key)
        return round(end() * self.part.number(f"{name}_fraction", default))


Curve = Callable[[Keys, float, Sizes], Schedule]


def _rise(part: Keys, peak: float, warmup: int) -> Schedule:
    return Linear(part.number("warmup_min_lr", 0.0), peak, warmup)


def _constant(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    del part, sizes
    return Constant(peak)


def _with_warmup(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    return _rise(part, peak, sizes.length("warmup", sizes.run)) >> Constant(peak)


def _falling(shape: Callable[[float, float, int], Schedule]) -> Curve:
    def curve(part: Keys, peak: float, sizes: Sizes) -> Schedule:
        end, floor = sizes.end(), peak * part.number("alpha_f", 0.1)
        warmup = sizes.length("warmup", sizes.end)
        fall = shape(peak, floor, end - warmup) if end > warmup else Constant(floor)
        return _rise(part, peak, warmup) >> fall

    return curve


def _half_cosine(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    end, floor = sizes.end(), peak * part.number("alpha_f", 0.1)
    warmup = sizes.length("warmup", sizes.end)
    rise = _rise(part, floor + (peak - floor) / 2, warmup)
    rest = end - warmup
    return rise >> (Cosine(peak, floor, 2 * rest).drop(rest) if rest > 0 else Constant(floor))


def _inverse_sqrt(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    floor, warmup = peak * part.number("alpha_f", 0.1), sizes.length("warmup", sizes.run)
    return _rise(part, peak, warmup) >> (InverseSqrt(peak - floor, warmup) + Constant(floor))


def _stable(part: Keys, peak: float, sizes: Sizes, middle: Callable[[int], Schedule]) -> Schedule:
    """Return a rise, what is between, and a line down in the end."""
    run = sizes.run()
    warmup, decay = sizes.length("warmup", sizes.run), sizes.length("decay", sizes.run, 0.1)
    stable = run - warmup - decay
    if stable < 0 or not warmup:
        raise ScheduleError(
            "olmo-core: the warm-up must be 1 or more, and with the decay no longer than the run, "
            f"got {warmup} and {decay} of {run}"
        )
    between = middle(warmup)
    top = between(stable)
    tail = Linear(top, part.number("decay_min_lr", 0.0), decay)
    return _rise(part, peak, warmup) >> between.cut(stable) >> tail


def _wsd(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    return _stable(part, peak, sizes, lambda _: Constant(peak))


def _power(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    power = -part.number("b", -0.51)
    return _stable(part, peak, sizes, lambda warmup: PowerLaw(peak, power, warmup))


def _cosine_then_linear(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    run, decay = sizes.run(), sizes.length("decay", sizes.run, 0.1)
    whole = _falling(Cosine)(part, peak, sizes)
    if not 0 < decay < run:
        raise ScheduleError(f"olmo-core: the decay must be shorter than the run, got {decay}")
    begin = run - decay
    tail = Linear(whole(begin), part.number("decay_min_lr", 0.0), decay)
    return whole.take(begin) >> tail if begin < whole.steps else whole >> tail


def _composed(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    """Return stages one after another, each from the end of the one before unless it says."""
    del sizes
    if part.get("override_decay") is not None:
        raise part.refuse("override_decay", "it is not read")
    stages: Any = part.get("stages")
    whole: Schedule = Constant(peak, 0)
    last = peak
    for i, stage in enumerate(stages if isinstance(stages, list) else []):
        one = Keys("olmo-core", stage if isinstance(stage, Mapping) else {}, f"stages[{i}].")
        start, end = _end(one, "start", peak, last), _end(one, "end", peak, None)
        shape = {"linear": Linear, "cosine": Cosine}.get(one.text("shape", "linear"))
        if shape is None:
            raise one.refuse("shape", "it must be linear or cosine")
        whole, last = whole >> shape(start, end, one.whole("duration")), end
    return whole


def _end(stage: Keys, name: str, peak: float, default: float | None) -> float:
    fraction = stage.optional(f"{name}_lr_fraction")
    return peak * fraction if fraction is not None else stage.number(f"{name}_lr", default)


SCHEDULERS: dict[str, Curve] = {
    "ConstantScheduler": _constant,
    "ConstantWithWarmup": _with_warmup,
    "WSD": _wsd,
    "PowerLR": _power,
    "LinearWithWarmup": _falling(Linear),
    "InvSqrtWithWarmup": _inverse_sqrt,
    "CosWithWarmup": _falling(Cosine),
    "HalfCosWithWarmup": _half_cosine,
    "CosWithWarmupAndLinearDecay": _cosine_then_linear,
    "ComposableScheduler": _composed,
}
"""The schedulers that are read, by the names of their classes."""
