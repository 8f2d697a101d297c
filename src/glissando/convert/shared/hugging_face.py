"""How the Trainer of Transformers makes a schedule of its arguments, by its versions' rules."""

import ast
import json
import warnings
from collections.abc import Mapping
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.opened import open_document
from glissando.convert.shared.curves import ended
from glissando.convert.shared.deepspeed import has_scheduler, scheduled
from glissando.convert.shared.fields import Fields
from glissando.dialects.transformers import get_scheduler
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule

BY_METRIC = ("reduce_lr_on_plateau", "greedy")
"""The types that follow a metric, of which there is no schedule."""

NO_LENGTH = ("constant", "constant_with_warmup", "inverse_sqrt")
"""The types for which the run's length means nothing."""

CARD = ("lr_scheduler_type", "train_batch_size", "num_epochs", "training_steps")
"""What a model card lists."""

SHAPING = (
    "learning_rate", "lr_scheduler_type", "lr_scheduler_kwargs", "warmup_steps", "warmup_ratio",
    "max_steps", "num_train_epochs", "per_device_train_batch_size", "gradient_accumulation_steps",
)  # fmt: skip
"""The arguments that a schedule depends on."""

LONGEST = 40
"""How long a version is."""

FLOOR, CEIL = (4, 51), (4, 57)
"""The last version that left an epoch's last accumulated batches out, and one that takes them."""


def read(
    reader: str,
    data: Mapping[str, Any],
    given: Given,
    rate: Any = 5e-5,
    folder: Path | None = None,
) -> Schedule:
    """Return the rate that the Trainer uses with some arguments.

    Args:
        reader: the reader's name, for errors.
        data: the arguments by the names of `TrainingArguments`.
        given: what is known beside them, which counts more.
        rate: the default of `learning_rate`.
        folder: the folder of their file: a configuration of DeepSpeed that they name is read there.
    """
    fields = Fields(reader, data)
    version = data.get("transformers_version")  # as what W&B keeps of a run says it
    if given.framework_version is None and isinstance(version, str):
        given = given._replace(framework_version=version[:LONGEST])
    engine = engine_of(fields, folder)
    if engine is not None:
        return _by_deepspeed(fields, given, engine, rate)
    one_rate(reader, given)
    kind = scheduler_type(fields)
    options = scheduler_arguments(fields)
    if kind in BY_METRIC:
        return by_type(reader, kind, None, None, {}, 0.0)
    warmup = None if kind == "constant" else warmup_steps(fields, given)
    length = None if kind in NO_LENGTH else updates(fields, given)
    lr = fields.number("learning_rate", rate)
    return by_type(reader, kind, warmup, length, options, lr)


def engine_of(fields: Fields, folder: Path | None) -> Mapping[str, Any] | None:
    """Return the configuration of DeepSpeed that arguments have or name, if it has a scheduler."""
    found: Any = fields.data.get("deepspeed")
    if isinstance(found, str) and found and "\0" not in found:
        for path in (Path(found), *([folder / found] if folder else [])):
            if path.suffix == ".json" and path.is_file():
                found = open_document(path).data
                break
        else:
            warnings.warn(
                f"{fields.reader}: `deepspeed` names {shown(found)}, which is no .json file here: "
                "the rate is right if that file has no `scheduler`; else put it beside this one",
                stacklevel=2,
            )
    return found if has_scheduler(found) else None


def _by_deepspeed(fields: Fields, given: Given, engine: Mapping[str, Any], rate: Any) -> Schedule:
    """Return the schedule of DeepSpeed, in which the Trainer fills in what is "auto"."""
    lr = fields.number("learning_rate", rate)
    parameters = engine["scheduler"].get("params") or {}
    auto: dict[str, Any] = {"warmup_min_lr": 0, "warmup_max_lr": lr}
    if parameters.get("total_num_steps") == "auto":
        auto["total_num_steps"] = updates(fields, given)
    if parameters.get("warmup_num_steps") == "auto":
        auto["warmup_num_steps"] = max(1, warmup_steps(fields, given))
    optimizer = engine.get("optimizer")
    options = optimizer.get("params") if isinstance(optimizer, Mapping) else None
    if not isinstance(options, Mapping) or options.get("lr") in (None, "auto"):
        engine = {**engine, "optimizer": {"params": {"lr": lr}}}
    return scheduled(engine, given, auto)


def card(document: Document) -> Mapping[str, Any]:
    """Return the hyperparameters that the Trainer lists in a model card, none without them."""
    listed = document.data.get("hyperparameters")
    if isinstance(listed, Mapping) and of_type(listed, *CARD) >= 2:
        return listed
    return {}


def by_type(
    reader: str,
    kind: str,
    warmup: int | None,
    length: int | None,
    options: Mapping[str, Any],
    lr: float,
) -> Schedule:
    """Return the schedule of a type, with the reader's name before what is wrong."""
    try:
        found = get_scheduler(kind, warmup, length, options, lr=lr)
    except (ScheduleError, TypeError) as error:
        raise ScheduleError(f"{reader}: {error}") from None
    return found if length is None else ended(found, length)


def one_rate(reader: str, given: Given) -> None:
    """Raise if a group is asked for where all have one rate."""
    if given.group is not None:
        raise ScheduleError(f"{reader}: all groups have one schedule here: leave out `group`")


def scheduler_type(fields: Fields, name: str = "lr_scheduler_type", default: Any = "linear") -> str:
    """Return the type's name, also where code says `SchedulerType.COSINE`."""
    found = fields.data.get(name)
    if isinstance(found, Mapping) and "SchedulerType." in str(found.get("value")):
        return str(found["value"]).rpartition(".")[2].lower()
    word = fields.text(name, default)
    return str(word).rpartition("SchedulerType.")[2].lower()


def scheduler_arguments(fields: Fields, name: str = "lr_scheduler_kwargs") -> dict[str, Any]:
    """Return the arguments of the schedule, which may be JSON, or Python, in a text."""
    found = fields.get(name) or {}
    if isinstance(found, str) and found.strip():
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
                found = ast.literal_eval(found)
    if not isinstance(found, Mapping):
        raise ScheduleError(f"{fields.reader}: `{name}` must be a mapping, got {shown(found)}")
    inner = Fields(fields.reader, found)
    numbers = {key: inner.get(key) for key in found if found[key] is not None}
    for key, value in numbers.items():
        if isinstance(value, str) and key not in ("warmup_type", "decay_type"):
            numbers[key] = inner.number(key)
    return numbers


def warmup_steps(fields: Fields, given: Given) -> int:
    """Return how many updates the warm-up takes; a fraction of the run is rounded up."""
    steps = fields.number("warmup_steps", 0.0)
    ratio = fields.fraction("warmup_ratio")
    if steps >= 1:
        return int(steps)
    if steps > 0:  # from version 5 on
        version = given.version()
        if version is not None and version < (5,):
            raise ScheduleError(
                f"{fields.reader}: `warmup_steps` must be a whole number before Transformers 5, "
                f"got {steps}; a fraction of the run is `warmup_ratio`"
            )
        ratio = steps
    return ceil(updates(fields, given) * ratio) if ratio else 0


def updates(fields: Fields, given: Given) -> int:
    """Return how many updates the run makes."""
    if given.steps is not None:
        return given.steps
    steps = fields.get("max_steps")
    if steps not in (None, -1, "-1", 0, "0"):
        return fields.whole("max_steps")
    epochs = fields.number("num_train_epochs", 3.0)
    if given.steps_per_epoch is None and given.samples is None:
        raise ScheduleError(
            f"{fields.reader}: the file does not say how many updates the run makes: give `steps` "
            "(--steps), or `steps_per_epoch` (--steps-per-epoch), or `samples` and `world_size` "
            "(--samples, --world-size)"
        )
    return ceil(epochs * updates_per_epoch(fields, given))


def updates_per_epoch(fields: Fields, given: Given) -> int:
    """Return how many updates an epoch has."""
    if given.steps_per_epoch is not None:
        return given.steps_per_epoch
    given.need(fields.reader, "samples", "world_size")
    assert given.samples is not None
    assert given.world_size is not None
    size = given.batch_size or batch_size(fields)
    every = given.accumulation or fields.count("gradient_accumulation_steps", 1)
    at_once = size * given.world_size
    dropped = fields.flag("dataloader_drop_last")
    batches = given.samples // at_once if dropped else ceil(given.samples / at_once)
    if batches % every == 0 or batches < every:
        return max(batches // every, 1)
    version = given.version()
    if version is None or FLOOR < version[:2] < CEIL:
        raise ScheduleError(
            f"{fields.reader}: the last {batches % every} of an epoch's {batches} batches are an "
            f"update of their own in Transformers {CEIL[0]}.{CEIL[1]} and later, and none up to "
            f"{FLOOR[0]}.{FLOOR[1]}: give `framework_version` (--framework-version), or `steps`"
        )
    return batches // every + (version[:2] >= CEIL)


def batch_size(fields: Fields) -> int:
    """Return how many samples a process takes at once."""
    old = "per_gpu_train_batch_size"
    name = old if fields.has(old) else "per_device_train_batch_size"
    return fields.count(name, 8)


def of_type(data: Mapping[str, Any], *names: str) -> int:
    """Return how many of some names have a value."""
    return sum(data.get(name) is not None for name in names)
