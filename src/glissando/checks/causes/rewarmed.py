"""The rate was warmed up again, other than at the start: another length, another beginning."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from glissando.checks.causes.peaks import other_peaks
from glissando.checks.sieve import sieve
from glissando.checks.view import Explanation, View

MOST = 20_000
"""How many pairs of a begin and a length are tried."""

MOST_TOPS = 2_000

MOST_LENGTHS = 60
"""At how many of the tops a decay of another length is looked for."""

MOST_KEPT = 500
"""How many of those that explain the later rows are held against those before."""

UNIT = 2**20
"""A pair is one number: the begin, and the length in parts of this."""

After = Callable[..., Any]


def explain(view: View) -> Iterator[Explanation]:
    """Yield a line up from where the rates first differ, and what follows it."""
    if view.reading.mean or not (view.first or view.begins_late):
        return
    ends = _tops(view)
    begins, tops = (each.ravel() for each in np.meshgrid(np.array(view.gap), ends, indexing="ij"))
    pairs = (begins + (tops - begins) / UNIT)[tops > begins]
    pairs = pairs[:: max(1, len(pairs) // MOST)]
    known = chain(_after(view).items(), _other_lengths(view, ends))
    for cost, ways in ((20.0, known), (26.0, other_peaks(view, ends))):
        for name, after in ways:
            found = _line(view, name, after, pairs)
            if found is not None:
                yield found._replace(cost=found.cost + cost)
                return


def _line(view: View, name: str, after: After, pairs: Any) -> Explanation | None:
    """Return a line to the beginning of what follows it, at the cost of its length alone."""
    meant = view.meant
    for low in ("here", 0.0, meant.first):

        def curve(pair: Any, k: Any, low: Any = low) -> Any:
            begin = np.floor(pair)
            length = np.round((pair - begin) * UNIT)
            bottom = meant(begin) if isinstance(low, str) else low
            top = after(begin, length, begin + length)
            line = bottom + (top - bottom) * (k - begin) / length
            line = np.where(top > bottom, line, np.nan)
            return np.where(k - begin < length, line, after(begin, length, k))

        found = view.search(curve, pairs, later=True)
        found = [
            pair for pair in found[:MOST_KEPT] if view.may_begin(partial(curve, pair), int(pair))
        ]
        if not found:
            continue
        pair = found[0]
        begin, length = int(pair), round((pair - int(pair)) * UNIT)
        where = "its own rate" if isinstance(low, str) else f"{low:.6g}"
        return Explanation(
            "rewarmed",
            f"at update {begin:,} the rate is warmed up again from {where} over {length:,} "
            f"updates; then {name}",
            {"since": begin, "warmup": length},
            np.log2(1 + length) / 4,
            view.joined(curve(np.array(pair), view.updates), begin),
            ("exactly where and for how long",) if len(found) > 1 else (),
            view.from_on(begin, partial(curve, np.array(pair))),
        )
    return None


def _tops(view: View) -> Any:
    """Return the updates at which a rise that begins with the first row that differs may end."""
    rates, updates = view.rows.rates[view.first :], view.updates[view.first :]
    moves = np.diff(rates)
    still, falls = np.flatnonzero(moves <= 0), np.flatnonzero(moves < 0)
    low = int(still[0]) if len(still) else len(rates) - 1
    high = int(falls[0]) if len(falls) else len(rates) - 1
    begin = int(updates[max(low - 1, 0)])
    end = int(updates[min(high + 2, len(rates) - 1)]) + 1
    return np.arange(begin, max(end, begin + 2) + 1)[:MOST_TOPS]


def _after(view: View) -> dict[str, Any]:
    """Return what may follow the line, by its begin, its length and the update."""
    meant, warm, end = view.meant, view.meant.warmed, view.meant.end

    def rest(begin: Any, length: Any, k: Any) -> Any:
        left = np.maximum(end - begin - length, 1)
        return meant(warm + np.clip((k - begin - length) / left, 0, 1) * (end - warm))

    def spread(begin: Any, length: Any, k: Any) -> Any:
        left = np.maximum(view.updates.max() + 1 - begin - length, 1)
        return meant(warm + np.clip((k - begin - length) / left, 0, 1) * (end - warm))

    return {
        "the curve goes on": lambda _begin, _length, k: meant(k),
        "the decay takes what is left": rest,
        "the whole decay follows": lambda begin, length, k: meant(k - begin - length + warm),
        "the peak is held": lambda _begin, _length, k: np.full_like(k, meant.peak, dtype=float),
        "the decay takes all rows that are left": spread,
    }


def _other_lengths(view: View, tops: Any) -> Iterator[tuple[str, After]]:
    """Yield the decay over a length of its own after each top, where rows are such a one."""
    meant, warm, end = view.meant, view.meant.warmed, view.meant.end
    lengths = np.arange(1, min(4 * end, 20_000) + 1)
    for top in tops[:: max(1, len(tops) // MOST_LENGTHS)].tolist():
        inside = np.flatnonzero(view.later & (view.updates >= top))
        if len(inside) < 3:
            return

        def curve(length: Any, k: Any, top: int = top) -> Any:
            return meant(warm + np.clip((k - top) / length, 0, 1) * (end - warm))

        found = sieve(curve, lengths, view.updates[inside], view.rows.at(inside))
        if len(found):
            yield (
                f"its decay takes {int(found[0]):,} updates",
                lambda _begin, _length, k, curve=curve, took=found[0]: curve(took, k),
            )
