"""DeepSpeed: the scheduler of its configuration."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared.calls import sections
from glissando.convert.shared.deepspeed import TYPES, has_scheduler, scheduled
from glissando.errors import ScheduleError
from glissando.schedule import Schedule

OWN = (
    "train_batch_size", "train_micro_batch_size_per_gpu", "zero_optimization",
    "gradient_accumulation_steps", "gradient_clipping", "fp16", "bf16", "steps_per_print",
)  # fmt: skip
DISTINCT = ("zero_optimization", "train_micro_batch_size_per_gpu", "steps_per_print")


def _configuration(document: Document) -> Mapping[str, Any]:
    """Return the configuration, which code may have as a dictionary."""
    return next((data for data in sections(document) if has_scheduler(data)), document.data)


def _knows(document: Document) -> float:
    data = _configuration(document)
    if "deepspeed" in document.data:  # the arguments of a trainer that uses it
        return 0.5
    if has_scheduler(data) and data["scheduler"].get("type") in TYPES:
        return 0.95
    own = sum(name in data for name in OWN)
    return 0.6 if own >= 2 and any(name in data for name in DISTINCT) else 0.0


@reader("deepspeed", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate that DeepSpeed's engine uses: its first two updates are at the minimum."""
    configuration = _configuration(document)
    if not has_scheduler(configuration):
        raise ScheduleError(
            "deepspeed: there is no `scheduler` in it, so that the program that uses it makes the "
            "schedule: read that one's arguments"
        )
    return scheduled(configuration, given)
