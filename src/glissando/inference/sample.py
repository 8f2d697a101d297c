"""Few rows that show a curve, where a log has many."""

from typing import Any

import numpy as np

from glissando.inference.rows import Rows

MANY = 240
"""From how many rows an expression is found; it is then compared with all."""

FIRST = 60
"""How many of them are the log's first: a warm-up is short."""

BENT = 40
"""How many are rows around which the curve bends most."""


def sample_of(rows: Rows) -> Rows:
    """Return few rows that show the curve: the first, some of all, and those where it bends."""
    rows = rows.part(_telling(rows))
    count = len(rows.steps)
    if count <= MANY:
        return rows
    gaps = np.diff(rows.steps)
    slopes = np.diff(rows.rates) / gaps
    bend = np.abs(np.diff(slopes)) * np.minimum(gaps[1:], gaps[:-1])
    bend /= rows.errors[1:-1] + 1e-3 * np.abs(np.diff(rows.rates)[1:])
    sharp = np.argsort(-bend)[:BENT] + 1
    spread = np.linspace(0, count - 1, MANY - FIRST - BENT).round().astype(int)
    near = np.concatenate([sharp - 1, sharp, sharp + 1])
    return rows.part(np.unique(np.concatenate([np.arange(FIRST), spread, near])))


def _telling(rows: Rows) -> Any:
    """Return which rows tell more than their neighbors: two at each end of a run of equal rates.

    All of a run are off by the same rounding, so that more of them would only seem to tell more.
    """
    same = np.diff(rows.rates, prepend=np.nan, append=np.nan) == 0
    inner = np.convolve(same, np.ones(4, int), "valid") == 4
    return ~np.pad(inner, 1)[: len(rows.rates)]
