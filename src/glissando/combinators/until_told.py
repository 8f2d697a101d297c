"""A part of a schedule whose length is not known yet."""

import math
from typing import Any

from glissando.combinators.combinator import Wrapper, cut, only_one
from glissando.rules import MAX_STEP, STEPS, Number, ScheduleError, shown
from glissando.schedule import Schedule


class UntilTold(Wrapper, tag="until_told"):
    """A part that goes on until told how long it is: `a >> b.until_told() >> c`.

    Until then the whole never ends, and what follows the part is not reached. `whole.told(...)`
    returns the schedule with its end: `whole.told(steps=n)` one of n steps in all, and
    `whole.told(at=k)` one whose part ends at step k of the whole. Before that step the rates of
    both are the same.

    Args:
        schedule: the part; if it has an end, its end value holds until told.

    Raises:
        ScheduleError: there is such a part in the schedule already; a whole has only one.

    Example:
        >>> from glissando import Constant, Linear
        >>> trunk = Constant(0.5).until_told()
        >>> whole = Linear(0.0, 0.5, steps=10) >> trunk >> Linear(0.5, 0.0, steps=20)
        >>> whole(5), whole(1_000_000), whole.steps
        (0.25, 0.5, inf)
        >>> whole.told(steps=100)
        gl.Linear(0.0, 0.5, steps=10) >> gl.Constant(0.5, steps=70) >> gl.Linear(0.5, 0.0, steps=20)
    """

    def check(self) -> None:
        only_one(self, [self, self.schedule])

    def length(self) -> float:
        return math.inf

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.follow(t, m)

    @property
    def untold(self) -> tuple[int, float]:
        return 0, 0

    def end_untold(self, at: int) -> Schedule:
        if not at:
            raise ScheduleError("told: nothing would be left of the part that goes on until told")
        return cut(self.schedule, at)


def told(schedule: Schedule, steps: int | None, at: int | None) -> Schedule:
    """Return a schedule with an end for its part that goes on until told: see `Schedule.told`."""
    if (steps is None) == (at is None):
        both = "none" if steps is None else "both"
        raise ScheduleError(f"told: either `steps` or `at` must be given, got {both}")
    if schedule.untold is None:
        raise ScheduleError(
            f"told: the schedule has no part that goes on until told, got {shown(schedule)}; "
            "make one with .until_told()"
        )
    begin, after = schedule.untold
    if steps is None:
        end = int(Number(0, MAX_STEP, whole=True).check(at, "told: `at`"))
        if end < begin:
            raise ScheduleError(
                f"told: `at` must be {begin} or more, where the part that goes on until told "
                f"begins, got {end}"
            )
        return schedule.end_untold(end)
    steps = int(STEPS.check(steps, "told: `steps`"))
    if after == math.inf:
        raise ScheduleError(
            "told: `steps` cannot be given where what follows the part that goes on until told "
            "never ends; give `at`, where that part ends"
        )
    if steps < begin + after:
        raise ScheduleError(
            f"told: `steps` must be {begin + int(after)} or more, which the other parts take, "
            f"got {steps}"
        )
    whole = schedule.end_untold(steps - int(after))
    if whole.steps != steps:
        raise ScheduleError(
            f"told: `steps` cannot be {steps}, since what runs beside the part that goes on until "
            f"told takes {whole.steps}; give `at`, where that part ends"
        )
    return whole
