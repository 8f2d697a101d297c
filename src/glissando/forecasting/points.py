"""The losses of a run as they are judged, and where its rate rises."""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from glissando.forecasting.history import Array
from glissando.logs.curve import Curve
from glissando.schedule import Schedule

Steps = np.ndarray[Any, np.dtype[np.int64]]

BINS = 60
"""A run with more than twice as many losses is looked at in as many medians of them."""

RATE = 1.1
"""A rate that rises by less than this factor does not explain a higher loss."""


class Points(NamedTuple):
    """The losses of a run as they are judged: finite, without lone spikes, few enough.

    `again` says where the rate has risen since the point before, `begin` which is the first after
    the warm-up, `noise` is the standard deviation.
    """

    steps: Array
    losses: Array
    rates: Array
    again: Array
    begin: int
    noise: float


def points_of(curve: Curve) -> Points:
    """Return the losses of a run as they are judged."""
    steps, losses = np.array(curve.steps, float), np.array(curve.losses)
    if len(steps) > 2 * BINS:
        edges = np.linspace(0, len(steps), BINS + 1).astype(int)
        cells = [slice(*cell) for cell in pairwise(edges)]
        steps = np.array([np.median(steps[cell]) for cell in cells])
        losses = np.array([np.median(losses[cell]) for cell in cells])
    grid, rates = rates_until(curve.schedule, int(steps[-1]))
    at = np.searchsorted(grid, steps - 1, side="right").clip(1) - 1
    risen = np.concatenate([[0], np.cumsum(_raised(rates))])[at + 1]
    again = np.diff(risen, prepend=risen[0]) > 0
    warm = grid[top(rates)]
    begin = int(np.searchsorted(steps, max(warm, 0.02 * steps[-1], 1)))
    apart = np.diff(np.unique(losses))
    rounding = 0.3 * float(apart.min()) if len(apart) else 0.0
    noise = max(noise_of(steps[begin:], losses[begin:]), rounding)
    return Points(steps, _without_spikes(losses, noise), rates[at], again, begin, noise)


def rates_until(schedule: Schedule, step: int) -> tuple[Steps, Array]:
    """Return up to 2,000 updates before a step, and their rates."""
    grid = np.unique(np.linspace(0, max(step - 1, 0), 2000).astype(np.int64))
    return grid, np.asarray(schedule(grid), float)


def _raised(rates: Array) -> Array:
    """Return where a rate has risen above the lowest since it rose last."""
    found = np.zeros(len(rates), bool)
    least, lowest = 0.01 * float(rates.max()), math.inf
    for i, rate in enumerate(rates):
        found[i] = rate > RATE * lowest + least
        lowest = rate if found[i] else min(lowest, rate)
    return found


def noise_of(steps: Array, losses: Array) -> float:
    """Return the standard deviation of losses about the line between their neighbors."""
    if len(steps) < 3:
        return 0.0
    logs = np.log(np.maximum(steps, 0.5))
    share = (logs[2:] - logs[1:-1]) / (logs[2:] - logs[:-2])
    off = losses[1:-1] - share * losses[:-2] - (1 - share) * losses[2:]
    sizes = np.sort(np.abs(off / np.sqrt(1 + share**2 + (1 - share) ** 2)))
    # the smaller ones: bends, jumps and spikes are no noise; of normal numbers their mean is 0.2562
    kept = sizes[: math.ceil(0.4 * len(sizes))]
    return float(kept.mean()) / 0.2562


def _without_spikes(losses: Array, noise: float) -> Array:
    """Return the losses, each lone one that is far above its neighbors replaced by the higher.

    After a jump the loss does not come back to where it was: there is no lone spike.
    """
    around = np.concatenate([losses[1:2], losses, losses[-2:-1]])
    before, after = around[:-2], around[2:]
    higher = np.maximum(before, after)
    lone = (losses > higher + 3 * noise) & (after < before + 2 * noise)
    return np.where(lone, higher, losses)


def top(rates: Array) -> int:
    """Return where the rate comes to its peak."""
    return int(np.argmax(rates >= rates.max() * (1 - 1e-9)))


def rises_again(rates: Array) -> int | None:
    """Return where the rate, after its first rise and a fall, rises again."""
    found = np.flatnonzero(_raised(rates))
    fallen = np.flatnonzero(rates < 0.9 * np.maximum.accumulate(rates))
    later = found[found > fallen[0]] if len(fallen) else found[:0]
    return int(later[0]) if len(later) else None
