"""A part of a schedule whose length is not known yet."""

import math
from typing import Any

from glissando.combinators.base import Wrapper, only_one
from glissando.errors import ScheduleError, shown
from glissando.rules import COUNT, STEPS
from glissando.schedule import Schedule


class OpenEnded(Wrapper, tag="open_ended"):
    """An open-ended part: `s(t)`, until `finish` sets its length.

    In `a >> b.open_ended() >> c` the whole never ends at first, and what follows the part is not
    reached. `whole.finish(...)` returns the schedule with its end: `whole.finish(steps=n)` one of n
    steps in all, and `whole.finish(at=k)` one whose part ends at step k of the whole. Before that
    step the rates of both are the same.

    Args:
        schedule: the part s; if it has an end, its end value holds until the part is finished.

    Raises:
        ScheduleError: there is such a part in the schedule already; a whole has only one.

    Example:
        >>> from glissando import Constant, Linear
        >>> trunk = Constant(0.5).open_ended()
        >>> whole = Linear(0.0, 0.5, steps=10) >> trunk >> Linear(0.5, 0.0, steps=20)
        >>> whole(0), whole(5), whole(1_000_000), whole.steps
        (0.0, 0.25, 0.5, inf)
        >>> whole.finish(steps=100)
        gl.Linear(0.0, 0.5, steps=10) >> gl.Constant(0.5, steps=70) >> gl.Linear(0.5, 0.0, steps=20)
    """

    def check(self) -> None:
        only_one(self, [self, self.schedule])

    def length(self) -> float:
        return math.inf

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.rate_at(t, m)

    def cut(self, steps: int) -> Schedule:
        return self.schedule.cut(steps)

    @property
    def open_part(self) -> tuple[int, float]:
        return 0, 0

    def finished_at(self, at: int) -> Schedule:
        return self.schedule.cut(at)

    @staticmethod
    def finished(schedule: Schedule, steps: int | None, at: int | None) -> Schedule:
        """Return a schedule with an end for its open-ended part: see `Schedule.finish`."""
        if (steps is None) == (at is None):
            both = "none" if steps is None else "both"
            raise ScheduleError(f"finish: either `steps` or `at` must be given, got {both}")
        if schedule.open_part is None:
            raise ScheduleError(
                f"finish: the schedule has no open-ended part, got {shown(schedule)}; "
                "make one with .open_ended()"
            )
        begin, after = schedule.open_part
        if steps is None:
            end = int(COUNT.check(at, "finish: `at`"))
            if end < begin:
                raise ScheduleError(
                    f"finish: `at` must be {begin} or more, where the open-ended part begins, "
                    f"got {end}"
                )
            return schedule.finished_at(end)
        steps = int(STEPS.check(steps, "finish: `steps`"))
        if after == math.inf:
            raise ScheduleError(
                "finish: `steps` cannot be given where what follows the open-ended part never "
                "ends; give `at`, where that part ends"
            )
        if steps < begin + after:
            raise ScheduleError(
                f"finish: `steps` must be {begin + int(after)} or more, which the other parts "
                f"take, got {steps}"
            )
        whole = schedule.finished_at(steps - int(after))
        if whole.steps != steps:
            raise ScheduleError(
                f"finish: `steps` cannot be {steps}, since what runs beside the open-ended part "
                f"takes {whole.steps}; give `at`, where that part ends"
            )
        return whole
