"""Half a cosine wave from each point of a table to the next."""

from typing import Any

from glissando.families.table import Table


class CosineTable(Table, tag="cosine_table"):
    """Half a cosine wave from point to point: `r + (r' − r) · (1 − cos(π · x)) / 2`.

    It is flat at every point and steepest halfway between two. From a point of rate r to the next,
    of rate r', x goes from 0 to 1 as the step does from knot to knot.

    Args:
        rates: the rates of the points; the first holds before its step, the last after it.
        knots: the step of each point, 0 or more, each above the one before; the table ends at the
            last of them, rounded up.

    Raises:
        ScheduleError: an argument breaks its rule; the numbers of rates and of knots differ or
            are below 2; the last knot is at step 0.

    Example:
        >>> one_cycle = CosineTable([0.1, 1.0, 0.0], knots=[0, 2.5, 10])
        >>> one_cycle(0), round(one_cycle(2), 6), one_cycle(5), one_cycle(10)
        (0.1, 0.914058, 0.75, 0.0)
    """

    def at(self, t: Any, m: Any) -> Any:
        i = m.interval(t, self.knots)
        rate = m.gather(self.rates, i)
        elapsed = (1.0 - m.cos(m.pi * m.fraction(t, self.knots, i))) / 2
        return rate + (m.gather(self.rates, i + 1) - rate) * elapsed
