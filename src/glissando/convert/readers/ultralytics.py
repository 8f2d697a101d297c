"""The `args.yaml` that Ultralytics writes into the folder of a run."""

from math import ceil
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared.fields import Fields
from glissando.dialects import ultralytics
from glissando.dialects.shared.curves import risen, sampled
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Piecewise
from glissando.schedule import Schedule

NUMBERS = ("lr0", "lrf", "warmup_epochs", "warmup_bias_lr", "warmup_momentum", "momentum")
GROUPS = ("lr", "bias", "momentum")

LEAST = 100
"""How many batches a warm-up had at least, before 8.4.103."""

CHANGED = (8, 4, 103)
"""Since when a warm-up may be as short as it is said to be, and ends before the last epoch."""


WHOLE = (8, 4, 190)
"""Since when the accumulation grows to a whole number, which is known of this version alone."""

LONGEST = 1_000_000
"""How many batches a warm-up may have whose updates are looked for."""


def _knows(document: Document) -> float:
    keys = {"lr0", "lrf", "epochs", "warmup_bias_lr", "nbs"}
    return 1.0 if keys <= set(document.data) else 0.0


@reader("ultralytics", _knows)
def read_args(document: Document, given: Given) -> Schedule:
    """Return the rate that Ultralytics' trainer sets, batch by batch.

    `steps_per_epoch` is the batches of an epoch; `group` may be "bias", whose warm-up comes down,
    or "momentum". With `accumulation`, over how many batches it comes to accumulate gradients, it
    is the rate of each update of the weights.
    """
    fields = Fields("ultralytics", document.data)
    if fields.number("time", 0.0):
        raise ScheduleError(
            "ultralytics: `time` ends the run by the clock, and stretches the rate to it: what was "
            "used is in its log alone: glissando infer results.csv"
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
    curve, warmup = _of_version(arguments, given)
    if given.accumulation is None:
        return curve
    _check_accumulation(fields, given)
    return _by_updates(curve, warmup, arguments["epochs"], given)


def _check_accumulation(fields: Fields, given: Given) -> None:
    """Hold what is said of the accumulation to what the file says."""
    batch, once = given.batch_size or fields.get("batch"), fields.whole("nbs", 64)
    if not isinstance(batch, int) or batch < 1:
        return  # found by the free memory of the device
    if given.accumulation != max(round(once / batch), 1):
        raise ScheduleError(
            f"ultralytics: `accumulation` must be {max(round(once / batch), 1)}, by a `batch` of "
            f"{batch} and `nbs` of {once}, got {given.accumulation}"
        )
    if once > batch and once % batch:
        given.need("ultralytics", "framework_version")
        if _version(given) < WHOLE:
            raise ScheduleError(
                f"ultralytics: `batch` must divide `nbs` before 8.4.190 for rates by update, got "
                f"{batch} and {once}"
            )


def _by_updates(curve: Schedule, warmup: int, epochs: int, given: Given) -> Schedule:
    """Return the rates of the batches that are followed by an update of the weights.

    Within the warm-up the batches that make an update grow from 1 to all of them.
    """
    batches = given.steps_per_epoch or 1
    total = epochs * batches
    most = every = min(given.accumulation or 1, total)
    if warmup > LONGEST:
        raise ScheduleError(f"ultralytics: `warmup_epochs` may have {LONGEST:,} batches by update")
    last, used = -1, []
    for batch in range(min(warmup + 1, total) if warmup else 0):
        every = max(1, round(1 + (most - 1) * batch / warmup))
        if batch - last >= every:
            used.append(batch)
            last = batch
    values: list[float] = []
    boundaries: list[int] = []
    for epoch in range((last + every) // batches, epochs):
        first = max(0, ceil((epoch * batches - last) / every) - 1)
        if boundaries and boundaries[-1] == first:  # the epoch before it had no update
            values.pop()
            boundaries.pop()
        values.append(curve(epoch * batches + batches - 1))
        boundaries.append(first)
    stairs = Piecewise(values, boundaries[1:]) if values else Constant(curve(last))
    if not used:
        return stairs
    rates = [*map(curve, used), stairs(0)]  # the last is where the stairs begin
    return sampled(lambda update: rates[update], len(used)) >> stairs


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
    iterations = ceil((given.samples or 1) / once) * fields.whole("epochs", 100)
    if iterations <= ultralytics.LONG:
        given.need("ultralytics", "classes")
    return {"optimizer": "auto", "nc": given.classes, "iterations": iterations}


def _of_version(arguments: dict[str, Any], given: Given) -> tuple[Schedule, int]:
    """Return the curve and its warm-up, which another version has otherwise if it is short."""
    epochs, batches = arguments["epochs"], arguments["steps_per_epoch"]
    wished = arguments.get("warmup_epochs", 3.0)
    now = ultralytics.BaseTrainer(**arguments)
    before = max(round(wished * batches), LEAST) if wished > 0 else 0
    after = round(min(wished, max(epochs - 1, 0)) * batches)
    if before == after:
        return now, after
    given.need("ultralytics", "framework_version")
    if _version(given) >= CHANGED:
        return now, after
    if arguments["of"] == "momentum":
        longer = arguments | {"warmup_epochs": before / batches, "epochs": epochs + before}
        return ultralytics.BaseTrainer(**longer), before
    stairs = ultralytics.BaseTrainer(**arguments | {"warmup_epochs": 0.0, "of": "lr"})
    automatic = arguments["optimizer"].lower() == "auto"
    first = 0.0 if automatic else arguments.get("warmup_bias_lr", 0.1)
    return risen(stairs, before, first if arguments["of"] == "bias" else 0.0), before


def _version(given: Given) -> tuple[int, ...]:
    found = given.version()
    if found is None:
        raise ScheduleError(
            f"ultralytics: `framework_version` must be like 8.4.190, got "
            f"{shown(given.framework_version)}"
        )
    return found
