"""SpeechBrain: its hyperpyyaml files. A tag such as `!new:` is data: nothing is built of it.

The first update has the optimizer's own rate, since the scheduler is asked after it.
"""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from operator import mul
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.errors import ScheduleError
from glissando.families import Constant, InverseSqrt, Linear, Piecewise
from glissando.schedule import Schedule

REFERENCE = re.compile(r"\s*<([A-Za-z_]\w{0,100})>\s*")
SCHEDULERS = "speechbrain.nnet.schedulers."


def _tagged(data: Mapping[str, Any], word: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the names, the classes and the arguments of what is made from a class with a word."""
    for name, value in data.items():
        tag = value.get("!tag") if isinstance(value, Mapping) else None
        if isinstance(tag, str) and re.match(r"!(new|name):", tag) and word in tag:
            arguments = value.get("value")
            yield name, tag.partition(":")[2], arguments if isinstance(arguments, Mapping) else {}


def _knows(document: Document) -> float:
    if any(_tagged(document.data, SCHEDULERS)):
        return 0.9
    return 0.4 if any(_tagged(document.data, "speechbrain.")) else 0.0


@reader("speechbrain", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; `group` names the scheduler, where there are several."""
    found = {name: rest for name, *rest in _tagged(document.data, SCHEDULERS)}
    if not found:
        raise ScheduleError(
            "speechbrain: there is no scheduler in this file: its code sets the rate"
        )
    name = given.group if given.group in found or len(found) != 1 else next(iter(found))
    if name not in found:
        raise ScheduleError(
            "speechbrain: `group` must name the scheduler, one of "
            f"{', '.join(found)}, got {given.group!r}"
        )
    kind, arguments = found[str(name)]
    whole = {k: _resolved(v, document.data) for k, v in arguments.items()}  # type: ignore[attr-defined]
    part, kind = Keys("speechbrain", whole, f"{name}."), kind.rpartition(".")[2]  # type: ignore[attr-defined]
    if kind not in ("NoamScheduler", "NoamIntervalScheduler"):
        raise ScheduleError(
            f"speechbrain: {kind} is not read; NoamScheduler and NoamIntervalScheduler are"
        )
    curve = _noam(part)
    if kind == "NoamIntervalScheduler":
        curve = curve * _intervals(part)
    return Constant(_own_rate(document.data), 1) >> curve.drop(1)


def _resolved(value: Any, data: Mapping[str, Any], depth: int = 8) -> Any:
    """Return what `!ref <name>` means, where it is a value of the file."""
    if not isinstance(value, Mapping) or value.get("!tag") != "!ref":
        return value
    found = REFERENCE.fullmatch(str(value.get("value")))
    if not found or not depth or found[1] not in data:
        raise ScheduleError(
            f"speechbrain: `!ref {value.get('value')}` must be a value of this file: write it there"
        )
    return _resolved(data[found[1]], data, depth - 1)


def _noam(part: Keys) -> Schedule:
    warmup, size = part.whole("n_warmup_steps"), part.optional("model_size")
    peak = part.number("lr_initial")
    if size is not None:
        peak /= math.sqrt(size * warmup)
    return Linear(0.0, peak, warmup) >> InverseSqrt(peak, warmup)


def _intervals(part: Keys) -> Schedule:
    """Return the factors that follow the steps of annealing, each from the step after."""
    steps, rates = part.steps("anneal_steps"), part.numbers("anneal_rates")
    if len(steps) != len(rates) or not steps:
        raise part.refuse("anneal_rates", f"there must be one for each of {len(steps)} steps")
    return Piecewise([*accumulate([1.0, *rates], mul)], [step + 1 for step in steps])


def _own_rate(data: Mapping[str, Any]) -> float:
    """Return the rate that the optimizer is made with."""
    rates = [
        Keys("speechbrain", {"lr": _resolved(arguments["lr"], data)}, f"{name}.").number("lr")
        for name, _, arguments in _tagged(data, "optim.")
        if "lr" in arguments
    ]
    if len({*rates}) != 1:
        raise ScheduleError(
            "speechbrain: the optimizer's `lr`, which the first update has, must be there once, "
            f"got {len(rates)}"
        )
    return rates[0]
