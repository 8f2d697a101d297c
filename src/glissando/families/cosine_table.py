"""Half a cosine wave between each two points of a table."""

from typing import Any

from glissando.families.table import Table
from glissando.rules import Knots, Rates


class CosineTable(Table, tag="cosine_table"):
    """Half a cosine wave between each two points of a table: flat at every point.

    Args:
        rates: the rates of the points; the first holds before its step, the last after it.
        knots: the step of each point, 0 or more, each above the one before; the table ends at the
            last of them, rounded up.

    Raises:
        ScheduleError: an argument breaks its rule; the numbers of rates and of knots differ or
            are below 2; the last knot is at step 0.

    Example:
        >>> one_cycle = CosineTable([0.1, 1.0, 0.0], knots=[0, 2.5, 10])
        >>> round(one_cycle(2), 6), one_cycle(10)
        (0.914058, 0.0)
    """

    rates: Rates
    knots: Knots

    def at(self, t: Any, m: Any) -> Any:
        i = m.segment(t, self.knots)
        rate = m.pick(self.rates, i)
        done = (1.0 - m.cos(m.pi * m.share(t, self.knots, i))) / 2
        return rate + (m.pick(self.rates, i + 1) - rate) * done
