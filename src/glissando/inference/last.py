"""Rows of the last batch of each epoch, of a curve in stairs of an epoch after a warm-up.

So Ultralytics logs. After the warm-up the rates tell the stairs; in it, a row's share of its stair
is the share of the warm-up that has passed, which tells how many batches an epoch has.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from glissando.dialects.shared.curves import risen
from glissando.inference.answer import Told
from glissando.inference.pieces import fitted
from glissando.inference.rows import Rows
from glissando.inference.sample import sample_of
from glissando.inference.search import Found, shortest
from glissando.inference.shapes import CONSTANT, COSINE, LINEAR
from glissando.schedule import Schedule

WARM = range(2, 121)
"""How many rows a warm-up may have, to tell how long an epoch is."""

LEFT = 3
"""How many rows must be left after it."""

TRIED = 200
"""How many numbers of batches are tried."""

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
        if warm + LEFT > len(rows.steps):
            return None
        late = rows.part(slice(warm, None))
        if not any(fitted(shape, late) for shape in (CONSTANT, LINEAR, COSINE)):
            continue
        found = shortest(late, sample_of(late), (*lags, lags[-1] + 1))
        if found is None or len(found.curve.parts) > 1:
            return None
        lag = found.lag if found.lag in lags else lags[-1]
        return _with_warm_up(found, rows, warm, lag)
    return None


def _with_warm_up(found: Found, rows: Rows, warm: int, lag: int) -> Stairs | None:
    """Return a schedule by batches of one by epochs, and a linear warm-up before it.

    In the first releases the stairs stand still for an epoch after the warm-up.
    """
    first = rows.part(slice(0, warm))
    stairs = np.asarray(found.schedule(first.steps - lag), float)
    near = 2 * first.errors / stairs
    rises = first.rates / stairs < 1 - near
    epochs = first.steps[rises] - lag + 1
    each, before = _line(epochs, (first.rates / stairs)[rises], near[rises])
    if each is None or before[1] <= 0:
        return None
    length = round(1 / each) if abs(each * round(1 / each) - 1) < 1e-3 else 0
    low, high = (1 / max(b * (length or LEAST), 1e-9) for b in reversed(before))
    for number, batches in _lengths(each, length, low, high):
        schedule = _built(found, number, batches, warm, lag)
        at = ((rows.steps - lag + 1) * number - 1).astype(np.int64)
        off = np.abs(np.asarray(schedule(at), float) - rows.rates) / rows.errors
        if off.max() <= 1:
            ends = (low, high) if length else (number, number)
            told = Told("batches an epoch", number, min(number, ends[0]), max(number, ends[1]))
            warm_up = Told("warm-up, in batches", batches, batches, batches)
            return Stairs(schedule, found._replace(lag=lag), told, warm_up, float(off.max()))
    return None


def _lengths(each: float, length: int, low: float, high: float) -> Iterator[tuple[int, int]]:
    """Yield how many batches an epoch may have, and a warm-up of so many epochs, or the least."""
    if length and high < math.inf:
        likely = range(max(math.ceil(low - 0.5), 1), math.floor(high + 0.5) + 1)
        for number in sorted(likely, key=lambda n: abs(n - (low + high) / 2))[:TRIED]:
            yield number, number * length
    if round(LEAST * each):
        yield round(LEAST * each), LEAST


def _built(found: Found, number: int, batches: int, warm: int, lag: int) -> Schedule:
    stairs = risen(found.schedule.hold_each(number), batches, 0.0)
    late = found.lag - lag
    if not late:
        return stairs
    return stairs.take(warm * number) >> found.schedule.drop(warm - late).hold_each(number)


def _line(steps: Any, shares: Any, near: Any) -> tuple[float | None, tuple[float, float]]:
    """Return the slope of a line through shares, and by how much it is below 0 at step 0."""
    slope, start = np.polyfit(steps, shares, 1)
    if slope <= 0 or np.abs(slope * steps + start - shares).max() > near.max():
        return None, (0.0, 0.0)
    return float(slope), (float(-start - near.max()), float(-start + near.max()))
