"""torchtitan: TOML files up to 0.2, the JSON and the text of its configurations, and functions.

A `config_registry.py` has these, each of which returns a configuration.

A warm-up of W updates began at 1 of W + 1 parts before June 2025, and `[training]` had its length
before March 2025.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from glissando.combinators import Chain, Strict
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.parsing import python
from glissando.convert.registry import reader
from glissando.dialects import torchtitan
from glissando.dialects.shared.curves import later
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, CosineWave, Linear, Sqrt
from glissando.schedule import Schedule
from glissando.text.formats import MIB

BESIDE = ("model", "lr_scheduler", "parallelism", "metrics", "checkpoint", "model_spec")
CODE = (".py", ".ipynb")
CALLED = re.compile(r"\s*[A-Za-z_][\w.]{0,100}\(")
"""How the text of a configuration begins, as Python prints it."""

NEEDED = {"optimizer", "lr_scheduler", "training"}
SHAPES = {"linear": Linear, "sqrt": Sqrt, "cosine": Cosine}

CHANGED = ((0, 1), (2025, 6))
"""From which release, or year and month, on a warm-up has as many parts as updates."""


def _named(document: Document) -> dict[str, Mapping[str, Any]]:
    """Return the configurations in a file by their names; one that is a file has none."""
    data, code = document.data, document.path.suffix.lower() in CODE
    if not data and len(document.text) <= MIB and CALLED.match(document.text):
        try:
            data, code = python.read(document.text), True
        except (ScheduleError, ValueError):
            return {}
    if not code:
        return {"": data} if data else {}
    returned = {name: value for name, value in data["!returned"].items() if _whole(value)}
    if not returned:
        found = [call for call in data["!calls"] if _whole(call)]
        returned = {"": found[0]} if len(found) == 1 else {}
    return returned


def _whole(value: object) -> bool:
    return isinstance(value, Mapping) and {*value} >= NEEDED


def _knows(document: Document) -> float:
    for data in _named(document).values():
        optimizer, training = data.get("optimizer"), data.get("training")
        if not isinstance(optimizer, Mapping) or not isinstance(training, Mapping):
            continue
        if {"lr", "name", "param_groups", "!tag"} & {*optimizer} and (
            "steps" in training or "!tag" in training
        ):
            return min(0.9, 0.4 + 0.1 * sum(name in data for name in BESIDE))
    return 0.0


@reader("torchtitan", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; `group` names a function or a group of parameters."""
    found = _named(document)
    if not found:
        raise ScheduleError(
            "torchtitan: there must be a configuration with `optimizer`, `lr_scheduler` and "
            "`training`, in a file or returned by a function, got none"
        )
    name = next(iter(found), "") if len(found) < 2 else given.group
    if name not in found:
        raise ScheduleError(
            "torchtitan: `group` must name the function that returns the configuration, one of "
            f"{', '.join(found)}, got {name!r}"
        )
    keys = Keys("torchtitan", _plain(found[str(name)]))
    training, part = keys.section("training"), keys.section("lr_scheduler")
    steps = training.optional_whole("steps") or given.steps
    if steps is None:
        given.need("torchtitan", "steps")
    for where in (training, part):
        if where.whole("warmup_steps", 0) < 0:
            raise where.refuse("warmup_steps", "it must be 0 or more")
    rate = _rate(keys.section("optimizer"), None if len(found) > 1 else given.group)
    if training.get("warmup_steps") is not None and not part.data:
        warmup = training.whole("warmup_steps")
        rise = Linear(rate / (warmup + 1), rate, warmup)
        return rise >> Linear(rate, 0.0, max(1, int(steps or 0) - warmup))
    floor = part.optional("min_lr_factor")
    arguments: dict[str, Any] = {
        "warmup_steps": part.whole("warmup_steps", 200),
        "total_steps": part.optional_whole("total_steps"),
        "decay_ratio": part.optional("decay_ratio"),
        "decay_type": part.text("decay_type", "linear"),
        "min_lr_factor": part.number("lr_min", 0.0) if floor is None else floor,
    }
    version = given.version() or CHANGED[1]
    if version[:2] == (2025, 3):
        raise part.refuse("warmup_steps", "in March 2025 the decay changed: say version 2025.4")
    if version < CHANGED[version[0] > 2000]:
        return _before(part, rate, int(steps or 0), arguments)
    curve = torchtitan.LRSchedulersContainer(**arguments, lr=rate, training_steps=int(steps or 0))
    total = arguments["total_steps"] or int(steps or 0)
    return _ended(curve, total, rate * arguments["min_lr_factor"])


def _plain(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a configuration without those values that are code, which are not known."""
    return {
        key: value
        for key, value in data.items()
        if not (isinstance(value, Mapping) and value.get("!tag") == "!code")
    }


def _rates(optimizer: Keys) -> Iterator[tuple[list[object], float]]:
    """Yield the names of the groups of parameters, and their rates."""
    groups = optimizer.get("param_groups")
    for i, group in enumerate(groups if isinstance(groups, list) else []):
        part = Keys(
            "torchtitan", group if isinstance(group, Mapping) else {}, f"param_groups[{i}]."
        )
        kwargs = part.section("optimizer_kwargs")
        names = [i, str(i), part.get("pattern"), part.get("optimizer_name")]
        if kwargs.get("lr") is not None:
            yield names, kwargs.number("lr")


def _rate(optimizer: Keys, group: str | int | None) -> float:
    """Return the optimizer's rate, or that of a group of parameters."""
    own, rates = optimizer.optional("lr"), list(_rates(optimizer))
    chosen = [rate for names, rate in rates if group in names] if group is not None else []
    if chosen:
        return chosen[0]
    if group is None and own is not None:
        return own
    if group is None and len({rate for _, rate in rates}) == 1:
        return rates[0][1]
    if rates:
        raise ScheduleError(
            "torchtitan: `group` must name one of `optimizer.param_groups` by its pattern, its "
            f"optimizer or its number, got {group!r}"
        )
    return optimizer.number("lr", None if optimizer.get("value") else 8e-4)


def _ended(curve: Schedule, total: int, floor: float) -> Schedule:
    """Return a schedule whose decay ends with its own total, after which torchtitan's goes on."""
    parts = curve.parts if isinstance(curve, Chain) else [curve]
    *before, last = [part.schedule if isinstance(part, Strict) else part for part in parts]
    if isinstance(last, Chain | Constant):
        return Chain([*before, last]) if before else last
    left = int(total - sum(part.steps for part in before))
    shape = Cosine if isinstance(last, CosineWave) else type(last)
    fall: Schedule = shape(start=last(0), end=floor, steps=left)
    return Chain([*before, fall]) if before else fall


def _before(part: Keys, rate: float, steps: int, arguments: Mapping[str, Any]) -> Schedule:
    """Return what `lr_scheduler` gave from March to June 2025."""
    warmup, ratio = arguments["warmup_steps"], arguments["decay_ratio"]
    shape = SHAPES.get(arguments["decay_type"])
    if shape is None:
        raise part.refuse("decay_type", "it must be linear, sqrt or cosine")
    warmup = min(warmup, steps)
    decay = steps - warmup if ratio is None else min(round(steps * ratio), steps - warmup)
    rise = Linear(rate / (warmup + 1), rate, warmup)
    fall = shape(rate, rate * arguments["min_lr_factor"], decay + 1)
    return rise >> Constant(rate, steps - warmup - decay) >> later(fall, 1)
