"""The floor is missing: the decay goes on to 0, or below the rate where it was to stop."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from glissando.checks.view import Explanation, View


def explain(view: View) -> Iterator[Explanation]:
    """Yield the same decay to 0, or without the clip at the floor."""
    meant = view.meant
    if not meant.floor or meant.floor == meant.peak:
        return
    rates = view.logged(lambda k: _to(view, k))
    if view.explains(rates):
        yield Explanation(
            "floor missing",
            f"the decay ends at 0, and not at the floor of {meant.floor:.6g}",
            {"floor": 0.0, "meant": meant.floor},
            5.0,
            rates,
            (),
            partial(_to, view),
        )
        return
    clipped: Any = meant.schedule
    clip = getattr(clipped, "floor", None)
    if clip:
        inner = clipped.schedule
        rates = view.logged(lambda k: np.asarray(inner(np.maximum(k, 0.0)), dtype=float))
        if view.explains(rates):
            yield Explanation(
                "floor missing",
                f"the decay goes below the floor of {clip:.6g}",
                {"floor": 0.0, "meant": clip},
                5.0,
                rates,
            )


def _to(view: View, k: Any) -> Any:
    meant = view.meant
    return np.where(k < meant.warmed, meant(k), meant.peak * meant.left(k))
