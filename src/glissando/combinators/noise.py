"""A schedule with noise on it."""

import math
from typing import Annotated, Any

from glissando.combinators.combinator import Wrapper
from glissando.rules import Number, Ratio


class Noise(Wrapper, tag="noise"):
    """A schedule times 1 + noise, the noise of a step depending on that step and the seed alone.

    Seeded noise is no chance: the same seed gives the same rates in every run, order of calls and
    framework. Rates are spread evenly from 1 - `scale` to 1 + `scale` times the schedule's; in the
    formula, noise is a number from 0 to 1. Past the end the noisy end value holds, and a step
    between two whole ones has the noise of the earlier one.

    Args:
        schedule: the schedule.
        scale: how far a rate may move, as a share of it, above 0 and at most 1.
        seed: which noise, a whole number from 0 to 2**32 - 1.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Constant
        >>> noisy = Constant(1.0).noise(0.1, seed=7)
        >>> [round(noisy(step), 3) for step in (0, 1, 2, 1)]
        [0.96, 0.959, 1.0, 0.959]
    """

    scale: Ratio
    seed: Annotated[int, Number(0, 2**32 - 1, whole=True)] = 0

    def at(self, t: Any, m: Any) -> Any:
        if self.steps < math.inf:
            t = m.minimum(t, self.steps)
        factor = (1.0 - self.scale) + 2.0 * self.scale * m.noise(t, self.seed)
        return self.schedule.follow(t, m) * factor

    def bound(self) -> float:
        return self.schedule.bound() * (1 + self.scale)
