"""Half a cosine wave from one rate to another."""

from typing import Any

from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


class Cosine(Schedule, tag="cosine"):
    """Half a cosine wave from `start` to `end`: flat at both ends, steepest halfway.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = Cosine(1.0, 0.0, steps=10)
        >>> decay(0), decay(10), decay(1000)
        (1.0, 0.0, 0.0)

    Source:
        Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017,
        arXiv:1608.03983.
    """

    start: Rate
    end: Rate
    steps: Steps

    def at(self, t: Any, m: Any) -> Any:
        return self.end + (self.start - self.end) * (1 + m.cos(m.pi * t / self.steps)) / 2
