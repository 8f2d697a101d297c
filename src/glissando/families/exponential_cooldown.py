"""An exponential that reaches its end, 0 included."""

from typing import Any

from glissando.errors import ScheduleError
from glissando.rules import Rate, Ratio, StepsOrZero
from glissando.schedule import Schedule


class ExponentialCooldown(Schedule, tag="exponential_cooldown"):
    """Part of an exponential: `end + (start − end) · (ratio^f − ratio) / (1 − ratio)`, f = t/steps.

    It falls or rises, fast at first and then more slowly, and reaches its end, 0 included. The
    smaller the ratio, the more bent the curve; near 1 it is a straight line. With a ratio of 1/2,
    down to 0, it is `start · (2 · (1/2)^f − 1)`.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.
        ratio: what the exponential falls to before it is stretched to its end, above 0 and below 1.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> cooldown = ExponentialCooldown(1.0, 0.0, steps=20, ratio=0.25)
        >>> cooldown(0), round(cooldown(10), 6), cooldown(20)
        (1.0, 0.333333, 0.0)
    """

    start: Rate
    end: Rate
    steps: StepsOrZero
    ratio: Ratio

    def check(self) -> None:
        if self.ratio == 1:
            raise ScheduleError(f"ExponentialCooldown: `ratio` must be below 1, got {self.ratio}")

    def at(self, t: Any, m: Any) -> Any:
        # ratio^f - ratio without subtracting near equals
        half = -0.5 * m.log(self.ratio)
        remaining = m.tanh(half * ((self.steps - t) / self.steps)) / m.tanh(half)
        bend = (m.power(self.ratio, t / self.steps) + self.ratio) / (1.0 + self.ratio)
        # above 1 by rounding, it would take a rise from 0 below it
        return self.end + (self.start - self.end) * m.minimum(remaining * bend, 1.0)
