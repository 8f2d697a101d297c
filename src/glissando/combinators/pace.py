"""A schedule that takes longer: in all, by a factor, or by holding each rate."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import count, takewhile
from math import gcd
from typing import Any

from glissando.combinators.combinator import Wrapper
from glissando.rules import FiniteChild, ScheduleError, Steps
from glissando.schedule import Schedule


class Stretch(Wrapper, tag="stretch"):
    """A schedule stretched, or shrunk, to `steps` steps in all.

    Args:
        schedule: a schedule that ends.
        steps: how long it shall take, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> rate = Linear(0.0, 1.0, steps=10).stretch(1000)
        >>> rate(250), rate.steps
        (0.25, 1000)
    """

    schedule: FiniteChild
    steps: Steps

    def at(self, t: Any, m: Any) -> Any:
        whole, per = self.pace
        t = m.minimum(t, self.steps)  # or an int32 step could overflow in a graph
        # whole units in integers: no boundary inside the schedule is met by a rounded float
        return self.schedule.follow(t // per * whole + (t % per) / per * whole, m)

    def breaks(self, low: int = 0) -> Iterator[int]:
        whole, per = self.pace
        last = None
        for step in self.schedule.breaks(low * whole // per):
            first = -(-step * per // whole)
            if first >= low and first != last:
                yield first
            last = first

    @cached_property
    def pace(self) -> tuple[int, int]:
        """How many steps of the schedule pass in how many of ours, in lowest terms."""
        inner = int(self.schedule.steps)
        common = gcd(inner, self.steps)
        return inner // common, self.steps // common


class Slow(Wrapper, tag="slow"):
    """A schedule that runs `factor` times slower, smoothly: from epochs to updates.

    Args:
        schedule: the schedule.
        factor: how many steps one of its steps takes, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> per_update = Linear(0.0, 1.0, steps=10).slow(100)
        >>> per_update(250), per_update.steps
        (0.25, 1000)
    """

    factor: Steps

    def length(self) -> float:
        return self.schedule.steps * self.factor

    @property
    def untold(self) -> tuple[int, float] | None:
        return _slower(self.schedule.untold, self.factor)

    def end_untold(self, at: int) -> Schedule:
        return replace(self, schedule=self.schedule.end_untold(_faster(at, self.factor)))

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.follow(t / self.factor, m)

    def inside(self, t: Any, m: Any) -> Any:
        return self.schedule.inside(t / self.factor, m)

    def breaks(self, low: int = 0) -> Iterator[int]:
        for step in self.schedule.breaks(-(-low // self.factor)):
            yield step * self.factor


class HoldEach(Wrapper, tag="hold_each"):
    """A schedule with each rate held for `every` steps: what a per-epoch callback does.

    Args:
        schedule: the schedule.
        every: how many steps each of its rates is held, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Linear
        >>> per_update = Linear(0.0, 1.0, steps=10).hold_each(100)
        >>> per_update(299), per_update(300), per_update.steps
        (0.2, 0.30000000000000004, 1000)
    """

    every: Steps

    def length(self) -> float:
        return self.schedule.steps * self.every

    @property
    def untold(self) -> tuple[int, float] | None:
        return _slower(self.schedule.untold, self.every)

    def end_untold(self, at: int) -> Schedule:
        return replace(self, schedule=self.schedule.end_untold(_faster(at, self.every)))

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.follow(t // self.every, m)

    def inside(self, t: Any, m: Any) -> Any:
        return self.schedule.inside(t // self.every, m)

    def breaks(self, low: int = 0) -> Iterator[int]:
        stairs = count(max(1, -(-low // self.every)) * self.every, self.every)
        return takewhile(lambda step: step <= self.steps, stairs)


def _slower(untold: tuple[int, float] | None, factor: int) -> tuple[int, float] | None:
    return untold and (untold[0] * factor, untold[1] * factor)


def _faster(at: int, factor: int) -> int:
    if at % factor:
        raise ScheduleError(
            f"told: the part that goes on until told must end at a multiple of {factor} steps, "
            f"got {at}"
        )
    return at // factor
