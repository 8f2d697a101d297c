"""The peak is scaled: by the number of processes, the batch or the accumulation, or its root."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from glissando.checks.sieve import shortest
from glissando.checks.view import Explanation, View


def explain(view: View) -> Iterator[Explanation]:
    """Yield another peak: all rates are scaled, or all but the floor."""
    meant = view.meant
    if not meant.peak:
        return
    top = meant.peak
    ways = [
        ("", lambda k: np.zeros_like(k), lambda k: meant(k)),
        (
            ", while its floor stays",
            lambda k: np.where(k < meant.warmed, 0.0, meant.floor * (1 - meant.left(k))),
            lambda k: meant(k),
        ),
        (
            ", while its first rate and its floor stay",
            lambda k: _between(view, k, 0.0),
            lambda k: _between(view, k, top),
        ),
    ]
    for words, low, high in ways:
        found = view.between(view.logged(low), view.logged(high))
        if found is None or found[1] <= 0:
            continue
        factor, meaning, cost = _named(view, *found)
        sentence = f"the peak is {meaning} times what was meant{words}"
        at = view.logged(low)
        yield Explanation(
            "peak scaled",
            sentence,
            {"factor": factor, "peak": factor * top},
            cost + (1 if words else 0),
            at + (view.logged(high) - at) * factor,
            (),
            partial(_scaled, low, high, factor),
        )
        return


def _scaled(low: Any, high: Any, factor: float, k: Any) -> Any:
    return low(k) + (high(k) - low(k)) * factor


def _between(view: View, k: Any, peak: float) -> Any:
    """Return the curve with another peak between its own first rate and floor."""
    meant = view.meant
    warm = meant.first + (peak - meant.first) * meant.warm(k)
    left = meant.left(k)
    return np.where(k < meant.warmed, warm, meant.floor + (peak - meant.floor) * left)


def _named(view: View, low: float, high: float) -> tuple[float, str, float]:
    """Return the simplest factor between two, its words and its cost."""
    given = view.given
    hints = {
        "the number of processes": given.world_size,
        "the batch": given.batch_size,
        "the accumulation": given.accumulation,
    }
    named = [(n, f" ({what})") for what, n in hints.items() if n and n > 1]
    for n, what in [*named, *((n, "") for n in range(2, 1025))]:
        ways = {
            float(n): f"{n}",
            math.sqrt(n): f"√{n} =",
            1 / n: f"1/{n} =",
            1 / math.sqrt(n): f"1/√{n} =",
        }
        for factor, words in ways.items():
            if low <= factor <= high and high - low < 0.05 * factor:
                number = "" if words.isdigit() else f" {factor:.6g}"
                return factor, f"{words}{number}{what}", 8 + math.log2(n)
    factor = shortest(low, high)
    return factor, f"{factor:.6g}", 20.0
