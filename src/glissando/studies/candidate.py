"""What a study tries: a schedule that can be had at any peak and of any length."""

from functools import cached_property
from typing import Annotated, Any, TypeAlias

import numpy as np

from glissando.errors import ScheduleError, shown
from glissando.forecasting.history import sampled
from glissando.logs.fields import Text
from glissando.plateau import OnPlateau
from glissando.rules import Flag, Rule, Steps
from glissando.schedule import Schedule
from glissando.value import Value

Followed: TypeAlias = Schedule | OnPlateau
"""What a training can follow: a schedule, or one that a metric moves."""

WARMUP_AT_MOST = 0.1
"""How much of a shorter run its warm-up may take; a longer one is shortened."""


class _Shape(Rule):
    """A schedule, one on a plateau, or a function that returns one from a peak and a length."""

    words = "a schedule, a schedule on a plateau, or a function of a peak and a number of steps"

    def check(self, value: Any, where: str) -> Any:
        if not isinstance(value, Schedule | OnPlateau) and not callable(value):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return value


class Candidate(Value):
    """A schedule that a study tries.

    Its rates are scaled to a peak, and its length to a run's. A schedule that never ends is cut at
    the end of the full run. In a shorter run the warm-up keeps its number of steps, up to a tenth
    of the run, and the rest is shrunk: it is a complete run of the same shape.

    Args:
        name: what reports call it.
        shape: the schedule of a full run, at any peak; or a function that returns it from a peak
            and a number of steps.
        steps: how many updates the full run makes.
        literal: whether its rates are to stay as they are written.

    Raises:
        ScheduleError: an argument breaks its rule; the schedule ends at another step than the run;
            its rates are all 0; a function is to be literal.

    Example:
        >>> from glissando import Constant, Linear
        >>> wsd = Linear(0.0, 1.0, 100) >> Constant(1.0, 1500) >> Linear(1.0, 0.0, 400)
        >>> shorter = Candidate("wsd", wsd, steps=2000).at(0.5, 1050)
        >>> shorter(100), shorter(850), shorter(950), shorter.steps
        (0.5, 0.5, 0.25, 1050)
    """

    name: Annotated[str, Text()]
    shape: Annotated[Any, _Shape()]
    steps: Steps
    literal: Annotated[bool, Flag()] = False

    def check(self) -> None:
        """Hold the schedule to the run's length."""
        if not isinstance(self.shape, Schedule | OnPlateau):
            if self.literal:
                raise ScheduleError(
                    f"Candidate {self.name!r}: `literal` must be False for a function, which has "
                    "no rates of its own, got True"
                )
            return
        length = schedule_of(self.shape).steps
        if length not in (self.steps, np.inf):
            raise ScheduleError(
                f"Candidate {self.name!r}: its schedule must have {self.steps} steps, as the run, "
                f"or never end, got {length}; write .stretch({self.steps})"
            )
        if self._own_peak == 0:
            raise ScheduleError(f"Candidate {self.name!r}: its rates must not all be 0")

    @property
    def peak(self) -> float | None:
        """The highest rate of the schedule as it is written; None for a function."""
        return self._own_peak if isinstance(self.shape, Schedule | OnPlateau) else None

    @cached_property
    def _own_peak(self) -> float:
        return float(sampled(schedule_of(self.shape), self.steps)[1].max())

    def at(self, peak: float | None, steps: int) -> Followed:
        """Return the schedule of a run.

        Args:
            peak: its highest rate; None for the rates as they are written.
            steps: how many updates the run makes.

        Raises:
            ScheduleError: a function returns something else than a schedule of that length.
        """
        if not isinstance(self.shape, Schedule | OnPlateau):
            found = self.shape(peak, steps)
            if not isinstance(found, Schedule | OnPlateau) or schedule_of(found).steps < steps:
                raise ScheduleError(
                    f"Candidate {self.name!r}: its function must return a schedule of {steps} "
                    f"steps, got {shown(found)}"
                )
            return _with(found, schedule_of(found).cut(steps))
        if steps not in self._shrunk:
            self._shrunk[steps] = self._shrink(steps)
        shrunk = self._shrunk[steps]
        factor = 1.0 if peak is None else peak / self._own_peak
        return _with(self.shape, shrunk if factor == 1.0 else shrunk * factor)

    @cached_property
    def _shrunk(self) -> dict[int, Schedule]:
        """The schedule by its length, as it was asked for: a study asks again and again."""
        return {}

    def _shrink(self, steps: int) -> Schedule:
        whole = schedule_of(self.shape).cut(self.steps)
        if steps == self.steps:
            return whole
        at, rates = sampled(whole, self.steps)
        warmup = int(at[np.argmax(rates >= rates.max() * (1 - 1e-9))])
        if not 0 < warmup <= WARMUP_AT_MOST * self.steps:  # a rise is a part of the shape
            return whole.stretch(steps)
        kept = max(1, min(warmup, int(WARMUP_AT_MOST * steps)))
        return whole.take(warmup).stretch(kept) >> whole.drop(warmup).stretch(steps - kept)


def schedule_of(followed: Followed) -> Schedule:
    """Return the schedule in what a training follows."""
    return followed.schedule if isinstance(followed, OnPlateau) else followed


def _with(followed: Followed, schedule: Schedule) -> Followed:
    """Return what is followed with another schedule."""
    if not isinstance(followed, OnPlateau):
        return schedule
    after = min(followed.after, int(schedule.steps))
    return followed.replace(schedule=schedule, after=after)
