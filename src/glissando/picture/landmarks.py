"""The steps of a schedule that say most about it."""

import math
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import NamedTuple

from glissando.picture.sample import last_step, sample
from glissando.rules import MAX_STEP
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
    last = int(min(schedule.steps - 1, MAX_STEP - 1))
    every = merge(schedule.breaks_between(high=last), _bends(schedule))
    inner = (step for step in every if step <= last)
    first = [
        Landmark(0, schedule(0)),
        *(_corner(schedule, step) for step in islice(inner, corners)),
    ]
    more: float = sum(1 for _ in islice(inner, COUNTED))
    end = None
    if schedule.steps != math.inf:
        end = _corner(schedule, int(min(schedule.steps, MAX_STEP)))
    return Landmarks(first, math.inf if more == COUNTED else more, end)


def _bends(schedule: Schedule) -> Iterator[int]:
    """Yield the corners that are no breaks: where a clip, a minimum or a maximum takes over."""
    if not any(part.bends for part in schedule.every_part()):
        return
    # an endless decay meets its floor long after its shape is seen
    last = min(last_step([schedule]) * (1 if schedule.steps < math.inf else 100), MAX_STEP)
    steps, rates = sample(schedule, last)
    drawn = dict(zip(steps, rates, strict=True))
    breaks = {step + side for step in _breaks_among(schedule, steps) for side in (-1, 0, 1)}

    def rate(step: int) -> float:
        if step not in drawn:
            drawn[step] = schedule(step)
        return drawn[step]

    def bend(step: int) -> float:
        return abs(rate(step + 1) - 2 * rate(step) + rate(step - 1))

    found = -2
    for before, step, after in zip(steps[2:], steps[3:-3], steps[4:], strict=False):
        # the sampling goes down to single steps where the curve has a corner
        if before < step - 1 or after > step + 1 or step in breaks or step - 1 == found:
            continue
        sharp = bend(step)
        if sharp > 5 * max(bend(step - 2), bend(step + 2), 1e-9 * max(rates)):
            found = step
            yield step


def _breaks_among(schedule: Schedule, steps: Iterable[int]) -> Iterator[int]:
    """Yield those of some sorted steps that are breaks."""
    breaks = schedule.breaks()
    following = next(breaks, math.inf)
    for step in steps:
        if following < step:  # there may be very many between the two
            breaks = schedule.breaks(step)
            following = next(breaks, math.inf)
        if following == step:
            yield step


def _corner(schedule: Schedule, step: int) -> Landmark:
    before, rate = schedule(max(step - 1, 0)), schedule(step)
    # a jump is a move much larger than the moves around it
    around = [abs(before - schedule(max(step - 2, 0)))]
    if step < min(schedule.steps, MAX_STEP):
        around.append(abs(schedule(step + 1) - rate))
    jumps = abs(rate - before) > 2 * max(*around, 1e-9 * rate)
    return Landmark(step, rate, before if jumps else None)
