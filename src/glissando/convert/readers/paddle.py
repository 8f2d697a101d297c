"""PaddleDetection, PaddleOCR, PaddleClas and PaddleSeg: their YAML files, whose tags are data."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.bases import with_bases
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.convert.shared import paddle_classes, paddle_detection
from glissando.errors import ScheduleError
from glissando.schedule import Schedule


def _knows(document: Document) -> float:
    data = document.data
    if isinstance(data.get("LearningRate"), Mapping):
        return 0.9
    if isinstance(data.get("_BASE_"), list):
        return 0.5
    scheduler = data.get("lr_scheduler")
    if isinstance(scheduler, Mapping) and "type" in scheduler and "iters" in data:
        return 0.9
    if "_base_" in data and document.path.suffix.lower() in (".yml", ".yaml"):
        return 0.6
    optimizer = data.get("Optimizer")
    if isinstance(optimizer, list) and "Global" in data:
        return 0.9
    return 0.9 if isinstance(optimizer, Mapping) and "lr" in optimizer and "Global" in data else 0.0


@reader("paddle", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; its schedulers step after every one."""
    data = document.data
    if "_base_" in data or "lr_scheduler" in data or "iters" in data:
        return _segmentation(document, given)
    keys = Keys("paddle", with_bases("paddle", document, "_BASE_"))
    if keys.get("LearningRate") is not None:
        given.need("paddle", "steps_per_epoch")
        return paddle_detection.rate_of(
            keys.section("LearningRate"), int(given.steps_per_epoch or 0)
        )
    part, run = _optimizer(keys, given).section("lr"), keys.section("Global")
    if run.get("epochs") is None:
        given.need("paddle", "steps_per_epoch")
        return paddle_classes.of_ocr(part, run.count("epoch_num"), int(given.steps_per_epoch or 0))
    return paddle_classes.of_clas(part, run.count("epochs"), _updates(run, given))


def _optimizer(keys: Keys, given: Given) -> Keys:
    """Return the optimizer's part; where there are several, that of the scope `group`."""
    listed: Any = keys.get("Optimizer")
    if not isinstance(listed, list):
        return keys.section("Optimizer")
    parts = {}
    for one in listed:
        for name, own in one.items() if isinstance(one, Mapping) else ():
            part = Keys("paddle", own if isinstance(own, Mapping) else {}, f"Optimizer.{name}.")
            parts[part.text("scope", "all")] = part
    if given.group in parts:
        return parts[str(given.group)]
    if len(parts) == 1:
        return next(iter(parts.values()))
    raise ScheduleError(
        f"paddle: `Optimizer` has several schedules: say which by `group` (--group): "
        f"{', '.join(sorted(parts))}"
    )


def _updates(run: Keys, given: Given) -> int:
    """Return PaddleClas' updates of an epoch, of which several iterations may make one."""
    if given.steps_per_epoch is None and run.get("iter_per_epoch") is not None:
        return max(1, run.count("iter_per_epoch") // run.count("update_freq", 1))
    given.need("paddle", "steps_per_epoch")
    return int(given.steps_per_epoch or 0)


def _segmentation(document: Document, given: Given) -> Schedule:
    """Return PaddleSeg's rate."""
    keys = Keys("paddle", with_bases("paddle", document, "_base_", alone=("_inherited_", False)))
    part = keys.section("lr_scheduler")
    if not part.data:
        raise ScheduleError(
            "paddle: `lr_scheduler` must be given: the file has no such key; `learning_rate` of "
            "PaddleSeg before 2.1 is not read"
        )
    return paddle_classes.of_seg(part, given.steps or keys.count("iters"))
