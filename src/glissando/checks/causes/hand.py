"""The rate was changed by hand at an update: to a constant, or by a factor from there on."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glissando.checks.sieve import shortest
from glissando.checks.view import Explanation, View


def explain(view: View) -> Iterator[Explanation]:
    """Yield a constant or a factor from the first row that differs on."""
    yield from _changed(view, view.later, "")
    rows = np.arange(view.rows.size)
    last = int(rows[~view.fits].max())
    if view.first and last < rows[-1]:
        until = f" until update {int(view.updates[last + 1]):,}"
        yield from _changed(view, view.later & (rows <= last), until)


def _changed(view: View, inside: Any, until: str) -> Iterator[Explanation]:
    since, more = view.gap[-1], 5 if until else 0
    place = {"since": since, "after": view.gap[0] - 1}
    zero, ones = np.zeros(view.rows.size), np.ones(view.rows.size)
    constant = view.between(zero, ones, inside=inside)
    before = "" if view.first else ": the schedule was never followed"
    if constant is not None:
        rate = shortest(*constant)
        yield Explanation(
            "changed by hand",
            f"from update {since:,} on the rate is {rate:.6g}, a constant{until}{before}",
            {**place, "rate": rate},
            22.0 + more + (4 if inside.sum() > 1 else 0),
            np.where(inside, rate, view.rates),
            (),
            None if until else view.from_on(since, lambda k: np.full_like(k, rate, dtype=float)),
        )
    if not view.first or not view.meant.peak:
        return
    found = view.between(zero, view.rates, inside=inside)
    if found is not None and found[1] >= 0:
        factor = shortest(*found)
        yield Explanation(
            "changed by hand",
            f"from update {since:,} on the rate is {factor:.6g} times what was meant{until}",
            {**place, "factor": factor},
            23.0 + more,
            np.where(inside, view.rates * factor, view.rates),
            (),
            None if until else view.from_on(since, lambda k: view.meant(k) * factor),
        )
        return
    floor = view.meant.floor
    found = view.between(ones * floor, view.rates, inside=inside) if floor else None
    if found is not None:
        factor = shortest(*found)
        rates = floor + (view.rates - floor) * factor
        yield Explanation(
            "changed by hand",
            f"at update {since:,} the rate is set to {rates[view.first]:.6g}, and goes on from "
            f"there to the floor of {floor:.6g}{until}",
            {**place, "factor": factor},
            24.0 + more,
            np.where(inside, rates, view.rates),
        )
