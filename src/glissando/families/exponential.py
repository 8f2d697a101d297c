"""Decay by a constant fraction of itself, in continuous form."""

from typing import Any

from glissando.rules import Factor, Rate
from glissando.schedule import Schedule


class Exponential(Schedule, tag="exponential"):
    """An exponential decay: `start · e^(−rate · t)`.

    It falls by the same factor at every step, fast at first and ever more slowly towards 0; it
    never ends.

    Args:
        start: the rate at step 0.
        rate: the decay per step, 0 or more; 0.1 loses about 10 % a step.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = Exponential(0.001, rate=0.1)
        >>> decay(0), decay(10)
        (0.001, 0.00036787944117144236)
    """

    start: Rate
    rate: Factor

    def at(self, t: Any, m: Any) -> Any:
        return self.start * m.exp(-self.rate * t)
