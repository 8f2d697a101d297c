"""An exponential that reaches its end, 0 included."""

from typing import Any

from glissando.rules import Rate, Ratio, ScheduleError, Steps
from glissando.schedule import Schedule


class ExponentialCooldown(Schedule, tag="exponential_cooldown"):
    """From `start` to `end` along a piece of an exponential: fast at first, then more slowly.

    With f the share of the steps that is gone, the way still to go is
    (`ratio`^f - `ratio`) / (1 - `ratio`): an exponential that falls to `ratio`, drawn out to 0.
    With `ratio` 1/2 that is 2 · (1/2)^f - 1. The smaller the ratio, the more bent the curve; near 1
    it is a straight line.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.
        ratio: what the exponential falls to before it is drawn out, above 0 and below 1.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> cooldown = ExponentialCooldown(1.0, 0.0, steps=20, ratio=0.25)
        >>> cooldown(0), round(cooldown(10), 6), cooldown(20)
        (1.0, 0.333333, 0.0)
    """

    start: Rate
    end: Rate
    steps: Steps
    ratio: Ratio

    def check(self) -> None:
        if self.ratio == 1:
            raise ScheduleError(f"ExponentialCooldown: `ratio` must be below 1, got {self.ratio}")

    def at(self, t: Any, m: Any) -> Any:
        # ratio^f - ratio without subtracting near equals
        half = -0.5 * m.log(self.ratio)
        left = m.tanh(half * ((self.steps - t) / self.steps)) / m.tanh(half)
        bend = (m.power(self.ratio, t / self.steps) + self.ratio) / (1.0 + self.ratio)
        return self.end + (self.start - self.end) * (left * bend)
