"""OLMo-core's schedulers, as their names and settings give them."""

from collections.abc import Callable, Mapping
from typing import Any

from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.dialects.shared.curves import later
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, InverseSqrt, Linear, LogLinear, PowerLaw
from glissando.schedule import Schedule

CLASS = "_CLASS_"
SHAPES = {"linear": Linear, "cosine": Cosine}


class Sizes:
    """How long things are, in the scheduler's units."""

    def __init__(
        self, keys: Keys, part: Keys, given: Given, units: str, whole: int | None = None
    ) -> None:
        self.keys = keys
        self.part = part
        self.given = given
        self.units = units
        self.whole = whole

    def of(self, part: Keys, whole: int | None) -> "Sizes":
        """Return the same for a scheduler inside, which takes a part of the run."""
        return Sizes(self.keys, part, self.given, self.units, whole)

    def batch(self) -> int:
        """Return the tokens of an update."""
        loader = self.keys.section("data_loader")
        if loader.get("global_batch_size") is not None:
            return loader.count("global_batch_size")
        self.given.need("olmo-core", "tokens_per_step")
        return int(self.given.tokens_per_step or 0)

    def run(self) -> int:
        """Return the length of the run."""
        if self.whole is not None:
            return self.whole
        duration = self.keys.within("trainer", "max_duration")
        if not duration.data:
            self.given.need("olmo-core", "steps")
            return int(self.given.steps or 0) * (self.batch() if self.units == "tokens" else 1)
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
    if stable < 0:
        raise ScheduleError(
            "olmo-core: the warm-up and the decay must be no longer than the run, "
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
    if not sizes.length("warmup", sizes.run):
        raise part.refuse("warmup", "OLMo-core divides by it: it must be 1 or more")
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
    whole: Schedule = Constant(peak, 0)
    last = peak
    for one in _parts(part, "stages"):
        start, end = _end(one, "start", peak, last), _end(one, "end", peak, None)
        whole, last = whole >> _shape(one)(start, end, one.count("duration")), end
    return _overridden(part, peak, whole)


def _parts(part: Keys, name: str) -> list[Keys]:
    """Return the parts in a list, of which there is one or more."""
    found: Any = part.get(name)
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in [*found, {}]):
        raise part.refuse(name, "it must be a list of settings")
    if not found:
        raise part.refuse(name, "it must have one or more")
    return [Keys(part.reader, one, f"{part.path}{name}[{i}].") for i, one in enumerate(found)]


def _shape(part: Keys) -> Callable[[float, float, int], Schedule]:
    return SHAPES[part.one_of("shape", SHAPES) if part.get("shape") is not None else "linear"]


def _overridden(part: Keys, peak: float, whole: Schedule) -> Schedule:
    """Return a schedule with another decay from a step on, if there is one."""
    if part.get("override_decay") is None:
        return whole
    other = part.section("override_decay")
    start, end = other.whole("start"), _end(other, "end", peak, None)
    fall = _shape(other)(whole(start), end, other.count("duration"))
    if start >= whole.steps:
        return whole >> Constant(whole.final(), start - int(whole.steps)) >> fall
    return whole.take(start) >> fall


def _sequential(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    """Return schedulers one after another; the peak of each is where the one before ends."""
    name = "schedulers_max" if part.get("schedulers_max") is not None else "schedulers_max_steps"
    members = _parts(part, "schedulers")
    lengths = part.steps(name)[: len(members) - 1]
    if len(lengths) != len(members) - 1 or any(length < 1 for length in lengths):
        raise part.refuse(name, f"it must have a length for each of {len(members)} but the last")
    whole: Schedule = Constant(peak, 0)
    left, rate = sizes.run(), peak
    for i, member in enumerate(members):
        length = lengths[i] if i < len(lengths) else left
        inner = curve_of(member, rate, sizes.of(member, min(left, length)))
        rate = curve_of(member, rate, sizes.of(member, length))(length) if length else rate
        inner = later(inner, 1) if i else inner  # its step 0 is the last one's end
        whole = whole >> (inner.take(length + (i == 0)) if i < len(lengths) else inner)
        left -= length
    return _overridden(part, peak, whole)


def _periods(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    """Return a rise, and periods of a stable rate that each fall to the floor."""
    del sizes
    lengths, floor = part.steps("period_lengths"), part.number("decay_min_lr", 0.0)
    factors = part.numbers("period_lr_multipliers") or [1.0] * len(lengths)
    if not lengths or len(factors) != len(lengths):
        raise part.refuse("period_lengths", "there must be one or more, and a multiplier for each")
    decays = [_share(part, "decay", length) for length in lengths]
    warmup = _share(part, "warmup", lengths[0])
    whole: Schedule = Linear(part.number("warmup_min_lr", 0.0), peak * factors[0], warmup)
    for i, (length, decay, factor) in enumerate(zip(lengths, decays, factors, strict=True)):
        stable = length - decay - (0 if i else warmup)
        if decay < 1 or stable < 0:
            raise part.refuse("period_lengths", "each must be as long as what is in it, or longer")
        fall = Linear(peak * factor, floor, decay) >> Constant(floor, 1)
        period = Constant(peak * factor, stable) >> fall
        whole = whole >> (later(period, 1) if i else period)
    return whole


def _share(part: Keys, name: str, length: int) -> int:
    """Return a length, or a fraction of one, rounded."""
    if part.get(name) is not None:
        return part.whole(name)
    return round(part.number(f"{name}_fraction") * length)


def _exponential(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    """Return a rise along the exponential, from a low rate to the optimizer's."""
    return LogLinear(peak, part.number("lr_min", 1e-9), sizes.run()).reverse()


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
    "SequentialScheduler": _sequential,
    "WSDS": _periods,
    "ExponentialScheduler": _exponential,
}
"""The schedulers by the names of their classes."""


def curve_of(part: Keys, peak: float, sizes: Sizes) -> Schedule:
    """Return what a scheduler with these settings gives, over its own units.

    Raises:
        ScheduleError: it is none that is known, or a setting cannot be.
    """
    name = part.text(CLASS if part.get(CLASS) is not None else "type").rpartition(".")[2]
    if name not in SCHEDULERS:
        raise ScheduleError(
            f"olmo-core: the scheduler must be one of {', '.join(SCHEDULERS)}, got {name!r}"
        )
    return SCHEDULERS[name](part, peak, sizes)
