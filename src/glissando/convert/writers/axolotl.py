"""axolotl: the keys of its YAML file."""

from collections.abc import Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.training_arguments import (
    Arguments,
    arguments_of,
    draft_of,
    yaml_of,
)
from glissando.errors import ScheduleError
from glissando.schedule import Schedule

NO_WARMUP = 1e-9
"""A `warmup_ratio` that is rounded down to no updates; 0 would count as not given."""


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    for arguments in arguments_of(schedule, "axolotl", "lr_scheduler"):
        if arguments.warmup == 1:
            raise ScheduleError(
                "axolotl: `warmup_steps` cannot be 1, of which axolotl makes 2; write 0 or 2"
            )
        if arguments.kind == "cosine_with_min_lr":
            yield _with_floor(arguments)
        else:
            yield draft_of(arguments, yaml_of(_keys(arguments)))


def _with_floor(arguments: Arguments) -> Draft:
    """Return the draft of a cosine to a floor, which axolotl computes itself."""
    ratio = neat(arguments.kwargs["min_lr"] / arguments.rate)
    curve = arguments._replace(kwargs={"min_lr_rate": ratio}).curve()
    keys = _keys(arguments._replace(kind="cosine", kwargs={}))
    return draft_of(
        arguments,
        yaml_of(keys | {"cosine_min_lr_ratio": ratio}),
        by="the formula of axolotl's cosine with a `cosine_min_lr_ratio`",
        rates=lambda steps: [curve(step) for step in steps],
        run=None,
        rounding="`cosine_min_lr_ratio` is a quotient of rates; ",
    )


def _keys(arguments: Arguments) -> dict[str, Any]:
    """Return the keys by axolotl's names; without a warm-up it would make one of its own."""
    found = arguments.settings()
    found["lr_scheduler"] = found.pop("lr_scheduler_type")
    if not arguments.warmup:
        found["warmup_ratio"] = NO_WARMUP
    order = ("learning_rate", "lr_scheduler", "lr_scheduler_kwargs", "warmup_steps", "warmup_ratio")
    return {name: found[name] for name in (*order, "max_steps") if name in found}
