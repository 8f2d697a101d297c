"""ESPnet: the YAML files of its trainings."""

import math

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.families import Constant, InverseSqrt, Linear
from glissando.schedule import Schedule


def _knows(document: Document) -> float:
    data = document.data
    if not isinstance(data.get("optim_conf"), dict):
        return 0.0
    return 0.9 if "scheduler" in data or "max_epoch" in data else 0.6


@reader("espnet", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update, of which the first has the schedule's step 1."""
    del given
    keys = Keys("espnet", document.data)
    rate = keys.section("optim_conf").number("lr")
    if keys.get("scheduler") in (None, "none", "null"):
        return Constant(rate)
    part = keys.section("scheduler_conf")
    warmup = part.whole("warmup_steps", 25_000)
    name = keys.text("scheduler").lower()
    if name == "noamlr":
        rate = rate / math.sqrt(part.number("model_size", 320) * warmup)
    elif name != "warmuplr":
        raise keys.refuse("scheduler", "of ESPnet's schedulers warmuplr and noamlr are read")
    return (Linear(0.0, rate, warmup) >> InverseSqrt(rate, warmup)).drop(1)
