"""Pieces joined to one curve, and the numbers that lay it through all rows."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glissando.inference.rows import Rows
from glissando.inference.shapes import CONSTANT, EXPONENTIAL, INVERSE_SQRT, INVERSE_TIME, Shape

KNOT, RATE, PACE = "knot", "rate", "pace"
"""What a number of a curve is: a step, a rate, or how fast an endless decay falls."""

ITERATIONS = 20


@dataclass(frozen=True)
class Part:
    """A piece of a curve: its shape, and the places of its numbers among all.

    `start` and `end` are places of rates; of an endless decay `pace` is one instead of `end`.
    `taken` is where a part follows another that began before, of which the first is left out.
    """

    shape: Shape
    begin: int
    stop: int
    start: int
    end: int
    pace: int | None = None
    taken: int | None = None

    @property
    def edge(self) -> int:
        """The place of the knot from which on the curve is this part."""
        return self.begin if self.taken is None else self.taken


@dataclass
class Joint:
    """A curve of parts, with its numbers.

    Attributes:
        parts: the parts in order.
        kinds: what each number is.
        numbers: the numbers.
        free: which of them are still to be found.
        jumps: for each inner knot the step of the first row after it where the curve jumps there,
            else None: the part begins at the knot itself.
        spans: between what steps the knot of a jump lies, by its place.
        forms: how the pace of a decay was rounded.
    """

    parts: list[Part]
    kinds: list[str]
    numbers: Any
    free: Any
    jumps: list[float | None]
    spans: dict[int, tuple[float, float]] = field(default_factory=dict)
    forms: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    def copy(self) -> "Joint":
        """Return a copy whose numbers may change."""
        return replace(
            self,
            numbers=self.numbers.copy(),
            free=self.free.copy(),
            spans=dict(self.spans),
            forms=dict(self.forms),
        )

    def at(self, steps: Any, numbers: Any = None) -> Any:
        """Return the rates at steps."""
        p = self.numbers if numbers is None else numbers
        edges = [
            p[part.edge] if jump is None else jump
            for part, jump in zip(self.parts[1:], self.jumps, strict=True)
        ]
        which = np.searchsorted(np.maximum.accumulate(edges) if edges else [], steps, side="right")
        rates = np.empty(len(steps))
        for i, part in enumerate(self.parts):
            mine = which == i
            if mine.any():
                rates[mine] = _rates(part, p, steps[mine])
        return rates

    def off(self, rows: Rows, numbers: Any = None) -> Any:
        """Return how far each row is from the curve, in its errors."""
        with np.errstate(all="ignore"):
            off = (self.at(rows.steps, numbers) - rows.rates) / rows.errors
        return np.where(np.isfinite(off), off, 1e12)

    def slopes(self, rows: Rows) -> Any:
        """Return how each row's distance changes with each free number, and the numbers' scales."""
        places = np.flatnonzero(self.free)
        top = float(rows.rates.max())
        columns = []
        for place in places:
            h = self._small(int(place), top)
            up, down = self.numbers.copy(), self.numbers.copy()
            up[place] += h
            down[place] -= h
            columns.append((self.off(rows, up) - self.off(rows, down)) / (2 * h))
        return np.stack(columns, axis=1) if columns else np.zeros((len(rows.steps), 0))

    def _small(self, place: int, top: float) -> float:
        if self.kinds[place] == KNOT:
            spans = [
                self.numbers[part.stop] - self.numbers[part.begin]
                for part in self.parts
                if place in (part.begin, part.stop)
            ]
            return 1e-6 * max(float(min(spans)), 1.0)
        if self.kinds[place] == PACE:
            return 1e-6 * abs(float(self.numbers[place])) + 1e-300
        return 1e-6 * max(abs(float(self.numbers[place])), 1e-3 * top, 1e-30)


def _rates(part: Part, p: Any, steps: Any) -> Any:
    shape, begin, start = part.shape, p[part.begin], p[part.start]
    if shape is CONSTANT:
        return np.full(len(steps), start)
    passed = steps - begin
    if part.pace is not None:
        pace = p[part.pace]
        if shape is EXPONENTIAL:
            return start * np.exp(-pace * passed)
        if shape is INVERSE_TIME:
            return start / (1 + pace * passed)
        return start / np.sqrt(np.maximum(1 + passed / pace, 1e-300))
    end, x = p[part.end], passed / max(p[part.stop] - begin, 1e-9)
    if shape.bounded:
        x = np.clip(x, 0.0, 1.0)
    first, last = shape.out(start), shape.out(end)
    return shape.back(first + (last - first) * shape.progress(x))


def settle(curve: Joint, rows: Rows) -> float:
    """Move the free numbers to the least squares of the rows; return the largest distance."""
    off = curve.off(rows)
    best = float(off @ off)
    damping = 1e-9
    for _ in range(ITERATIONS):
        if not curve.free.any() or best <= 1e-4 * len(off):
            break
        slopes = curve.slopes(rows)
        scale = np.sqrt((slopes**2).sum(axis=0))
        scale[scale == 0] = 1.0
        gained = 0.0
        for _again in range(6):
            matrix = np.vstack([slopes / scale, np.sqrt(damping) * np.eye(len(scale))])
            move = np.linalg.lstsq(matrix, np.concatenate([-off, 0 * scale]), rcond=1e-14)[0]
            trial = curve.numbers.copy()
            trial[curve.free] += move / scale
            if not _ordered(curve, trial):
                damping = max(damping * 100, 1e-6)
                continue
            found = curve.off(rows, trial)
            value = float(found @ found)
            if value < best:
                gained, best, off = best - value, value, found
                curve.numbers = trial
                damping = max(damping / 10, 1e-12)
                break
            damping = max(damping * 30, 1e-9)
        if gained <= 1e-3 * best and (best < 2 * len(off) or gained <= 1e-9 * best):
            break
    return float(np.abs(off).max())


def _ordered(curve: Joint, numbers: Any) -> bool:
    for part in curve.parts:
        if numbers[part.stop] - numbers[part.begin] <= 0.01:
            return False
        if part.shape.positive and min(numbers[part.start], numbers[part.end]) <= 0:
            return False
        if part.pace is not None and part.shape is INVERSE_SQRT and numbers[part.pace] <= 0:
            return False
    return True
