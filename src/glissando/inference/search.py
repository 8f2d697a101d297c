"""The shortest expression that explains rows: pieces, joined, with round numbers, verified."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glissando.inference.curve import Joint
from glissando.inference.expression import expression, farthest
from glissando.inference.flights import evened, flights
from glissando.inference.joining import joints
from glissando.inference.numbers import whole
from glissando.inference.pieces import Piece, Search
from glissando.inference.rounding import fits, is_clean, length, rounded
from glissando.inference.rows import Rows
from glissando.inference.shapes import ALL, CONSTANT, COSINE, LINEAR, SQRT
from glissando.schedule import Schedule

WAYS = 12
"""How many ways to cut the rows into pieces are followed to the end, if none explains them."""

MORE = 6
"""How many are followed from the first on that does."""

FARTHER = 8
"""By how much longer a description another way may begin, to be followed."""

NEARLY = 1.5
"""By how many errors a row may be off before the end of the last part is tried."""

AGAIN = 8
"""How often a row that the round numbers fail is added to those by which they are found."""

UNLIKELY = 1.5
"""What a lag costs that is not the first of those that are documented."""


class Found(NamedTuple):
    """An expression that explains all rows."""

    schedule: Schedule
    curve: Joint
    before: Joint
    lag: int
    length: float
    worst: float


def shortest(rows: Rows, sample: Rows, lags: Sequence[int]) -> Found | None:
    """Return the shortest expression that explains all rows, found by a sample of them."""
    best = _shortest(Search(sample), rows, sample, lags)
    if best is not None and (is_clean(best.curve) or not _is_patched(best.curve)):
        return best
    other = _shortest(Search(sample, ALL), rows, sample, lags)
    found = [one for one in (best, other) if one is not None]
    return min(found, key=lambda one: one.length, default=None)


def _is_patched(curve: Joint) -> bool:
    """Return whether parts that follow each other without a jump fall both: one curve, maybe."""
    falls = [
        part.shape is not CONSTANT and bool(curve.numbers[part.end] < curve.numbers[part.start])
        for part in curve.parts
    ]
    after = (jump is None for jump in curve.jumps)
    return any(a and b and joined for a, b, joined in zip(falls, falls[1:], after, strict=False))


def _shortest(search: Search, rows: Rows, sample: Rows, lags: Sequence[int]) -> Found | None:
    best: Found | None = None
    cheapest, first = math.inf, 0
    for count, (cost, pieces) in enumerate(search.ways()):
        left = WAYS if best is None else first + MORE
        if count >= left or cost > cheapest + FARTHER:
            break
        for found in _followed(pieces, rows, sample, lags):
            cheapest = min(cheapest, cost)
            if best is None:
                first = count
            if best is None or found.length < best.length:
                best = found
        if best is not None and cost > cheapest and is_clean(best.curve):
            break
    return best


def _followed(
    pieces: list[Piece], rows: Rows, sample: Rows, lags: Sequence[int]
) -> Iterator[Found]:
    known = [lag for lag in lags if rows.steps[0] >= lag]
    ways = [list(joints(pieces, sample, lag)) for lag in known]
    for way in range(len(ways[0]) if ways else 0):
        some = False
        for place, lag in enumerate(known):
            joint = ways[place][way]
            if not fits(joint, sample) and np.abs(joint.off(sample)).max() > NEARLY:
                if pieces[0].shape in (COSINE, SQRT):  # its form tells where it begins
                    continue
                break
            found: list[Found] = []
            for end in endings(joint, sample):
                kept = [
                    one._replace(before=_freed(one.before)) for one in _told(end, rows, sample, lag)
                ]
                found += kept
                if kept and is_clean(kept[-1].curve) and not _is_guessed(end):
                    break
            late = UNLIKELY * (lag != lags[0])
            for one in found:
                some = True
                yield one._replace(length=one.length + late)
        if some:
            return


def _is_guessed(curve: Joint) -> bool:
    """Return whether the end of a curve that goes on past the rows was set to a round one."""
    last = curve.parts[-1]
    bounded = last.shape.bounded and last.shape is not SQRT and last.pace is None
    return bounded and not curve.free[last.end] and bool(curve.free[last.stop])


def _freed(curve: Joint) -> Joint:
    """Return a curve whose end is free again, to tell between what it lies."""
    if _is_guessed(curve):
        curve = curve.copy()
        curve.free[curve.parts[-1].end] = True
    return curve


def _told(curve: Joint, rows: Rows, sample: Rows, lag: int) -> Iterator[Found]:
    for _ in range(AGAIN):
        round_one = rounded(curve, sample)
        if round_one is None:
            return
        place = None
        for one in (evened(round_one), round_one) if flights(round_one) else (round_one,):
            schedule = expression(one, lag)
            if schedule is None:
                continue
            worst, place = farthest(schedule, rows, lag)
            if worst <= 1 + 1e-9:
                yield Found(schedule, one, _freed(curve), lag, length(one), worst)
                return
        if place is None or worst > NEARLY or rows.steps[place] in sample.steps:
            return
        sample = rows.part(np.isin(rows.steps, [*sample.steps, rows.steps[place]]))


def endings(curve: Joint, rows: Rows) -> Iterator[Joint]:
    """Yield how the last part may end: at 0, at a round fraction, or at the last row."""
    last = curve.parts[-1]
    if last.pace is not None or last.start == last.end or not curve.free[last.end]:
        yield curve
        return
    begin, stop = curve.numbers[last.begin], curve.numbers[last.stop]
    start, end = curve.numbers[last.start], curve.numbers[last.end]
    latest = float(rows.steps[-1])
    goes_on = last.shape in (LINEAR, SQRT)
    falls = end < start
    if not goes_on:
        if falls and stop > latest + 1:
            yield from _round_ends(curve, start)
        yield curve
    targets = [0.0, start / 10, start / 100] if falls else []
    for target in targets:
        if goes_on and target > end and abs(target - end) > 1e-9 * start:
            continue
        trial = curve.copy()
        trial.numbers[last.end] = target
        trial.free[last.end] = target > 0
        if goes_on:
            part = (start - target) / (start - end)
            crossing = begin + (stop - begin) * (part if last.shape is LINEAR else part**2)
            if not (latest - 1 <= crossing < latest + 50 * (latest - begin)):
                continue
            trial.numbers[last.stop] = max(crossing, latest - 0.5)
            trial.free[last.stop] = target == 0.0
            if target:
                trial.numbers[last.stop] = round(crossing)
        yield trial
    if goes_on:
        yield curve
        for step in _rounder(latest, float(curve.numbers[curve.parts[0].begin]), rows):
            trial = curve.copy()
            part = (step - begin) / (stop - begin)
            part = part if last.shape is LINEAR else math.sqrt(part)
            trial.numbers[last.stop] = step
            trial.numbers[last.end] = max(start + (end - start) * part, 0.0)
            yield trial


def _round_ends(curve: Joint, start: float) -> Iterator[Joint]:
    """Yield a last part that goes on past the last row to 0, or to a power of ten."""
    decade = 10.0 ** math.floor(math.log10(start)) if start > 0 else 0.0
    for target in (0.0, *(decade / part for part in (1, 10, 100) if decade / part < 0.9 * start)):
        trial = curve.copy()
        trial.numbers[curve.parts[-1].end] = float(f"{target:.1g}")
        trial.free[curve.parts[-1].end] = False
        yield trial


def _rounder(latest: float, first: float, rows: Rows) -> list[float]:
    """Return round steps, counted from the first update, soon after the last row."""
    gap = float(np.median(np.diff(rows.steps))) if len(rows.steps) > 1 else 1.0
    found = whole(latest, latest + 2 * gap, latest, (first,))
    return [float(step) for step in dict.fromkeys([latest + 1, found or latest])]
