"""A power of the way that is left, over periods that become longer."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from glissando.rules import Power, Rate, Steps
from glissando.schedule import Schedule


class CyclicPolynomial(Schedule, tag="cyclic_polynomial"):
    """From `start` to `end` as a power of the way that is left, again and again, for ever.

    The way is as long as the periods begun: at the first step after k periods it becomes k + 1
    periods long, all counted from step 0. So each jump goes up to a lower rate.

    Args:
        start: the rate at step 0.
        end: the rate at the last step of each period.
        period: the length of a period, 1 or more.
        power: the exponent, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> saw = CyclicPolynomial(1.0, 0.0, period=4, power=1.0)
        >>> saw(0), saw(2), saw(4), saw(5), saw(6), saw(8)
        (1.0, 0.5, 0.0, 0.375, 0.25, 0.0)
    """

    start: Rate
    end: Rate
    period: Steps
    power: Power

    def at(self, t: Any, m: Any) -> Any:
        periods = m.maximum(0 - (0 - t) // self.period, 1)
        # the product may overflow an int32, but the difference is what it ought to be
        left = (periods * self.period - t) / self.period / periods
        gone = t / self.period / periods
        return self.end + (self.start - self.end) * m.rest(gone, left, self.power)

    def breaks(self, low: int = 0) -> Iterator[int]:
        return count(max(1, -(-(low - 1) // self.period)) * self.period + 1, self.period)
