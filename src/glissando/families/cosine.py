"""Half a cosine wave from one rate to another."""

from typing import Any, ClassVar

from glissando.rules import Rate, StepsOrZero
from glissando.schedule import Schedule


class Cosine(Schedule, tag="cosine"):
    """Half a cosine wave: `end + (start − end) · (1 + cos(π · t/steps)) / 2`.

    It falls or rises, flat at both ends and steepest halfway, where it meets the straight line.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = Cosine(1.0, 0.0, steps=12)
        >>> decay(0), decay(4), decay(12), decay(1000)
        (1.0, 0.75, 0.0, 0.0)

    Source:
        Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017,
        arXiv:1608.03983.
    """

    lands: ClassVar[bool] = True

    start: Rate
    end: Rate
    steps: StepsOrZero

    def at(self, t: Any, m: Any) -> Any:
        return self.end + (self.start - self.end) / 2 * (1 + m.cos(m.pi * t / self.steps))
