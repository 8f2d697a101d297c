"""Where two schedules differ, and whether one is the other moved, scaled or stretched."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile
from typing import Any, NamedTuple

from glissando.rules import MAX_STEP
from glissando.schedule import Schedule

EVERY = 1_000_000
"""Up to how many steps each is compared."""

ENDLESS = 100_000
"""Up to how many, of schedules that never end and have no later length beside them."""

BREAKS = 10_000
"""How many of a schedule's later breaks are compared."""

SPREAD = 1_000
"""How many steps between them are, where not each is."""

NEAR = 1e-9
"""How near to another curve, as a fraction of the full scale, one is that curve computed so."""

Rates = list[float | None]
"""Rates in the order of steps; None where a schedule has none, as past a strict one's end."""


class Place(NamedTuple):
    """A step, and the rates that two schedules have there."""

    step: int
    a: float | None
    b: float | None


class Relation(NamedTuple):
    """What makes the first schedule the second: "scaled", "shifted", "stretched" or "held"."""

    kind: str
    by: float


class Difference(NamedTuple):
    """How two schedules differ.

    `first` and `largest` are None where no rates differ by more than the tolerance; `rounding` is
    the largest difference below it. Every step up to `every` was compared, and `others` beyond, the
    last of which is `last`; none had to be of schedules that are the same value.
    """

    same: bool
    scale: float
    first: Place | None
    largest: Place | None
    rounding: Place | None
    relation: Relation | None
    every: int
    others: int
    last: int


def difference(
    a: Schedule, b: Schedule, tolerance: float = 0.0, steps: int | None = None
) -> Difference:
    """Return where two schedules differ.

    Args:
        a: a schedule.
        b: another.
        tolerance: by how much rates may differ, as a fraction of the highest that was compared.
        steps: how many steps to compare. By default all up to the end and some past it, up to a
            million; of longer or endless schedules then their breaks, and steps between those.

    Example:
        >>> from glissando import Linear
        >>> found = difference(Linear(1.0, 0.0, steps=10), Linear(1.0, 0.0, steps=8))
        >>> found.first, found.largest.step, found.relation
        (Place(step=1, a=0.9, b=0.875), 8, Relation(kind='stretched', by=0.8))
    """
    if a == b:
        return Difference(True, a.bound(), None, None, None, None, -1, 0, -1)
    end = max((int(one.steps) for one in (a, b) if one.steps < math.inf), default=0)
    endless = math.inf in (a.steps, b.steps)
    every = min(max(end, ENDLESS * endless), EVERY) if steps is None else steps - 1
    beyond = _beyond(a, b, every, end) if steps is None else []
    order = [*range(every + 1), *beyond]
    pair = _rates(a, order), _rates(b, order)
    scale = max((rate for rates in pair for rate in rates if rate is not None), default=0.0)
    places = [Place(*place) for place in zip(order, *pair, strict=True) if place[1] != place[2]]
    far = [place for place in places if _apart(place) > tolerance * scale]
    return Difference(
        same=False,
        scale=scale,
        first=far[0] if far else None,
        largest=max(far, key=_apart, default=None),
        rounding=None if far else max(places, key=_apart, default=None),
        relation=_relation(a, b, *pair, every) if far else None,
        every=every,
        others=len(beyond),
        last=order[-1],
    )


def _apart(place: Place) -> float:
    """Return by how much rates differ: a rate and none, without bound."""
    return math.inf if place.a is None or place.b is None else abs(place.a - place.b)


def _rates(schedule: Schedule, steps: Iterable[int]) -> Rates:
    return [_rate(schedule, step) for step in steps]


def _rate(schedule: Schedule, step: int) -> float | None:
    try:
        return schedule(step)
    except Exception:  # whatever a function of the user's raises
        return None


def _beyond(a: Schedule, b: Schedule, every: int, end: int) -> list[int]:
    """Return later steps to compare: breaks and their neighbors, and spread ones."""
    if a.is_opaque() or b.is_opaque():  # a user's function may know no step past the end
        return [end + 1] if every == end else []
    steps = {2**power for power in range(54)}
    steps |= {end - 1, end, end + 1}
    golden = (math.sqrt(5) - 1) / 2
    steps |= {every + round((end - every) * (k * golden % 1)) for k in range(SPREAD)}
    for one in (a, b):
        later = takewhile(lambda step: step < MAX_STEP, one.breaks(every))
        for step in islice(later, BREAKS):
            steps |= {step - 1, step, step + 1}
    return sorted(step for step in steps if every < step <= MAX_STEP)


def _relation(a: Schedule, b: Schedule, x: Rates, y: Rates, every: int) -> Relation | None:
    """Return what makes the first schedule the second at all steps that were compared."""
    if None in x or None in y or len(set(x[: every + 1])) < 3:
        return None
    return next(_relations(a, b, x, y, every), None)


def _relations(a: Schedule, b: Schedule, x: Any, y: Any, every: int) -> Iterator[Relation]:
    top = max(range(len(x)), key=x.__getitem__)
    factor = y[top] / x[top]
    if factor > 0 and _near([rate * factor for rate in x], y):
        yield Relation("scaled", factor)
    x, y = x[: every + 1], y[: every + 1]
    for late in _shifts(a, b):
        before, after = (x, y) if late > 0 else (y, x)
        kept = before[: len(before) - abs(late)]
        if 2 * abs(late) < every and _near(kept, after[abs(late) :]) and len(set(kept)) > 2:
            yield Relation("shifted", late)
    short, long = sorted((a.steps, b.steps))
    if 0 < short < long <= every:
        times = b.steps / a.steps
        if times.is_integer() and _near([x[step // int(times)] for step in range(int(long))], y):
            yield Relation("held", times)
        if _near(_rates(a.stretch(int(b.steps)), range(int(b.steps) + 1)), y):
            yield Relation("stretched", times)


def _shifts(a: Schedule, b: Schedule) -> list[int]:
    """Return by how many steps the second may follow later than the first, the fewest first."""
    first, second = (list(islice(one.breaks(), 3)) for one in (a, b))
    found = {1, -1, *(later - step for step in first for later in second)} - {0}
    return sorted(found, key=lambda steps: (abs(steps), -steps))


def _near(found: Sequence[Any], wanted: Sequence[float]) -> bool:
    """Return whether rates are those that are wanted, as far as there are both."""
    limit = NEAR * max(wanted, default=0.0)
    return all(abs(one - other) <= limit for one, other in zip(found, wanted, strict=False))
