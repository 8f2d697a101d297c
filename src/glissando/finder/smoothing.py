"""Losses over rates, smoothed by a width in decades: more steps see the same curve."""

from typing import Any

import numpy as np

WIDTH = 0.25
"""Over how many decades of the rate the average forgets a loss by the factor e."""

FEWEST = 5
"""Over how many losses the median goes at least: two spikes side by side do not move it."""


def smooth(rates: Any, losses: Any) -> Any:
    """Return the losses without spikes and noise, and without a lag.

    A running median takes the spikes; the mean of an exponential average from the left and one from
    the right, both corrected for where they begin, takes the noise.
    """
    at = np.log10(rates)
    typical = medians(rates, losses)
    forgotten = np.exp(-np.diff(at) / WIDTH)
    left = _sums(typical, forgotten)
    right = [sums[::-1] for sums in _sums(typical[::-1], forgotten[::-1])]
    return (left[0] + right[0] - typical) / (left[1] + right[1] - 1)


def noise(losses: Any) -> float:
    """Return the standard deviation of the losses' noise; no trend and no spike counts for it."""
    if len(losses) < 3:
        return 0.0
    return float(np.median(np.abs(np.diff(losses, 2))) / (0.6745 * np.sqrt(6)))


def medians(rates: Any, losses: Any) -> Any:
    """Return the running median of the losses."""
    at = np.log10(rates)
    dense = int(WIDTH * len(at) / max(at[-1] - at[0], WIDTH))  # losses within the width
    count = max(FEWEST, dense + 1 - dense % 2)
    padded = np.pad(losses, count // 2, mode="reflect" if len(at) > count // 2 else "edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, count), axis=1)


def _sums(values: Any, forgotten: Any) -> tuple[Any, Any]:
    """Return the weighted sums of all values until each, and the sums of the weights."""
    sums, weights = np.array(values, float), np.ones(len(values))
    for i, factor in enumerate(forgotten, start=1):
        sums[i] += factor * sums[i - 1]
        weights[i] += factor * weights[i - 1]
    return sums, weights
