"""TRL: the configurations of its trainers, in files and code."""

import re
from collections.abc import Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared import hugging_face
from glissando.convert.shared.calls import only_call, sections
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
COMMAND = re.compile(r"\btrl[ \t]+(sft|reward|dpo|kto|grpo|rloo)\b")


def _knows(document: Document) -> float:
    if only_call(document, tuple(CALLS)) or COMMAND.search(document.text):
        return 0.9
    return 0.75 if _arguments(document) else 0.0


def _arguments(document: Document) -> Mapping[str, Any] | None:
    def like(data: Mapping[str, Any]) -> bool:
        trained = hugging_face.of_type(data, "per_device_train_batch_size", "lr_scheduler_type")
        return trained > 0 and hugging_face.of_type(data, *OWN) > 0

    return next((data for data in sections(document) if like(data)), None)


@reader("trl", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate that a trainer of TRL uses."""
    call = only_call(document, tuple(CALLS))
    command = COMMAND.search(document.text)
    trainer = None
    data: Mapping[str, Any]
    if call is not None:
        data, trainer = call, CALLS[str(call["!tag"]).rpartition(".")[2]]
    elif command:
        data, trainer = document.flags, command[1]
    else:
        data = _arguments(document) or document.data
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
