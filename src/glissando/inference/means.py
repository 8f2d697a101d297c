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


SEVERAL = 65
"""Of fewer batches than this a rate holds for all."""

LONG = 3000
"""How many batches an epoch has at most, where a rate holds for several."""


class Epoch(NamedTuple):
    """How many batches an epoch has, and for how many of them a rate holds, anew in each."""

    batches: int
    held: int = 1

    def places(self) -> Any:
        """Return at which batch of the epoch each one's rate is taken."""
        return np.arange(self.batches) // self.held * self.held


class Meant(NamedTuple):
    """An expression by batches, whose means over epochs are the rows."""

    found: Found
    epoch: Epoch
    worst: float
    rows: Rows


def of_means(rows: Rows) -> Meant | None:
    """Return the shortest expression whose means over epochs of some length are the rows."""
    rows = rows._replace(errors=rows.errors + ROUNDING * rows.rates.max())
    best: Meant | None = None
    for pieces in (pieces for _, pieces in islice(Search(sample_of(rows)).ways(), WAYS)):
        for epoch in _lengths(pieces, rows):
            points = _points(pieces, rows, epoch)
            found = shortest(points, sample_of(points), (0,))
            if found is None:
                continue
            off = means(found.schedule, rows.steps * epoch.batches, epoch) - rows.rates
            worst = float((np.abs(off) / rows.errors).max())
            if worst <= 1 and (best is None or found.length < best.found.length):
                best = Meant(found, epoch, worst, points)
            if best is not None and best.epoch.held > 1:
                break  # multiples of both log the same
        if best is not None:
            return best
    return None


def means(curve: Callable[[Any], Any], first: Any, epoch: Epoch) -> Any:
    """Return the means of a curve over epochs that begin at some batches."""
    places = epoch.places()
    return np.array([np.mean(curve(int(begin) + places)) for begin in first])


def _lengths(pieces: list[Piece], rows: Rows) -> Iterator[Epoch]:
    """Yield how many batches an epoch may have, by how far its middle is from its first one."""
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
        for number in sorted(numbers, key=lambda n: abs(1 / n - (1 - 2 * middle)))[:TRIED]:
            yield Epoch(number)
        if not numbers:
            yield from _held(middle, near)


def _held(middle: float, near: float) -> list[Epoch]:
    """Return epochs of which a rate holds for several batches, by where their middle is."""
    batches, held = np.arange(2, LONG)[:, None], np.arange(2, SEVERAL)[None]
    whole, rest = batches // held, batches % held
    middles = held * (held * whole * (whole - 1) / 2 + rest * whole) / batches**2
    found = np.argwhere((np.abs(middles - middle) <= near) & (held < batches) & (rest > 0))
    return [Epoch(int(i) + 2, int(j) + 2) for i, j in found[:TRIED]]


def _points(pieces: list[Piece], rows: Rows, epoch: Epoch) -> Rows:
    """Return rates at about the middles of epochs of a curve whose means the rows are."""
    rates, steps = rows.rates.copy(), rows.steps * epoch.batches
    places = epoch.places()
    edges = [rows.steps[0], *(_sampled(piece, rows) for piece in pieces[1:])]
    which = np.searchsorted(edges, rows.steps, side="right") - 1
    for i, piece in enumerate(pieces):
        middle = float(places.mean())
        if piece.fit.shape is COSINE:
            angle = piece.fit.bend / piece.fit.width / epoch.batches  # of a batch
            wave = complex(np.mean(np.exp(1j * angle * places)))
            begin, end = piece.fit.extent()
            about = float(np.mean(piece.fit.at([begin, end])))
            rates[which == i] = about + (rates[which == i] - about) / abs(wave)
            middle = math.atan2(wave.imag, wave.real) / angle
        steps[which == i] += middle
    return Rows(steps, rates, rows.errors)


def _sampled(piece: Piece, rows: Rows) -> float:
    return float(sample_of(rows).steps[piece.first])
