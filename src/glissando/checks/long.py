"""The search in a log that is too long to be held: every row is compared, and some are kept."""

import numpy as np

from glissando.checks.readings import Given
from glissando.checks.rows import rows_of, tolerance_of
from glissando.checks.search import search
from glissando.checks.view import Explanation, View
from glissando.logs.kept import Kept
from glissando.logs.long import LongLog
from glissando.schedule import Schedule

ROUNDS = 3
"""How often all rows are read at most, as the reading changes by what was found in them."""


def search_long(
    log: LongLog, schedule: Schedule, given: Given
) -> tuple[View, list[Explanation], int]:
    """Return the best reading, the causes, and how many rows were compared.

    Some rows tell the reading under which all of them are compared. What is searched for causes are
    rows from all of the log, and those around the first that differ.
    """
    view, found = search(rows_of(log.sample), schedule, given)
    for _ in range(ROUNDS):
        reading, kept = view.reading.sentence, _compared(log, view)
        rows = rows_of(kept.log(log.sample))
        view, found = search(rows, schedule, given)
        if view.reading.sentence == reading:
            break
    notes = [*view.rows.notes]
    if log.left_out:
        notes.append(f"{log.left_out:,} rows hold no finite rate, and are left out")
    if found and kept.count > view.rows.size:
        notes.append(
            f"of {kept.count:,} rows that were compared, the cause is that of {view.rows.size:,}"
        )
    view.rows = view.rows._replace(notes=tuple(notes))
    return view, found, kept.count


def _compared(log: LongLog, view: View) -> Kept:
    """Return what is to be kept of all rows, as a reading has them."""
    kept, rows, reading = Kept(), view.rows, view.reading
    highest, coarsest = float(np.abs(rows.rates).max()), float(rows.resolutions.max())
    plain = tolerance_of(rows.rates, rows.resolutions, highest)
    more = float((rows.tolerance - plain).max())  # of float32 arithmetic
    for part in log.parts():
        near = tolerance_of(part.rates, np.minimum(part.resolutions, coarsest), highest) + more
        meant = reading._replace(updates=reading.at(part.steps)).rates(view.meant)
        kept.add(part, np.abs(meant - part.rates) <= near)
    return kept
