"""The roundest numbers that keep a curve within the errors of its rows."""

import math
from typing import NamedTuple

import numpy as np

from glissando.inference.curve import KNOT, PACE, Joint, settle
from glissando.inference.intervals import center, exact, intervals, likely
from glissando.inference.numbers import decay, decimal, digits, span_digits, whole
from glissando.inference.rows import Rows
from glissando.inference.shapes import CONSTANT, EXPONENTIAL

SURE = 1.5
"""By how many digits a round number must be told better than it is long, to be taken at once."""

LIKELY = (2.0, 0.6)
"""Within how many deviations a number is looked for, rows being known by their bounds."""

HOPELESS = 100.0
"""By how many errors a row is off where a guess has gone astray."""

NEARLY_WHOLE = 0.02
"""How near to a whole step a knot is taken for it: roots are steep where they begin."""

ALLOWED = 1.0 + 1e-9


class _Candidate(NamedTuple):
    place: int
    number: float
    surprise: float
    form: tuple[object, ...] | None = None


def fits(curve: Joint, rows: Rows) -> bool:
    """Lay a curve through the rows; return whether none is off by more than its error."""
    worst = _settled(curve, rows)
    if worst <= ALLOWED:
        return True
    if exact(rows):
        return False
    return worst < 50 and center(curve, rows) <= ALLOWED


def _settled(curve: Joint, rows: Rows) -> float:
    """Lay a curve through the rows by least squares, knots at whole steps where they nearly are."""
    worst = settle(curve, rows)
    if worst <= ALLOWED:
        return worst
    trial = curve.copy()
    for place in np.flatnonzero(curve.free):
        number = float(curve.numbers[place])
        if curve.kinds[place] == KNOT and abs(number - round(number)) < NEARLY_WHOLE:
            trial.numbers[place], trial.free[place] = round(number), False
    found = settle(trial, rows)
    if found < worst:
        curve.numbers, worst = trial.numbers, found
    return worst


def rounded(curve: Joint, rows: Rows) -> Joint | None:
    """Return the curve with round numbers; None if its knots are at no whole steps."""
    for times in LIKELY:
        quick = _guessed(curve.copy(), rows, times)
        if quick is not None:
            return quick
    curve = curve.copy()
    if not fits(curve, rows):
        return None
    ragged: set[int] = set()
    for _ in range(3 * len(curve.numbers)):
        if not any(curve.free[place] for place in range(len(curve.free)) if place not in ragged):
            break
        guessed = _candidates(curve, rows, ragged, likely(curve, rows, 1.0))
        sure = [one for one in guessed or () if one.surprise >= SURE]
        if len(sure) > 1 and fits(trial := _with(curve, sure), rows):
            curve = trial
            continue
        only = guessed[0].place if guessed else None
        found = _candidates(curve, rows, ragged, intervals(curve, rows, only))
        if not found:
            return None
        trial = _with(curve, found[:1])
        if fits(trial, rows):
            curve = trial
        elif curve.kinds[found[0].place] == KNOT:
            return None
        else:
            ragged.add(found[0].place)
    return curve


def _guessed(curve: Joint, rows: Rows, times: float) -> Joint | None:
    """Return the curve with round numbers as least squares suggest, if it then fits."""
    settle(curve, rows)
    for _ in range(2 * len(curve.numbers)):
        if not curve.free.any():
            break
        found = _candidates(curve, rows, set(), likely(curve, rows, times))
        if found is None:
            return None
        sure = [one for one in found if one.surprise >= SURE] or found[:1]
        curve = _with(curve, sure)
        if settle(curve, rows) > HOPELESS:
            return None
    return curve if np.abs(curve.off(rows)).max() <= ALLOWED else None


def _with(curve: Joint, found: list[_Candidate]) -> Joint:
    trial = curve.copy()
    for one in found:
        trial.numbers[one.place] = one.number
        trial.free[one.place] = False
        if one.form is not None:
            trial.forms[one.place] = one.form
    return trial


def _candidates(
    curve: Joint, rows: Rows, ragged: set[int], known: dict[int, tuple[float, float]]
) -> list[_Candidate] | None:
    """Return a round number for each that is free, the surest first; None if a knot has none."""
    top = float(rows.rates.max())
    result = []
    for place, (low, high) in known.items():
        here = float(curve.numbers[place])
        if place in ragged:
            continue
        if curve.kinds[place] == KNOT:
            one = _knot(curve, place, low, high)
            if one is None:
                return None
            result.append(one)
            continue
        form = None
        if curve.kinds[place] == PACE and _shape_of(curve, place) is EXPONENTIAL and low > 0:
            number, form, count = decay(low, high, here)
            size = abs(number)
        elif curve.kinds[place] == PACE:
            number = decimal(low, high, here)
            count, size = digits(number), abs(number)
        else:
            floor = 1e-7 * top if exact(rows) else 0.0
            number = decimal(max(low, 0.0) if high > 0 else low, high, max(here, 0.0))
            if abs(number) < 1e-3 * floor and here < 1e-9 * floor:
                number = 0.0
            count, size = digits(number), abs(number) or top
        size = max(size, 1e-300)
        width = max(high - low, 1e-17 * size)
        result.append(_Candidate(place, number, math.log10(size / width) - count, form))
    return sorted(  # what is not surely round bends to the knots, which must be at whole steps
        result,
        key=lambda one: (one.surprise < SURE, curve.kinds[one.place] != KNOT, -one.surprise),
    )


def _knot(curve: Joint, place: int, low: float, high: float) -> _Candidate | None:
    slack = 1e-4
    span = curve.spans.get(place, (-math.inf, math.inf))
    low, high = max(low - slack, span[0]), min(high + slack, span[1])
    here = min(max(float(curve.numbers[place]), low), high)
    origins = _origins(curve, place)
    number = whole(low, high, here, origins)
    if number is None:
        return None
    size = max(abs(number - origins[0]), 1.0)
    surprise = math.log10(size / max(high - low, 1e-6)) - span_digits(number, origins)
    return _Candidate(place, float(number), surprise)


def _origins(curve: Joint, place: int) -> tuple[float, ...]:
    """Return from where a knot may be counted: update 0, and the part's begin if that is known."""
    before = [
        float(curve.numbers[part.begin])
        for part in curve.parts
        if part.stop == place and not curve.free[part.begin]
    ]
    return tuple(dict.fromkeys([float(curve.numbers[curve.parts[0].begin]), *before]))


def _shape_of(curve: Joint, place: int) -> object:
    return next(part.shape for part in curve.parts if part.pace == place)


def length(curve: Joint) -> float:
    """Return the length of the description: parts, and the digits of their numbers."""
    total = 0.0
    seen: set[int] = set()
    first = float(curve.numbers[curve.parts[0].begin])
    for part in curve.parts:
        total += 3 + 0.5 * part.shape.unknowns
        begin, stop = curve.numbers[part.begin], curve.numbers[part.stop]
        endless = part.pace is not None or part.shape is CONSTANT
        if part is not curve.parts[-1] or not endless:
            total += span_digits(stop, tuple(dict.fromkeys([first, float(begin)])))
        if part.taken is not None:
            total += 3 + span_digits(begin, (first,))
        for place in {part.start, part.end} - seen:
            total += _shortest(float(curve.numbers[place]))
            seen.add(place)
        if part.pace is not None:
            form = curve.forms.get(part.pace)
            values = form[1:] if form else (float(curve.numbers[part.pace]),)
            total += sum(_shortest(float(v)) for v in values if v != 1)
    if first != int(first):
        total += 10
    return total


def is_clean(curve: Joint) -> bool:
    """Return whether all numbers of a curve are so round that no other is looked for."""
    first = float(curve.numbers[curve.parts[0].begin])
    for part in curve.parts:
        begin = float(curve.numbers[part.begin])
        if span_digits(float(curve.numbers[part.stop]), (first, begin)) > 4:
            return False
        if max(_shortest(float(curve.numbers[place])) for place in (part.start, part.end)) > 3:
            return False
        pace = part.pace
        if pace is not None and pace not in curve.forms and _shortest(curve.numbers[pace]) > 4:
            return False
    return True


def _shortest(number: float) -> int:
    return digits(number) if np.isfinite(number) else 17
