"""Decay as a power of time."""

from typing import Any

from glissando.rules import Power, Rate, Timescale
from glissando.schedule import Schedule


class PowerLaw(Schedule, tag="power_law"):
    """A power of time: `start / (1 + t/timescale)^power`.

    It falls fast at first and ever more slowly towards 0; it never ends. A power of 1 is
    `InverseTime`, of 1/2 `InverseSqrt`. After a warm-up of W steps to a peak, `timescale=W` gives
    peak · (W/step)^power, the step counted from the start of the warm-up.

    Args:
        start: the rate at step 0.
        power: the exponent, above 0.
        timescale: the steps after which the rate is `start` / 2^`power`, 1e-20 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = PowerLaw(0.1, power=2.0, timescale=100)
        >>> decay(0), decay(100), decay(900)
        (0.1, 0.025, 0.001)

    Source:
        Shen et al., "Power Scheduler: A Batch Size and Token Number Agnostic Learning Rate
        Scheduler", 2024, arXiv:2408.13359.
    """

    start: Rate
    power: Power
    timescale: Timescale

    def at(self, t: Any, m: Any) -> Any:
        # of -timescale steps the fraction 1 + t / timescale remains at -t, which is never below 1
        return self.start * m.remaining(-t, self.timescale, -self.power)
