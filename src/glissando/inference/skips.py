"""Updates that a gradient scaler skipped: the rates of a log fall behind its steps by them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from glissando.inference.answer import Skip
from glissando.inference.curve import Joint
from glissando.inference.numbers import decimal, digits
from glissando.inference.pieces import Fit, fitted
from glissando.inference.rounding import is_clean
from glissando.inference.rows import Rows
from glissando.inference.sample import sample_of
from glissando.inference.search import Found, shortest
from glissando.inference.shapes import CONSTANT, COSINE, EXPONENTIAL, LINEAR, SHAPES, Shape

AT_ONCE = 16
"""How many updates in a row a scaler skips at most, until its scale is low enough."""

FEW = 4
"""From how many rows on a curve is known well enough to look for skipped updates before them."""

PARTS = 8
"""Of how many parts a curve may be, counted from its end."""

LIKENESS = 0.02
"""By what part of one update's change a row may be off the curve of the later ones."""

SIMPLE = (CONSTANT, LINEAR, COSINE, EXPONENTIAL)


def skips_of(rows: Rows, behind: Any) -> tuple[Skip, ...]:
    """Return where rows fall behind, by how many updates each is."""
    more = np.diff(np.concatenate([[0], behind]))
    return tuple(
        Skip(float(rows.steps[i - 1]) if i else None, float(rows.steps[i]), int(more[i]))
        for i in np.flatnonzero(more)
    )


def caught_up(rows: Rows, behind: Any) -> Rows:
    """Return the rows at the updates that were made, each once."""
    steps = rows.steps - behind
    return Rows(steps, rows.rates, rows.errors).part(np.diff(steps, prepend=-np.inf) > 0)


def ways_behind(rows: Rows) -> Iterator[tuple[Any, Fit | None]]:
    """Yield by how many skipped updates each row may be behind the first, and the first curve.

    The curve of the last rows is followed backwards: a row that it meets a whole number of updates
    later than it should is before so many skipped ones. A single such row may be where the curve
    meets another, or not: there are two ways.
    """
    first, fit = _behind(rows, alone=False)
    yield first, fit
    second, fit = _behind(rows, alone=True)
    if (first != second).any():
        yield second, fit


def _behind(rows: Rows, alone: bool) -> tuple[Any, Fit | None]:
    ahead = np.zeros(len(rows.steps))
    stop = len(rows.steps)
    fit: Fit | None = None
    for _ in range(PARTS):
        if stop < FEW and fit is not None:
            break
        moved = rows._replace(steps=rows.steps + (ahead[stop - 1] if stop < len(ahead) else 0))
        fit, first = _tail(moved.part(slice(0, stop)))
        ahead[first:stop] = moved.steps[0] - rows.steps[0]
        stop, fit = _back(fit, rows, ahead, stop, first, alone)
        if not stop:
            break
        ahead[:stop] = ahead[stop] if stop < len(ahead) else 0
    if fit is not None:
        fit = fit._replace(origin=fit.origin - ahead[0])
    return ahead[0] - ahead, fit


def _tail(rows: Rows) -> tuple[Fit | None, int]:
    """Return the curve that goes farthest back from the last row, and its first row."""
    count = len(rows.steps)
    best: tuple[Fit | None, int] = (None, count - 1)
    for shape in (*SIMPLE, *(shape for shape in SHAPES if shape not in SIMPLE)):
        if best[0] is not None and best[1] == 0:
            break
        low, high, kept = 0, -1, None  # `low` fits, `high` does not
        while count - low > shape.unknowns:
            kept = fitted(shape, rows.part(slice(low, count)))
            if kept is not None:
                break
            low, high = (low + count) // 2, low
        if kept is None:
            continue
        while low - high > 1:
            middle = (low + high) // 2
            fit = fitted(shape, rows.part(slice(middle, count)))
            if fit is None:
                high = middle
            else:
                low, kept = middle, fit
        if low < best[1]:
            best = (kept, low)
    return best


def _back(
    fit: Fit | None, rows: Rows, ahead: Any, stop: int, first: int, alone: bool
) -> tuple[int, Fit | None]:
    """Follow a curve backwards from a row; return the first row that is on it, and the curve."""
    if fit is None or fit.shape is CONSTANT:
        return first, fit
    late = float(ahead[first])
    for row in range(first - 1, -1, -1):
        skipped = _skipped(fit, rows, row, late)
        if skipped is None:
            return row + 1, fit
        if skipped:
            if row and not alone and _skipped(fit, rows, row - 1, late + skipped) is None:
                return row + 1, fit
            late += skipped
            ahead[row] = late
            moved = Rows(rows.steps + ahead, rows.rates, rows.errors)
            fit = fitted(fit.shape, moved.part(slice(row, stop))) or fit
        ahead[row] = late
    return 0, fit


def _skipped(fit: Fit, rows: Rows, row: int, late: float) -> int | None:
    """Return how many updates were skipped after a row, if its rate is one of the curve."""
    most = int(min(rows.steps[row + 1] - rows.steps[row], AT_ONCE))
    rates = fit.at(rows.steps[row] + late + np.arange(most + 2))
    off = np.abs(rates[:-1] - rows.rates[row])
    if off[0] <= rows.errors[row]:
        return 0
    near = 3 * rows.errors[row] + LIKENESS * np.abs(np.diff(rates))
    on = np.flatnonzero(off <= near)
    return int(on[np.argmin(off[on])]) if len(on) else None


ALIKE = 0.2
"""By what part slopes may differ of lines that are one with skipped updates."""

SOME, EACH = 6.0, 3.0
"""What skipped updates cost beside the expression, and what each place of theirs costs."""

ODD = 6.0
"""What a curve costs that is constant at first and then rises, as if updates were skipped."""

OFTEN = 0.1
"""Of how many rows, as a share, a part of the places may be where updates were skipped."""

FEW_PARTS = 4
"""Of how few parts a clean expression is not compared with one of skipped updates."""


class Behind(NamedTuple):
    """An expression of the updates that were made, and by how many skipped ones rows are behind."""

    cost: float
    found: Found
    behind: Any


def with_skips(rows: Rows, lags: Sequence[int]) -> Behind | None:
    """Return the shortest expression by which rows are behind, if there is one."""
    best: Behind | None = None
    for behind, fit in ways_behind(rows):
        made = caught_up(rows, behind)
        for late in (*_begins(fit, rows, lags[0]), 0):
            if not late and not behind.any():
                continue
            found = shortest(made, sample_of(made), [lag + late for lag in lags])
            if found is None:
                continue
            places = np.count_nonzero(np.diff(behind + late, prepend=0.0))
            if places > max(OFTEN * len(rows.steps), 3):
                continue
            cost = found.length + SOME + EACH * places
            if best is None or cost < best.cost:
                best = Behind(cost, found._replace(lag=found.lag - late), behind + late)
            if is_clean(found.curve):
                break
    return best


def _begins(fit: Fit | None, rows: Rows, lag: int) -> list[int]:
    """Return after how many skipped updates the curve may begin, by its form or a round start."""
    if fit is None or fit.shape not in (LINEAR, COSINE):
        return []
    late = fit.extent()[0] - lag
    if fit.shape is LINEAR:
        rates = fit.at(lag + np.arange(AT_ONCE + 1.0))
        if rates[1] > rates[0]:
            late = -rates[0] / (rates[1] - rates[0])
        else:
            near = float(rows.errors[0])
            sizes = [digits(decimal(rate - near, rate + near)) for rate in rates]
            late = int(np.argmin(sizes))
            late = late if sizes[late] < sizes[0] - 1 else 0
    return [round(late)] if 0.5 < late <= min(AT_ONCE, rows.steps[0] - lag) else []


def is_like_skips(curve: Joint) -> bool:
    """Return whether parts of a curve look like one that falls behind, or begins late."""
    slopes: dict[Shape, list[float]] = {}
    for part in curve.parts:
        if part.shape is not CONSTANT:
            change = curve.numbers[part.end] - curve.numbers[part.start]
            steps = curve.numbers[part.stop] - curve.numbers[part.begin]
            slopes.setdefault(part.shape, []).append(float(change / steps))
    alike = any(
        abs(a - b) <= ALIKE * abs(a) for found in slopes.values() for a, b in pairwise(found)
    )
    small = any(_is_small(curve, jump) for jump in curve.jumps if jump is not None)
    return alike or small or bool(oddness(curve))


def oddness(curve: Joint) -> float:
    """Return what it costs that a curve is constant before it rises from above 0."""
    if len(curve.parts) < 2 or curve.parts[0].shape is not CONSTANT:
        return 0.0
    rise = curve.parts[1]
    start, end = curve.numbers[rise.start], curve.numbers[rise.end]
    return ODD if rise.shape is LINEAR and end > start > 0 else 0.0


def _is_small(curve: Joint, jump: float) -> bool:
    """Return whether a curve jumps by no more than by some updates' change."""
    before, left, right, after = curve.at(np.array([jump - 1, jump - 1e-6, jump, jump + 1]))
    change = max(abs(left - before), abs(after - right))
    return bool(0 < abs(right - left) <= (AT_ONCE + 1) * change)
