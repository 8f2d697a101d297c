"""Between what the numbers of a curve lie, if no row may be off by more than its error."""

from typing import Any

import numpy as np

from glissando.inference.curve import Joint
from glissando.inference.rows import Rows

EXACT = 1e-10
"""Rows that are known to this fraction leave no interval worth the name."""

AT_MOST = 400
"""How many rows bound the numbers."""


def exact(rows: Rows) -> bool:
    """Return whether the rows tell rates nearly to the last digit of a float."""
    return bool(np.median(rows.errors - EXACT * (rows.rates + 1e-3 * rows.rates.max())) <= 0)


def center(curve: Joint, rows: Rows) -> float:
    """Move the free numbers so that the largest distance is least; return it."""
    worst = float(np.abs(curve.off(rows)).max())
    for _ in range(6):
        if worst <= 0.5 or not curve.free.any():
            break
        _, off, slopes, scale = _linear(curve, rows)
        size = slopes.shape[1]
        found = _solve(
            np.concatenate([np.zeros(size), [1.0]]),
            np.block([[slopes, -np.ones((len(off), 1))], [-slopes, -np.ones((len(off), 1))]]),
            np.concatenate([-off, off]),
            size,
        )
        if found is None:
            break
        before = worst
        for part in (1.0, 0.3, 0.1, 0.03, 0.01):  # a curve is straight only nearby
            trial = curve.numbers.copy()
            trial[curve.free] += part * found[:size] / scale
            value = float(np.abs(curve.off(rows, trial)).max())
            if value < worst:
                curve.numbers, worst = trial, value
                break
        if worst > before - 1e-4:
            break
    return worst


def likely(curve: Joint, rows: Rows, times: float) -> dict[int, tuple[float, float]]:
    """Return about where each free number lies, by least squares: a guess, but a fast one."""
    places = np.flatnonzero(curve.free)
    if not len(places):
        return {}
    _, _, slopes, scale = _linear(curve, rows)
    inverse = np.linalg.pinv(slopes, rcond=1e-13)
    widths = times * np.sqrt((inverse**2).sum(axis=1)) / scale
    return {
        int(place): (curve.numbers[place] - width, curve.numbers[place] + width)
        for place, width in zip(places, widths, strict=True)
    }


def intervals(curve: Joint, rows: Rows, only: int | None = None) -> dict[int, tuple[float, float]]:
    """Return the interval of each free number, or of only one, the others being free, too."""
    places = np.flatnonzero(curve.free)
    if exact(rows) or not len(places):
        known = likely(curve, rows, 8.0)
        return known if only is None else {only: known[only]}
    _, off, slopes, scale = _linear(curve, rows)
    allowed = max(1.0, float(np.abs(off).max()))
    matrix = np.vstack([slopes, -slopes])
    bounds = np.concatenate([allowed - off, allowed + off])
    result = {}
    for i, place in enumerate(places):
        if only is not None and place != only:
            continue
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(places))
            goal[i] = sign
            found = _solve(goal, matrix, bounds, len(places))
            ends.append(found[i] / scale[i] if found is not None else 0.0)
        here = curve.numbers[place]
        result[int(place)] = (here + min(ends[0], 0.0), here + max(ends[1], 0.0))
    return result


def _linear(curve: Joint, rows: Rows) -> tuple[Rows, Any, Any, Any]:
    off = curve.off(rows)
    if len(off) > AT_MOST:
        spread = np.linspace(0, len(off) - 1, AT_MOST // 2).round().astype(int)
        worst = np.argsort(-np.abs(off))[: AT_MOST // 2]
        which = np.unique(np.concatenate([spread, worst]))
        rows, off = rows.part(which), off[which]
    slopes = curve.slopes(rows)
    scale = np.abs(slopes).max(axis=0) if slopes.size else np.ones(slopes.shape[1])
    scale[scale == 0] = 1.0
    return rows, off, slopes / scale, scale


def _solve(goal: Any, matrix: Any, bounds: Any, size: int) -> Any:
    from scipy.optimize import linprog

    limits = [(-1e5, 1e5)] * size + [(0, None)] * (len(goal) - size)
    found = linprog(goal, A_ub=matrix, b_ub=bounds, bounds=limits, method="highs")
    return found.x if found.status == 0 else None
