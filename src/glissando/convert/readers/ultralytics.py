"""The `args.yaml` that Ultralytics writes into the folder of a run."""

import math
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared.fields import Fields
from glissando.dialects import ultralytics
from glissando.dialects.shared.curves import risen
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule

NUMBERS = ("lr0", "lrf", "warmup_epochs", "warmup_bias_lr", "warmup_momentum", "momentum")
GROUPS = ("lr", "bias", "momentum")

LEAST = 100
"""How many batches a warm-up had at least, before 8.4.103."""

CHANGED = (8, 4, 103)
"""Since when a warm-up may be as short as it is said to be, and ends before the last epoch."""


def _knows(document: Document) -> float:
    keys = {"lr0", "lrf", "epochs", "warmup_bias_lr", "nbs"}
    return 1.0 if keys <= set(document.data) else 0.0


@reader("ultralytics", _knows)
def read_args(document: Document, given: Given) -> Schedule:
    """Return the rate that Ultralytics' trainer sets, batch by batch.

    `steps_per_epoch` is the batches of an epoch; `group` may be "bias", whose warm-up comes down,
    or "momentum".
    """
    fields = Fields("ultralytics", document.data)
    if fields.number("time", 0.0):
        raise ScheduleError(
            "ultralytics: `time` ends the run by the clock, and stretches the rate to it: what was "
            "used is in results.csv alone"
        )
    given.need("ultralytics", "steps_per_epoch")
    group = "lr" if given.group is None else given.group
    if group not in GROUPS:
        raise ScheduleError(
            f"ultralytics: `group` must be one of {', '.join(GROUPS)}, got {shown(group)}"
        )
    arguments: dict[str, Any] = {key: fields.number(key) for key in NUMBERS if fields.has(key)}
    arguments |= _optimizer(fields, given)
    arguments |= {"epochs": fields.whole("epochs", 100), "cos_lr": fields.flag("cos_lr")}
    arguments |= {"steps_per_epoch": given.steps_per_epoch, "of": group}
    return _of_version(arguments, given)


def _optimizer(fields: Fields, given: Given) -> dict[str, Any]:
    """Return the optimizer; "auto" with what it is chosen by."""
    name = fields.text("optimizer", "auto")
    if name.lower() != "auto":
        return {"optimizer": name}
    given.need("ultralytics", "samples")
    if not isinstance(fields.data.get("batch"), int) or fields.data["batch"] < 1:
        given.need("ultralytics", "batch_size")  # found by the free memory of the device
    batch = given.batch_size or fields.whole("batch")
    once = max(batch, fields.whole("nbs", 64), 1)
    iterations = math.ceil((given.samples or 1) / once) * fields.whole("epochs", 100)
    if iterations <= ultralytics.LONG:
        given.need("ultralytics", "classes")
    return {"optimizer": "auto", "nc": given.classes, "iterations": iterations}


def _of_version(arguments: dict[str, Any], given: Given) -> Schedule:
    """Return the curve, whose warm-up another version has otherwise if it is a short one."""
    epochs, batches = arguments["epochs"], arguments["steps_per_epoch"]
    wished = arguments.get("warmup_epochs", 3.0)
    now = ultralytics.BaseTrainer(**arguments)
    before = max(round(wished * batches), LEAST) if wished > 0 else 0
    if before == round(min(wished, max(epochs - 1, 0)) * batches):
        return now
    given.need("ultralytics", "framework_version")
    if _version(given) >= CHANGED:
        return now
    if arguments["of"] == "momentum":
        longer = arguments | {"warmup_epochs": before / batches, "epochs": epochs + before}
        return ultralytics.BaseTrainer(**longer)
    stairs = ultralytics.BaseTrainer(**arguments | {"warmup_epochs": 0.0, "of": "lr"})
    automatic = arguments["optimizer"].lower() == "auto"
    first = 0.0 if automatic else arguments.get("warmup_bias_lr", 0.1)
    return risen(stairs, before, first if arguments["of"] == "bias" else 0.0)


def _version(given: Given) -> tuple[int, ...]:
    found = given.version()
    if found is None:
        raise ScheduleError(
            f"ultralytics: `framework_version` must be like 8.4.190, got "
            f"{shown(given.framework_version)}"
        )
    return found
