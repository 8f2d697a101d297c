"""A gradient scaler skipped updates: the schedule falls behind by one at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glissando.checks.view import Explanation, View

AT_FIRST = 16
"""How many updates in a row a scaler skips until its first scale is low enough."""

AT_ONCE = 2
"""How many it skips later, between two rows."""

SHARE = 0.05
"""The largest part of all updates that it skips."""


def explain(view: View) -> Iterator[Explanation]:
    """Yield the fewest skipped updates, with the rows before which they were."""
    if view.reading.mean or view.reading.per_epoch:
        return
    updates = view.updates
    most = AT_FIRST + SHARE * (updates.max() - updates.min())
    behind = np.zeros(len(updates))
    fits, row, late = view.fits, 0, 0
    jumps: list[tuple[int, int]] = []
    while not fits.all():
        row = int(np.argmin(fits))
        early = row == 0 or updates[row] <= 2 * AT_FIRST
        room = min(updates[row] - (updates[row - 1] if row else -1), AT_FIRST if early else AT_ONCE)
        more = late + np.arange(1, int(room) + 1)
        with np.errstate(all="ignore"):
            rates = view.meant(updates[row] - more)
        found = more[np.abs(rates - view.rows.rates[row]) <= view.rows.tolerance[row]]
        if not len(found) or found[0] > most:
            return
        jumps.append((row, int(found[0]) - late))
        late = int(found[0])
        behind[row:] = late
        rates = view.meant(updates - behind)
        fits = np.abs(rates - view.rows.rates) <= view.rows.tolerance
        fits[:row] = True
    if jumps and (len(jumps) > 1 or jumps[0][0] > 0):
        yield _skipped(view, jumps, behind)


def _skipped(view: View, jumps: list[tuple[int, int]], behind: Any) -> Explanation:
    steps, updates = view.rows.steps, view.updates
    places = [
        {
            "row": row,
            "step": float(steps[row]),
            "skipped": count,
            "after": int(updates[row - 1]) if row else 0,
            "before": int(updates[row]),
        }
        for row, count in jumps
    ]
    total = sum(count for _, count in jumps)
    where = ", ".join(_where(view, row, count) for row, count in jumps[:6])
    more = f" and {len(jumps) - 6} later times" if len(jumps) > 6 else ""
    sentence = f"{total:,} update{'s' * (total > 1)} skipped by the gradient scaler: {where}{more}"
    doubts: tuple[str, ...] = ()
    if jumps[0][0] == 0:
        doubts = (f"whether the first {jumps[0][1]} are skipped updates or the log's own lag",)
    return Explanation(
        "skipped updates",
        sentence,
        {"skipped": total, "places": places},
        12.0 + 6 * len(jumps),
        view.meant(updates - behind),
        doubts,
    )


def _where(view: View, row: int, count: int) -> str:
    steps = view.rows.steps
    if row == 0:
        return f"{count} by step {steps[0]:,.0f}"
    return f"{count} between steps {steps[row - 1]:,.0f} and {steps[row]:,.0f}"
