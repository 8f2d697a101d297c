"""Two processes write into one log, and do not agree."""

from collections.abc import Iterator

import numpy as np

from glissando.checks.view import Explanation, View

NAME = "two processes writing"


MOST_ALONE = 0.25
"""What part of the other rows may have no row beside them that is as it was meant."""


def explain(view: View) -> Iterator[Explanation]:
    """Yield that steps have a row as it was meant, and another as well."""
    conflict, fits = view.rows.conflict, view.fits
    if not conflict.any() or not fits.any():
        return
    steps = view.rows.steps
    alone = int((~np.isin(steps[~fits], steps[fits])).sum())
    others = int((~fits).sum())
    if alone > MOST_ALONE * others:
        return
    which = "each step has" if not alone else f"all steps but {alone:,} have"
    yield Explanation(
        NAME,
        f"{which} a row with the rate that was meant; {others:,} rows of another process have "
        "another",
        {"others": others},
        18.0 if _is_resumed(view) else 12.0 if alone else 10.0,
        np.where(fits, view.rates, view.rows.rates),
    )


def _is_resumed(view: View) -> bool:
    """Return whether the steps go back once, to the first row that differs: after a checkpoint."""
    steps, numbers, first = view.rows.steps, view.rows.numbers, view.first
    back = np.flatnonzero(np.diff(steps) <= 0) + 1
    return bool(len(back) == 1 and back[0] == first and numbers[first] - numbers[first - 1] == 1)
