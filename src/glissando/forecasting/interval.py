"""How far a predicted loss is to be trusted: its 80 % interval."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glissando.forecasting.history import Array

NORMAL = 1.2816
"""Half of an 80 % interval, in standard deviations of a normal distribution."""

BEYOND = 0.5
"""How much wider an interval is for each e-fold of steps beyond the pilots, as a fraction."""

DIFFER = 0.3
"""How much of the spread of the laws an interval has."""

SMALLEST = 0.002
"""What laws miss at least from one pilot, as a fraction of the loss; less by the root of more."""

SCATTER = 2.8
"""How much more what pilots scatter about the laws counts in what is extrapolated from them."""

HIDDEN = 4.0
"""How much wider intervals are where no pilot shows what a cooldown gains."""


class Interval(NamedTuple):
    """What the 80 % interval of a loss is made of.

    Half of it is `wider` times the root of the sum of three squares: of
    `error·|loss|·(1 + beyond·ln(step/steps))`, the logarithm being 0 within the pilots' `steps`; of
    `noise`; and of `differ` times the spread of the laws about their mean.

    Its constants were chosen so that intervals hold 80 % of the losses of published runs, and of a
    small task.

    Attributes:
        error: what the laws miss, as a fraction of the loss.
        noise: what pilots scatter, and seeds, in units of the loss.
        beyond: how much wider it is for each e-fold of steps beyond the pilots.
        differ: how much of the spread of the laws it has.
        wider: how much wider it is where no pilot shows what a cooldown gains; 1 where one does.
    """

    error: float
    noise: float
    beyond: float
    differ: float
    wider: float

    @classmethod
    def of(
        cls, pilots: int, residual: float, scatter: float, noise: float, *, hidden: bool
    ) -> "Interval":
        """Return the interval of what is forecast from some pilots.

        Args:
            pilots: how many there are.
            residual: the back-test's error, as a fraction of the loss.
            scatter: the standard deviation of the pilots' losses about the laws.
            noise: the standard deviation of the last loss between seeds.
            hidden: whether no pilot shows what a cooldown gains.
        """
        return cls(
            math.hypot(residual, SMALLEST / math.sqrt(pilots)),
            NORMAL * math.hypot(SCATTER * scatter, noise),
            BEYOND,
            DIFFER,
            HIDDEN if hidden else 1.0,
        )

    def half(
        self, loss: float, by_law: Array, weights: Sequence[float] | Array, longer: float
    ) -> float:
        """Return half of the interval of a loss.

        Args:
            loss: the loss.
            by_law: what each law says of it.
            weights: the weights of the laws.
            longer: how many times as long as the longest pilot the run is.
        """
        spread = float(np.sqrt(np.asarray(weights) @ (by_law - loss) ** 2))
        return self.wider * math.hypot(self.missed(loss, longer), self.differ * spread)

    def missed(self, loss: float, longer: float) -> float:
        """Return the part of that which is the same for all laws."""
        beyond = 1.0 + self.beyond * max(math.log(longer), 0.0)
        return math.hypot(abs(loss) * self.error * beyond, self.noise)
