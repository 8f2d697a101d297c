"""A milestone lies inside the warm-up: the warm-up aims at a rate lower than the peak."""

import math
from collections.abc import Iterator

import numpy as np

from glissando.checks.view import Explanation, View

NAME = "milestone inside the warm-up"


def explain(view: View) -> Iterator[Explanation]:
    """Yield a warm-up to the rate after it, or one that a milestone has lowered on the way."""
    meant, k = view.meant, view.updates
    warm, top = _aim(view)
    if not warm or top <= meant.first:
        return
    inside = k < warm
    for begin, rate in _drops(view, warm, top):
        ratio = rate / top
        rise = (view.rates - meant.first) / (top - meant.first)
        for low in (view.rates * ratio, meant.first + (rate - meant.first) * rise):
            early = np.where(inside, low, np.where(k < begin, rate, view.rates))
            if view.explains(early):
                yield Explanation(
                    NAME,
                    f"the warm-up over {warm:,} updates aims at {rate:.6g}, the rate after the "
                    f"milestone, and never comes to the peak of {top:.6g}",
                    {"warmup": warm, "aim": rate},
                    7.0,
                    early,
                )
                return
        lowered = np.where(view.later & inside, view.rates * ratio, view.rates)
        if view.first and inside[view.first] and view.explains(lowered):
            yield Explanation(
                NAME,
                f"a milestone at update {view.gap[-1]:,} lowers the warm-up itself, times "
                f"{ratio:.6g}",
                {"warmup": warm, "since": view.gap[-1], "factor": ratio},
                9.0,
                lowered,
            )
            return


def _aim(view: View) -> tuple[int, float]:
    """Return where the warm-up ends, and the rate that it comes to."""
    meant = view.meant
    warm = next(meant.schedule.breaks_between(1, meant.end), meant.warmed)
    before = float(meant(math.nextafter(warm, 0))) if warm else 0.0
    if before >= meant.peak * (1 - 1e-9):
        return warm, before
    return meant.warmed, meant.peak


def _drops(view: View, warm: int, top: float) -> list[tuple[int, float]]:
    """Return the first steps after the warm-up at which the rate drops, and to what."""
    meant = view.meant
    steps = [warm, warm + 1, *meant.schedule.breaks_between(warm, meant.end)][:10]
    found = [(step, float(meant(step))) for step in dict.fromkeys(steps)]
    return [(step, rate) for step, rate in found if 0 < rate < top * 0.9]
