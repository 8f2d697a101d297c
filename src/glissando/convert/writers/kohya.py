"""Kohya's sd-scripts: the keys of their TOML file."""

import math
from collections.abc import Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.given import Given
from glissando.convert.writers.shared.pieces import INSTEAD
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import Arguments, arguments_of, scalar
from glissando.errors import ScheduleError
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    for arguments in arguments_of(schedule, "kohya", "lr_scheduler"):
        keys = {
            "learning_rate": arguments.rate,
            "lr_scheduler": arguments.kind,
            "lr_warmup_steps": arguments.warmup,
            **_of_type(arguments),
        }
        if arguments.steps is not None:
            keys["max_train_steps"] = arguments.steps
        yield read_back(
            "kohya",
            "".join(f"{name} = {_toml(value)}\n" for name, value in keys.items()),
            ".toml",
            Given(world_size=1),
            rounding="`lr_scheduler_min_lr_ratio` is a quotient of rates"
            if "lr_scheduler_min_lr_ratio" in keys
            else "none",
            groups="all get `learning_rate`, unless `unet_lr` or `text_encoder_lr` says another",
            units="updates of one process: in several, a warm-up in steps is as many times shorter",
        )


def _of_type(arguments: Arguments) -> dict[str, Any]:
    """Return the keys of a type."""
    kwargs, kind = arguments.kwargs, arguments.kind
    if kind == "cosine_with_restarts":
        return {"lr_scheduler_num_cycles": kwargs.get("num_cycles", 1)}
    if kind == "polynomial":
        end = {"lr_scheduler_args": [f"lr_end={kwargs['lr_end']!r}"]}
        return {"lr_scheduler_power": kwargs["power"], **end}
    if kind == "cosine_with_min_lr":
        return {"lr_scheduler_min_lr_ratio": neat(kwargs["min_lr"] / arguments.rate)}
    if kind == "inverse_sqrt" and "timescale" in kwargs:
        return {"lr_scheduler_timescale": int(kwargs["timescale"])}
    return _plateau(arguments) if kind == "warmup_stable_decay" else {}


def _plateau(arguments: Arguments) -> dict[str, Any]:
    """Return the keys of a plateau, which is as long as the run leaves it."""
    kwargs = arguments.kwargs
    stable, decay = kwargs["num_stable_steps"], kwargs["num_decay_steps"]
    steps = math.inf if arguments.steps is None else arguments.steps
    if arguments.warmup + stable + decay != steps:
        raise ScheduleError(
            f"kohya: `lr_decay_steps` are the last of the run: after {decay:,} of them it cannot "
            f"hold the floor; {INSTEAD}"
        )
    keys: dict[str, Any] = {"lr_decay_steps": decay}
    if "min_lr_ratio" in kwargs:
        keys["lr_scheduler_min_lr_ratio"] = kwargs["min_lr_ratio"]
    return keys | {"lr_scheduler_args": [f"decay_type={kwargs['decay_type']!r}"]}


def _toml(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else scalar(value)
