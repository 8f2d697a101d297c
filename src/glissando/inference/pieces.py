"""Which pieces a curve may consist of: for each shape, how far it goes from a row on."""

import heapq
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from glissando.inference.rows import Rows
from glissando.inference.shapes import CONSTANT, COSINE, LINEAR, SHAPES, SQRT, Shape

MAX_PIECES = 8
"""How many pieces an expression may have."""

SAMPLE = 40
"""From how many rows the numbers of a piece are found; all of it are then compared."""

LOOSE = 2.5
"""By how many times its error a row may be off before the pieces are joined."""

FEW = 4
"""In how few rows a line and a bent shape are not told apart."""

ROUNDING = 1e-14
"""By what part of the highest rate a piece's own numbers may be off by how they are found."""

EACH = 16
"""How many ways to come to one row are followed, the cheapest first."""

BEFORE = 20.0
"""How many times its rows' length before them a cosine may begin: it is a parabola to them."""

OPTIONS = 7
"""How many shapes are tried from one row on."""


class Fit(NamedTuple):
    """A shape laid through rows: its coefficients, and how far the rows are from it."""

    shape: Shape
    origin: float
    width: float
    coefficients: Any
    bend: float

    def at(self, steps: Any) -> Any:
        """Return its rates at steps, also outside of its rows."""
        u = (np.asarray(steps, float) - self.origin) / self.width
        columns, _ = self.shape.columns(u, self.bend)
        value = sum(c * column for c, column in zip(self.coefficients, columns, strict=True))
        with np.errstate(all="ignore"):
            return self.shape.back(value)

    def extent(self) -> tuple[float, float]:
        """Return where it begins and ends by its own form, if that tells."""
        begin, end = -math.inf, math.inf
        if self.shape is COSINE:
            _, rise, bow = self.coefficients
            cos, sin = -bow / self.bend, rise  # both times the bend
            half = math.pi / self.bend
            first = math.atan2(sin, cos) / self.bend  # an extremum
            middle = 0.5
            first += half * math.floor((middle - first) / half)
            begin, end = first, first + half
        elif self.shape is SQRT:
            begin = self.bend
        elif self.shape.bounded:
            end = 1 / self.bend
        return self.origin + self.width * begin, self.origin + self.width * end


class Piece(NamedTuple):
    """A shape from row `first` up to before row `stop`."""

    shape: Shape
    fit: Fit
    first: int
    stop: int


def fitted(shape: Shape, rows: Rows) -> Fit | None:
    """Return a shape through rows within their errors, loosely, or None."""
    if shape.positive and (rows.rates <= 0).any():
        return None
    if shape is CONSTANT and np.ptp(rows.rates) > 2 * LOOSE * rows.errors.max():
        return None
    count = len(rows.steps)
    chosen = rows
    if count > SAMPLE:
        chosen = rows.part(np.unique(np.linspace(0, count - 1, SAMPLE).round().astype(int)))
    origin, width = rows.steps[0], max(rows.steps[-1] - rows.steps[0], 1.0)
    u = (chosen.steps - origin) / width
    z = shape.out(chosen.rates)
    weight = 1 / _mapped_errors(shape, chosen)
    bend, coefficients = _least(shape, u, z, weight)
    if coefficients is None:
        return None
    fit = Fit(shape, float(origin), float(width), coefficients, bend)
    off = np.abs(fit.at(rows.steps) - rows.rates) / rows.errors
    if not (off.max() <= LOOSE and np.mean(off**2) <= 1.1):
        return None
    if shape is COSINE and count > 3:
        begin, end = fit.extent()
        slack = 0.1 * width
        if begin > rows.steps[0] + slack or end < rows.steps[-1] - slack:
            return None
    return fit


def _is_parabola(fit: Fit) -> bool:
    """Return whether a cosine began so long before that only a parabola is seen."""
    return fit.shape is COSINE and fit.extent()[0] < fit.origin - BEFORE * fit.width


def _mapped_errors(shape: Shape, rows: Rows) -> Any:
    if not shape.positive:
        return rows.errors
    high, low = rows.rates + rows.errors, np.maximum(rows.rates - rows.errors, 1e-3 * rows.rates)
    return np.maximum(np.abs(shape.out(high) - shape.out(low)) / 2, 1e-300)


def _least(shape: Shape, u: Any, z: Any, weight: Any) -> tuple[float, Any]:
    """Return the bend and the coefficients of least squares."""
    if not shape.bends:
        coefficients, _ = _solved(shape.columns(u, 0.0)[0], z, weight)
        return 0.0, coefficients
    tried = [(_solved(shape.columns(u, b)[0], z, weight), b) for b in shape.bends]
    (coefficients, residual), bend = min(tried, key=lambda found: found[0][1])
    low, high = shape.bounds
    for _ in range(12):
        if residual <= 1e-6 * len(u):
            break
        columns, slopes = shape.columns(u, bend)
        slope = sum(c * s for c, s in zip(coefficients, slopes, strict=True))
        more, _ = _solved([*columns, slope], z, weight)
        move, better = more[-1], None
        for _half in range(5):
            trial = min(max(bend + move, low), high)
            found, left = _solved(shape.columns(u, trial)[0], z, weight)
            if left < residual:
                better = (trial, found, left)
                break
            move /= 4
        if better is None:
            break
        gained = residual - better[2]
        bend, coefficients, residual = better
        if gained < 1e-3 * residual and residual < 1e-2 * len(u):
            break
    return bend, coefficients


def _solved(columns: list[Any], z: Any, weight: Any) -> tuple[Any, float]:
    matrix = np.stack(columns, axis=1) * weight[:, None]
    scale = np.sqrt((matrix**2).sum(axis=0))
    scale[scale == 0] = 1.0
    found = np.linalg.lstsq(matrix / scale, z * weight, rcond=1e-15)[0] / scale
    off = (np.stack(columns, axis=1) @ found - z) * weight
    return found, float(off @ off)


class Search:
    """The ways to cut rows into pieces, the shortest description first."""

    def __init__(self, rows: Rows, shapes: Sequence[Shape] = SHAPES) -> None:
        self.shapes = shapes
        self.rows = rows._replace(errors=rows.errors + ROUNDING * rows.rates.max())
        self.count = len(rows.steps)
        self._known: dict[int, list[Piece]] = {}

    def reach(self, shape: Shape, first: int) -> Piece | None:
        """Return the longest piece of a shape from a row on."""
        low, best = first, None
        fit = fitted(shape, self.rows.part(slice(first, self.count)))
        if fit is not None:
            return Piece(shape, fit, first, self.count)
        size = min(shape.unknowns + 1, self.count - first)
        stop = first + size
        high = self.count + 1
        while True:
            fit = fitted(shape, self.rows.part(slice(first, stop)))
            if fit is None:
                high = stop
                break
            low, best = stop, fit
            if stop == self.count:
                return Piece(shape, best, first, stop)
            size *= 3
            stop = min(first + size, self.count)
        if best is None:
            for stop in range(high - 1, first, -1):
                fit = fitted(shape, self.rows.part(slice(first, stop)))
                if fit is not None:
                    return Piece(shape, fit, first, stop)
            return None
        while high - low > 1:
            middle = (low + high) // 2
            fit = fitted(shape, self.rows.part(slice(first, middle)))
            if fit is None:
                high = middle
            else:
                low, best = middle, fit
        return Piece(shape, best, first, low)

    def options(self, first: int) -> list[Piece]:
        """Return the pieces that may begin at a row; none that a simpler one goes beyond."""
        if first not in self._known:
            kept: list[Piece] = []
            for shape in self.shapes:
                piece = self.reach(shape, first)
                if piece is None or _is_parabola(piece.fit):
                    continue
                short = piece.stop - first <= shape.unknowns + 3
                if any(
                    other.stop > piece.stop
                    or (
                        other.stop == piece.stop
                        and other.shape.unknowns < shape.unknowns
                        and not short
                    )
                    for other in kept
                    if other.shape.unknowns <= shape.unknowns
                ):
                    continue
                kept.append(piece)
            lines = [one for one in kept if one.shape is LINEAR]
            kept += [  # of so few rows any shape may be
                piece._replace(shape=COSINE) for piece in lines if 2 <= piece.stop - first <= FEW
            ]
            kept.sort(key=lambda one: (-one.stop, one.shape.unknowns, one.shape is not COSINE))
            self._known[first] = kept[:OPTIONS]
        return self._known[first]

    def flight(self, first: int) -> list[Piece]:
        """Return the levels that follow each other from a row on, if they are more than two."""
        found: list[Piece] = []
        while first < self.count:
            piece = self.reach(CONSTANT, first)
            if piece is None or (found and first + 1 == piece.stop < self.count):
                break
            if found:
                apart = abs(self.rows.rates[first] - self.rows.rates[first - 1])
                if apart < 3 * (self.rows.errors[first] + self.rows.errors[first - 1]):
                    break
            found.append(piece)
            first = piece.stop
        return found if len(found) > 2 else []

    def ways(self, most: float = math.inf) -> Iterator[tuple[int, list[Piece]]]:
        """Yield ways to cut all rows that cost no more, the cheapest first, with their costs."""
        order = itertools.count()
        heap: list[tuple[int, int, int, list[Piece]]] = [(0, next(order), 0, [])]
        came: Counter[int] = Counter()
        while heap:
            cost, _, size, pieces = heapq.heappop(heap)
            if cost > most:
                return
            first = pieces[-1].stop if pieces else 0
            if first == self.count:
                yield cost, pieces
                continue
            came[first] += 1
            if size == MAX_PIECES or came[first] > EACH:
                continue
            for piece in self.options(first):
                more = cost + 3 + piece.shape.unknowns
                heapq.heappush(heap, (more, next(order), size + 1, [*pieces, piece]))
            levels = self.flight(first)
            if levels:
                more = cost + 4 + len(levels)
                heapq.heappush(heap, (more, next(order), size + 1, [*pieces, *levels]))
