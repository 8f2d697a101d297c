"""Composer and llm-foundry: the YAML files of their trainings.

Its trainer steps the schedulers before it counts a batch: two updates have the first rate, and all
others come one update late.
"""

import re
from collections.abc import Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.pace import one_late
from glissando.convert.registry import reader
from glissando.dialects import composer
from glissando.dialects.shared.composer_time import RunRule, State
from glissando.dialects.shared.curves import by_updates
from glissando.errors import ScheduleError
from glissando.families import Constant, InverseSqrt, Linear
from glissando.schedule import Schedule

NAMES = {
    "constant_with_warmup": "ConstantWithWarmupScheduler",
    "cosine_with_warmup": "CosineAnnealingWithWarmupScheduler",
    "linear_decay_with_warmup": "LinearWithWarmupScheduler",
}
"""llm-foundry's names of Composer's schedulers."""

INVERSE = "inv_sqrt_with_warmup"

OWN = {name: made for name, made in vars(composer).items() if name.endswith("Scheduler")}
KNOWN = OWN | {name: OWN[own] for name, own in NAMES.items()}
"""The schedulers by all their names, but that of llm-foundry's own."""


def _parameters(document: Document) -> Mapping[str, Any]:
    """Return the configuration, which is a part of the file that starts a run on a cluster."""
    part = document.data.get("parameters")
    if isinstance(part, Mapping) and "max_duration" in part:
        return part
    return document.data


def _knows(document: Document) -> float:
    data = _parameters(document)
    optimizer = data.get("optimizer")
    if "max_duration" not in data or not isinstance(optimizer, Mapping) or "lr" not in optimizer:
        return 0.0
    part = data.get("scheduler")
    if not isinstance(part, Mapping) or "units" in part:
        return 0.0
    return 0.6 + 0.2 * ("t_warmup" in part) + 0.1 * ("global_train_batch_size" in data)


@reader("composer", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    keys = Keys("composer", _parameters(document))
    rate = keys.section("optimizer").number("lr")
    part = keys.section("scheduler")
    state = _state(keys, given)
    if not part.data:
        return Constant(rate)
    name = _name(part)
    arguments = {k: part.get(k) for k in part.data if k not in ("name", "_target_")}
    arguments = {k: f"{v}ba" if _counts(k, v) else v for k, v in arguments.items()}
    if name == INVERSE:
        return one_late(_inverse_sqrt(part, arguments, state, rate))
    known = {name: value for name, value in state._asdict().items() if value is not None}
    run: dict[str, Any] = known | {"steps": "".join(map(str, known["steps"]))}
    try:
        return one_late(KNOWN[name](**arguments, lr=rate, **run))
    except TypeError as error:  # an argument is missing, or none of its own
        raise ScheduleError(f"composer: {error}") from None


def _name(part: Keys) -> str:
    """Return the scheduler's name, which may be that of its class with the path to it."""
    if part.get("_target_") is None:
        return part.one_of("name", (*KNOWN, INVERSE))
    own = part.text("_target_").rpartition(".")[2]
    return Keys("composer", {"_target_": own}, part.path).one_of("_target_", (*KNOWN, INVERSE))


def _counts(name: str, value: object) -> bool:
    return name.startswith("t_") and name != "t_mult" and type(value) is int


def _state(keys: Keys, given: Given) -> State:
    """Return what the trainer knows; `max_duration` is scaled as all times are."""
    duration = keys.get("max_duration")
    amount, unit = RunRule().check(duration, keys.where("max_duration"))
    ratio = keys.number("scale_schedule_ratio", 1.0)
    text = str(_times(keys, duration))
    needs = {"ep": "steps_per_epoch", "tok": "tokens_per_step"}
    given.need(
        "composer", *(need for mark, need in needs.items() if re.search(rf"\d{mark}\b", text))
    )
    return State(
        steps=(int(amount * ratio), unit),  # type: ignore[arg-type]  # as its rule has it
        steps_per_epoch=given.steps_per_epoch,
        samples_per_batch=keys.optional_whole("global_train_batch_size"),
        tokens_per_batch=given.tokens_per_step,
        scale_schedule_ratio=ratio,
    )


def _times(keys: Keys, duration: object) -> list[object]:
    """Return all times of a configuration, which tell what they need."""
    part = keys.section("scheduler")
    return [duration, *(part.get(name) for name in part.data)]


def _inverse_sqrt(part: Keys, arguments: dict[str, Any], state: State, rate: float) -> Schedule:
    """Return llm-foundry's own scheduler: a rise, an inverse square root, a line at the end."""
    names = ("t_warmup", "t_scale", "t_cooldown")
    missing = [name for name in names if not isinstance(arguments.get(name), str)]
    if missing:
        raise ScheduleError(f"{part.where(missing[0])} must be given as a time such as '10ba'")
    warmup, unit = state.time(arguments["t_warmup"], scaled=False)
    times = [state.time(arguments[name]) for name in names[1:]]
    times.append(state.time(arguments.get("t_max") or "1dur"))
    if {unit, *(unit for _, unit in times)} != {unit}:
        raise ScheduleError(f"{part.where('t_warmup')} must be in the unit of `max_duration`")
    (scale, _), (cooldown, _), (end, _) = times
    floor, last = part.number("alpha_f_decay", 0.0), part.number("alpha_f_cooldown", 0.0)
    begin = max(end - cooldown, warmup)
    decay = InverseSqrt(rate * (1 - floor), scale) + Constant(rate * floor)
    fallen = decay(begin - warmup)
    tail: Schedule = Linear(fallen, rate * last, cooldown) if cooldown else Constant(fallen)
    middle: Schedule = decay.take(begin - warmup)
    whole = Linear(0.0, rate, warmup) >> middle >> tail
    return by_updates(whole, state.per(unit))
