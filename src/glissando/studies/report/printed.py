"""How results are printed: with as many decimals as their spread leaves a meaning."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from glissando.studies.report.statistics import Difference, Estimate

MOST_PLACES = 9


class Places(NamedTuple):
    """How many decimals the results of a study are printed with.

    Example:
        >>> print(Places(3)(1.23456), Places(3)(float("inf")), Places(3)(1e9))
        1.235 diverged 1e+09
    """

    places: int

    def __call__(self, loss: float | None) -> str:
        """Return a result as a text."""
        if loss is None:
            return "–"
        if not math.isfinite(loss):
            return "diverged"
        text = f"{loss:.{self.places}f}"
        return text if len(text) <= 12 else f"{loss:.4g}"

    def interval(self, found: Estimate | Difference) -> str:
        """Return an interval as a text; a dash where there is none."""
        return "–" if found.low is None else f"{self(found.low)} to {self(found.high)}"


def places_of(spreads: Iterable[float], losses: Iterable[float]) -> Places:
    """Return the decimals for results.

    Args:
        spreads: how far the ends of the intervals lie from the means; two digits of them count.
        losses: results, of which four digits count where no spread is known.
    """
    known = sorted(spread for spread in spreads if spread > 0 and math.isfinite(spread))
    if known:
        digits = 1 - _magnitude(known[len(known) // 2])
    else:
        finite = [abs(loss) for loss in losses if math.isfinite(loss) and loss]
        digits = 3 - _magnitude(min(finite)) if finite else 4
    return Places(min(max(digits, 0), MOST_PLACES))


def at_peak(name: str, peak: float | None) -> str:
    """Return a candidate at a peak in words.

    Example:
        >>> at_peak("wsd", 0.003), at_peak("step", None)
        ('wsd at the peak 0.003', 'step at the rates as written')
    """
    return f"{name} at the " + ("rates as written" if peak is None else f"peak {peak:.4g}")


def peak_text(peak: float | None) -> str:
    """Return a peak as tables print it."""
    return "as written" if peak is None else f"{peak:.4g}"


def counted(number: int, what: str) -> str:
    """Return a number and what it counts.

    Example:
        >>> counted(1, "run"), counted(2000, "run")
        ('1 run', '2,000 runs')
    """
    return f"{number:,} {what}" + "s" * (number != 1)


def _magnitude(number: float) -> int:
    return math.floor(math.log10(number))
