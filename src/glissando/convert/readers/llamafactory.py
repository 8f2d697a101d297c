"""LLaMA-Factory: the Trainer's arguments beside its own."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared import hugging_face
from glissando.convert.shared.calls import only_section, sections
from glissando.convert.shared.fields import Fields
from glissando.errors import ScheduleError
from glissando.families import Constant
from glissando.schedule import Schedule

STAGES = ("pt", "sft", "rm", "ppo", "dpo", "kto")
OWN = ("finetuning_type", "template", "cutoff_len", "dataset_dir", "dataset")


def _like(data: Mapping[str, Any]) -> bool:
    """Return whether a mapping has the arguments of LLaMA-Factory."""
    return data.get("stage") in STAGES and hugging_face.of_type(data, *OWN) >= 1


def _second(document: Document) -> bool:
    """Return whether a document is of its version 1, which is the second."""
    return hugging_face.of_type(document.data, "model", "train_dataset", "micro_batch_size") == 3


def _knows(document: Document) -> float:
    return 0.9 if any(map(_like, sections(document))) or _second(document) else 0.0


@reader("llamafactory", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate that LLaMA-Factory's trainer uses."""
    data = only_section(document, _like) or document.data or document.flags
    fields = Fields("llamafactory", data)
    if fields.has("lr_scheduler_config"):
        raise ScheduleError(
            "llamafactory: `lr_scheduler_config` names a plugin, whose schedule is not read"
        )
    if _second(document):  # which has no schedule but those of plugins
        return Constant(fields.number("learning_rate", 1e-4))
    if hugging_face.scheduler_type(fields) == "warmup_stable_decay":
        length = hugging_face.updates(fields, given)
        rest = length - hugging_face.warmup_steps(fields, given)
        stable = {"num_stable_steps": rest // 3, "num_decay_steps": rest - rest // 3}
        data = {**data, "lr_scheduler_kwargs": stable | hugging_face.scheduler_arguments(fields)}
    return hugging_face.read("llamafactory", data, given, folder=document.path.parent)
