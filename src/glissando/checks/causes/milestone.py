"""A milestone lies inside the warm-up: the warm-up aims at a rate lower than the peak."""

from collections.abc import Iterator

import numpy as np

from glissando.checks.view import Explanation, View

NAME = "milestone inside the warm-up"


def explain(view: View) -> Iterator[Explanation]:
    """Yield a warm-up to the rate after it, or one that a milestone has lowered on the way."""
    meant, warm, k = view.meant, view.meant.warmed, view.updates
    if warm <= 0 or not meant.peak:
        return
    after = _drops(view)
    inside = k < warm
    for begin, rate in after:
        ratio = rate / meant.peak
        aimed = meant.first + (rate - meant.first) * meant.warm(k)
        for low in (view.rates * ratio, aimed):
            early = np.where(inside, low, np.where(k < begin, rate, view.rates))
            if view.explains(early):
                yield Explanation(
                    NAME,
                    f"the warm-up over {warm:,} updates aims at {rate:.6g}, the rate after the "
                    f"milestone, and never comes to the peak of {meant.peak:.6g}",
                    {"warmup": warm, "aim": rate},
                    7.0,
                    early,
                )
                return
    if view.first and inside[view.first]:
        part = view.later & inside
        found = view.between(np.zeros(len(k)), view.rates, inside=part)
        for _, rate in after:
            ratio = rate / meant.peak
            lowered = np.where(part, view.rates * ratio, view.rates)
            if found is not None and found[0] <= ratio <= found[1] and view.explains(lowered):
                yield Explanation(
                    NAME,
                    f"a milestone at update {view.gap[-1]:,} lowers the warm-up itself, times "
                    f"{ratio:.6g}",
                    {"warmup": warm, "since": view.gap[-1], "factor": ratio},
                    9.0,
                    lowered,
                )
                return


def _drops(view: View) -> list[tuple[int, float]]:
    """Return the first steps after the warm-up at which the rate drops, and to what."""
    meant = view.meant
    steps = [meant.warmed, *meant.schedule.breaks_between(meant.warmed, meant.end)][:10]
    found = []
    for step in dict.fromkeys(steps):
        rate = float(meant(step))
        if 0 < rate < meant.peak * 0.999:
            found.append((step, rate))
    below = float(meant(meant.warmed + 1))
    if 0 < below < meant.peak * 0.9:
        found.insert(0, (meant.warmed + 1, below))
    return found
