"""Ultralytics: the keys of its args.yaml, whose rate moves in stairs of an epoch."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from glissando.combinators import Chain, HoldEach, Product
from glissando.convert.certificate import Draft
from glissando.convert.given import Given
from glissando.convert.writers.shared.pieces import INSTEAD, pieces
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, Linear
from glissando.schedule import Schedule

SINCE = "8.4.103"
"""Since when a warm-up may have less than 100 batches."""


class Found(NamedTuple):
    """Stairs and the warm-up to them.

    Attributes:
        stairs: the rate of each epoch.
        each: how many batches an epoch has.
        warmup: how many batches the warm-up takes, whose share of the stairs grows.
    """

    stairs: Schedule
    each: int
    warmup: int


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file: a step is a batch."""
    stairs, each, warmup = _found(schedule)
    if stairs.steps == math.inf:
        raise ScheduleError(
            f"ultralytics: `epochs` must be known, got {shown(schedule)}, which never ends; give "
            "it an end with .take(n)"
        )
    epochs, first, last = int(stairs.steps), stairs(0), stairs.final()
    if not 0 <= last <= first or first == 0:
        raise ScheduleError(
            f"ultralytics: `lrf` must be from 0 to 1, of a first rate above 0: it cannot say "
            f"{shown(stairs)}; {INSTEAD}"
        )
    if warmup > (epochs - 1) * each:
        raise ScheduleError(
            f"ultralytics: `warmup_epochs` must end before the last epoch, got {warmup:,} of "
            f"{epochs * each:,} batches"
        )
    keys = {
        "optimizer": "SGD",
        "lr0": first,
        "lrf": neat(last / first),
        "cos_lr": isinstance(stairs, Cosine),
        "epochs": epochs,
        "warmup_epochs": warmup / each,
        "warmup_bias_lr": 0.0,
    }
    taken = "an epoch is one batch" if each == 1 else f"an epoch is {each:,} batches"
    yield read_back(
        "ultralytics",
        yaml_of(keys),
        ".yaml",
        Given(steps_per_epoch=each, framework_version=SINCE),
        rounding="`lrf` is a quotient of rates",
        groups="all of the optimizer's, which may be any but auto, get the same rate",
        units=f"batches, {taken}"
        + (f"; before {SINCE} a warm-up took 100 at least" if 0 < warmup < 100 else ""),
    )


def _found(schedule: Schedule) -> Found:
    if isinstance(schedule, Product) and len(schedule.parts) == 2:
        for stairs, share in (schedule.parts, schedule.parts[::-1]):
            warmup = _warmup(share)
            if warmup:
                return _stairs(stairs)._replace(warmup=warmup)
    match [piece.curve for piece in pieces(schedule)]:
        case [Linear(start=0, end=top) as rise, Constant(value=same) as level] if top == same:
            # a share of one rate is a line
            return Found(Constant(same, rise.steps + level.steps), 1, int(rise.steps))
    return _stairs(schedule)


def _warmup(share: Schedule) -> int:
    """Return how long a share grows from 0 to 1, 0 if it is another one."""
    first, *rest = share.reached if isinstance(share, Chain) else [share]
    grows = isinstance(first, Linear) and (first.start, first.end) == (0.0, 1.0)
    held = all(isinstance(part, Constant) and part.value == 1 for part in rest)
    return int(first.steps) if grows and held else 0


def _stairs(schedule: Schedule) -> Found:
    each, inner = 1, schedule
    if isinstance(schedule, HoldEach):
        each, inner = schedule.every, schedule.schedule
    if not isinstance(inner, Linear | Cosine | Constant):
        raise ScheduleError(
            f"ultralytics: `cos_lr` has a line or a cosine in stairs of an epoch, .hold_each(n), "
            f"and a warm-up whose share of them grows: it cannot say {shown(schedule)}; {INSTEAD}"
        )
    return Found(inner, each, 0)
