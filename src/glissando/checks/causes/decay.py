"""The last decay is of another length than was meant: it begins elsewhere, or over at a resume."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from glissando.checks.causes.horizon import RESUMED
from glissando.checks.view import Explanation, View

LONGEST = 20_000
"""Up to how many updates a decay may take."""

BEGINS = 200
"""At how many updates a decay that is over is looked for."""


def explain(view: View) -> Iterator[Explanation]:
    """Yield a decay that begins at another update and ends as meant, or one that begins anew."""
    if view.reading.mean:
        return
    yield from _begins_elsewhere(view)
    if view.first:
        yield from _begins_anew(view)


def _begins_elsewhere(view: View) -> Iterator[Explanation]:
    meant = view.meant
    warm, begins, end = meant.warmed, meant.decays, meant.end
    if not warm < begins < end:
        return

    def curve(begin: Any, k: Any) -> Any:
        along = begins + (k - begin) * (end - begins) / np.maximum(end - begin, 1)
        return meant(np.where(k < begin, np.minimum(k, begins), np.clip(along, begins, end)))

    others = np.arange(warm, end)
    found = view.search(curve, others[others != begins])
    if len(found):
        begin = int(found[np.argmin(np.abs(found - begins))])
        yield Explanation(
            RESUMED,
            f"its last decay begins at update {begin:,}, not at {begins:,}, and takes "
            f"{end - begin:,} updates, not {end - begins:,}",
            {"begin": begin, "meant": begins},
            15.0,
            curve(begin, view.updates),
            _doubt(found),
            partial(curve, begin),
        )


def _begins_anew(view: View) -> Iterator[Explanation]:
    """Yield a decay from the rate that there was at a resume, over a length of its own."""
    meant = view.meant
    begins, end = meant.decays, meant.end
    lengths = np.arange(2, min(4 * max(end, 1), LONGEST) + 1)
    gap = np.array(view.gap[::-1])
    for since in gap[:: max(1, len(gap) // BEGINS)].tolist():
        rate = float(meant(since))

        def curve(length: Any, k: Any, since: int = since, rate: float = rate) -> Any:
            along = begins + np.clip((k - since) / length, 0, 1) * (end - begins)
            return meant.floor + (rate - meant.floor) * meant.left(along)

        found = view.search(curve, lengths, later=True)
        found = found[: 1 if rate > meant.floor else 0]
        if len(found) and view.may_begin(partial(curve, found[0]), since):
            length = int(found[0])
            yield Explanation(
                RESUMED,
                f"at update {since:,} its decay begins anew from {rate:.6g}, and takes {length:,} "
                f"updates: it ends at {since + length:,}, not at {end:,}",
                {"since": since, "length": length, "end": since + length, "meant": end},
                20.5,
                view.joined(curve(length, view.updates), since),
                (),
                view.from_on(since, partial(curve, length)),
            )
            return


def _doubt(found: Any) -> tuple[str, ...]:
    if len(found) < 2:
        return ()
    return (f"where it begins: updates {found.min():,} to {found.max():,} fit as well",)
