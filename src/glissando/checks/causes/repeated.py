"""The warm-up was repeated at a resume: the schedule starts again at update 0, or only it does."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from glissando.checks.view import Explanation, View


def explain(view: View) -> Iterator[Explanation]:
    """Yield a schedule that starts again where the rates first differ."""
    if view.reading.mean or not (view.first or view.begins_late):
        return
    meant, warm, end = view.meant, view.meant.warmed, view.meant.end
    peak = max(meant.peak, 1e-300)

    def again(since: Any, k: Any) -> Any:
        return meant(k - since)

    def on_curve(since: Any, k: Any) -> Any:
        done = (meant.first + (peak - meant.first) * meant.warm(k - since)) / peak
        return np.where(k - since < warm, done, 1.0) * meant(k)

    def rest(since: Any, k: Any) -> Any:
        left = np.maximum(end - since - warm, 1)
        t = warm + (k - since - warm) * (end - warm) / left
        return meant(np.where(k - since < warm, k - since, np.minimum(t, end)))

    def then_curve(since: Any, k: Any) -> Any:
        return np.where(k - since < warm, meant(k - since), meant(k))

    ways = [(again, "the whole schedule starts again")]
    if not warm:
        ways.append((rest, "the schedule starts again, and takes what is left"))
    else:
        ways += [
            (on_curve, "the warm-up is repeated on the curve"),
            (then_curve, "the warm-up is repeated, and the curve goes on after it"),
            (rest, "the warm-up is repeated, and the decay takes what is left"),
        ]
    for cost, (way, words) in enumerate(ways):
        found = view.begins(way)
        if len(found):
            since = int(found[0])
            yield Explanation(
                "warm-up repeated" if warm else "started again at a resume",
                f"at update {since:,} {words}",
                {"since": since, "warmup": warm},
                14.0 + cost,
                view.joined(way(since, view.updates), since),
                _doubt(found, since),
                view.from_on(since, partial(way, since)),
            )


def _doubt(found: Any, since: int) -> tuple[str, ...]:
    low, high = int(min(found)), int(max(found))
    return () if low == high else (f"at which update: {low:,} to {high:,} fit as well",)
