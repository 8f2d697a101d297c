"""The last-iterate bound of convex optimization, as a law of the loss."""

from functools import lru_cache
from typing import ClassVar

import numpy as np

from glissando.forecasting.history import Array, History
from glissando.forecasting.laws.base import Amount, Law, Level, Unit

SMALLEST = 1e-300
"""Rates that sum up to no more are none: one over them would be infinite."""


class Bound(Law, tag="bound"):
    """`L0 + A/S + B·[Σ η²/S + Σ_k η_k/S_(k+1)·(Σ_(t≥k) η_t²)/S_k]`.

    S is the sum of all rates, S_k of those from k on. A and B stand for D²/2 and G²/2: the distance
    to the solution, and the size of gradients.

    Source: A. Defazio et al., "Optimal linear decay learning rate schedules and further
    refinements", arXiv:2310.07831, 2023, theorem 10; F. Schaipp et al., "The surprising agreement
    between convex optimization theory and learning-rate scheduling", arXiv:2501.18965, 2025.

    Args:
        L0: the loss that no training falls below.
        A: the distance term.
        B: the noise term.
        rate: the unit of rates.
        steps: the unit of steps.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Constant
        >>> Bound(0.0, 0.5, 0.5)(Constant(0.1), 2)
        2.6
    """

    L0: Level
    A: Amount
    B: Amount
    rate: Unit = 1.0
    steps: Unit = 1.0

    positional = ("L0", "A", "B")
    parameters: ClassVar[tuple[str, ...]] = ("L0", "A", "B")
    linear: ClassVar[tuple[str, ...]] = ("L0", "A", "B")
    last: ClassVar[tuple[int, ...]] = (*range(1, 9), *(round(8 * 1.3**i) for i in range(1, 32)))
    bins: ClassVar[int] = 400

    @staticmethod
    def evaluate(history: History, *parameters: float) -> tuple[Array, dict[str, Array]]:
        """Return the losses, and their derivative by each parameter."""
        L0, A, B = parameters
        distance, noise = terms(history)
        losses = L0 + A * distance + B * noise
        return losses, {"L0": np.ones_like(losses), "A": distance, "B": noise}


@lru_cache(maxsize=64)  # a fit asks for them again and again
def terms(history: History) -> tuple[Array, Array]:
    """Return the factors of the distance and of the noise at each point of a history."""
    summed = history.rates * history.width / history.unit
    squares = history.rates * summed
    noise = np.empty(len(history.at))
    for i, at in enumerate(history.at):
        left = np.cumsum(summed[:at][::-1])[::-1]  # S_k at the begin of each bin
        later = np.cumsum(squares[:at][::-1])[::-1]
        noise[i] = later[0] / left[0]
        k = np.flatnonzero(left[1:] > SMALLEST)  # all but the last step
        # in a bin η_k/(S_(k+1)·S_k) adds up to the difference of 1/S; what is later falls by η·S
        before, after, rate = left[k], left[k + 1], history.rates[k] / history.unit
        inverse = 1.0 / after - 1.0 / before
        falling = history.rates[k] * (np.log(before / after) + (rate / 2.0 - after) * inverse)
        one = history.width[k] == 1
        noise[i] += np.where(one, inverse * later[k], inverse * later[k + 1] + falling).sum()
    return 1.0 / history.sums[history.at], noise
