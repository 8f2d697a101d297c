"""A square root of the elapsed fraction: the 1-sqrt cooldown."""

from typing import Any

from glissando.rules import Rate, StepsOrZero
from glissando.schedule import Schedule


class Sqrt(Schedule, tag="sqrt"):
    """A square root of time: `start + (end − start) · √(t/steps)`.

    It falls or rises, fast at first and then ever more slowly. Down to 0 it is `start` times
    1 − √(t/steps): the cooldown named "1-sqrt".

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> cooldown = Sqrt(0.001, 0.0, steps=100)
        >>> cooldown(0), cooldown(25), cooldown(100)
        (0.001, 0.0005, 0.0)

    Source:
        Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond Fixed Training
        Durations", 2024, arXiv:2405.18392.
    """

    start: Rate
    end: Rate
    steps: StepsOrZero

    def at(self, t: Any, m: Any) -> Any:
        return self.start + (self.end - self.start) * m.sqrt(t / self.steps)
