"""The losses of a candidate on the way: a mean over seeds with a band."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glissando.studies.runs.store import Log

POINTS = 200
"""How many points a curve has at most: between, losses are averaged."""


class Band(NamedTuple):
    """Losses over the steps.

    Attributes:
        steps: the steps.
        mean: the mean over the seeds.
        low: the lowest.
        high: the highest.
    """

    steps: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]


def band_of(logs: Sequence[Log]) -> Band | None:
    """Return the mean and the band of logs; None if none of them has a loss.

    Example:
        >>> band_of([Log([1, 2], [first, 2.0], [0.1, 0.1]) for first in (3.0, 5.0)])
        Band(steps=[1.0, 2.0], mean=[4.0, 2.0], low=[3.0, 2.0], high=[5.0, 2.0])
    """
    curves = [curve for log in logs if len((curve := _thinned(log))[0])]
    if not curves:
        return None
    grid = curves[0][0]
    if any(not np.array_equal(grid, steps) for steps, _ in curves):
        first, last = (end(s for c in curves for s in c[0]) for end in (min, max))
        grid = np.linspace(first, last, POINTS)
    rows = np.array([np.interp(grid, *curve, left=np.nan, right=np.nan) for curve in curves])
    known = ~np.isnan(rows).all(axis=0)
    rows = rows[:, known]
    columns = (grid[known], np.nanmean(rows, axis=0), np.nanmin(rows, 0), np.nanmax(rows, 0))
    return Band(*([float(f"{number:.6g}") for number in column] for column in columns))


def _thinned(log: Log) -> tuple[Any, Any]:
    """Return the steps and losses of a log, averaged in bins of equal width."""
    steps, losses = np.asarray(log.steps, float), np.asarray(log.losses, float)
    there = np.isfinite(losses)
    steps, losses = steps[there], losses[there]
    if len(steps) <= POINTS:
        return steps, losses
    bins = ((steps - steps[0]) * (POINTS / max(steps[-1] - steps[0], 1))).astype(int)
    counts = np.bincount(bins)
    full = counts > 0
    means = (np.bincount(bins, of)[full] / counts[full] for of in (steps, losses))
    return next(means), next(means)
