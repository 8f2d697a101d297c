"""How pieces may be joined: where one ends, and whether the next begins at the same rate."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from glissando.inference.curve import KNOT, PACE, RATE, Joint, Part
from glissando.inference.jumps import likeliest
from glissando.inference.pieces import Piece
from glissando.inference.rows import Rows
from glissando.inference.shapes import (
    CONSTANT,
    COSINE,
    EXPONENTIAL,
    INVERSE_TIME,
    SQRT,
    Shape,
)

CLOSE = 0.03
"""By what fraction rates may differ where pieces meet that may be joined without a jump."""


EARLY = 0.01
"""By what part of its rows' length a wave begins before them that was there before its part."""


class _Meeting:
    """Where two pieces meet, as far as the rows tell."""

    def __init__(self, left: Piece, right: Piece, rows: Rows) -> None:
        low, high = rows.steps[left.stop - 1], rows.steps[right.first]
        reach = 3 * (high - low) + 0.1 * (rows.steps[right.stop - 1] - low)
        places = np.concatenate(
            [np.linspace(low - reach, high + reach, 400), np.linspace(low, high, 50)]
        )
        apart = np.abs(left.fit.at(places) - right.fit.at(places))
        apart = np.where(np.isfinite(apart), apart, math.inf)
        nearest = int(np.argmin(apart))
        crossing = float(places[nearest])
        end = _extent(left)[1]
        begin = _extent(right)[0]
        slack = reach + (high - low)
        hints = [hint for hint in (begin, end) if low - slack <= hint <= high + slack]
        top = max(left.fit.at([low])[0], right.fit.at([high])[0])
        gap = float(apart[(places >= low) & (places <= high)].min())
        self.low, self.high = float(low), float(high)
        self.smooth = bool(gap <= CLOSE * top) or bool(
            apart[nearest] <= 2 * rows.errors[left.stop - 1]
        )
        self.sure = gap > 0.3 * top
        if left.shape is right.shape is CONSTANT:
            self.smooth, self.sure = False, True
        self.step = float(hints[0]) if hints else crossing
        before = low - 0.5 * (high - low) - EARLY * right.fit.width
        self.early = float(begin) if right.shape is COSINE and -math.inf < begin < before else None
        self.cut = left.shape.bounded and left.shape is not SQRT and high + slack < end < math.inf


def _extent(piece: Piece) -> tuple[float, float]:
    """Return where a piece begins and ends by its own form, if its fit is of that form."""
    return piece.fit.extent() if piece.fit.shape is piece.shape else (-math.inf, math.inf)


def joints(pieces: list[Piece], rows: Rows, lag: int) -> Iterator[Joint]:
    """Yield the ways to join pieces, the likeliest first."""
    meetings = [_Meeting(a, b, rows) for a, b in pairwise(pieces)]
    likely = tuple(meeting.smooth for meeting in meetings)
    ways = [likely]
    for i, meeting in enumerate(meetings):
        if not meeting.sure:
            ways.append((*likely[:i], not likely[i], *likely[i + 1 :]))
    ways += [(False,) * len(meetings), (True,) * len(meetings)]
    for way in dict.fromkeys(ways):
        yield _joined(pieces, meetings, way, rows, lag)


def _joined(
    pieces: list[Piece], meetings: list[_Meeting], smooth: tuple[bool, ...], rows: Rows, lag: int
) -> Joint:
    kinds: list[str] = []
    numbers: list[float] = []
    free: list[bool] = []
    spans: dict[int, tuple[float, float]] = {}
    jumps: list[float | None] = []

    def add(kind: str, number: float, unknown: bool = True) -> int:
        kinds.append(kind)
        numbers.append(number)
        free.append(unknown)
        return len(numbers) - 1

    last = len(pieces) - 1
    begin = _first(pieces[0], lag, add)
    shared: int | None = None
    taken: int | None = None
    parts = []
    for i, piece in enumerate(pieces):
        shape = piece.shape
        joined = i < last and smooth[i]
        if i == last:
            stop = _stop(piece, rows, numbers[begin], add)
            following = stop
        else:
            meeting = meetings[i]
            step = _told(meeting, piece, pieces[i + 1], joined, numbers[begin])
            if step is None:
                known = [numbers[place] for place, kind in enumerate(kinds) if kind == RATE]
                gap = max(meeting.low + 1e-6, numbers[begin] + 1), meeting.high
                origins = (float(lag), float(round(numbers[begin])))
                place = likeliest(piece, pieces[i + 1], gap, rows, origins, known)
                stop = add(KNOT, meeting.high if place is None else place, False)
            else:
                stop = add(KNOT, step)
            following = stop
            spans[stop] = (-math.inf, math.inf) if joined else (meeting.low + 1e-6, meeting.high)
            jumps.append(None if joined else meeting.high)
            if meeting.cut and not joined:
                stop = add(KNOT, _extent(piece)[1])
        at = piece.fit.at([numbers[begin], numbers[stop]])
        first, final = (max(float(r), 0.0) if np.isfinite(r) else 0.0 for r in at)
        if shape.positive:
            low = float(rows.rates[piece.first : piece.stop].min())
            first, final = max(first, low), max(final, 1e-3 * low)
        start = add(RATE, first) if shared is None else shared
        pace = None
        if shape is CONSTANT:
            end = start
        elif shape.positive and not joined and final < first:
            end, pace = start, add(PACE, _pace(shape, first, final, numbers[stop] - numbers[begin]))
        else:
            end = add(RATE, final)
        parts.append(Part(shape, begin, stop, start, end, pace, taken))
        shared = end if joined else None
        begin, taken = following, None
        early = meetings[i].early if i < last and not joined else None
        if early is not None:
            begin, taken = add(KNOT, early), following
    return Joint(parts, kinds, np.array(numbers), np.array(free), jumps, spans)


def _first(piece: Piece, lag: int, add: Callable[..., int]) -> int:
    """Return the place of the first knot: update 0, unless the curve tells another."""
    begin, _ = _extent(piece)
    known = piece.shape in (COSINE, SQRT) and math.isfinite(begin)
    away = known and abs(begin - lag) > max(3.0, 0.05 * abs(piece.fit.width))
    return add(KNOT, begin if away else float(lag), bool(away))


def _stop(piece: Piece, rows: Rows, begin: float, add: Callable[..., int]) -> int:
    """Return the place of the last knot: where the shape ends, or the last row."""
    latest = float(rows.steps[-1])
    _, end = _extent(piece)
    told = piece.shape.bounded and piece.shape is not SQRT and math.isfinite(end)
    place = max(end, begin + 1.0) if told else max(latest, begin + 1.0)
    return add(KNOT, place, told)


def _told(meeting: _Meeting, left: Piece, right: Piece, joined: bool, begin: float) -> float | None:
    """Return about where pieces meet, or None at a jump of which the rows do not tell the step."""
    bounded = left.shape.bounded and left.shape is not SQRT and not meeting.cut
    begins = right.shape in (COSINE, SQRT) and meeting.early is None
    if joined:
        return max(meeting.step, begin + 1.0)
    if bounded or begins:
        return max(min(max(meeting.step, meeting.low + 1e-3), meeting.high), begin + 1.0)
    return None


def _pace(shape: Shape, start: float, end: float, steps: float) -> float:
    end = min(end, start * (1 - 1e-9))
    if shape is EXPONENTIAL:
        return math.log(start / end) / steps
    if shape is INVERSE_TIME:
        return (start / end - 1) / steps
    return steps / ((start / end) ** 2 - 1)
