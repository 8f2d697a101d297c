"""The schedule that the rates of a log are of."""

from collections.abc import Sequence
from itertools import compress

from glissando.errors import ScheduleError
from glissando.families.constant import Constant
from glissando.families.table import Table
from glissando.schedule import Schedule

TOLERANCE = 1e-5
"""How far three rates may be from a line, as a share of the largest: logs have 5 digits or more."""


def schedule_of(knots: Sequence[int], rates: Sequence[float]) -> Schedule:
    """Return the schedule with these rates at these steps, and lines between them.

    Before the first of them, the first rate holds; or the line through the first three, if they lie
    on one and step 0 is at most as far as they are from each other: a warm-up, or a linear decay,
    that was logged every so many steps.

    Args:
        knots: the steps, each above the one before.
        rates: the rates, as many.

    Raises:
        ScheduleError: there are fewer than two, or one is no rate.
    """
    if len(rates) < 2:
        raise ScheduleError("one rate is no schedule: pass `schedule`")
    if min(rates) == max(rates):
        return Constant(rates[0])
    first = _at_0(knots, rates)
    if first is not None:
        knots, rates = [0, *knots], [first, *rates]
    corners = [
        i in (0, len(rates) - 1) or not rates[i - 1] == rates[i] == rates[i + 1]
        for i in range(len(rates))
    ]
    return Table(list(compress(rates, corners)), knots=list(compress(knots, corners)))


def begins_late(knots: Sequence[int]) -> bool:
    """Return whether the first of some steps is further from step 0 than from the second."""
    return knots[0] > knots[1] - knots[0] + 1


def _at_0(knots: Sequence[int], rates: Sequence[float]) -> float | None:
    """Return the rate at step 0 by the line through the first three, if that may be taken."""
    if len(rates) < 3 or knots[0] == 0 or begins_late(knots):
        return None
    (a, b, c), (x, y, z) = knots[:3], rates[:3]
    close = TOLERANCE * max(x, y, z)
    slope = (y - x) / (b - a)
    start = x - slope * a
    if abs(y + slope * (c - b) - z) > close or start < -close:
        return None
    return 0.0 if abs(start) <= close else start
