"""LLaMA-Factory: the training arguments of its YAML file."""

from collections.abc import Iterator

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.training_arguments import arguments_of, draft_of, yaml_of
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    for arguments in arguments_of(schedule, "llamafactory", "lr_scheduler_type"):
        yield draft_of(arguments, yaml_of(arguments.settings()))
