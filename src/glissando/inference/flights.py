"""Flights of levels within a curve: their knots made even, and their schedule."""

import math
from itertools import pairwise

from glissando import families as f
from glissando.inference.curve import Joint
from glissando.inference.numbers import decimal, whole
from glissando.inference.shapes import CONSTANT
from glissando.schedule import Schedule

LEVELS = 3
"""How many levels in a row are a flight."""


def flights(curve: Joint) -> list[tuple[int, int]]:
    """Return the first part of each flight of levels, and the part after its last."""
    found = []
    i = 0
    while i < len(curve.parts):
        j = i
        while j < len(curve.parts) and curve.parts[j].shape is CONSTANT:
            j += 1
        if j - i >= LEVELS:
            found.append((i, j))
        i = max(j, i + 1)
    return found


def evened(curve: Joint) -> Joint:
    """Return the curve with levels of one length wherever the rows leave room for that."""
    curve = curve.copy()
    for first, stop in flights(curve):
        knots = [part.begin for part in curve.parts[first + 1 : stop]]
        begin = float(curve.numbers[curve.parts[first].begin])
        gaps = [curve.spans[knot] for knot in knots]
        low = max((low - begin) / i for i, (low, _) in enumerate(gaps, 1))
        high = min((high - begin) / i for i, (_, high) in enumerate(gaps, 1))
        every = whole(low, high, high, (0.0,)) if math.isfinite(low) else None
        if stop < len(curve.parts):
            all_even = (float(curve.numbers[curve.parts[stop].begin]) - begin) / (stop - first)
            every = round(all_even) if low <= all_even <= high else every
        if every is None or every < 1:
            continue
        for i, knot in enumerate(knots, 1):
            curve.numbers[knot] = begin + i * every
    return curve


def flight(values: list[float], begins: list[int], steps: int, ends: bool) -> Schedule:
    """Return levels as a schedule: of one ratio and length if they are.

    Args:
        values: their rates.
        begins: where each begins, the first at 0.
        steps: how many steps all last, or are known to.
        ends: whether another part follows.
    """
    lengths = {b - a for a, b in pairwise(begins)}
    ratios = [b / a for a, b in pairwise(values) if a > 0]
    if len(lengths) == 1 and len(ratios) == len(values) - 1 and max(ratios) < 1:
        near = 1e-9 * ratios[0]
        if max(ratios) - min(ratios) <= 2 * near:
            ratio = decimal(min(ratios) - near, max(ratios) + near)
            every = lengths.pop()
            staircase = f.Staircase(values[0], ratio, every)
            if not ends and steps >= every * len(values):
                return staircase.take(every * (len(values) - 1))
            return staircase.take(steps) if ends else staircase
    return f.Piecewise(values, begins[1:], steps if ends else math.inf)
