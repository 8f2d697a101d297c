"""A power of half a cosine wave."""

from typing import Any

from glissando.rules import Power, Rate, Steps
from glissando.schedule import Schedule


class CosinePower(Schedule, tag="cosine_power"):
    """From `start` to `end` along half a cosine wave that is raised to a power.

    A power above 1 falls earlier, 1 is the plain cosine, and below 1 it falls later.

    The wave (1 + cos(π · step / `steps`)) / 2 is written as the square of a sine of the way that
    is left, which is the same but keeps its digits near the end.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.
        power: the exponent, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> round(CosinePower(0.1, 0.0, steps=100, power=2.0)(50), 6)
        0.025
    """

    start: Rate
    end: Rate
    steps: Steps
    power: Power

    def at(self, t: Any, m: Any) -> Any:
        gone = m.sin(m.pi / 2 * (t / self.steps))
        left = m.sin(m.pi / 2 * ((self.steps - t) / self.steps))
        return self.end + (self.start - self.end) * m.rest(gone * gone, left * left, self.power)
