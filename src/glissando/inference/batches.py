"""Rows whose steps count batches of which several make an update: the rate is constant in each."""

from collections.abc import Sequence

import numpy as np

from glissando.inference.answer import Inference
from glissando.inference.pieces import Search
from glissando.inference.rows import Rows
from glissando.inference.sample import sample_of
from glissando.inference.search import Found, shortest
from glissando.inference.shapes import COSINE, LINEAR
from glissando.inference.telling import of_expression

MOST = 128
"""How many batches of an update are tried."""

PIECES = 4
"""Of how many pieces a curve by updates may be."""

BEGIN = 60
"""How many rows tell them."""


def by_batches(rows: Rows, lags: tuple[int, ...], notes: list[str]) -> Inference | None:
    """Return a curve by updates of several batches, if rows are of one by batches."""
    known = of_batches(rows, lags)
    if known is None:
        return None
    found, count, made = known
    late = f" {'+−'[found.lag > 0]} {abs(found.lag)}" if found.lag else ""
    words = f"row s holds the rate of update floor(s / {count}){late}"
    return of_expression(found, made, lags, notes)._replace(reading=words, batches=count)


def of_batches(rows: Rows, lags: Sequence[int]) -> tuple[Found, int, Rows] | None:
    """Return an expression by updates, how many batches each has, and the rows by updates."""
    if not (rows.steps == np.floor(rows.steps)).all():
        return None
    begin = rows.part(slice(0, BEGIN))
    reached = {1: _reach(begin)}
    for count in range(2, MOST + 1):
        updates = by_updates(begin, count)
        if updates is not None and len(updates.steps) > 5:
            reached[count] = _reach(updates) * len(begin.steps) / len(updates.steps)
    count = min(reached, key=lambda number: (-reached[number], number))
    updates = by_updates(rows, count)
    if updates is None or reached[count] <= max(2 * reached[1], reached[1] + 5):
        return None
    sample = sample_of(updates)
    if len(next(Search(sample).ways(), (0, []))[1]) not in range(1, PIECES + 1):
        return None
    found = shortest(updates, sample, lags)
    return None if found is None else (found, count, updates)


def by_updates(rows: Rows, count: int) -> Rows | None:
    """Return the rows by updates of so many batches, each once; None if they contradict."""
    steps = rows.steps // count
    first = np.diff(steps, prepend=-1.0) > 0
    group = np.cumsum(first) - 1
    off = np.abs(rows.rates - rows.rates[first][group])
    if (off > rows.errors + rows.errors[first][group]).any():
        return None
    return Rows(steps[first], rows.rates[first], rows.errors[first])


def _reach(rows: Rows) -> float:
    search = Search(rows)
    found = [search.reach(shape, 0) for shape in (LINEAR, COSINE)]
    return float(max((piece.stop for piece in found if piece is not None), default=0))
