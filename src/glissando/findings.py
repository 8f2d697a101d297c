"""What in a schedule is probably a mistake: a pure function of its curve."""

import math
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from glissando.combinators.noise import Noise
from glissando.combinators.repeat import Repeat
from glissando.function import OwnFunction
from glissando.rules import MAX_STEP, Part
from glissando.schedule import Schedule

JUMP = 0.01
"""A jump is larger than this share of the rate, and than the curve's own move in a step."""

LONG = 0.1
"""A decay is at its floor for long if that is more than this share of its time."""

PIECES = 1000
"""How many pieces of a schedule are looked at: the restarts of a repeated one never end."""

NOTHING = 1e-9
"""What is below this share of the full scale is as good as 0."""

TOLD = 5
"""How many jumps, and how many early floors, are told at most."""


class Finding(NamedTuple):
    """What is probably a mistake, and where.

    Attributes:
        rule: "zero-start", "zero-end", "jump" or "early-floor".
        step: the step where it is.
        message: the whole in a sentence.
    """

    rule: str
    step: int
    message: str


def lint(schedule: Schedule) -> list[Finding]:
    """Return what in a schedule is probably a mistake, in the order of steps.

    - "zero-start": update 0 has rate 0, and changes nothing.
    - "zero-end": the last update has rate 0, and changes nothing.
    - "jump": one part ends at another rate than the next begins with. What is meant to jump does
      not count: stairs, flat on both sides, and restarts, where a decay, held at its end or not, is
      followed by a rise or by another decay from higher up, or where a repeated rise begins again.
    - "early-floor": a decay reaches its lowest rate, and is clipped there, for more than a tenth of
      its time: it is no longer the decay that its length says.

    All of them can be meant: a finding is a question, and no error. Of jumps and of early floors
    the first 5 are told. A schedule that contains a function of your own is asked for its first
    and its last rate alone.

    With noise every step jumps: it is looked at in the same way.

    Args:
        schedule: the schedule.

    Raises:
        ScheduleError: `schedule` is none.

    Example:
        >>> import glissando as gl
        >>> for finding in lint(gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.2, 0.0, steps=90)):
        ...     print(finding.message)
        update 0 has rate 0 and changes nothing
        the rate jumps from 0.1 to 0.2 at step 10
    """
    schedule = Part().check(schedule, "lint: `schedule`")
    scale = schedule.bound()
    if scale == 0 or schedule.steps == 0:  # rate 0 all along is meant, an empty chain has no rate
        return []
    found = []
    if schedule(0) == 0:
        found.append(Finding("zero-start", 0, "update 0 has rate 0 and changes nothing"))
    if not (_contains(schedule, OwnFunction) or _contains(schedule, Noise)):
        pieces = _pieces(schedule)
        found += islice(_jumps(schedule, pieces, scale), TOLD)
        found += islice(_floors(schedule, pieces, scale), TOLD)
    if schedule.steps < math.inf and schedule.steps > 1:
        last = int(schedule.steps) - 1
        if schedule(last) == 0:
            message = f"the last update, {last:,}, has rate 0 and changes nothing"
            found.append(Finding("zero-end", last, message))
    return sorted(found, key=lambda finding: finding.step)


def _jumps(schedule: Schedule, pieces: list["_Piece"], scale: float) -> Iterator[Finding]:
    repeats = _contains(schedule, Repeat)
    way = pieces[0].direction(scale)
    for before, after in pairwise(pieces):
        step, left, right = after.start, before.last, after.first
        side = after.direction(scale)
        own = abs(left - schedule(step - 1))
        if abs(right - left) <= max(own, JUMP * max(left, right), NOTHING * scale):
            way = side or way  # flat at the end of a decay is a part of it
            continue
        stair = before.direction(scale) == side == 0
        restart = way == -1 and (side == 1 or (side == -1 and right > left))
        again = way == side == 1 and right < left and repeats
        way = side
        if not (stair or restart or again):
            message = f"the rate jumps from {left:.6g} to {right:.6g} at step {step:,}"
            yield Finding("jump", step, message)


def _floors(schedule: Schedule, pieces: list["_Piece"], scale: float) -> Iterator[Finding]:
    for piece in pieces:
        if piece.stop == MAX_STEP or piece.direction(scale) >= 0:
            continue
        low, high = piece.start, piece.stop - 1  # at the floor is `high`, and `low` is not
        floor = schedule(high)
        if floor <= NOTHING * scale:  # too small for a float, and not clipped
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if schedule(middle) == floor else (middle, high)
        rest = piece.stop - high
        if rest > max(1, LONG * (piece.stop - piece.start)):
            message = (
                f"the rate is at its floor, {floor:.6g}, from step {high:,}, "
                f"{rest:,} steps before the decay ends"
            )
            yield Finding("early-floor", high, message)


class _Piece(NamedTuple):
    """The curve between two breaks: its first rate, and the one that it comes to at its stop."""

    start: int
    stop: int
    first: float
    last: float

    def direction(self, scale: float) -> int:
        """Return 1 if it rises, -1 if it falls, 0 if it is flat."""
        move = self.last - self.first
        return 0 if abs(move) <= NOTHING * scale else (1 if move > 0 else -1)


def _pieces(schedule: Schedule) -> list[_Piece]:
    end = int(min(schedule.steps, MAX_STEP))
    breaks = (step for step in schedule.breaks() if 0 < step < end)
    edges = [0, *islice(breaks, PIECES)]
    if len(edges) <= PIECES:
        edges.append(end)
    # schedules are functions of real numbers: a jump is where the curve comes to another rate than
    # it goes on with
    return [
        _Piece(start, stop, schedule(start), schedule(math.nextafter(stop, 0)))
        for start, stop in pairwise(edges)
    ]


def _contains(schedule: Schedule, family: type[Schedule]) -> bool:
    return isinstance(schedule, family) or any(
        _contains(part, family) for part in schedule.parts_of()
    )
