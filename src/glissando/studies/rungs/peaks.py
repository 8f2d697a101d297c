"""Which peaks are tried: those that say most about where a candidate's best one is."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from glissando.rules import MAX_RATE

WIDER = (3.0, 3.0, 10.0)
"""By which factor the search goes beyond its outermost peak: the first, the second, each later."""

STEEPER = 5.0
"""How many times as much a loss may count above the best one as that on the other side. At too high
peaks losses rise faster than any parabola, and the lowest point of one would be too low."""


class Tried(NamedTuple):
    """A peak, and the loss that it gave: infinite if the run diverged."""

    peak: float
    loss: float


def written(peak: float) -> float:
    """Return a peak with three digits, within the rates that there are."""
    return float(f"{min(max(peak, 1e-30), MAX_RATE):.3g}")


def lowest_of(tried: Sequence[Tried]) -> Tried:
    """Return the best run; of several, that with the lowest peak."""
    return min(tried, key=lambda each: (each.loss, each.peak))


def edge_of(tried: Sequence[Tried]) -> int:
    """Return 1 if the best run has the highest peak, -1 if it has the lowest, 0 otherwise.

    Example:
        >>> edge_of([Tried(0.1, 2.0), Tried(0.3, 1.0), Tried(1.0, math.inf)])
        0
        >>> edge_of([Tried(0.1, 2.0), Tried(0.3, 1.0)])
        1
    """
    best, peaks = lowest_of(tried), [each.peak for each in tried]
    if best.peak == min(peaks):
        return -1
    return 1 if best.peak == max(peaks) else 0


def bracket(tried: Sequence[Tried]) -> tuple[Tried, Tried, Tried]:
    """Return the best run and the two beside it, where it is not at an edge."""
    ordered = sorted(tried)
    at = ordered.index(lowest_of(ordered))
    return ordered[at - 1], ordered[at], ordered[at + 1]


def gap_of(tried: Sequence[Tried]) -> float:
    """Return by which factor the peaks beside the best one are from it at most.

    Example:
        >>> gap_of([Tried(0.1, 2.0), Tried(0.2, 1.0), Tried(0.6, 2.0)])
        3.0
        >>> gap_of([Tried(0.1, 2.0), Tried(0.2, 1.0)])
        inf
    """
    if edge_of(tried):
        return math.inf
    below, best, above = bracket(tried)
    return round(max(above.peak / best.peak, best.peak / below.peak), 9)


def next_peak(tried: Sequence[Tried], first: Sequence[float]) -> float:
    """Return the peak that says most about where the best one is.

    Beyond the edge if the best run is there, and otherwise halfway, in log peak, to the neighbor
    on the side where the parabola is lowest; to the other one if that is more than twice as far.

    Args:
        tried: the runs so far.
        first: the peaks that the search began with.

    Example:
        >>> first = [0.1, 0.3, 1.0]
        >>> tried = [Tried(0.1, 2.0), Tried(0.3, 1.0), Tried(1.0, 1.5)]
        >>> next_peak(tried, first), next_peak(tried[:2], first[:2])
        (0.548, 0.9)
    """
    edge = edge_of(tried)
    if edge:
        end = max if edge > 0 else min
        beyond = sum((each.peak - end(first)) * edge > 0 for each in tried)
        factor = WIDER[min(beyond, len(WIDER) - 1)]
        return written(end(each.peak for each in tried) * factor**edge)
    below, best, above = bracket(tried)
    down, up = math.log(best.peak / below.peak), math.log(above.peak / best.peak)
    steep_down, steep_up = ((each.loss - best.loss) for each in (below, above))
    upward = steep_up / up < steep_down / down
    if max(up, down) > 2 * min(up, down):
        upward = up > down
    return written(math.sqrt(best.peak * (above if upward else below).peak))


def next_allowed(tried: Sequence[Tried], allowed: Sequence[float]) -> float | None:
    """Return which of the peaks that are allowed is to be tried next; None if all are.

    The nearest to the best one in log peak; of two as near, that where losses are lower.
    """
    best = lowest_of(tried)
    done = {each.peak for each in tried}
    if best.loss == math.inf:  # they are all too high
        return max((peak for peak in allowed if peak < min(done)), default=None)
    others = [each for each in tried if each.peak != best.peak]
    second = lowest_of(others).peak if others else math.inf

    def distance(peak: float) -> tuple[float, bool]:
        away = abs(math.log(peak / best.peak))
        return round(away, 6), (peak > best.peak) != (second > best.peak)

    return min((peak for peak in allowed if peak not in done), key=distance, default=None)


def some_of(peaks: Sequence[float], count: int) -> list[float]:
    """Return so many of the peaks, evenly spread; the middle one if it is one.

    Example:
        >>> some_of([1, 2, 3, 4, 5], 3), some_of([1, 2, 3, 4, 5], 1), some_of([1, 2], 5)
        ([1, 3, 5], [3], [1, 2])
    """
    if count >= len(peaks):
        return list(peaks)
    if count == 1:
        return [peaks[len(peaks) // 2]]
    return [peaks[round(i * (len(peaks) - 1) / (count - 1))] for i in range(count)]
