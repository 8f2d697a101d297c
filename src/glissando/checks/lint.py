"""What in a schedule is probably a mistake: a pure function of its curve."""

import math
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Annotated, Any, NamedTuple

from glissando.combinators.scale import Scale
from glissando.errors import ScheduleError, shown
from glissando.families.table import Table
from glissando.rules import MAX_STEP, Choice, Count, Rule
from glissando.schedule import Part, Schedule
from glissando.value import Value

JUMP = 0.01
"""A jump is larger than this fraction of the rate, and than the curve's own move in a step."""

LONG = 0.1
"""A decay is at its floor for long if that is more than this fraction of its steps."""

PIECES = 1000
"""How many pieces of a schedule are looked at: the restarts of a repeated one never end."""

NOTHING = 1e-9
"""What is below this fraction of the full scale counts as 0."""

MAX_REPORTED = 5
"""How many jumps, and how many early floors, are reported at most."""


class _Sentence(Rule):
    words = "a string"

    def check(self, value: Any, where: str) -> str:
        if not isinstance(value, str):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return value


class Finding(Value):
    """What is probably a mistake, and where; `lint` returns them.

    Args:
        rule: "zero-start", "zero-end", "jump" or "early-floor".
        step: the step where it is.
        message: the finding in a sentence.

    Raises:
        ScheduleError: an argument breaks its rule.
    """

    rule: Annotated[str, Choice("zero-start", "zero-end", "jump", "early-floor")]
    step: Count
    message: Annotated[str, _Sentence()]


def lint(schedule: Schedule) -> list[Finding]:
    """Return what in a schedule is probably a mistake, in the order of steps.

    - "zero-start": update 0 has rate 0, and changes nothing; of a schedule that has no steps, no
      update does.
    - "zero-end": the last update has rate 0, and changes nothing.
    - "jump": one part ends at another rate than the next begins with. What is meant to jump does
      not count: a staircase, which is flat on both sides, and a restart, where a decay, held at its
      end or not, is followed by a rise or by a decay from a higher rate, or where a repeated rise
      begins again.
    - "early-floor": a decay reaches its lowest rate, and is clipped there, for more than a tenth of
      its steps: it is shorter than its length says. So is a table with its arguments in the order
      of `np.interp`: its rates rise by whole numbers, as steps do, and its knots lie within a step.

    All of them can be meant: a finding is a question, and no error. Of jumps and of early floors
    the first 5 are reported. Of a schedule that contains noise, which jumps at every step, or a
    function of your own, only the first and the last rate are looked at.

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
    if scale == 0 or schedule.is_empty():  # rate 0 all along is meant
        return []
    if schedule.steps == 0:  # it is its end, which may be meant unless it is 0
        message = "it has no steps: every update has the rate of its end, 0, and changes nothing"
        return [] if schedule(0) else [Finding("zero-start", 0, message)]
    found = [*_swapped(schedule)]
    if schedule(0) == 0:
        found.append(Finding("zero-start", 0, "update 0 has rate 0 and changes nothing"))
    if not schedule.is_opaque() and all(part.smooth for part in schedule.every_part()):
        pieces = _pieces(schedule)
        found += islice(_jumps(schedule, pieces, scale), MAX_REPORTED)
        found += islice(_floors(schedule, pieces, scale), MAX_REPORTED)
    if 1 < schedule.steps <= MAX_STEP:
        last = int(schedule.steps) - 1
        if schedule(last) == 0:
            message = f"the last update, {last:,}, has rate 0 and changes nothing"
            found.append(Finding("zero-end", last, message))
    return sorted(found, key=lambda finding: finding.step)


def _swapped(schedule: Schedule) -> Iterator[Finding]:
    table = schedule.schedule if isinstance(schedule, Scale) else schedule
    if not isinstance(table, Table) or table.knots[-1] > 1 or table.rates[-1] <= 1:
        return
    if all(a < b and b == int(b) for a, b in pairwise(table.rates)):
        message = (
            f"the table comes to {table.rates[-1]:,.6g} within its first step; write "
            f"{type(table).__name__}(rates, knots), which np.interp has the other way round"
        )
        yield Finding("early-floor", 1, message)


def _jumps(schedule: Schedule, pieces: list["_Piece"], scale: float) -> Iterator[Finding]:
    restarts = any(part.restarts for part in schedule.every_part())
    trend = pieces[0].direction(scale)  # of the curve so far
    for before, after in pairwise(pieces):
        step, left, right = after.start, before.last, after.first
        earlier, now = trend, after.direction(scale)
        trend = now
        own = abs(left - schedule(step - 1))
        if abs(right - left) <= max(own, JUMP * max(left, right), NOTHING * scale):
            trend = now or earlier  # flat at the end of a decay is a part of it
            continue
        staircase = before.direction(scale) == now == 0
        restart = earlier == -1 and (now == 1 or (now == -1 and right > left))
        again = earlier == now == 1 and right < left and restarts
        if not (staircase or restart or again):
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
    edges = [0, *islice(schedule.breaks_between(1, end - 1), PIECES)]
    if len(edges) <= PIECES:
        edges.append(end)
    # schedules are functions of real numbers: a jump is where the curve comes to another rate than
    # it goes on with
    return [
        _Piece(start, stop, schedule(start), schedule(math.nextafter(stop, 0)))
        for start, stop in pairwise(edges)
    ]
