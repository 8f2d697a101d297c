"""A decay from a peak of its own, as it follows a warm-up at a resume."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from glissando.checks.sieve import interval, shortest
from glissando.checks.view import View

TOPS = 200
"""At how many updates a peak is looked for."""

MOST = 6
"""How many of them are tried: those that the rise before them comes to."""


def other_peaks(view: View, tops: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield what follows a rise to another peak, where rows are such a one.

    Args:
        view: the rows.
        tops: the updates at which the peak may be.
    """
    found: list[tuple[float, int, str, Callable[..., Any]]] = []
    for top in tops[:: max(1, len(tops) // TOPS)].tolist():
        inside = view.later & (view.updates >= top)
        if np.count_nonzero(inside) < 3:
            break
        if not np.any(view.later & (view.updates < top)):
            continue  # no row shows the rise
        for name, left in _ways(view, top).items():
            peak = _peak(view, left, inside)
            if peak is not None:
                name = f"{name} from {peak:.6g}"
                found.append((_off(view, top, peak), top, name, partial(_curve, view, left, peak)))
    found.sort(key=lambda each: each[:2])
    for _, _, name, after in found[:MOST]:
        yield name, after


def _ways(view: View, top: int) -> dict[str, Callable[[Any], Any]]:
    """Return how much of the decay is left at an update, in the ways in which it may go on."""
    meant, warm, end = view.meant, view.meant.warmed, view.meant.end
    rest = max(end - top, 1)
    return {
        "the decay takes what is left": lambda k: meant.left(
            warm + np.clip((k - top) / rest, 0, 1) * (end - warm)
        ),
        "the whole decay follows": lambda k: meant.left(np.maximum(k - top, 0) + warm),
        "the curve goes on": meant.left,
        "the rate is constant": lambda k: np.ones_like(k, dtype=float),
    }


def _peak(view: View, left: Callable[[Any], Any], inside: Any) -> float | None:
    """Return the peak with which a decay explains the rows `inside`."""
    part = left(view.updates)
    at_0 = view.meant.floor * (1 - part)
    found = interval(at_0, at_0 + part, view.rows, inside)
    if found is None or found[0] <= view.meant.floor:
        return None
    return shortest(*found)


def _curve(view: View, left: Any, peak: float, _begin: Any, _length: Any, k: Any) -> Any:
    floor = view.meant.floor
    return floor + (peak - floor) * left(k)


def _off(view: View, top: int, peak: float) -> float:
    """Return by how much the line through the rows of the rise misses a peak."""
    rise = np.flatnonzero(view.later & (view.updates < top))[-2:]
    if len(rise) < 2:
        return 0.0
    (a, b), (x, y) = view.updates[rise], view.rows.rates[rise]
    return float(abs(y + (y - x) / max(b - a, 1) * (top - b) - peak))
