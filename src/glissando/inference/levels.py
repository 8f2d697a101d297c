"""Staircases: constant rates with jumps between them."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glissando import families as f
from glissando.inference.expression import farthest
from glissando.inference.numbers import decimal, digits, span_digits, whole
from glissando.inference.rows import Rows
from glissando.schedule import Schedule

APART = 3.0
"""By how many times their errors rates differ that are no rounding of one curve."""

LONG = 3
"""How many rows a level has in the mean, at least, for its like to be a staircase."""


class Levels(NamedTuple):
    """The rates of a staircase, each between its bounds, and the rows that begin them."""

    low: Any
    high: Any
    first: Any


class Stairs(NamedTuple):
    """A staircase that explains all rows."""

    schedule: Schedule
    lag: int
    ratio: float | None
    gaps: list[tuple[float, float]]
    rates: list[tuple[float, float]]
    worst: float


def levels_of(rows: Rows) -> Levels | None:
    """Return the levels of rows that are nothing but some, else None."""
    low: list[float] = []
    high: list[float] = []
    first: list[int] = []
    for i, (rate, error) in enumerate(zip(rows.rates, rows.errors, strict=True)):
        if low and rate - error <= high[-1] and rate + error >= low[-1]:
            low[-1], high[-1] = max(low[-1], rate - error), min(high[-1], rate + error)
            continue
        if low and abs(rate - rows.rates[i - 1]) < APART * (error + rows.errors[i - 1]):
            return None
        low.append(rate - error)
        high.append(rate + error)
        first.append(i)
        if LONG * len(low) > LONG * 2 + len(rows.steps):
            return None
    inner = np.diff(first)
    if len(low) < 2 or len(low) > len(rows.steps) / LONG or (inner < 2).any():
        return None
    return Levels(low, high, first)


def staircase(rows: Rows, lags: Sequence[int]) -> Stairs | None:
    """Return the staircase that explains all rows, if one does."""
    levels = levels_of(rows)
    if levels is None:
        return None
    best: tuple[float, Stairs] | None = None
    for place, lag in enumerate(lags):
        for cost, found in _of_lag(rows, levels, lag):
            total = cost + 1.5 * (place > 0)
            if best is None or total < best[0]:
                best = (total, found)
    return best[1] if best else None


def _of_lag(rows: Rows, levels: Levels, lag: int) -> list[tuple[float, Stairs]]:
    if rows.steps[0] < lag:
        return []
    gaps = [(float(rows.steps[i - 1] - lag), float(rows.steps[i] - lag)) for i in levels.first[1:]]
    rates = [
        decimal(max(low, 0.0), high) for low, high in zip(levels.low, levels.high, strict=True)
    ]
    ratio = _ratio(levels)
    found: list[tuple[float, Schedule]] = []
    epoch = _epoch(rows, lag)
    every = _every(gaps, epoch)
    if len(gaps) > 1 and every is not None and ratio is not None and rates[0] > 0:
        cost = 4.0 + digits(rates[0]) + digits(ratio) + digits(every)
        found.append((cost, f.Staircase(rates[0], ratio, every)))
    boundaries: list[int] = []
    for low, high in gaps:
        origins = (0.0, float(boundaries[-1])) if boundaries else (0.0,)
        one = _multiple(low, high, epoch) or whole(low + 1e-6, high, high, origins)
        if one is None:
            return []
        boundaries.append(one)
    cost = 4.0 + sum(digits(rate) for rate in rates)
    cost += sum(span_digits(a, (0.0,)) for a in boundaries) + 2.0 * len(boundaries)
    found.append((cost, f.Piecewise(rates, boundaries)))
    result = []
    bounds = list(zip(levels.low, levels.high, strict=True))
    for cost, schedule in found:
        worst, _ = farthest(schedule, rows, lag)
        if worst <= 1 + 1e-9:
            result.append((cost, Stairs(schedule, lag, ratio, gaps, bounds, worst)))
    return result


def _ratio(levels: Levels) -> float | None:
    """Return the shortest factor that all levels have from one to the next, if one has."""
    if min(levels.low) <= 0:
        return None
    low, high = 0.0, math.inf
    for i in range(1, len(levels.low)):
        low = max(low, (levels.low[i] / levels.high[0]) ** (1 / i))
        high = min(high, (levels.high[i] / levels.low[0]) ** (1 / i))
    return decimal(low, high) if low <= high and low < 1 and decimal(low, high) <= 1 else None


def _every(gaps: list[tuple[float, float]], epoch: int | None) -> int | None:
    """Return the roundest length that all levels may have, if there is one."""
    low = max(low / (i + 1) for i, (low, _) in enumerate(gaps))
    high = min(high / (i + 1) for i, (_, high) in enumerate(gaps))
    return _multiple(low, high, epoch) or whole(low + 1e-6, high, high, (0.0,))


def _epoch(rows: Rows, lag: int) -> int | None:
    """Return how far rows are apart that seem to be of epochs: evenly, and by no round number."""
    apart = np.diff(rows.steps)
    every, first = float(apart[0]), float(rows.steps[0]) - lag
    if (apart != every).any() or every < 10 or digits(every) == 1 or every % 5 == 0:
        return None
    return int(every) if every == int(every) and (first + 1) % every <= 1 else None


def _multiple(low: float, high: float, epoch: int | None) -> int | None:
    """Return the whole number of epochs above `low` and up to `high`, if there is one."""
    last = math.floor(high / epoch) * epoch if epoch else 0
    return last if last > low else None
