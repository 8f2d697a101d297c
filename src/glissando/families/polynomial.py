"""A power of the remaining fraction."""

from typing import Any, ClassVar

from glissando.rules import Power, Rate, StepsOrZero
from glissando.schedule import Schedule


class Polynomial(Schedule, tag="polynomial"):
    """A power of the remaining fraction: `end + (start − end) · (1 − t/steps)^power`.

    It falls or rises. A power above 1 moves fast at first and is flat at the end; 1 is a straight
    line; below 1 it is the other way round. A power of the elapsed fraction,
    `start + (end − start) · (t/steps)^power`, is `Polynomial(end, start, steps, power).reverse()`.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.
        power: the exponent, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = Polynomial(0.1, 0.0, steps=4, power=2.0)
        >>> decay(0), decay(2), decay(4)
        (0.1, 0.025, 0.0)
    """

    lands: ClassVar[bool] = True

    start: Rate
    end: Rate
    steps: StepsOrZero
    power: Power

    def at(self, t: Any, m: Any) -> Any:
        return self.end + (self.start - self.end) * m.remaining(t, self.steps, self.power)
