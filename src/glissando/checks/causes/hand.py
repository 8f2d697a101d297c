"""The rate was changed by hand at an update: to a constant, or by a factor from there on."""

from collections.abc import Iterator

import numpy as np

from glissando.checks.sieve import shortest
from glissando.checks.view import Explanation, View


def explain(view: View) -> Iterator[Explanation]:
    """Yield a constant or a factor from the first row that differs on."""
    since = view.gap[-1]
    place = {"since": since, "after": view.gap[0] - 1}
    zero, ones = np.zeros(view.rows.size), np.ones(view.rows.size)
    constant = view.between(zero, ones, inside=view.later)
    before = "" if view.first else ": the schedule was never followed"
    if constant is not None:
        rate = shortest(*constant)
        yield Explanation(
            "changed by hand",
            f"from update {since:,} on the rate is {rate:.6g}, a constant{before}",
            {**place, "rate": rate},
            22.0 + (4 if view.later.sum() > 1 else 0),
            view.joined(ones * rate),
        )
    if not view.first or not view.meant.peak:
        return
    floors = [(0.0, "")]
    if view.meant.floor:
        floors.append((view.meant.floor, " above the floor"))
    for floor, words in floors:
        base = ones * floor
        found = view.between(base, view.rates, inside=view.later)
        if found is not None and found[1] >= 0:
            factor = shortest(*found)
            yield Explanation(
                "changed by hand",
                f"from update {since:,} on the rate{words} is {factor:.6g} times what was meant",
                {**place, "factor": factor},
                23.0 + (1 if words else 0),
                view.joined(base + (view.rates - base) * factor),
            )
            return
