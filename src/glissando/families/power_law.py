"""Decay as a power of time."""

from typing import Any

from glissando.rules import Power, Rate, Timescale
from glissando.schedule import Schedule


class PowerLaw(Schedule, tag="power_law"):
    """`start` over a power of one plus time in units of `timescale`; it never ends.

    A power of 1 is `InverseTime`, of 1/2 `InverseSqrt`. After a warm-up of W steps, `timescale=W`
    gives peak · (W / step) to the power, the step counted from the start of the warm-up.

    Args:
        start: the rate at step 0.
        power: the exponent, above 0.
        timescale: the steps after which 2 to the -`power` of `start` is left, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> PowerLaw(0.1, power=2.0, timescale=100)(100)
        0.025

    Source:
        Shen et al., "Power Scheduler: A Batch Size and Token Number Agnostic Learning Rate
        Scheduler", 2024, arXiv:2408.13359.
    """

    start: Rate
    power: Power
    timescale: Timescale

    def at(self, t: Any, m: Any) -> Any:
        # the share of -timescale that is left at -t is 1 + t / timescale, and never below 1
        return self.start * m.left(-t, self.timescale, -self.power)
