"""NumPy arrays: each part of a schedule is evaluated on its own steps only."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

from glissando.backends.operations import Branch, Operations
from glissando.backends.steps import bad_step, is_thrown_away, not_a_step, within
from glissando.rules import MAX_STEP, Row, plain_number

BLOCK = 1 << 15
"""Steps evaluated at a time: the temporaries stay in the processor's cache."""


class Arrays(Operations):
    """The operations on NumPy arrays.

    Args:
        reactions: what NumPy does about a number that is too large or small in a user's function.
    """

    def __init__(self, reactions: Any) -> None:
        self.reactions = reactions

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

    def call(self, own: Any, t: Any) -> Any:
        with np.errstate(**self.reactions):
            return np.array([own.rate(step) for step in t.tolist()])


def rates(schedule: Any, step: Any) -> Any:
    """Return the rates at an array, or a sequence, of steps: a float64 array of its shape."""
    steps = _plain(schedule, step)
    found = np.empty(steps.shape)
    flat, out = steps.reshape(-1), found.reshape(-1)
    m = Arrays(np.geterr())
    for i in range(0, flat.size, BLOCK):
        block = _whole(flat[i : i + BLOCK])
        if not (block.min() >= 0 and block.max() <= MAX_STEP):
            if is_thrown_away(block.min()):
                block = np.maximum(block, 0)
            bad = flat[i : i + BLOCK][~((block >= 0) & (block <= MAX_STEP))]
            if bad.size:
                raise bad_step(schedule, bad[0])
        with np.errstate(all="ignore"):  # a side that underflows or is infinite ends in its limit
            out[i : i + BLOCK] = schedule.rate_at(block, m)
    return found


def _plain(schedule: Any, step: Any) -> Any:
    """Return steps as a plain array of numbers; a mask, a unit or an index is left behind."""
    try:
        steps = np.asarray(step)
    except Exception as error:  # ragged, or one that only its own library can read
        raise not_a_step(schedule, step) from error
    if steps.dtype.kind == "O":  # mixed numbers, or what pandas could not type
        numbers = [plain_number(member) for member in steps.flat]
        for member, number in zip(steps.flat, numbers, strict=True):
            if number is None:
                raise not_a_step(schedule, member)
            if not 0 <= number <= MAX_STEP:
                raise bad_step(schedule, member)
        steps = np.array(numbers).reshape(steps.shape)
    if steps.dtype.kind not in "iuf":
        raise not_a_step(schedule, step)
    return steps


def _whole(steps: Any) -> Any:
    """Return steps as int64 if all are whole, where int64 holds them; else as float64."""
    if steps.dtype.kind in "iu":
        return steps.astype(np.int64, copy=False)
    real = steps.astype(np.float64, copy=False)
    if not (real.min() >= 0 and real.max() <= MAX_STEP):
        return real
    whole = real.astype(np.int64)
    return whole if (whole == real).all() else real
