"""Diffusers: the flags of its training scripts."""

from collections.abc import Iterator

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import Arguments, arguments_of
from glissando.errors import ScheduleError
from glissando.schedule import Schedule

TYPES = ("linear", "cosine", "cosine_with_restarts", "constant", "constant_with_warmup")


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as flags."""
    refused = ""
    for arguments in arguments_of(schedule, "diffusers", "--lr_scheduler"):
        if arguments.kind in TYPES:
            yield _draft(arguments)
        refused = refused or arguments.kind
    raise ScheduleError(
        f"diffusers: `--lr_scheduler` must be one of {', '.join(TYPES)}: it cannot say the "
        f"schedule, which would be {refused!r} of Transformers; {INSTEAD}"
    )


def _draft(arguments: Arguments) -> Draft:
    flags = {
        "learning_rate": arguments.rate,
        "lr_scheduler": arguments.kind,
        "lr_warmup_steps": arguments.warmup,  # which would be 500
    }
    if "num_cycles" in arguments.kwargs:
        flags["lr_num_cycles"] = arguments.kwargs["num_cycles"]
    if arguments.steps is not None:
        flags["max_train_steps"] = arguments.steps
    return read_back(
        "diffusers",
        "".join(f"--{name} {value}\n" for name, value in flags.items()),
        ".sh",
        units="updates; the scripts multiply them by the number of processes, and Accelerate steps "
        "the scheduler as many times",
    )
