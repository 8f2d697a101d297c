"""The first steps of a schedule."""

from collections.abc import Iterator
from typing import Any

from glissando.combinators.base import Wrapper, one_by_one
from glissando.rules import MAX_STEP, StepsOrZero


class Take(Wrapper, tag="take"):
    """The beginning of a schedule: `s(min(t, steps))`.

    The rate at `steps` then holds.

    Args:
        schedule: the schedule s, endless or not.
        steps: where it ends, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import InverseTime
        >>> rate = InverseTime(0.001, rate=0.1).take(10)
        >>> rate(0), rate(10), rate(99), rate.steps
        (0.001, 0.0005, 0.0005, 10)
    """

    steps: StepsOrZero

    @property
    def open_part(self) -> None:
        return None  # whatever it takes steps of, it ends

    def at(self, t: Any, m: Any) -> Any:
        return self.schedule.rate_at(m.minimum(t, self.steps), m)

    def before_end(self, t: Any, m: Any) -> Any:
        long_enough = self.steps <= self.schedule.steps
        return self.schedule.before_end(t, m) if long_enough else self.schedule.rate_at(t, m)

    def breaks_between(
        self, low: int = 0, high: int = MAX_STEP, backwards: bool = False
    ) -> Iterator[int]:
        inner = self.schedule.breaks_between(low, min(high, self.steps - 1), backwards)
        ends = [self.steps] if max(low, 1) <= self.steps <= high else []
        return one_by_one([inner, ends], backwards)
