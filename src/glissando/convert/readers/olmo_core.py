"""OLMo-core: the JSON that it writes of its configuration, and scripts that make one.

It counts an update before it asks for the rate: the first update has the schedule's step 1, or the
tokens of one batch.
"""

import math
from collections.abc import Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.convert.shared.olmo_core import CLASS, Sizes, curve_of
from glissando.dialects.shared.curves import by_updates
from glissando.errors import ScheduleError
from glissando.families import Constant
from glissando.schedule import Schedule

PARTS = {"optim": "train_module", "max_duration": "trainer", "global_batch_size": "data_loader"}
"""The keys by which one knows the calls of a script that make the parts of a configuration."""


def _is_script(document: Document) -> bool:
    return document.path.suffix.lower() in (".py", ".ipynb")


def _whole(document: Document) -> Mapping[str, Any]:
    """Return the configuration, which the calls of a script may make."""
    if not _is_script(document):
        return document.data
    found: dict[str, Any] = {}
    for call in document.data["!calls"]:
        for key, name in PARTS.items():
            if key in call and found.setdefault(name, call)[key] != call[key]:
                raise ScheduleError(
                    f"olmo-core: `{key}` must be the same wherever it is, got several in this "
                    "script: read the config.json of the run"
                )
    return {name: _plain(call) for name, call in found.items()}


def _plain(value: Any) -> Any:
    """Return a call as the JSON has it: its class by a key, and a duration by value and unit."""
    if not isinstance(value, Mapping):
        return value
    tag = str(value.get("!tag", ""))
    given = value.get("value")
    only = given[0] if isinstance(given, list) and len(given) == 1 else None
    if tag.startswith("Duration.") and only is not None:
        return {"value": _plain(only), "unit": tag.removeprefix("Duration.")}
    if tag == "int" and isinstance(only, int | float) and abs(only) < math.inf:
        return int(only)
    if tag == "!code":  # as SchedulerUnits.tokens, or what is not known
        return str(value.get("value"))
    named = {CLASS: tag} if tag else {}
    return named | {k: _plain(v) for k, v in value.items() if k not in ("!tag", "value")}


def _knows(document: Document) -> float:
    if _is_script(document):
        return 0.7 if "olmo_core" in document.text else 0.0
    module = document.data.get("train_module")
    return 0.9 if isinstance(module, Mapping) and "optim" in module else 0.0


@reader("olmo-core", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    keys = Keys("olmo-core", _whole(document))
    module = keys.section("train_module")
    rate = module.section("optim").number("lr")
    part = module.section("scheduler")
    if not part.data:
        return Constant(rate)
    units = part.text("units", "steps").rpartition(".")[2]
    if units not in ("steps", "tokens"):
        raise part.refuse("units", "it must be steps or tokens")
    sizes = Sizes(keys, part, given, units)
    batch = sizes.batch() if units == "tokens" else 1
    return by_updates(curve_of(part, rate, sizes), batch).drop(1)
