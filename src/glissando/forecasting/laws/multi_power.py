"""Multi-power: each fall of the rate gains a power of the rates summed since."""

from typing import ClassVar

import numpy as np

from glissando.forecasting.history import Array, History
from glissando.forecasting.laws.base import Amount, Exponent, Law, Level, Prior, Unit
from glissando.forecasting.laws.power import progress

SMALLEST = 1e-6
"""Below this fraction of the peak rates count as that: a power of 0 would be infinite."""


class MultiPower(Law, tag="multi_power"):
    """`L0 + A·S^−alpha − B·Σ_k (η_(k−1) − η_k)·[1 − (1 + C·η_k^−gamma·S_k)^−beta]`.

    S is the sum of all rates, S_k of those from k on. The sum begins at the first maximum of the
    rate.

    Source: K. Luo et al., "A multi-power law for loss curve prediction across learning rate
    schedules", arXiv:2503.12811, 2025.

    Args:
        L0: the loss that no training falls below.
        A: what progress takes off at one unit of summed rates.
        alpha: the power of progress.
        B: what a fall of the rate by one unit gains in the end.
        C: how fast it does.
        beta: the power by which it does.
        gamma: how much faster at a small rate.
        rate: the unit of rates.
        steps: the unit of steps.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Constant, Linear
        >>> law = MultiPower(3.04, 0.52, 0.51, 364.0, 2.1, 0.59, 0.65)
        >>> rate = Constant(3e-4, steps=20_000)
        >>> round(law(rate >> Linear(3e-4, 3e-5, steps=4000), 24_000), 3)
        3.148
    """

    L0: Level
    A: Amount
    alpha: Exponent
    B: Amount
    C: Amount
    beta: Exponent
    gamma: Exponent
    rate: Unit = 1.0
    steps: Unit = 1.0

    positional = ("L0", "A", "alpha", "B", "C", "beta", "gamma")
    parameters: ClassVar[tuple[str, ...]] = ("L0", "A", "alpha", "B", "C", "beta", "gamma")
    linear: ClassVar[tuple[str, ...]] = ("L0", "A", "B")
    priors: ClassVar[dict[str, Prior]] = {
        "alpha": Prior(0.45, 0.3, "Luo et al. 2503.12811: 0.43 to 0.51"),
        "beta": Prior(0.59, 0.3, "Luo et al. 2503.12811"),
        "gamma": Prior(0.65, 0.3, "Luo et al. 2503.12811"),
    }

    @staticmethod
    def evaluate(history: History, *parameters: float) -> tuple[Array, dict[str, Array]]:
        """Return the losses, and their derivative by each parameter."""
        L0, A, alpha, B, C, beta, gamma = parameters
        losses, by = progress(history.sums[history.at], L0, A, alpha)
        falling = np.flatnonzero(history.drops)
        since = (history.distances[0][:, falling] + history.distances[1][:, falling]) / 2.0
        one = history.width[falling] == 1  # S_k holds the rate of step k itself
        since[:, one] = history.distances[0][:, falling[one]]
        drops = np.where(history.within[:, falling], history.drops[falling], 0.0)
        rates = np.maximum(history.rates[falling], SMALLEST * history.last.max())
        scaled = rates**-gamma * since
        x = 1.0 + C * scaled
        left = x**-beta
        gained = ((1.0 - left) * drops).sum(axis=1)
        slope = B * (drops * left / x * beta * scaled)
        by["B"] = -gained
        by["C"] = -slope.sum(axis=1)
        by["beta"] = -B * (drops * left * np.log(x)).sum(axis=1)
        by["gamma"] = C * (slope * np.log(rates)).sum(axis=1)
        return losses - B * gained, by
