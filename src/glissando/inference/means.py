"""Rows that are the means over an epoch's updates: how many updates it has, and their curve.

The mean of a line is its rate at the middle of the epoch; that of a cosine is one, too, of a
smaller wave about the same rate. Where a warm-up comes from 0, or a cosine begins with an epoch,
the place of the middle tells how many updates an epoch has.
"""

import math
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from glissando.inference.pieces import Piece, Search
from glissando.inference.rows import Rows
from glissando.inference.sample import sample_of
from glissando.inference.search import Found, shortest
from glissando.inference.shapes import COSINE, LINEAR

WAYS = 4
"""How many ways to cut the rows into pieces are tried."""

TRIED = 5
"""How many numbers of updates an epoch, if the rows leave several."""

ROUNDING = 1e-12
"""By what part of the highest rate a mean is off by the rounding of its sum."""

LONGEST = 100_000
"""How many updates an epoch has at most."""


class Meant(NamedTuple):
    """An expression by updates, whose means over epochs are the rows."""

    found: Found
    per_epoch: int
    worst: float
    rows: Rows


def of_means(rows: Rows) -> Meant | None:
    """Return the shortest expression whose means over epochs of some length are the rows."""
    rows = rows._replace(errors=rows.errors + ROUNDING * rows.rates.max())
    best: Meant | None = None
    for pieces in (pieces for _, pieces in islice(Search(sample_of(rows)).ways(), WAYS)):
        for per_epoch in _lengths(pieces, rows):
            points = _points(pieces, rows, per_epoch)
            found = shortest(points, sample_of(points), (0,))
            if found is None:
                continue
            off = means(found.schedule, rows.steps * per_epoch, per_epoch) - rows.rates
            worst = float((np.abs(off) / rows.errors).max())
            if worst <= 1 and (best is None or found.length < best.found.length):
                best = Meant(found, per_epoch, worst, points)
        if best is not None:
            return best
    return None


def means(curve: Callable[[Any], Any], first: Any, per_epoch: int) -> Any:
    """Return the means of a curve over epochs that begin at some updates."""
    updates = np.arange(per_epoch)
    return np.array([np.mean(curve(int(begin) + updates)) for begin in first])


def _lengths(pieces: list[Piece], rows: Rows) -> Iterator[int]:
    """Yield how many updates an epoch may have, by how far its middle is from its first one."""
    for piece in pieces:
        begin = piece.fit.extent()[0] if piece.fit.shape is COSINE else -math.inf
        near = 1e-9
        if piece.fit.shape is LINEAR and piece is pieces[0]:
            ends = piece.fit.at(rows.steps[[0, piece.stop - 1]])
            slope = (ends[1] - ends[0]) / max(rows.steps[piece.stop - 1] - rows.steps[0], 1.0)
            if slope > 0:
                begin = rows.steps[0] - ends[0] / slope
                near += float(rows.errors[0]) / slope
        if not math.isfinite(begin):
            continue
        middle = math.ceil(begin - 1e-9) - begin
        low, high = (1 / max(1 - 2 * (middle + side), 1e-9) for side in (-near, near))
        numbers = range(math.ceil(max(low - 0.01, 2)), min(math.floor(high + 0.01), LONGEST) + 1)
        yield from sorted(numbers, key=lambda n: abs(1 / n - (1 - 2 * middle)))[:TRIED]


def _points(pieces: list[Piece], rows: Rows, per_epoch: int) -> Rows:
    """Return the rates at the middles of epochs of a curve whose means the rows are."""
    rates = rows.rates.copy()
    edges = [rows.steps[0], *(_sampled(piece, rows) for piece in pieces[1:])]
    which = np.searchsorted(edges, rows.steps, side="right") - 1
    for i, piece in enumerate(pieces):
        if piece.fit.shape is COSINE:
            angle = piece.fit.bend / piece.fit.width  # of an epoch
            smaller = math.sin(angle / 2) / (per_epoch * math.sin(angle / per_epoch / 2))
            begin, end = piece.fit.extent()
            about = float(np.mean(piece.fit.at([begin, end])))
            rates[which == i] = about + (rates[which == i] - about) / smaller
    return Rows(rows.steps * per_epoch + (per_epoch - 1) / 2, rates, rows.errors)


def _sampled(piece: Piece, rows: Rows) -> float:
    return float(sample_of(rows).steps[piece.first])
