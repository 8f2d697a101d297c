"""Constant rates between milestones."""

import math
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from glissando.errors import ScheduleError
from glissando.rules import Milestones, Rates, StepsOrInf
from glissando.schedule import Schedule


class Piecewise(Schedule, tag="piecewise"):
    """Constant rates between milestones: `values[i]`, i boundaries being at or below t.

    A staircase, up or down, with levels of any height and length. The rate changes at the milestone
    itself: step `boundaries[i]` already has `values[i + 1]`.

    Args:
        values: the rates, one more than there are boundaries.
        boundaries: the steps at which the next rate begins, increasing, 1 or more.
        steps: how many steps it lasts, 0 or more; by default it never ends.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> milestones = Piecewise([0.1, 0.01, 0.001], boundaries=[30, 60])
        >>> milestones(0), milestones(29), milestones(30), milestones(60)
        (0.1, 0.1, 0.01, 0.001)
    """

    values: Rates
    boundaries: Milestones
    steps: StepsOrInf = math.inf

    def check(self) -> None:
        if len(self.values) != len(self.boundaries) + 1:
            raise ScheduleError(
                "Piecewise: `values` must be one more than `boundaries`, "
                f"got {len(self.values)} values and {len(self.boundaries)} boundaries"
            )

    def at(self, t: Any, m: Any) -> Any:
        return m.lookup(t, self.boundaries, self.values)

    def breaks(self, low: int = 0) -> Iterator[int]:
        for i in range(bisect_left(self.boundaries, low), len(self.boundaries)):
            if self.boundaries[i] < self.steps:
                yield self.boundaries[i]
        yield from super().breaks(low)
