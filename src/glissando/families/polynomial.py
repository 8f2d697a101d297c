"""A power of the way that is left."""

from typing import Any

from glissando.rules import Power, Rate, Steps
from glissando.schedule import Schedule


class Polynomial(Schedule, tag="polynomial"):
    """From `start` to `end` as a power of the way that is left.

    A power above 1 moves fast at first and lands softly; 1 is a straight line; below 1 it is the
    other way round. As a power of the way that is gone, `start` + (`end` - `start`) ·
    (step / `steps`)^`power`, it is `Polynomial(end, start, steps, power).reverse()`.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.
        power: the exponent, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> Polynomial(0.1, 0.0, steps=4, power=2.0)(2)
        0.025
    """

    start: Rate
    end: Rate
    steps: Steps
    power: Power

    def at(self, t: Any, m: Any) -> Any:
        return self.end + (self.start - self.end) * m.left(t, self.steps, self.power)
