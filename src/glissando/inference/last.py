"""Rows of the last batch of each epoch, of a curve in stairs of an epoch after a warm-up.

So Ultralytics logs. After the warm-up the rates tell the stairs; in it, a row's share of its stair
is the share of the warm-up that has passed, which tells how many batches an epoch has.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glissando.dialects.shared.curves import risen
from glissando.inference.answer import Told
from glissando.inference.numbers import whole
from glissando.inference.pieces import fitted
from glissando.inference.rows import Rows
from glissando.inference.sample import sample_of
from glissando.inference.search import Found, shortest
from glissando.inference.shapes import CONSTANT, COSINE, LINEAR
from glissando.schedule import Schedule

WARM = range(2, 13)
"""How many rows a warm-up may have, to tell how long an epoch is."""

LEAST = 100
"""How many batches a warm-up takes at least, in most releases."""


class Stairs(NamedTuple):
    """A schedule by batches of which rows hold that of each epoch's last."""

    schedule: Schedule
    epochs: Found
    per_epoch: Told
    warm_up: Told
    worst: float


def of_last(rows: Rows, lags: Sequence[int]) -> Stairs | None:
    """Return the curve in stairs of an epoch that rises before, if rows are of one."""
    for warm in WARM:
        if warm + 3 > len(rows.steps):
            return None
        late = rows.part(slice(warm, None))
        if not any(fitted(shape, late) for shape in (CONSTANT, LINEAR, COSINE)):
            continue
        found = shortest(late, sample_of(late), lags)
        if found is None or len(found.curve.parts) > 1:
            continue
        return _with_warm_up(found, rows, warm)
    return None


def _with_warm_up(found: Found, rows: Rows, warm: int) -> Stairs | None:
    """Return a schedule by batches of one by epochs, and a linear warm-up before it."""
    first = rows.part(slice(0, warm))
    epochs = first.steps - found.lag
    stairs = np.asarray(found.schedule(epochs), float)
    share, near = first.rates / stairs, 2 * first.errors / stairs
    each, before = _line(epochs + 1, share, near)
    if each is None:
        return None
    lengths = [round(1 / each) if abs(each * round(1 / each) - 1) < 1e-3 else 0]
    low, high = (1 / max(b, 1e-9) for b in reversed(before))
    for length in lengths:  # of the warm-up, in epochs: a whole number, or at least LEAST batches
        if length:
            number = whole(
                low / length - 0.5, high / length + 0.5, 2 / sum(before) / length, (0.0,)
            )
            ends = low / length, high / length
        else:
            number = round(LEAST * each)
            ends = float(number), float(number)
        if number is None or number < 2 or not math.isfinite(high):
            return None
        batches = number * length or LEAST
        schedule = risen(found.schedule.hold_each(number), batches, 0.0)
        at = (rows.steps - found.lag + 1) * number - 1
        off = np.abs(np.asarray(schedule(at.astype(np.int64)), float) - rows.rates) / rows.errors
        if off.max() <= 1:
            told = Told("batches an epoch", number, min(number, *ends), max(number, *ends))
            warm_up = Told("warm-up, in batches", batches, batches, batches)
            return Stairs(schedule, found, told, warm_up, float(off.max()))
    return None


def _line(steps: Any, shares: Any, near: Any) -> tuple[float | None, tuple[float, float]]:
    """Return the slope of a line through shares, and by how much it is below 0 at step 0."""
    slope, start = np.polyfit(steps, shares, 1)
    if slope <= 0 or np.abs(slope * steps + start - shares).max() > near.max():
        return None, (0.0, 0.0)
    return float(slope), (float(-start - near.max()), float(-start + near.max()))
