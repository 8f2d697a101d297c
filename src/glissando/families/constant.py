"""The same rate for ever, or for some steps."""

import math
from typing import Any

from glissando.rules import Rate, StepsOrInf
from glissando.schedule import Schedule


class Constant(Schedule, tag="constant"):
    """The same rate at every step.

    Args:
        value: the rate.
        steps: how long it lasts as a part of a chain; by default it never ends.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> Constant(0.001)(7)
        0.001
    """

    value: Rate
    steps: StepsOrInf = math.inf

    def at(self, t: Any, m: Any) -> Any:
        return self.value
