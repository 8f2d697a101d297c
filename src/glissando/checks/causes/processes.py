"""Two processes write into one log, and do not agree."""

from collections.abc import Iterator

import numpy as np

from glissando.checks.view import Explanation, View

NAME = "two processes writing"


def explain(view: View) -> Iterator[Explanation]:
    """Yield that each step has a row as it was meant, and some have another as well."""
    conflict, fits = view.rows.conflict, view.fits
    if not conflict.any() or not fits.any():
        return
    steps = view.rows.steps
    meant = np.unique(steps[fits])
    if len(meant) < len(np.unique(steps)):
        return
    others = int((~fits).sum())
    yield Explanation(
        NAME,
        f"each step has a row with the rate that was meant; {others:,} rows of another process "
        "have another",
        {"others": others},
        10.0,
        np.where(fits, view.rates, view.rows.rates),
    )
