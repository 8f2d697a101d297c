"""The best peak of a candidate at one length: the lowest point of a parabola in log peak."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glissando.studies.rungs.peaks import STEEPER, Tried, bracket, edge_of, lowest_of, written

NEAR = math.log(6.0)
"""How far from the best run, in log peak, those may be that the parabola is laid through."""

MOST = 5
"""How many these are at most."""

MISFIT = 0.3
"""By which fraction of its distance from the lowest loss a parabola may miss a loss."""

CURVATURE = 0.5
"""By which fraction a curvature differs from the one expected, as a standard deviation."""

SURE = 0.5
"""By how much a best peak differs from the one expected, in log peak, as a standard deviation."""

UNSURE = 1.0
"""The same where nothing is known from shorter runs, and it is expected at the best run."""

CLIFF = 0.3
"""How far outside the best peak counts where the best run is at an edge and no more is known."""

FINEST = 1e-3
"""A loss counts as known to no finer than this fraction of the curvature."""

BEYOND = math.log(2.0)
"""How far beyond the peaks of a longer rung its best one can be said to be, in log peak."""

Array = np.ndarray[Any, np.dtype[Any]]


class Optimum(NamedTuple):
    """The best peak of a candidate at one length.

    Attributes:
        peak: where the parabola is lowest; None where rates are literal.
        loss: the loss there.
        error: the standard deviation of that loss, in those of a run.
        curvature: how much the loss rises with the square of the distance in log peak; 0 if that
            is not known.
        outside: how far the best peak is above the highest peak tried, in log peak; negative if
            below the lowest; 0 if it is between them.
    """

    peak: float | None
    loss: float
    error: float = 1.0
    curvature: float = 0.0
    outside: float = 0.0


def curvature_of(tried: Sequence[Tried]) -> float:
    """Return how much the loss rises with the square of the distance in log peak; 0 if unknown.

    It is that of the parabola through the best run and the two beside it, or the two next to it
    where it is at an edge.
    """
    ordered = sorted(each for each in tried if edge_of(tried) == 0 or math.isfinite(each.loss))
    if len(ordered) < 3:
        return 0.0
    at = min(max(ordered.index(lowest_of(ordered)), 1), len(ordered) - 2)
    below, middle, above = ordered[at - 1 : at + 2]
    down, up = math.log(middle.peak / below.peak), math.log(above.peak / middle.peak)
    low, high = below.loss - middle.loss, above.loss - middle.loss
    if low > 0:
        high = min(high, STEEPER * low)
    return max((low / down + high / up) / (down + up), 0.0)


def lowest_point(
    tried: Sequence[Tried],
    noise: float,
    *,
    curvature: float,
    expected: float | None = None,
    allowed: Sequence[float] = (),
) -> Optimum:
    """Return the best peak by a parabola in log peak.

    The parabola is that of the least squares, where its curvature is held to the one expected and,
    if there is one, its lowest point to the peak expected, by as much as such expectations are
    worth. So it can be laid through one run, or two.

    Args:
        tried: the runs, one at least that did not diverge.
        noise: the standard deviation of a run's loss, above 0.
        curvature: the curvature expected; 0 if none is.
        expected: where the lowest point is expected, from shorter runs.
        allowed: the peaks that the best one is to be chosen from; all, if there are none.
    """
    best = lowest_of(tried)
    if curvature <= 0:
        return Optimum(best.peak, best.loss, outside=CLIFF * edge_of(tried))
    at = math.log(expected or best.peak)
    near = [each for each in tried if abs(math.log(each.peak / best.peak)) <= NEAR]
    near = sorted(near, key=lambda each: abs(math.log(each.peak / best.peak)))[:MOST]
    x = np.array([math.log(each.peak) for each in near]) - at
    sure, finest = SURE if expected else UNSURE, max(noise, FINEST * curvature)
    y, missed = _excess(near, best, curvature)
    fit, spread = _fit(x, y, np.hypot(finest, missed), curvature, sure)
    low, high = (end - at for end in _range(tried, held=expected is not None))
    place = float(-fit[1] / (2 * fit[2])) if fit[2] > 0 else math.log(best.peak) - at
    outside = max(place - high, 0.0) + min(place - low, 0.0) if expected else 0.0
    beyond = BEYOND if expected else 0.0
    place = min(max(place, low - beyond), high + beyond)
    if allowed:
        logs = [math.log(peak) - at for peak in allowed]
        place = min(logs, key=lambda place: (float(_powers(place) @ fit), abs(place)))
        peak = allowed[logs.index(place)]
    else:
        peak = written(math.exp(place + at))
    row = _powers(place)
    error = math.sqrt(max(float(row @ spread @ row), 0.0)) / finest
    return Optimum(peak, best.loss + float(row @ fit), error, float(fit[2]), outside)


def _powers(place: float) -> Array:
    return np.array([1.0, place, place * place])


def _excess(near: Sequence[Tried], best: Tried, curvature: float) -> tuple[Array, Array]:
    """Return how much losses are above the best, and how far a parabola may miss each.

    A loss counts as no more above the best than it may on a side that is steeper than the parabola.
    """
    away = np.array([math.log(each.peak / best.peak) for each in near])
    found = np.array([each.loss - best.loss for each in near])
    most = STEEPER / 2 * curvature * away**2
    missed = MISFIT * np.where(np.isfinite(found), found, STEEPER * most)
    return np.minimum(found, most), missed


def _fit(x: Array, y: Array, error: Array, curvature: float, sure: float) -> tuple[Array, Array]:
    """Return the parabola's three coefficients, and their covariance."""
    weights = 1.0 / error**2
    powers = np.stack([np.ones_like(x), x, x * x], axis=1)
    held = np.array([0.0, (2 * curvature * sure) ** -2, (CURVATURE * curvature) ** -2])
    normal = powers.T @ (powers * weights[:, None]) + np.diag(held)
    spread = np.linalg.inv(normal)
    return spread @ (powers.T @ (weights * y) + held * [0.0, 0.0, curvature]), spread


def _range(tried: Sequence[Tried], *, held: bool) -> tuple[float, float]:
    """Return between which log peaks the lowest point may be."""
    if not held and not edge_of(tried):
        below, _, above = bracket(tried)
        return math.log(below.peak), math.log(above.peak)
    return math.log(min(tried).peak), math.log(max(tried).peak)
