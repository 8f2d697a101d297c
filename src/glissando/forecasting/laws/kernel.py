"""Kernel laws: every update adds noise in proportion to its rate, which later rates forget."""

from typing import ClassVar

import numpy as np

from glissando.forecasting.history import Array, History
from glissando.forecasting.laws.base import Amount, Exponent, Law, Level, Prior, Unit
from glissando.forecasting.laws.power import progress

SMALLEST = 1e-12
"""Below this rates add no noise."""


class Kernel(Law, tag="kernel"):
    """`L0 + A·S^−alpha + B·∫ η(u)^p·(1 + C·(S − u))^−q du`: noise, and its forgetting.

    S is the law's time, the sum of `η^0.85`, and u runs over it from 0 to S: steps of AdamW are
    normalized, and those at a low rate come further than the rate says.

    Source: the functional scaling law of arXiv:2509.19189 (2025), with free exponents of the source
    and of time, and without its drift.

    Args:
        L0: the loss that no training falls below.
        A: what progress takes off at one unit of summed rates.
        alpha: the power of progress.
        B: the noise of an update.
        C: how fast it is forgotten.
        p: the power of the rate in the source of noise: 1 for SGD, less where steps are normalized.
        q: the power by which noise is forgotten.
        rate: the unit of rates.
        steps: the unit of steps.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Constant, Linear
        >>> law = Kernel(2.4, 0.5, 0.3, 3.0, 2.0, 0.35, 1.2, rate=1e-3, steps=10_000)
        >>> rate = Constant(1e-3, steps=8000)
        >>> round(law(rate >> Linear(1e-3, 0.0, steps=2000), 10_000), 3)
        4.269
    """

    L0: Level
    A: Amount
    alpha: Exponent
    B: Amount
    C: Amount
    p: Exponent
    q: Exponent
    rate: Unit = 1.0
    steps: Unit = 1.0

    positional = ("L0", "A", "alpha", "B", "C", "p", "q")
    parameters: ClassVar[tuple[str, ...]] = ("L0", "A", "alpha", "B", "C", "p", "q")
    linear: ClassVar[tuple[str, ...]] = ("L0", "A", "B")
    clock: ClassVar[float] = 0.85
    priors: ClassVar[dict[str, Prior]] = {
        "alpha": Prior(0.4, 0.2, "fits to published runs of language models: 0.28 to 0.51"),
        "p": Prior(0.85, 0.3, "1 in convex theory; 0.33 to 0.93 in fits to published AdamW runs"),
        "q": Prior(1.0, 0.1, "1 in convex theory; 1.0 to 1.3 in fits to published AdamW runs"),
    }

    @staticmethod
    def evaluate(history: History, *parameters: float) -> tuple[Array, dict[str, Array]]:
        """Return the losses, and their derivative by each parameter."""
        L0, A, alpha, B, C, p, q = parameters
        losses, by = progress(history.sums[history.at], L0, A, alpha)
        rates = np.maximum(history.rates, SMALLEST)
        source = rates**p
        # ∫ (1 + C·x)^−q dx = log-like(1 + C·x)/C, with log-like(y) = (y^(1 − q) − 1)/(1 − q)
        (far, far_q), (near, near_q) = (_antiderivative(1.0 + C * x, q) for x in history.distances)
        mass = (far - near) / C
        noise = mass @ source
        moved = [x * (1.0 + C * x) ** -q for x in history.distances]
        by["B"] = noise
        by["C"] = B * (((moved[0] - moved[1]) / C - mass / C) @ source)
        by["p"] = B * (mass @ (source * np.log(rates)))
        by["q"] = B * ((far_q - near_q) / C @ source)
        return losses + B * noise, by


def _antiderivative(y: Array, q: float) -> tuple[Array, Array]:
    """Return the integral of y^−q from 1 to y, and its derivative by q; smooth at q = 1."""
    log, k = np.log(y), 1.0 - q
    if abs(k) < 1e-4:
        return log * (1.0 + k * log / 2.0), -log * log * (0.5 + k * log / 3.0)
    power = np.exp(k * log)
    value = (power - 1.0) / k
    return value, (value - log * power) / k


class ConvexKernel(Law, tag="convex_kernel"):
    """`L0 + A·S^−alpha + B·∫ η(u)/(1 + C·(S − u)) du`: the kernel that convex theory has.

    The source of noise is the square of the rate (η of an update, times η of the clock), and its
    memory falls as 1 over the distance, as in the last-iterate bound.

    Source: the last term of the bound of A. Defazio et al., arXiv:2310.07831 (2023), as a law.

    Args:
        L0: the loss that no training falls below.
        A: what progress takes off at one unit of summed rates.
        alpha: the power of progress.
        B: the noise of an update.
        C: how fast it is forgotten.
        rate: the unit of rates.
        steps: the unit of steps.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Constant, Linear
        >>> law = ConvexKernel(2.4, 0.5, 0.3, 0.4, 2.0, rate=1e-3, steps=10_000)
        >>> rate = Constant(1e-3, steps=8000)
        >>> round(law(rate >> Linear(1e-3, 0.0, steps=2000), 10_000), 3)
        3.109
    """

    L0: Level
    A: Amount
    alpha: Exponent
    B: Amount
    C: Amount
    rate: Unit = 1.0
    steps: Unit = 1.0

    positional = ("L0", "A", "alpha", "B", "C")
    parameters: ClassVar[tuple[str, ...]] = ("L0", "A", "alpha", "B", "C")
    linear: ClassVar[tuple[str, ...]] = ("L0", "A", "B")
    priors: ClassVar[dict[str, Prior]] = {
        "alpha": Prior(0.4, 0.2, "fits to published runs of language models: 0.28 to 0.51"),
    }

    @staticmethod
    def evaluate(history: History, *parameters: float) -> tuple[Array, dict[str, Array]]:
        """Return the losses, and their derivative by each parameter."""
        losses, by = Kernel.evaluate(history, *parameters, 1.0, 1.0)
        return losses, {name: by[name] for name in ConvexKernel.parameters}
