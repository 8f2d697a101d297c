"""The schedule that a curve is, and whether it explains every row."""

from typing import Any

import numpy as np

from glissando import families as f
from glissando.combinators import Chain
from glissando.errors import ScheduleError
from glissando.inference.curve import Joint, Part
from glissando.inference.flights import flight, flights
from glissando.inference.rows import Rows
from glissando.inference.shapes import CONSTANT, EXPONENTIAL, INVERSE_TIME
from glissando.schedule import Schedule


def expression(curve: Joint, lag: int) -> Schedule | None:
    """Return a curve as a schedule, or None where its numbers make none."""
    try:
        return _expression(curve, lag)
    except (ScheduleError, ZeroDivisionError, OverflowError, ValueError):
        return None


def _expression(curve: Joint, lag: int) -> Schedule:
    numbers = curve.numbers
    built: list[Schedule] = []
    before = round(numbers[curve.parts[0].begin]) - lag
    if before > 0:
        built.append(f.Constant(_rate(numbers, curve.parts[0].start), before))
    grouped = dict(flights(curve))
    within = {i for first, stop in grouped.items() for i in range(first, stop)}
    for i, part in enumerate(curve.parts):
        if i in grouped:
            built.append(_flight(curve, i, grouped[i]))
        if i in within:
            continue
        last = i == len(curve.parts) - 1
        begin = round(numbers[part.edge])
        following = None if last else round(numbers[curve.parts[i + 1].edge])
        schedule = _part(part, numbers, curve.forms)
        if part.taken is not None:
            schedule = schedule.drop(begin - round(numbers[part.begin]))
        cut = part.pace is not None or following is None or following < round(numbers[part.stop])
        if following is not None and cut:
            schedule = schedule.take(following - begin)
        elif last and part.shape is CONSTANT:
            schedule = f.Constant(_rate(numbers, part.start))
        if i == 0 and before < 0:
            schedule = schedule.drop(-before)
        built.append(schedule)
    return built[0] if len(built) == 1 else Chain(built)


def _flight(curve: Joint, first: int, stop: int) -> Schedule:
    parts, numbers = curve.parts[first:stop], curve.numbers
    begins = [round(numbers[part.begin]) for part in parts]
    values = [_rate(numbers, part.start) for part in parts]
    last = stop == len(curve.parts)
    end = round(numbers[parts[-1].stop if last else curve.parts[stop].edge])
    return flight(values, [begin - begins[0] for begin in begins], end - begins[0], not last)


def _part(part: Part, numbers: Any, forms: dict[int, tuple[Any, ...]]) -> Schedule:
    start, end = _rate(numbers, part.start), _rate(numbers, part.end)
    steps = round(numbers[part.stop]) - round(numbers[part.begin])
    if part.pace is None:
        return part.shape.build(start, end, steps)
    pace = float(numbers[part.pace])
    if part.shape is EXPONENTIAL:
        form = forms.get(part.pace, ("rate", pace))
        return f.Geometric(start, *form[1:]) if form[0] == "ratio" else f.Exponential(start, pace)
    if part.shape is INVERSE_TIME:
        return f.InverseTime(start, pace)
    return f.InverseSqrt(start, pace)


def _rate(numbers: Any, place: int) -> float:
    rate = float(numbers[place])
    return 0.0 if -1e-12 < rate < 0 else rate


def farthest(schedule: Schedule, rows: Rows, lag: int) -> tuple[float, int]:
    """Return the largest distance of a row from the schedule, in its errors, and which row's."""
    steps = rows.steps - lag
    if steps[0] < 0:
        return float("inf"), 0
    whole = steps == np.floor(steps)
    at = steps.astype(np.int64) if whole.all() else steps
    off = np.abs(np.asarray(schedule(at), float) - rows.rates) / rows.errors
    return float(off.max()), int(np.argmax(off))
