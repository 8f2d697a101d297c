"""Training arguments of Transformers, as the Trainer reads them: of a live object."""

import sys
from typing import Any

from glissando.convert.given import Given
from glissando.convert.registry import object_reader
from glissando.convert.shared import hugging_face
from glissando.dialects import transformers
from glissando.schedule import Schedule

SCHEDULERS = {
    "GreedyLR": transformers.get_greedy_schedule,
    "AdafactorSchedule": transformers.AdafactorSchedule,
}
"""Schedulers of its own, which have no schedule; what they say tells why."""

FIELDS = (
    "learning_rate",
    "lr_scheduler_type",
    "lr_scheduler_kwargs",
    "warmup_steps",
    "warmup_ratio",
    "max_steps",
    "num_train_epochs",
    "gradient_accumulation_steps",
    "dataloader_drop_last",
)
"""What the schedule depends on."""


def _named(value: Any, names: tuple[str, ...]) -> bool:
    return any(
        base.__name__ in names and base.__module__.partition(".")[0] == "transformers"
        for base in type(value).__mro__
    )


def _known(value: Any) -> bool:
    return _named(value, ("TrainingArguments", *SCHEDULERS))


@object_reader("transformers", _known)
def read_arguments(value: Any, given: Given) -> Schedule:
    """Return the rate that the Trainer uses with these arguments, update by update."""
    for name, refuse in SCHEDULERS.items():
        if _named(value, (name,)):
            return refuse()
    return schedule_of_arguments(value, given)


def schedule_of_arguments(arguments: Any, given: Given) -> Schedule:
    """Return the schedule of live training arguments, by the rules of their own version.

    Raises:
        ScheduleError: it is not known how many updates there are, and the schedule asks for it.
    """
    data = {name: getattr(arguments, name) for name in FIELDS if hasattr(arguments, name)}
    data["per_device_train_batch_size"] = arguments.train_batch_size  # of all devices of a process
    kind = data["lr_scheduler_type"]
    data["lr_scheduler_type"] = getattr(kind, "value", kind)
    version = getattr(sys.modules.get("transformers"), "__version__", None)
    known = given._replace(
        world_size=given.world_size or arguments.world_size,
        framework_version=given.framework_version or version,
    )
    return hugging_face.read("transformers", data, known)
