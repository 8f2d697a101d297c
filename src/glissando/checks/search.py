"""The search for what explains all rows of a log: a reading, or the simplest cause."""

from collections.abc import Iterator

import numpy as np

from glissando.checks.causes import (
    bounced,
    decay,
    floor,
    hand,
    horizon,
    milestone,
    pace,
    processes,
    repeated,
    rewarmed,
    scaled,
    shifted,
    skipped,
    variant,
)
from glissando.checks.meant import Meant
from glissando.checks.pairs import pair
from glissando.checks.readings import Given, Reading, found_readings, readings
from glissando.checks.rows import Rows, loosened, may_be_single
from glissando.checks.view import Cause, Explanation, View
from glissando.schedule import Schedule

CAUSES: tuple[Cause, ...] = (
    floor.explain, bounced.explain, pace.explain, shifted.explain, milestone.explain,
    processes.explain, skipped.explain, scaled.explain, variant.explain, horizon.explain,
    decay.explain, repeated.explain, rewarmed.explain, hand.explain,
)  # fmt: skip
"""The causes, those first that take fewer numbers to say."""


LATER = 0.5
"""What a reading costs for each that is likelier."""


def search(orders: list[Rows], schedule: Schedule, given: Given) -> tuple[View, list[Explanation]]:
    """Return the best reading, and the causes that explain all rows, the simplest first.

    There are none where the rows are what was meant, or where nothing explains them.
    """
    last = max(float(rows.steps.max()) for rows in orders) * (given.per_epoch or 1)
    meant = Meant(schedule, last + 2)
    tries = [*orders, *(loosened(rows) for rows in orders if may_be_single(rows))]
    tried: list[list[View]] = []
    for rows in tries:
        tried.append([View(rows, meant, way, given) for way in _ways(rows, meant, given)])
        whole = [view for view in tried[-1] if view.fits.all()]
        if whole:
            return whole[0], []
    for views in tried:
        found = [
            (one.cost + LATER * place, view, one)
            for place, view in enumerate(_worth(views))
            for one in explanations(view)
        ]
        if found:
            found.sort(key=lambda each: each[0])
            view = found[0][1]
            return view, [one for _, of, one in found if of is view]
    best = max(tried[0], key=_explained)
    both = pair(best, explanations)
    return best, [both] if both else []


def explanations(view: View) -> list[Explanation]:
    """Return the causes that explain all rows of a view, the simplest first."""
    found = [one for cause in CAUSES for one in cause(view)]
    return sorted(found, key=lambda one: one.cost)


def _ways(rows: Rows, meant: Meant, given: Given) -> Iterator[Reading]:
    plain = list(readings(rows, meant, given))
    yield from plain
    if not any(View(rows, meant, way, given).fits.all() for way in plain):
        yield from found_readings(rows, meant, given)


def _worth(views: list[View]) -> list[View]:
    """Return the readings in which to look for causes: no two are the same."""
    kept: list[View] = []
    for view in views:
        if not any(np.array_equal(view.updates, other.updates) for other in kept):
            kept.append(view)
    return kept


def _explained(view: View) -> tuple[int, int]:
    first = view.first if not view.fits.all() else view.rows.size
    return int(first), int(view.fits.sum())
