"""A power of the remaining fraction, over periods that become longer."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from glissando.rules import Power, Rate, Steps
from glissando.schedule import Schedule


class CyclicPolynomial(Schedule, tag="cyclic_polynomial"):
    """A power over ever longer times: `end + (start − end) · (1 − t/(k · period))^power`.

    A saw that never ends: k is 1 up to step `period`, 2 up to step 2 · `period`, and so on. The
    rate comes to `end` at the end of each period and jumps back at the next step, each time less
    far.

    Args:
        start: the rate at step 0.
        end: the rate at the last step of each period.
        period: the length of a period, 1 or more.
        power: the exponent, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> saw = CyclicPolynomial(1.0, 0.0, period=4, power=2.0)
        >>> saw(0), saw(2), saw(4), saw(5), saw(6), saw(8)
        (1.0, 0.25, 0.0, 0.140625, 0.0625, 0.0)
    """

    start: Rate
    end: Rate
    period: Steps
    power: Power

    def at(self, t: Any, m: Any) -> Any:
        periods = m.maximum(0 - (0 - t) // self.period, 1)
        # the next end itself may be beyond what integers or floats hold
        remaining = ((periods - 1) * self.period - t + self.period) / self.period / periods
        elapsed = t / self.period / periods
        return self.end + (self.start - self.end) * m.remaining_power(
            elapsed, remaining, self.power
        )

    def breaks(self, low: int = 0) -> Iterator[int]:
        return count(max(1, -(-(low - 1) // self.period)) * self.period + 1, self.period)
