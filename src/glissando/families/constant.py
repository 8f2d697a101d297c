"""The same rate for ever, or for some steps."""

import math
from typing import Any

from glissando.rules import Rate, StepsOrInf
from glissando.schedule import Schedule


class Constant(Schedule, tag="constant"):
    """The same rate at every step: `value`.

    Args:
        value: the rate.
        steps: how many steps it lasts, 0 or more; by default it never ends.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> top = Constant(0.001, steps=100)
        >>> top(0), top(7), top(100)
        (0.001, 0.001, 0.001)
    """

    value: Rate
    steps: StepsOrInf = math.inf

    def at(self, t: Any, m: Any) -> Any:
        return self.value

    def cut(self, steps: int) -> Schedule:
        return Constant(self.value, steps)
