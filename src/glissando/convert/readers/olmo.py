"""OLMo: the YAML files of its trainings.

It counts an update before it asks for the rate: the first update has the schedule's step 1, or the
tokens of one batch.
"""

from collections.abc import Callable, Mapping

from glissando.combinators import maximum
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.dialects.shared.curves import by_updates
from glissando.families import Constant, Cosine, InverseSqrt, Linear
from glissando.schedule import Schedule


def _knows(document: Document) -> float:
    optimizer, data = document.data.get("optimizer"), document.data
    if not isinstance(optimizer, Mapping) or "learning_rate" not in optimizer:
        return 0.0
    return 0.9 if "max_duration" in data and "scheduler" in data else 0.3


@reader("olmo", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    keys = Keys("olmo", document.data)
    part = keys.section("scheduler")
    units = part.text("units", "steps")
    if units not in ("steps", "tokens"):
        raise part.refuse("units", "it must be steps or tokens")
    peak = keys.section("optimizer").number("learning_rate")
    batch = _batch(keys, given) if units == "tokens" else 1
    curve = _curve(part, peak, lambda: _length(keys, given, units))
    return by_updates(curve, batch).drop(1)


def _batch(keys: Keys, given: Given) -> int:
    """Return the tokens of an update."""
    model = keys.section("model")
    if None in (keys.get("global_train_batch_size"), model.get("max_sequence_length")):
        given.need("olmo", "tokens_per_step")
        return int(given.tokens_per_step or 0)
    return keys.count("global_train_batch_size") * model.count("max_sequence_length")


def _length(keys: Keys, given: Given, units: str) -> int:
    """Return how long the run is, in the schedule's units."""
    value = keys.get("max_duration")
    text = str(value).strip()
    name, tokens = "max_duration", text.endswith("T")
    text = text.removesuffix("T").removesuffix("ep")
    amount = Keys("olmo", {name: int(float(Keys("olmo", {name: text}).number(name)))}).whole(name)
    if tokens:
        return amount if units == "tokens" else -(-amount // _batch(keys, given))
    if str(value).strip().endswith("ep"):
        given.need("olmo", "steps_per_epoch")
        amount *= int(given.steps_per_epoch or 0)
    return amount * (_batch(keys, given) if units == "tokens" else 1)


def _curve(part: Keys, peak: float, length: Callable[[], int]) -> Schedule:
    """Return the rate over steps or tokens; the length of the run counts without a `t_max`."""
    name = part.text("name", "cosine_with_warmup")
    warmup = int(part.number("t_warmup", 100))
    rise = Linear(part.number("warmup_min_lr", peak * 0.1), peak, warmup)
    if name == "constant":
        return Constant(peak)
    if name == "constant_with_warmup":
        return rise >> Constant(peak)
    if name == "inverse_sqrt_with_warmup":
        return _root(part, peak, rise, warmup)
    t_max = part.optional("t_max")
    end, floor = length() if t_max is None else int(t_max), peak * part.number("alpha_f", 0.1)
    if name == "max_scheduler":
        fall: Schedule = Cosine(peak, floor, end - warmup) if warmup < end else Constant(floor)
        return maximum(rise >> fall, _root(part, peak, rise, warmup))
    if warmup >= end:
        return rise >> Constant(floor)
    if name == "cosine_with_warmup":
        return rise >> Cosine(peak, floor, end - warmup)
    if name == "linear_with_warmup":
        return rise >> Linear(peak, floor, end - warmup)
    if name == "cosine_linear_envelope":
        fall = Cosine(peak - floor, 0.0, end - warmup) * Linear(1.0, 0.0, end - warmup)
        return rise >> (fall + Constant(floor))
    raise part.refuse("name", "it is none of OLMo's schedulers that are read")


def _root(part: Keys, peak: float, rise: Schedule, warmup: int) -> Schedule:
    if not warmup:
        raise part.refuse("t_warmup", "OLMo's square root needs 1 or more")
    return rise >> InverseSqrt(peak, warmup)
