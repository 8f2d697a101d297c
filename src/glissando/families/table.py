"""Straight lines between the points of a table."""

from bisect import bisect_right
from collections.abc import Iterator
from math import ceil
from typing import Any

from glissando.errors import ScheduleError
from glissando.rules import Knots, Rates
from glissando.schedule import Schedule

CLOSEST = 1e-30
"""How near each other knots may be: float32 still divides by that."""


class Table(Schedule, tag="table"):
    """Straight lines from point to point: `r + (r' − r) · x`, x going from 0 at r to 1 at r'.

    Its corners are the points (`knots[i]`, `rates[i]`), which lie at any steps, whole or not, so
    that a phase may end between two steps. A table of a million points is as fast as one of ten,
    but for the search, which takes twice as long for each time that the number of points is
    squared.

    Args:
        rates: the rates of the points; the first holds before its step, the last after it.
        knots: the step of each point, 0 or more, each above the one before; the table ends at the
            last of them, rounded up.

    Raises:
        ScheduleError: an argument breaks its rule; the numbers of rates and of knots differ or
            are below 2; the last knot is at step 0.

    Example:
        >>> table = Table([0.0, 1.0, 0.5], knots=[0, 2.5, 10])
        >>> table(0), table(2), table(3), table(10), table.steps
        (0.0, 0.8, 0.9666666666666667, 0.5, 10)
    """

    rates: Rates
    knots: Knots

    def check(self) -> None:
        name, knots = type(self).__name__, self.knots
        if len(self.rates) != len(knots) or len(knots) < 2:
            raise ScheduleError(
                f"{name}: `rates` must be as many as `knots`, 2 or more, "
                f"got {len(self.rates)} rates and {len(knots)} knots"
            )
        if min(knots.widths) < CLOSEST:  # type: ignore[attr-defined]  # a checked field is a Row
            raise ScheduleError(f"{name}: `knots` must be {CLOSEST:g} or more apart")

    def length(self) -> float:
        return ceil(self.knots[-1])

    def at(self, t: Any, m: Any) -> Any:
        return m.interp(t, self.knots, self.rates)

    def final(self) -> float:
        return float(self.rates[-1])

    def breaks(self, low: int = 0) -> Iterator[int]:
        last = 0
        for i in range(bisect_right(self.knots, low - 1), len(self.knots)):
            step = ceil(self.knots[i])
            if step > last:
                yield step
            last = step
