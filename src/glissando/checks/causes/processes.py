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
        10.0 + (2 if alone else 0),
        np.where(fits, view.rates, view.rows.rates),
    )
