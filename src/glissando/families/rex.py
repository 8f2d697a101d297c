"""A straight line bent outwards: the schedule for a fixed budget."""

from typing import Any

from glissando.rules import Rate, StepsOrZero
from glissando.schedule import Schedule


class Rex(Schedule, tag="rex"):
    """The reflected exponential: `end + (start − end) · (1 − f) / (1/2 + (1 − f)/2)`, f = t/steps.

    It falls or rises, at first half as fast as a straight line, then ever faster, and at the end
    twice as fast.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = Rex(0.3, 0.0, steps=10)
        >>> decay(0), round(decay(5), 6), decay(10)
        (0.3, 0.2, 0.0)

    Source:
        Chen et al., "REX: Revisiting Budgeted Training with an Improved Schedule", 2022,
        arXiv:2107.04197.
    """

    start: Rate
    end: Rate
    steps: StepsOrZero

    def at(self, t: Any, m: Any) -> Any:
        remaining = (self.steps - t) / self.steps
        return self.end + (self.start - self.end) * (remaining / (0.5 + 0.5 * remaining))
