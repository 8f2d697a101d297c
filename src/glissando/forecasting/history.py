"""What a law reads of a schedule: its rates in bins of steps, and the sum of rates at each edge."""

from collections.abc import Sequence
from functools import cached_property
from itertools import islice, takewhile
from typing import Any

import numpy as np

from glissando.schedule import Schedule

EXACT = 2**16
"""Up to this many steps each step may be a bin of its own."""

MOST_FINE = 20
"""How many corners may have narrow bins beside them."""

MOST_BREAKS = 1000
"""How many corners of a schedule have bins of their own."""

Array = np.ndarray[Any, np.dtype[Any]]


class History:
    """The rates that a run has used, in units of its law.

    Bin j holds the steps from `edges[j]` to `edges[j + 1]` - 1. Where the rate moves, bins are
    narrow: the mean rate of each is that of the parabola through its first, middle and last rate.

    Args:
        schedule: the schedule.
        points: after how many updates the law is asked for its loss; each is an edge.
        rate: the unit of rates.
        steps: the unit of steps.
        exact: whether each step is a bin of its own.
        last: how many steps before each point there are edges: what was used last counts most.
        bins: about how many bins there are, beside those that corners and points need.

        clock: the power of the rates that are summed.

    Attributes:
        edges: the edges of the bins, in steps.
        last: the last rate of each bin.
        rates: the mean rate of each bin.
        sums: the sum of the rates' powers before each edge, in units of `rate` and `steps`.
        at: which edge each point is.
    """

    def __init__(
        self,
        schedule: Schedule,
        points: Sequence[int] | Array,
        rate: float = 1.0,
        steps: float = 1.0,
        *,
        exact: bool = False,
        last: Sequence[int] = (),
        bins: int = 100,
        clock: float = 1.0,
    ) -> None:
        wanted = np.asarray(points, dtype=np.int64)
        end = int(wanted.max())
        edges: Array = np.arange(end + 1) if exact else _edges(schedule, wanted, end, last, bins)
        self.edges = edges
        self.at = np.searchsorted(self.edges, wanted)
        self.unit = steps
        self.width = np.diff(self.edges)
        begin, ending = edges[:-1], edges[1:] - 1
        rates = schedule(np.stack([begin, begin + (self.width - 1) // 2, ending])) / rate
        self.first, self.middle, self.last = rates
        self.rates = _mean(rates, self.width)
        powers = self.rates if clock == 1.0 else _mean(rates**clock, self.width)
        self.sums = np.concatenate([[0.0], np.cumsum(powers * self.width)]) / steps
        self.steps = wanted

    @cached_property
    def top(self) -> int:
        """The bin at whose end the rate comes to its maximum, but for a rounding error."""
        return int(np.argmax(self.last >= self.last.max() * (1 - 1e-9)))

    @cached_property
    def drops(self) -> Array:
        """By how much the rate falls in each bin, after its first maximum; a rise is below 0."""
        before = np.concatenate([self.first[:1], self.last[:-1]])
        drops: Array = before - self.last
        drops[: self.top + 1] = 0.0
        return drops

    @cached_property
    def within(self) -> Array:
        """Which bins lie before which points: a matrix of points by bins."""
        inside: Array = np.arange(len(self.rates)) < self.at[:, None]
        return inside

    @cached_property
    def distances(self) -> tuple[Array, Array]:
        """The sum of rates from each edge to each point, at the begin and the end of each bin."""
        to_edges = np.maximum(self.sums[self.at][:, None] - self.sums, 0.0)
        return to_edges[:, :-1], to_edges[:, 1:]


def sampled(schedule: Schedule, steps: int) -> tuple[Array, Array]:
    """Return some steps of a run, its corners among them, and the rates there."""
    even = np.linspace(0, steps - 1, min(steps, 1000)).astype(np.int64)
    within = takewhile(lambda step: step < steps, schedule.breaks())
    corners = np.array(list(islice(within, MOST_BREAKS)), dtype=np.int64)
    found = np.unique(np.concatenate([even, corners, np.maximum(corners - 1, 0)]))
    return found, schedule(found)


def _mean(rates: Array, width: Array) -> Array:
    """Return the mean of the rates of each bin, of the parabola through first, middle and last."""
    first, middle, last = rates
    n, m = width - 1.0, (width - 1) // 2
    wide = m > 0
    n, m = np.where(wide, n, 2.0), np.where(wide, m, 1.0)
    slope = (middle - first) / m
    bend = ((last - first) / n - slope) / (n - m)
    parabola = first + slope * n / 2.0 + bend * n * ((2.0 * n + 1.0) / 6.0 - m / 2.0)
    mean: Array = np.where(wide, np.maximum(parabola, 0.0), (first + last) / 2.0)
    return mean


def _edges(schedule: Schedule, points: Array, end: int, last: Sequence[int], bins: int) -> Array:
    within = takewhile(lambda step: step < end, schedule.breaks())
    corners = np.array([0, *islice(within, MOST_BREAKS), end])
    # next to a corner a curve may be as steep as a square root
    away = np.unique(np.geomspace(1, max(end, 2), 30).astype(np.int64))
    near = corners[:, None] + np.concatenate([-away, [0], away])
    near = near[(near > 0) & (near < end)] if len(corners) < MOST_FINE else corners
    even = np.linspace(0, end, min(end, bins) + 1).astype(np.int64)
    before = points[:, None] - np.array([0, *last])
    before = before[before > 0]
    edges: Array = np.unique(np.concatenate([near, corners, even, before]))
    return edges
