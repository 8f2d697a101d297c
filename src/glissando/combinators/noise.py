"""A schedule with noise on it."""

import math
from typing import Annotated, Any

from glissando.combinators.base import Wrapper
from glissando.rules import Number, Ratio


class Noise(Wrapper, tag="noise"):
    """A schedule with seeded noise: `s(t) · (1 − scale + 2 · scale · noise(t))`.

    noise(t) is a number from 0 to 1, spread evenly, that depends on the step and the seed alone: it
    is the same in every run, order of calls and framework. So the rate jumps from step to step,
    from 1 − `scale` to 1 + `scale` times the schedule's. Past the end the noisy end value holds,
    and a step between two whole ones has the noise of the earlier one.

    Args:
        schedule: the schedule s.
        scale: how far a rate may move, as a fraction of it, above 0 and at most 1.
        seed: which noise, a whole number from 0 to 2**32 - 1.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Constant
        >>> noisy = Constant(1.0).noise(0.1, seed=7)
        >>> [round(noisy(step), 3) for step in (0, 1, 2, 1)]
        [0.96, 0.959, 1.0, 0.959]
    """

    smooth = False

    scale: Ratio
    seed: Annotated[int, Number(0, 2**32 - 1, whole=True)] = 0

    def at(self, t: Any, m: Any) -> Any:
        if self.steps < math.inf:
            t = m.minimum(t, self.steps)
        factor = (1.0 - self.scale) + 2.0 * self.scale * m.noise(t, self.seed)
        return self.schedule.rate_at(t, m) * factor

    def bound(self) -> float:
        return self.schedule.bound() * (1 + self.scale)

    def least(self) -> float:
        return self.schedule.least() * (1 - self.scale)
