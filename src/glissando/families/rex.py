"""A straight line bent outwards: the schedule for a fixed budget."""

from typing import Any

from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


class Rex(Schedule, tag="rex"):
    """From `start` to `end`, slowly at first and ever faster: reflected exponential.

    With s the share of the steps that is left, the way still to go is s / (1/2 + s/2).

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> Rex(0.3, 0.0, steps=10)(5)
        0.19999999999999998

    Source:
        Chen et al., "REX: Revisiting Budgeted Training with an Improved Schedule", 2022,
        arXiv:2107.04197.
    """

    start: Rate
    end: Rate
    steps: Steps

    def at(self, t: Any, m: Any) -> Any:
        left = (self.steps - t) / self.steps
        return self.end + (self.start - self.end) * (left / (0.5 + 0.5 * left))
