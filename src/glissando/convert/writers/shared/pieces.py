"""A schedule as one plain curve after another, as frameworks and their settings see it."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from glissando.combinators import Chain, Drop, HoldEach, OpenEnded, Repeat, Scale, Strict, Take
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Linear, Piecewise, Staircase
from glissando.schedule import Schedule

RATES = ("value", "start", "end")
"""The fields of a closed formula that are rates: a multiple of a curve has multiples of these."""


LEVELS = (Constant, Piecewise, Staircase)
"""Curves that are constant between their steps."""

INSTEAD = "write it as code, as by --to torch"
"""What messages say that one can do."""


class Piece(NamedTuple):
    """A curve, and for how many updates it runs from its own step 0."""

    curve: Schedule
    steps: float

    @property
    def start(self) -> float:
        """The rate at its first step."""
        return self.curve(0)

    @property
    def end(self) -> float:
        """The rate at its end."""
        return self.curve(int(self.steps)) if self.steps < math.inf else math.nan

    @property
    def is_cut(self) -> bool:
        """Whether its curve would go on where it ends."""
        return self.steps != self.curve.steps


def pieces(schedule: Schedule) -> list[Piece]:
    """Return the curves of a schedule in their order; the end of the last one holds."""
    return list(_pieces(schedule, 1.0))


def _pieces(schedule: Schedule, factor: float) -> Iterator[Piece]:
    if isinstance(schedule, Chain):
        for part in schedule.reached:
            yield from _pieces(part, factor)
    elif isinstance(schedule, Scale):
        yield from _pieces(schedule.schedule, factor * schedule.factor)
    elif isinstance(schedule, OpenEnded | Strict):
        yield from _pieces(schedule.schedule, factor)
    elif isinstance(schedule, Take) and schedule.schedule.steps >= schedule.steps:
        inner, left = schedule.schedule, float(schedule.steps)
        if not isinstance(inner, Chain | Scale | OpenEnded | Drop):
            yield Piece(times(inner, factor), left)
            return
        for piece in _pieces(inner, factor):
            if left > 0:
                yield Piece(piece.curve, min(left, piece.steps))
            left -= piece.steps
    elif isinstance(schedule, HoldEach):
        held = list(_pieces(schedule.schedule, factor))
        if all(isinstance(piece.curve, LEVELS) for piece in held):
            yield from (_slower(piece, schedule.every) for piece in held)
        else:
            yield Piece(times(schedule, factor), schedule.steps)
    elif isinstance(schedule, Drop):
        yield from _later(list(_pieces(schedule.schedule, factor)), schedule.count)
    else:
        yield Piece(times(schedule, factor), schedule.steps)


def _slower(piece: Piece, every: int) -> Piece:
    """Return constant rates that each hold for several updates."""
    curve = piece.curve
    if isinstance(curve, Piecewise):
        curve = Piecewise(curve.values, [step * every for step in curve.boundaries])
    elif isinstance(curve, Staircase):
        curve = curve.replace(every=curve.every * every)
    elif isinstance(curve, Constant) and curve.steps < math.inf:
        curve = Constant(curve.value, int(curve.steps) * every)
    return Piece(curve, piece.steps * every)


def _later(found: list[Piece], count: int) -> Iterator[Piece]:
    """Yield curves without their first steps; of levels and lines the same families are left."""
    for curve, steps in found:
        rest, skipped = steps - count, count
        count = max(0, count - int(min(count, steps)))
        if skipped == 0 or rest <= 0:
            if rest > 0:
                yield Piece(curve, steps)
        elif isinstance(curve, Constant):
            yield Piece(Constant(curve.value, rest), rest)
        elif isinstance(curve, Piecewise):
            passed = sum(step <= skipped for step in curve.boundaries)
            steps_left = [step - skipped for step in curve.boundaries[passed:]]
            yield Piece(Piecewise(curve.values[passed:], steps_left), rest)
        elif isinstance(curve, Linear) and steps == curve.steps:
            yield Piece(Linear(curve(skipped), curve.end, int(rest)), rest)
        else:
            yield Piece(curve.drop(skipped), rest)


def times(schedule: Schedule, factor: float) -> Schedule:
    """Return a multiple of a curve, as the same family if that is a closed formula."""
    if factor == 1:
        return schedule
    if isinstance(schedule, Repeat):
        return schedule.replace(schedule=times(schedule.schedule, factor))
    if isinstance(schedule, Piecewise):
        return schedule.replace(values=[value * factor for value in schedule.values])
    found = {name: getattr(schedule, name) * factor for name in RATES if name in schedule.fields}
    return schedule.replace(**found) if found else schedule * factor


class Trapezoid(NamedTuple):
    """A warm-up, a plateau and a decay, each of which may be missing.

    Attributes:
        start: the rate at step 0, where the warm-up begins.
        peak: the rate of the plateau, which the decay begins with.
        warmup: how many updates the warm-up takes.
        stable: how many updates the plateau takes.
        decay: the curve of the decay; None if the plateau is the last.
        decay_steps: how many updates it takes.
        floor: the rate after it.
        rest: for how many updates that rate is held.
        steps: how many updates the schedule takes in all.
    """

    start: float
    peak: float
    warmup: int
    stable: float
    decay: Any
    decay_steps: float
    floor: float
    rest: float
    steps: float


def trapezoid(
    schedule: Schedule, target: str, field: str, found: list[Piece] | None = None
) -> Trapezoid:
    """Return a schedule as a warm-up, a plateau and a decay.

    Args:
        schedule: the schedule.
        target: for whom, for messages.
        field: the setting that is to say it.
        found: its curves, by default all of them.

    Raises:
        ScheduleError: it is something else; the message names the setting that cannot say it.
    """
    found = pieces(schedule) if found is None else found
    at, peak = 0, found[0].start
    start, warmup, stable, rest = peak, 0, 0.0, 0.0
    left = list(found)
    first = left[0].curve
    if isinstance(first, Linear) and first.end > first.start:
        warmup, peak = int(left[0].steps), left.pop(0).end
    at += warmup
    while left and isinstance(left[0].curve, Constant) and _near(left[0].start, peak):
        stable += left[0].steps
        left.pop(0)
    at = at + int(stable) if stable < math.inf else at
    decay, decay_steps, floor = None, 0.0, peak
    if left and _falls(left[0], peak):
        piece = left.pop(0)
        if not left and piece.curve.steps < math.inf:  # the run may see its beginning alone
            piece = Piece(piece.curve, piece.curve.steps)
        decay, decay_steps, floor = piece.curve, piece.steps, piece.end
        at = at + int(decay_steps) if decay_steps < math.inf else at
    while left and decay and isinstance(left[0].curve, Constant) and _near(left[0].start, floor):
        rest += left.pop(0).steps
    if left:
        after = floor if decay else peak
        raise ScheduleError(
            f"{target}: `{field}` cannot say {_told(left[0], after, at)}: it has a warm-up, a "
            f"plateau and a decay; {INSTEAD}"
        )
    return Trapezoid(start, peak, warmup, stable, decay, decay_steps, floor, rest, schedule.steps)


def _near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-14)


def _falls(piece: Piece, peak: float) -> bool:
    """Return whether a curve begins at the peak and does not end above it."""
    rises = piece.steps < math.inf and piece.end > peak
    return not isinstance(piece.curve, Constant) and _near(piece.start, peak) and not rises


def _told(piece: Piece, before: float, at: int) -> str:
    """Return in words what does not fit."""
    what = shown(piece.curve)
    if piece.steps < math.inf and piece.end > piece.start:
        return f"a warm-up after another part, {what} at update {at:,}"
    if not _near(piece.start, before):
        return f"a jump from {before!r}, to {what} at update {at:,}"
    return f"{what} at update {at:,}"
