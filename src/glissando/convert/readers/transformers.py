"""Transformers: training arguments in files and code, model cards, and the Trainer's own state."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.opened import open_document
from glissando.convert.parsing.yaml import meaning
from glissando.convert.registry import READERS, reader
from glissando.convert.shared import hugging_face
from glissando.convert.shared.calls import only_call, only_section, sections, unchanged
from glissando.convert.shared.fields import Fields
from glissando.errors import ScheduleError
from glissando.schedule import Schedule

CALLS = ("TrainingArguments", "Seq2SeqTrainingArguments", "SentenceTransformerTrainingArguments")
OWN = ("per_device_train_batch_size", "per_gpu_train_batch_size", "lr_scheduler_type")
ALSO = ("num_train_epochs", "max_steps", "warmup_ratio", "warmup_steps", "learning_rate")
WITHOUT_TRAINER = ("num_warmup_steps", "num_warmup_epochs", "warmup_proportion", "max_train_steps")
"""The flags of scripts that have a loop of their own, of whose rules there are several."""

PRINTED = re.compile(r"TrainingArguments\(\n((?:\w{1,100}=[^\n]{0,1000},\n){1,500})\)")
TOTAL = re.compile(r"^ *Total optimization steps = ([\d,]{1,20})$", re.MULTILINE)
"""What the Trainer writes in a log when it begins."""

STATE = ("log_history", "global_step", "max_steps")

TRAINERS = ("transformers", "trl", "llamafactory", "axolotl")
"""The readers of what this Trainer is given."""

TEXTS = (".json", ".yaml", ".yml", ".md")
MOST = 1000
"""How many files of a folder are looked at."""

NAMES = {
    "lr_scheduler_warmup_steps": "warmup_steps",
    "lr_scheduler_warmup_ratio": "warmup_ratio",
    "training_steps": "max_steps",
    "num_epochs": "num_train_epochs",
    "train_batch_size": "per_device_train_batch_size",
}
"""What a model card calls the arguments."""


def _knows(document: Document) -> float:
    if all(name in document.data for name in STATE):
        return 0.9
    if hugging_face.card(document):
        return 0.8
    if only_call(document, CALLS) is not None or _printed(document):
        return 0.8
    return 0.7 if any(map(_like, sections(document))) else 0.0


def _printed(document: Document) -> Mapping[str, Any] | None:
    """Return the arguments that a log prints, one a line."""
    printed = PRINTED.search(document.text)
    if printed is None:
        return None
    pairs = (line.rstrip(",").partition("=") for line in printed[1].splitlines())
    return {name: None if text == "None" else meaning(text) for name, _, text in pairs}


def _like(data: Mapping[str, Any]) -> bool:
    """Return whether a mapping has training arguments."""
    trained = hugging_face.of_type(data, *OWN) >= 1 and hugging_face.of_type(data, *ALSO) >= 1
    return trained and not hugging_face.of_type(data, *WITHOUT_TRAINER)


@reader("transformers", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate that the Trainer uses."""
    if all(name in document.data for name in STATE):
        return _of_state(document, given)
    card = hugging_face.card(document)
    if card:
        return _read_card(document, card, given)
    unchanged(document, CALLS, hugging_face.SHAPING)
    found = only_call(document, CALLS) or _printed(document) or only_section(document, _like)
    if found is None:  # of which somebody says that they are training arguments
        found = document.data or document.flags
    if not found or ("!calls" in found and not hugging_face.of_type(found, *OWN, *ALSO)):
        raise ScheduleError("transformers: there are no training arguments in it")
    total = TOTAL.search(document.text)
    if given.steps is None and total:  # a log says it in the end
        given = given._replace(steps=int(total[1].replace(",", "")))
    return hugging_face.read("transformers", found, given, folder=document.path.parent)


def _of_state(document: Document, given: Given) -> Schedule:
    """Return the schedule of the arguments beside a trainer's state, which says the length.

    Raises:
        ScheduleError: there are none, or several.
    """
    steps = Fields("transformers", document.data).count("max_steps")
    known = given._replace(steps=given.steps or steps)
    beside = list(_beside(document.path))
    if len(beside) == 1:
        name, other = beside[0]
        return READERS[name].read(other, known)
    if beside:
        names = ", ".join(sorted(other.path.name for _, other in beside))
        raise ScheduleError(
            f"transformers: {len(beside)} files beside this state hold arguments, {names}: read "
            f"one of them with `steps` (--steps) {steps}"
        )
    raise ScheduleError(
        "transformers: a trainer's state says how long the run is and which rates it logged, and "
        "not `learning_rate`, `lr_scheduler_type` and `warmup_steps`: read the training arguments "
        f"or the model card with `steps` (--steps) {steps}, or put them beside it; or find the "
        "schedule in its log: glissando infer trainer_state.json"
    )


def _beside(state: Path) -> Iterator[tuple[str, Document]]:
    """Yield the files with training arguments in a state's folder, and whose they are."""
    for path in sorted(state.parent.iterdir())[:MOST] if state.name else []:
        if path.suffix.lower() not in TEXTS or path.name == state.name or not path.is_file():
            continue
        try:
            other = open_document(path)
        except (ScheduleError, OSError):
            continue
        sure = {name: READERS[name].knows(other) for name in TRAINERS}
        best = max(sure, key=lambda name: sure[name])
        if sure[best] > 0 and not all(name in other.data for name in STATE):
            yield best, other


def _read_card(document: Document, card: Mapping[str, Any], given: Given) -> Schedule:
    """Return the schedule of a model card, which says the version and the number of devices."""
    version = re.search(r"^[-*] Transformers:? v?(\d[\d.]{0,20}\d)", document.text, re.MULTILINE)
    if given.framework_version is None and version:
        given = given._replace(framework_version=version[1])
    if given.world_size is None:
        devices = card.get("num_devices", 1)  # it is said where there are several
        given = given._replace(world_size=devices if isinstance(devices, int) else None)
    data = {NAMES.get(name, name): value for name, value in card.items()}
    return hugging_face.read("transformers", data, given)
