"""Training arguments of Transformers, as the Trainer reads them: of a live object."""

import math
from typing import Any

from glissando.convert.given import Given
from glissando.convert.registry import object_reader
from glissando.dialects import transformers
from glissando.errors import ScheduleError
from glissando.schedule import Schedule

SCHEDULERS = {
    "GreedyLR": transformers.get_greedy_schedule,
    "AdafactorSchedule": transformers.AdafactorSchedule,
}
"""Schedulers of its own, which have no schedule; what they say tells why."""


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
    """Return the schedule of live training arguments.

    The number of updates is `max_steps`, or what is given, or comes of the epochs: of so many
    updates, or samples, each.

    Raises:
        ScheduleError: it is not known how many updates there are, and the schedule asks for it.
    """
    kind = getattr(arguments.lr_scheduler_type, "value", arguments.lr_scheduler_type)
    steps = _steps(arguments, given)
    kwargs = dict(arguments.lr_scheduler_kwargs or {})
    needs = kind not in ("constant", "constant_with_warmup", "inverse_sqrt")
    if steps is None and (needs or _is_share(arguments)):
        given.need("transformers", "steps")
    warmup = arguments.get_warmup_steps(steps or 0)
    return transformers.get_scheduler(
        kind, warmup, steps, kwargs, lr=float(arguments.learning_rate)
    )


def _is_share(arguments: Any) -> bool:
    """Return whether the warm-up is a share of the updates."""
    fixed = arguments.warmup_steps or 0
    return bool(0 < fixed < 1 or (not fixed and getattr(arguments, "warmup_ratio", None)))


def _steps(arguments: Any, given: Given) -> int | None:
    """Return how many updates there are, or None if that is not known."""
    if arguments.max_steps > 0:
        if given.steps not in (None, arguments.max_steps):
            raise ScheduleError(
                f"transformers: `steps` must be left out, or be `max_steps`, which is "
                f"{arguments.max_steps}, got {given.steps}"
            )
        return int(arguments.max_steps)
    if given.steps is not None:
        return given.steps
    epoch = given.steps_per_epoch
    if epoch is None and given.samples is not None:
        epoch = _updates(arguments, given.samples, given.world_size)
    return None if epoch is None else math.ceil(arguments.num_train_epochs * epoch)


def _updates(arguments: Any, samples: int, world_size: int | None) -> int:
    """Return how many updates an epoch of samples has: the last few batches make one as well."""
    once = arguments.train_batch_size * (world_size or arguments.world_size)
    batches = samples // once if arguments.dataloader_drop_last else math.ceil(samples / once)
    return max(math.ceil(batches / arguments.gradient_accumulation_steps), 1)
