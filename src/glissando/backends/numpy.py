"""NumPy arrays: each part of a schedule is evaluated on its own steps only."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

from glissando.backends.operations import Branch, Operations
from glissando.backends.steps import bad_step, not_a_step, within
from glissando.rules import MAX_STEP, Row

BLOCK = 1 << 15
"""Steps evaluated at a time: the temporaries stay in the processor's cache."""


class Arrays(Operations):
    """The operations on NumPy arrays."""

    exp = staticmethod(np.exp)
    log = staticmethod(np.log)
    sqrt = staticmethod(np.sqrt)
    sin = staticmethod(np.sin)
    cos = staticmethod(np.cos)
    tanh = staticmethod(np.tanh)
    minimum = staticmethod(np.minimum)
    maximum = staticmethod(np.maximum)
    power = staticmethod(np.power)
    where = staticmethod(np.where)

    def row(self, values: Row) -> Any:
        return np.asarray(values.packed)

    def lookup(self, t: Any, boundaries: Row, values: Row) -> Any:
        return self.gather(values, np.searchsorted(self.row(boundaries), t, side="right"))

    def interval(self, t: Any, knots: Row) -> Any:
        return np.searchsorted(self.row(knots)[1:-1], t, side="right")

    def gather(self, values: Row, i: Any) -> Any:
        return self.row(values)[i]

    def interp(self, t: Any, knots: Row, rates: Row) -> Any:
        # much faster than our own; by rounding it may fall below a rate of 0
        rate = np.interp(t, self.row(knots), self.row(rates))
        return np.maximum(rate, 0.0, out=rate)

    def hold(self, t: Any, steps: int, formula: Branch, end: float, lands: bool = False) -> Any:
        return self.switch(t, (0, steps), (formula, lambda local: local * 0.0 + end))

    def switch(self, t: Any, starts: Sequence[int], branches: Sequence[Branch]) -> Any:
        first, last = (bisect_right(starts, edge) - 1 for edge in (t.min(), t.max()))
        if first == last:
            return branches[first](t - starts[first])
        which = np.searchsorted(starts, t, side="right") - 1
        rates = np.empty(t.shape)
        for i in np.unique(which):
            mine = which == i
            rates[mine] = branches[i](t[mine] - starts[i])
        return rates

    def guard(self, t: Any, steps: float, formula: Branch) -> Any:
        within(t.max(), steps)
        return formula(t)

    def call(self, function: Branch, t: Any) -> Any:
        return np.array([function(step) for step in t.tolist()])


ARRAYS = Arrays()


def rates(schedule: Any, step: Any) -> Any:
    """Return the rates at an array of steps, in float64."""
    if step.dtype.kind not in "iuf":
        raise not_a_step(schedule, step)
    found = np.empty(step.shape)
    flat, out = step.reshape(-1), found.reshape(-1)
    kind = np.int64 if step.dtype.kind in "iu" else np.float64
    for i in range(0, flat.size, BLOCK):
        block = flat[i : i + BLOCK].astype(kind, copy=False)
        if not (block.min() >= 0 and block.max() <= MAX_STEP):
            bad = flat[i : i + BLOCK][~((block >= 0) & (block <= MAX_STEP))][0]
            raise bad_step(schedule, bad)
        out[i : i + BLOCK] = schedule.rate_at(block, ARRAYS)
    return found
