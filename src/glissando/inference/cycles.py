"""A curve over and over: its first cycles are inferred, and all rows compared with their repeat."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from glissando.combinators.repeat import Repeat
from glissando.errors import ScheduleError
from glissando.families.constant import Constant
from glissando.inference.answer import Inference
from glissando.inference.curve import Joint
from glissando.inference.expression import expression, farthest
from glissando.inference.numbers import decimal
from glissando.inference.pieces import Piece, Search
from glissando.inference.rows import Rows
from glissando.inference.search import Found, shortest
from glissando.inference.shapes import COSINE, SHAPES
from glissando.inference.telling import of_expression
from glissando.schedule import Schedule

PARTS = 4
"""Of how many parts a cycle may be."""

LEAST = 3
"""How many rows a piece has in the mean, at least: fewer show no cycle."""

TURNS = 3
"""How often a curve at least turns between rising and falling, to be looked at as cycles."""


def by_cycles(rows: Rows, lags: Sequence[int], notes: list[str]) -> Inference | None:
    """Return a curve that repeats itself, or falls by one factor each time, if rows are of one."""
    changes = np.sign(np.diff(rows.rates))
    turns = int(np.count_nonzero(np.diff(changes[changes != 0])))
    if turns < TURNS:
        return None
    ends = _ends(rows)
    for count in range(1, PARTS + 1):
        if 2 * count >= len(ends):
            return None
        prefix = rows.part(slice(0, ends[2 * count]))
        pieces = next(Search(prefix).ways(), (0, []))[1]
        if len(prefix.steps) < LEAST * max(len(pieces), 1):
            continue
        found = shortest(prefix, prefix, lags)
        if found is None or len(found.curve.parts) < 2 * count:
            continue
        for schedule, period in _repeated(found, count):
            worst, _ = farthest(schedule, rows, found.lag)
            if worst <= 1 + 1e-9:
                answer = of_expression(found, prefix, tuple(lags), notes)
                return _said(answer, schedule, period, count, rows)._replace(worst=worst)
    return None


def _said(answer: Inference, schedule: Schedule, period: int, count: int, rows: Rows) -> Inference:
    """Return the answer of the first cycles as that of all."""
    last = rows.steps[-1] - answer.lag
    number = int(last // period) + 1
    known = [f"part {i}," for i in range(1, count + 1)]
    said = [line for line in answer.unknown if not line.startswith("The log ends")]
    jumps = [line for line in said if line.startswith("The rate jumps")]
    said = [line for line in said if line not in jumps[count:]]
    return answer._replace(
        schedule=schedule,
        rows=len(rows.steps),
        numbers=tuple(number for number in answer.numbers if number.name.startswith(tuple(known))),
        unknown=(
            *said,
            f"The log ends at update {last:g}, in cycle {number} of {period:,} updates: how often "
            "it repeats cannot be told.",
        ),
    )


def _ends(rows: Rows) -> list[int]:
    """Return the row after each of the first pieces, the longest being taken each time."""
    search, ends = Search(rows), [0]
    while ends[-1] < len(rows.steps) and len(ends) <= 2 * PARTS + 2:
        pieces: list[Piece] = []
        for shape in SHAPES:
            piece = search.reach(shape, ends[-1])
            if piece is not None and (not pieces or piece.stop > pieces[-1].stop + 1):
                pieces.append(piece)
        ends.append(_end(pieces[-1], rows))
    return ends[1:]


def _end(piece: Piece, rows: Rows) -> int:
    """Return the row after a piece; a wave goes on past its end, where the next one is."""
    begin, end = piece.fit.extent()
    if piece.shape is not COSINE or not math.isfinite(end):
        return piece.stop
    passed = int(np.searchsorted(rows.steps, end + 0.01 * (end - begin)))
    return min(piece.stop, max(passed, piece.first + 2))


def _repeated(found: Found, count: int) -> Iterator[tuple[Schedule, int]]:
    """Yield the first parts of a curve over and over, as the next are to them, and how long."""
    curve = found.curve
    first, second = curve.parts[:count], curve.parts[count : 2 * count]
    p = curve.numbers
    period = round(p[second[0].edge]) - round(p[first[0].begin])
    if [part.shape for part in first] != [part.shape for part in second] or period < 2:
        return
    cycle = expression(replace(curve, parts=first, jumps=curve.jumps[: count - 1]), found.lag)
    if cycle is None or cycle.steps < period:
        return
    cycle = cycle if cycle.steps == period else cycle.take(period)
    ratios = [
        float(p[b.start] / p[a.start]) for a, b in zip(first, second, strict=True) if p[a.start] > 0
    ]
    try:
        if ratios and 0 < max(ratios) <= 1 + 1e-9 and max(ratios) - min(ratios) < 1e-6:
            yield Repeat(cycle, scale=_round(ratios)), period
        for risen in _above(curve, count, cycle, found.lag):
            yield risen, period
    except ScheduleError:
        return


def _above(curve: Joint, count: int, cycle: Schedule, lag: int) -> Iterator[Schedule]:
    """Yield a cycle that falls by a factor each time, above the rate that it begins with."""
    p, parts = curve.numbers, curve.parts
    base = float(p[parts[0].start])
    tops = [
        float(p[part.start]) - base for part in (*parts[1:count], *parts[count + 1 : 2 * count])
    ]
    first, second = tops[: count - 1], tops[count - 1 :]
    again = math.isclose(base, float(p[parts[count].start]), rel_tol=1e-6)
    ratios = [b / a for a, b in zip(first, second, strict=True) if a > 0]
    if not again or not ratios or not 0 < max(ratios) < 1 or base <= 0:
        return
    lower = curve.copy()
    rates = [place for place, kind in enumerate(curve.kinds) if kind == "rate"]
    lower.numbers[rates] = [float(f"{p[place] - base:.12g}") for place in rates]
    risen = expression(replace(lower, parts=parts[:count], jumps=curve.jumps[: count - 1]), lag)
    if risen is not None and risen.steps == cycle.steps:
        yield Repeat(risen, scale=_round(ratios)) + Constant(base)


def _round(ratios: list[float]) -> float:
    near = max(1e-9, (max(ratios) - min(ratios)) / 2)
    middle = float(np.mean(ratios))
    return min(decimal(middle - near, middle + near), 1.0)
