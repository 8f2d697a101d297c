"""A schedule that takes longer: in all, by a factor, or by holding each rate."""

from collections.abc import Callable, Iterator
from functools import cached_property
from math import gcd
from typing import Any

from glissando.combinators.base import Wrapper, members
from glissando.errors import ScheduleError
from glissando.rules import MAX_STEP, Steps, StepsOrZero
from glissando.schedule import FiniteChild, Schedule


class Stretch(Wrapper, tag="stretch"):
    """A schedule stretched or shrunk to another length: `s(t · s.steps / steps)`.

    The curve keeps its shape.

    Args:
        schedule: the schedule s, which must end.
        steps: how many steps it shall take, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(0.0, 1.0, steps=10).stretch(1000)
        >>> rate(0), rate(250), rate(1000), rate.steps
        (0.0, 0.25, 1.0, 1000)
    """

    schedule: FiniteChild
    steps: StepsOrZero

    def at(self, t: Any, m: Any) -> Any:
        if self.steps == 0:
            return self.final()
        whole, per = self.pace
        t = m.minimum(t, self.steps)  # or an int32 step could overflow in a graph
        # whole units in integers: no boundary inside the schedule is met by a rounded float
        return self.schedule.rate_at(t // per * whole + (t % per) / per * whole, m)

    def final(self) -> float:
        return self.schedule.final()

    @classmethod
    def symbols(cls, symbol: Callable[[str], Any]) -> dict[str, Any]:
        return {"pace": (symbol("s.steps"), symbol("steps"))}

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        if self.steps == 0:
            return
        whole, per = self.pace
        # the first inner step of all that become `low` or later, and the last that become `high`
        first, last = (max(low, 1) - 1) * whole // per + 1, high * whole // per
        while (
            step := next(self.schedule.breaks_between(first, last, backwards), None)
        ) is not None:
            found = -(-step * per // whole)
            yield found
            # many may become the same step: go on behind the last, or before the first of them
            if backwards:
                last = (found - 1) * whole // per
            else:
                first = found * whole // per + 1

    @cached_property
    def pace(self) -> tuple[int, int]:
        """How many steps of the schedule pass in how many of the stretched one, in lowest terms."""
        inner = int(self.schedule.steps)
        common = gcd(inner, self.steps)
        return inner // common, self.steps // common


class Longer(Wrapper):
    """A schedule each of whose steps becomes several."""

    def per_step(self) -> int:
        """Return how many steps one of the schedule's takes."""
        raise NotImplementedError

    def inner(self, t: Any) -> Any:
        """Return the step of the schedule at `t`."""
        raise NotImplementedError

    def length(self) -> float:
        return self.schedule.steps * self.per_step()

    @property
    def open_part(self) -> tuple[int, float] | None:
        inner = self.schedule.open_part
        return inner and (inner[0] * self.per_step(), inner[1] * self.per_step())

    def finished_at(self, at: int) -> Schedule:
        if at % self.per_step():
            raise ScheduleError(
                "finish: the open-ended part must end at a multiple of "
                f"{self.per_step()} steps, got {at}"
            )
        return self.replace(schedule=self.schedule.finished_at(at // self.per_step()))

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.rate_at(self.inner(t), m)

    def before_end(self, t: Any, m: Any) -> Any:
        return self.schedule.before_end(self.inner(t), m)


class Slow(Longer, tag="slow"):
    """A schedule that runs `factor` times slower: `s(t / factor)`.

    The curve keeps its shape, smooth where it was smooth: from a rate an epoch to one an update.

    Args:
        schedule: the schedule s.
        factor: how many steps one of its steps takes, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> per_update = Linear(0.0, 1.0, steps=10).slow(100)
        >>> per_update(0), per_update(250), per_update(1000), per_update.steps
        (0.0, 0.25, 1.0, 1000)
    """

    factor: Steps

    def per_step(self) -> int:
        return self.factor

    def inner(self, t: Any) -> Any:
        return t / self.factor

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        low, high = -(-low // self.factor), high // self.factor
        for step in self.schedule.breaks_between(low, high, backwards):
            yield step * self.factor


class HoldEach(Longer, tag="hold_each"):
    """A schedule with each rate held for `every` steps: `s(floor(t / every))`.

    The curve becomes a staircase: what a callback makes that sets the rate of each epoch.

    Args:
        schedule: the schedule s.
        every: how many steps each of its rates is held, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> per_update = Linear(0.0, 1.0, steps=10).hold_each(100)
        >>> per_update(0), per_update(299), per_update(300), per_update.steps
        (0.0, 0.2, 0.30000000000000004, 1000)
    """

    every: Steps

    def per_step(self) -> int:
        return self.every

    def inner(self, t: Any) -> Any:
        return t // self.every

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        jumps = range(self.every, int(min(self.steps, MAX_STEP)) + 1, self.every)
        return iter(members(jumps, low, high, backwards))
