"""What a log tells of each number of an expression, and what it cannot tell."""

import math
from collections.abc import Iterator

import numpy as np

from glissando.inference.answer import Inference, Told
from glissando.inference.curve import KNOT, PACE, Joint
from glissando.inference.intervals import intervals
from glissando.inference.rows import Rows
from glissando.inference.search import Found
from glissando.inference.shapes import CONSTANT, LINEAR, SQRT


def of_expression(found: Found, rows: Rows, tried: tuple[int, ...], notes: list[str]) -> Inference:
    """Return what an expression and its rows tell."""
    numbers = numbers_of(found, rows)
    said = unknown(found, rows, tried)
    return Inference(
        found.schedule,
        "expression",
        found.lag,
        len(rows.steps),
        found.worst,
        tuple(numbers),
        tuple(said),
        tuple(notes),
    )


def numbers_of(found: Found, rows: Rows) -> list[Told]:
    """Return the numbers of an expression with their intervals, in the order of its parts."""
    curve = found.curve.copy()
    curve.free = found.before.free.copy()
    known = intervals(curve, rows)
    told: list[Told] = []
    seen: set[int] = set()
    for i, part in enumerate(curve.parts, 1):
        who = f"part {i}, {part.shape.name}"
        names = [(part.start, "start"), (part.pace, "pace"), (part.end, "end"), (part.stop, "stop")]
        for place, name in names:
            if place is None or place in seen or (name == "stop" and _endless(curve, i)):
                continue
            seen.add(place)
            late = found.lag if curve.kinds[place] == KNOT else 0
            value = float(curve.numbers[place])
            low, high = known.get(place, curve.spans.get(place, (value, value)))
            low, high = max(low, curve.spans.get(place, (low, high))[0]), high
            if curve.kinds[place] == KNOT:
                if i == len(curve.parts):
                    low = max(low, float(rows.steps[-1]))
                low, high = math.ceil(min(low, value)), math.floor(max(high, value))
                name = "ends at update"
            elif curve.kinds[place] == PACE:
                name = "pace"
            low, high = min(max(low, 0.0), value), max(high, value)
            told.append(Told(f"{who}: {name}", value - late, low - late, high - late))
    return told


def _endless(curve: Joint, number: int) -> bool:
    part = curve.parts[-1]
    return number == len(curve.parts) and (part.shape is CONSTANT or part.pace is not None)


def unknown(found: Found, rows: Rows, tried: tuple[int, ...]) -> list[str]:
    """Return what the log cannot tell, in sentences."""
    return [
        *steps_of(rows, found.lag),
        *_lags(found, rows, tried),
        *_jumps(found),
        *_horizon(found, rows),
    ]


def steps_of(rows: Rows, lag: int) -> Iterator[str]:
    """Yield what is missing before the first row."""
    first = rows.steps[0] - lag
    if first >= 1:
        yield (
            f"The first row is of update {first:g}: what came before, such as a warm-up, is taken "
            "as the first part goes."
        )


def _lags(found: Found, rows: Rows, tried: tuple[int, ...]) -> Iterator[str]:
    if np.ptp(rows.rates) <= 2 * rows.errors.max():
        yield "The rate is constant: by how many updates a row is late cannot be told."
    elif len(tried) > 1:
        yield (
            f"That a row is {found.lag} late is the simplest of {', '.join(map(str, tried))}: the "
            "same curve, moved, explains the rows as well."
        )


def _jumps(found: Found) -> Iterator[str]:
    curve = found.curve
    for part, jump in zip(curve.parts[1:], curve.jumps, strict=True):
        if jump is None:
            continue
        low, high = curve.spans[part.edge]
        low = math.floor(low) + 1 - found.lag
        if high - found.lag > low:
            yield (
                f"The rate jumps at an update from {low:g} to {high - found.lag:g}: "
                f"{curve.numbers[part.edge] - found.lag:g} is the roundest."
            )


def _horizon(found: Found, rows: Rows) -> Iterator[str]:
    part = found.curve.parts[-1]
    last = rows.steps[-1] - found.lag
    stop = found.curve.numbers[part.stop] - found.lag
    gap = float(np.median(np.diff(rows.steps))) if len(rows.steps) > 1 else 1.0
    if part.shape is CONSTANT or part.pace is not None:
        yield f"The log ends at update {last:g}: how long the last part goes on cannot be told."
    elif part.shape in (LINEAR, SQRT) and stop > last:
        yield (
            f"The log ends at update {last:g}, before the last part does: it tells its slope, but "
            "not where it ends, nor the rate there; the roundest are taken."
        )
    elif stop > last + 2 * gap:
        yield (
            f"The log ends at update {last:g}, before the last part does at {stop:g}: where that "
            "is, and the rate there, are known as far as their intervals say."
        )
