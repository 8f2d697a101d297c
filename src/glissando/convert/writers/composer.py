"""Composer and llm-foundry: the keys of their YAML files.

The schedule is asked before the batch is counted: two updates have the first rate.
"""

from collections.abc import Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Piece, Trapezoid, pieces, trapezoid
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, InverseSqrt, Linear
from glissando.schedule import Schedule

NAMES = {Cosine: "cosine_with_warmup", Linear: "linear_decay_with_warmup"}


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    if schedule.steps in (0, 1, float("inf")):
        raise ScheduleError(
            f"composer: `max_duration` must be known and 1ba or more, got {shown(schedule)}; give "
            "it an end with .take(n)"
        )
    found = _from_the_second(schedule)
    whole = trapezoid(schedule, "composer", "scheduler.name", found)
    if whole.warmup and whole.start:
        raise ScheduleError(
            f"composer: `scheduler.t_warmup` begins at 0: it cannot begin at {whole.start!r}; "
            f"{INSTEAD}"
        )
    if whole.rest or (whole.stable and whole.decay is not None):
        raise ScheduleError(
            "composer: `scheduler.t_max` is the end of the run, and what falls begins after "
            f"`t_warmup`: it cannot say a rate that is held in {shown(schedule)}; {INSTEAD}"
        )
    settings: dict[str, Any] = {
        "optimizer": {"lr": whole.peak},
        "scheduler": _scheduler(whole),
        "max_duration": f"{int(schedule.steps) - 1}ba",
    }
    yield read_back(
        "composer",
        yaml_of(settings),
        ".yaml",
        units="batches, each an update; the last rate is that of the update after `max_duration`",
        offset="updates 0 and 1 have the schedule's first rate, as Composer asks for it",
    )


def _from_the_second(schedule: Schedule) -> list[Piece]:
    """Return the curves without the first update, whose rate is that of the second."""
    first, *others = pieces(schedule)
    if isinstance(first.curve, Constant) and first.steps == 1 and others:
        left = others
    elif isinstance(first.curve, Constant):
        left = [Piece(first.curve, first.steps - 1), *others]
    else:
        left = []
    if not left or left[0].start != first.start:
        raise ScheduleError(
            "composer: `scheduler` is asked before the batch is counted, so that updates 0 and 1 "
            f"have one rate: it cannot say {shown(schedule)}; put gl.Constant({first.start!r}, "
            f"steps=1) >> before it, or {INSTEAD}"
        )
    return left


def _scheduler(whole: Trapezoid) -> dict[str, Any]:
    """Return the scheduler's keys, its name first."""
    warmup = {"t_warmup": f"{whole.warmup}ba"}
    if whole.decay is None:
        return {"name": "constant_with_warmup"} | warmup
    if isinstance(whole.decay, InverseSqrt):
        scale = f"{whole.decay.timescale:.0f}ba"
        return {"name": "inv_sqrt_with_warmup", **warmup, "t_scale": scale, "t_cooldown": "0ba"}
    if type(whole.decay) not in NAMES:
        raise ScheduleError(
            f"composer: `scheduler.name` cannot say the decay {shown(whole.decay)}; {INSTEAD}"
        )
    named = {"name": NAMES[type(whole.decay)], **warmup}
    end = whole.warmup + int(whole.decay.steps)
    if end != whole.steps - 1:  # the run is over before
        named["t_max"] = f"{end}ba"
    return named | {"alpha_f": neat(whole.decay.end / whole.peak)}
