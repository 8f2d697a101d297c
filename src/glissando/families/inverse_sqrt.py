"""Decay as one over the square root of time."""

from typing import Any

from glissando.rules import Rate, Timescale
from glissando.schedule import Schedule


class InverseSqrt(Schedule, tag="inverse_sqrt"):
    """One over a square root: `start / √(1 + t/timescale)`.

    It falls fast at first and ever more slowly towards 0; it never ends. After a linear warm-up of
    W steps to a peak, `timescale=W` gives the Transformer's peak · √(W/step), the step counted from
    the start of the warm-up.

    Args:
        start: the rate at step 0.
        timescale: the steps after which the rate is `start` / √2, 1e-20 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = InverseSqrt(0.001, timescale=100)
        >>> decay(0), decay(300), decay(2400)
        (0.001, 0.0005, 0.0002)

    Source:
        Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762.
    """

    start: Rate
    timescale: Timescale

    def at(self, t: Any, m: Any) -> Any:
        return self.start / m.sqrt(1.0 + t / self.timescale)
