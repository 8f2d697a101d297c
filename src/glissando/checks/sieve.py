"""Which parameters of a curve explain all rows, out of many."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glissando.checks.rows import Rows

PROBES = 4
"""How many rows are looked at first."""

SOME = 48
"""How many rows next."""

MOST = 400_000
"""How many rates are computed at once."""


def sieve(predict: Callable[[Any, Any], Any], values: Any, updates: Any, rows: Rows) -> Any:
    """Return the values of a parameter with which a curve explains all rows.

    Args:
        predict: the rates, from values in a column and updates in a line.
        values: the values to try.
        updates: the update of each row.
        rows: the rows.
    """
    count = len(updates)
    if not count:
        return values
    for wanted in (PROBES, SOME, count):
        at = _spread(count, wanted)
        step = max(1, MOST // len(at))
        kept = []
        for begin in range(0, len(values), step):
            some = values[begin : begin + step]
            with np.errstate(all="ignore"):
                rates = predict(some[:, None], updates[at][None, :])
            fits = np.abs(rates - rows.rates[at]) <= rows.tolerance[at]
            kept.append(some[fits.all(axis=1)])
        values = np.concatenate(kept) if kept else values
        if not len(values) or wanted >= count:
            break
    return values


def _spread(count: int, wanted: int) -> Any:
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(int))


def interval(low: Any, high: Any, rows: Rows, inside: Any) -> tuple[float, float] | None:
    """Return the numbers x with which `low` + (`high` - `low`) · x explains the rows `inside`."""
    rates, tolerance = rows.rates[inside], rows.tolerance[inside]
    at_0, slope = low[inside], (high - low)[inside]
    flat = np.abs(slope) <= 1e-15 * np.maximum(np.abs(high[inside]), 1e-300)
    if np.any(~np.isfinite(at_0 + slope)):
        return None
    if np.any(np.abs(at_0 - rates)[flat] > tolerance[flat]):
        return None
    if flat.all():
        return None
    slope, at_0 = slope[~flat], at_0[~flat]
    rates, tolerance = rates[~flat], tolerance[~flat]
    ends = np.sort([(rates - tolerance - at_0) / slope, (rates + tolerance - at_0) / slope], axis=0)
    least, most = float(ends[0].max()), float(ends[1].min())
    return (least, most) if least <= most else None


def shortest(low: float, high: float) -> float:
    """Return the number with the fewest digits between two."""
    if low <= 0 <= high:
        return 0.0
    middle = (low + high) / 2
    for digits in range(1, 17):
        number = float(f"{middle:.{digits - 1}e}")
        if low <= number <= high:
            return number
    return middle
