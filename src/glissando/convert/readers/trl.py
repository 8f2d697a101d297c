"""TRL: the configurations of its trainers, in files and code."""

import re
from collections.abc import Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared import hugging_face
from glissando.convert.shared.calls import only_call, only_section, sections, unchanged
from glissando.convert.shared.fields import Fields
from glissando.errors import ScheduleError
from glissando.schedule import Schedule

RATES = {
    "sft": 2e-5,
    "reward": 1e-4,
    "dpo": 1e-6,
    "kto": 1e-6,
    "grpo": 1e-6,
    "rloo": 1e-6,
}
"""The default rate of each trainer."""

CALLS = {
    "SFTConfig": "sft",
    "RewardConfig": "reward",
    "DPOConfig": "dpo",
    "KTOConfig": "kto",
    "GRPOConfig": "grpo",
    "RLOOConfig": "rloo",
}
SAMPLED = ("grpo", "rloo")
"""The trainers whose epochs are not counted in samples of the data alone."""

OWN = (
    "beta",
    "num_generations",
    "max_prompt_length",
    "max_completion_length",
    "dataset_text_field",
)
IMPORTED = re.compile(r"\b(from|import)[ \t]+(trl|unsloth)\b|\btrl\.[A-Z]")
COMMAND = re.compile(r"\btrl[ \t]+(sft|reward|dpo|kto|grpo|rloo)\b")


def _call(document: Document) -> Mapping[str, Any] | None:
    """Return the call of one of TRL's classes; others have classes of the same names."""
    return only_call(document, tuple(CALLS)) if IMPORTED.search(document.text) else None


def _knows(document: Document) -> float:
    if _call(document) is not None or COMMAND.search(document.text):
        return 0.9
    return 0.75 if any(map(_like, sections(document))) else 0.0


def _like(data: Mapping[str, Any]) -> bool:
    """Return whether a mapping has the arguments of one of TRL's trainers."""
    trained = hugging_face.of_type(data, "per_device_train_batch_size", "lr_scheduler_type")
    return trained > 0 and hugging_face.of_type(data, *OWN) > 0


def _commanded(document: Document) -> str | None:
    """Return the trainer of the commands in a script, if it is one; a file's comments count not."""
    trainers = set(COMMAND.findall(document.text)) if document.flags else set()
    return trainers.pop() if len(trainers) == 1 else None


@reader("trl", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate that a trainer of TRL uses."""
    unchanged(document, tuple(CALLS), hugging_face.SHAPING)
    call = _call(document)
    trainer = _commanded(document)
    data: Mapping[str, Any]
    if call is not None:
        data, trainer = call, CALLS[str(call["!tag"]).rpartition(".")[2]]
    elif trainer:
        data = document.flags
    else:
        data = only_section(document, _like) or document.data or document.flags
    fields = Fields("trl", data)
    if trainer is None and not fields.has("learning_rate"):
        raise ScheduleError(
            "trl: the file does not say `learning_rate`, whose default is another in each trainer "
            f"({', '.join(f'{name} {rate:g}' for name, rate in RATES.items())}): write it in"
        )
    generated = trainer in SAMPLED or fields.has("num_generations")
    if generated and given.steps_per_epoch is None and given.steps is None:
        given = given._replace(samples=None)  # an epoch's updates depend on the generations
    return hugging_face.read(
        "trl", data, given, RATES.get(str(trainer), 5e-5), document.path.parent
    )
