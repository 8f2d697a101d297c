"""Inference from a log that is too long to be held: some rows tell a schedule, all are compared."""

from collections.abc import Callable

import numpy as np

from glissando.inference.answer import Inference
from glissando.inference.rows import (
    FLOOR,
    NARROW,
    ROUNDING,
    SMALLEST,
    Rows,
    computed_narrow,
    rows_of,
)
from glissando.inference.table import table
from glissando.logs.kept import Kept
from glissando.logs.logged import LoggedRates
from glissando.logs.long import LongLog

ROUNDS = 5
"""How often rows that an expression fails are added to those that tell it."""


def infer_long(log: LongLog, infer: Callable[[LoggedRates], Inference]) -> Inference:
    """Return the simplest schedule that explains every row of a long log.

    Args:
        log: the log.
        infer: infers it from some of the rows.
    """
    some = log.sample
    for _ in range(ROUNDS):
        found = infer(some)
        kept, worst = _compared(log, found)
        if worst <= 1:
            return _told(log, found, kept.count, worst, len(some.steps))
        some = _both(some if some is not log.sample else None, kept.log(log.sample))
    rows, _ = rows_of(some)
    points = table(rows, found.lag)
    said = (
        f"No expression that was found explains every row: this is a table of {len(points.knots):,}"
        f" points, for {len(rows.steps):,} of {kept.count:,} rows; the others were not compared."
    )
    return Inference(points, "table", found.lag, len(rows.steps), 1.0, (), (said,), found.notes)


def _compared(log: LongLog, found: Inference) -> tuple[Kept, float]:
    """Return what is to be kept of all rows beside an expression, and how far one is from it."""
    kept, worst = Kept(), 0.0
    for part in log.parts():
        near = part.resolutions + ROUNDING * part.rates + FLOOR * log.largest + SMALLEST
        if NARROW in found.notes:
            near = computed_narrow(Rows(part.steps, part.rates, near)).errors
        updates = part.steps // found.batches - found.lag
        for skip in found.skipped:
            updates = updates - skip.updates * (part.steps >= skip.before)
        off = np.abs(np.asarray(found.schedule(updates)) - part.rates) / near
        kept.add(part, off <= 1)
        worst = max(worst, float(off.max()))
    return kept, worst


def _told(log: LongLog, found: Inference, count: int, worst: float, few: int) -> Inference:
    notes = list(found.notes)
    if log.left_out:
        notes.append(f"{log.left_out:,} rows hold no finite rate, and are left out.")
    if few < count:
        notes.append(f"Found from {few:,} rows, which the intervals are of; all were compared.")
    return found._replace(rows=count, worst=worst, notes=tuple(notes))


def _both(some: LoggedRates | None, more: LoggedRates) -> LoggedRates:
    """Return the rows of two parts of a log, each once."""
    if some is None:
        return more
    names = ("lines", "steps", "rates", "resolutions")
    rows = [np.concatenate([getattr(some, name), getattr(more, name)]) for name in names]
    order = np.unique(rows[0], return_index=True)[1]
    lines, steps, rates, resolutions = (row[order] for row in rows)
    return more._replace(steps=steps, rates=rates, resolutions=resolutions, lines=lines)
