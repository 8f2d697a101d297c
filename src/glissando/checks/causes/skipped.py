"""A gradient scaler skipped updates: the schedule falls behind by one at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glissando.checks.view import Explanation, View

AT_FIRST = 16
"""How many updates in a row a scaler skips until its first scale is low enough."""

AT_ONCE, IN_A_HUNDRED = 3, 1
"""How many it skips later at one place, and how many more in a hundred updates without a row."""

COUNTED = 4.0
"""What skipped updates cost that the log itself counts."""

SCALED = ("trainer_state", "transformers", "llama_factory")
"""The writers of logs whose trainer scales gradients, and whose first row may come late."""

AT_ONCE_COSTS = 7.0
"""What skips before the first row take to say there: less than a schedule that runs late."""

SHARE = 0.05
"""The largest part of all updates that it skips."""


def explain(view: View) -> Iterator[Explanation]:
    """Yield the fewest skipped updates, with the rows before which they were."""
    if view.reading.mean or view.reading.per_epoch:
        return
    told = _told(view)
    if told is not None:
        yield told
        return
    updates = view.updates
    most = AT_FIRST + SHARE * (updates.max() - updates.min())
    behind = np.zeros(len(updates))
    fits, row, late = view.fits, 0, 0
    jumps: list[tuple[int, int, int]] = []
    while not fits.all():
        row = int(np.argmin(fits))
        before = _before(view, row, late)
        passed = updates[row] - (updates[before] if before >= 0 else -1)
        early = before < 0 or updates[row] <= 2 * AT_FIRST
        at_once = AT_FIRST if early else AT_ONCE + IN_A_HUNDRED * passed // 100
        more = late + np.arange(1, int(min(passed, at_once, AT_FIRST)) + 1)
        with np.errstate(all="ignore"):
            rates = view.meant(updates[row] - more)
        found = more[np.abs(rates - view.rows.rates[row]) <= view.rows.tolerance[row]]
        if not len(found) or found[0] > most:
            return
        jumps.append((before, row, int(found[0]) - late))
        late = int(found[0])
        behind[row:] = late
        rates = view.meant(updates - behind)
        fits = np.abs(rates - view.rows.rates) <= view.rows.tolerance
        fits[:row] = True
    if jumps and (len(jumps) > 1 or jumps[0][1] > 0):
        yield _skipped(view, jumps, behind)
    elif jumps and view.rows.log.format in SCALED:
        yield _skipped(view, jumps, behind)._replace(cost=AT_ONCE_COSTS)


def _told(view: View) -> Explanation | None:
    """Return the skipped updates that the log itself counts, if they explain all rows."""
    counts = view.rows.skipped
    if counts is None or not np.any(counts):
        return None
    for behind in (counts, counts - counts[0]):
        if view.explains(view.meant(view.updates - behind)):
            rows = np.flatnonzero(np.diff(behind, prepend=0))
            more = np.diff(behind, prepend=0)[rows].astype(int)
            jumps = [
                (int(row) - 1, int(row), int(count)) for row, count in zip(rows, more, strict=True)
            ]
            found = _skipped(view, jumps, behind)
            sentence = f"{found.sentence}, as the log counts them"
            return found._replace(sentence=sentence, cost=COUNTED, doubts=())
    return None


def _before(view: View, row: int, late: int) -> int:
    """Return the last row before one that would show a skipped update: -1 if there is none."""
    k = view.updates[:row] - late
    shown = np.abs(view.meant(k) - view.meant(k - 1)) > view.rows.tolerance[:row]
    return int(np.flatnonzero(shown)[-1]) if shown.any() else -1


def _skipped(view: View, jumps: list[tuple[int, int, int]], behind: Any) -> Explanation:
    steps, updates = view.rows.steps, view.updates
    places = [
        {
            "row": row,
            "step": float(steps[row]),
            "skipped": count,
            "after": int(updates[before]) if before >= 0 else 0,
            "before": int(updates[row]),
        }
        for before, row, count in jumps
    ]
    total = sum(count for _, _, count in jumps)
    where = ", ".join(_where(view, *jump) for jump in jumps[:6])
    more = f" and {len(jumps) - 6} later times" if len(jumps) > 6 else ""
    sentence = f"{total:,} update{'s' * (total > 1)} skipped by the gradient scaler: {where}{more}"
    doubts: tuple[str, ...] = ()
    if jumps[0][1] == 0:
        first = f"first {jumps[0][2]} are" if jumps[0][2] > 1 else "first is"
        doubts = (f"whether the {first} skipped or the log's own lag",)
    return Explanation(
        "skipped updates",
        sentence,
        {"skipped": total, "places": places},
        12.0 + 6 * len(jumps),
        view.meant(updates - behind),
        doubts,
    )


def _where(view: View, before: int, row: int, count: int) -> str:
    steps = view.rows.steps
    if before < 0:
        return f"{count} by step {steps[row]:,.0f}"
    return f"{count} between steps {steps[before]:,.0f} and {steps[row]:,.0f}"
