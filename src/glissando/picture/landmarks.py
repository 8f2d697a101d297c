"""The steps of a schedule that say most about it."""

import math
from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import NamedTuple

from glissando.picture.sample import last_step, sample
from glissando.schedule import Schedule

COUNTED = 100_000
"""Up to how many corners are counted."""


class Landmark(NamedTuple):
    """A step, its rate, and the rate of the step before if the curve jumps here."""

    step: int
    rate: float
    jump_from: float | None = None


class Landmarks(NamedTuple):
    """The first step and the first corners; how many corners follow; the end, if there is one.

    `more` is math.inf if the corners never end, or are too many to count.
    """

    first: list[Landmark]
    more: float
    end: Landmark | None


def landmarks(schedule: Schedule, corners: int = 20) -> Landmarks:
    """Return the first step of a schedule, its first corners, and its end.

    Args:
        schedule: the schedule.
        corners: how many corners to return.

    Example:
        >>> from glissando import Constant, Linear
        >>> found = landmarks(Linear(0.0, 1.0, steps=10) >> Constant(0.5, steps=5))
        >>> [(step, rate) for step, rate, _ in found.first], found.end.step
        ([(0, 0.0), (10, 0.5)], 15)
    """
    every = merge(schedule.breaks(), _bends(schedule))
    inner = (step for step in every if step < schedule.steps)
    first = [
        Landmark(0, schedule(0)),
        *(_corner(schedule, step) for step in islice(inner, corners)),
    ]
    more: float = sum(1 for _ in islice(inner, COUNTED))
    end = None
    if schedule.steps != math.inf:
        end = _corner(schedule, int(schedule.steps))
    return Landmarks(first, math.inf if more == COUNTED else more, end)


def _bends(schedule: Schedule) -> Iterator[int]:
    """Yield the corners that are no breaks: where a clip, a minimum or a maximum takes over."""
    if not any(part.bends for part in schedule.every_part()):
        return
    # an endless decay meets its floor long after its shape is seen
    last = last_step([schedule]) * (1 if schedule.steps < math.inf else 100)
    steps, rates = sample(schedule, last)
    drawn = dict(zip(steps, rates, strict=True))
    breaks = {step + side for step in drawn for side in (-1, 0, 1) if _is_break(schedule, step)}

    def bend(step: int) -> float:
        return float(abs(schedule(step + 1) - 2 * schedule(step) + schedule(step - 1)))

    found = -2
    for step in steps[3:-3]:
        # the sampling goes down to single steps where the curve has a corner
        if step - 1 not in drawn or step + 1 not in drawn or step in breaks or step - 1 == found:
            continue
        sharp = bend(step)
        if sharp > 5 * max(bend(step - 2), bend(step + 2), 1e-9 * max(rates)):
            found = step
            yield step


def _is_break(schedule: Schedule, step: int) -> bool:
    return next(schedule.breaks(step), None) == step


def _corner(schedule: Schedule, step: int) -> Landmark:
    before, rate = schedule(max(step - 1, 0)), schedule(step)
    # a jump is a move much larger than the moves around it
    around = [abs(before - schedule(max(step - 2, 0)))]
    if step < schedule.steps:
        around.append(abs(schedule(step + 1) - rate))
    jumps = abs(rate - before) > 2 * max(*around, 1e-9 * rate)
    return Landmark(step, rate, before if jumps else None)
