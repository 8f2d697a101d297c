"""Decay as one over the square root of time."""

from typing import Any

from glissando.rules import Rate, Timescale
from glissando.schedule import Schedule


class InverseSqrt(Schedule, tag="inverse_sqrt"):
    """`start` over the square root of one plus time in units of `timescale`; it never ends.

    After a linear warm-up of W steps, `timescale=W` gives the curve peak · √(W / step) of the
    Transformer, the step counted from the start of the warm-up.

    Args:
        start: the rate at step 0.
        timescale: the steps after which 1/√2 of `start` is left, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> InverseSqrt(0.001, timescale=100)(300)
        0.0005

    Source:
        Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762.
    """

    start: Rate
    timescale: Timescale

    def at(self, t: Any, m: Any) -> Any:
        return self.start / m.sqrt(1.0 + t / self.timescale)
