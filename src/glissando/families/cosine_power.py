"""A power of half a cosine wave."""

from typing import Any

from glissando.rules import Power, Rate, StepsOrZero
from glissando.schedule import Schedule


class CosinePower(Schedule, tag="cosine_power"):
    """A power of half a cosine wave: `end + (start − end) · ((1 + cos(π · t/steps)) / 2)^power`.

    It falls or rises, flat at first. A power above 1 moves earlier and is flatter at last, 1 is
    `Cosine`, and a power below 1 moves later.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.
        power: the exponent, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = CosinePower(0.1, 0.0, steps=100, power=2.0)
        >>> decay(0), round(decay(50), 6), decay(100)
        (0.1, 0.025, 0.0)
    """

    start: Rate
    end: Rate
    steps: StepsOrZero
    power: Power

    def at(self, t: Any, m: Any) -> Any:
        # the wave as the square of a sine: the same, but it keeps its digits near the end
        elapsed = m.sin(m.pi / 2 * (t / self.steps))
        remaining = m.sin(m.pi / 2 * ((self.steps - t) / self.steps))
        return self.end + (self.start - self.end) * m.remaining_power(
            elapsed * elapsed, remaining * remaining, self.power
        )
