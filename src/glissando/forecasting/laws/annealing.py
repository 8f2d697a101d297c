"""Annealing: progress, less what the falling of the rate has gained, with a memory of steps."""

from typing import Annotated, ClassVar

import numpy as np

from glissando.forecasting.history import Array, History
from glissando.forecasting.laws.base import Amount, Exponent, Law, Level, Prior, Unit
from glissando.forecasting.laws.power import progress
from glissando.rules import Number


class Annealing(Law, tag="annealing"):
    """`L0 + A·S1^−alpha − C·S2`, with `S2 = Σ_i m_i`, `m_i = λ·m_(i−1) + η_(i−1) − η_i`.

    S1 is the sum of rates, those of the warm-up counted as the peak; `λ = 1 − 1/memory`. What falls
    off the rate at step k has gained `(1 − λ^(t−k+1))/(1 − λ)` of itself by step t.

    Source: H. Tissue, V. Wang and L. Wang, "Scaling law with learning rate annealing",
    arXiv:2408.11029, 2024.

    Args:
        L0: the loss that no training falls below.
        A: what progress takes off at one unit of summed rates.
        alpha: the power of progress.
        C: what annealing takes off.
        memory: how many steps annealing takes to act, 1 or more; the paper's λ is 0.999.
        rate: the unit of rates.
        steps: the unit of steps.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Constant, Linear
        >>> law = Annealing(2.6, 0.4, 0.5, 1.0)
        >>> rate = Constant(1e-3, steps=8000)
        >>> round(law(rate >> Linear(1e-3, 0.0, steps=2000), 10_000), 3)
        2.166
    """

    L0: Level
    A: Amount
    alpha: Exponent
    C: Amount
    memory: Annotated[float, Number(1, 1e30)] = 1000.0
    rate: Unit = 1.0
    steps: Unit = 1.0

    positional = ("L0", "A", "alpha", "C")
    parameters: ClassVar[tuple[str, ...]] = ("L0", "A", "alpha", "C", "memory")
    linear: ClassVar[tuple[str, ...]] = ("L0", "A", "C")
    priors: ClassVar[dict[str, Prior]] = {
        "alpha": Prior(0.5, 0.3, "Tissue et al. 2408.11029: 0.4 to 0.6"),
        "memory": Prior(1000.0, 0.7, "Tissue et al. 2408.11029: λ 0.999, of 0.99 to 0.9999"),
    }

    @staticmethod
    def evaluate(history: History, *parameters: float) -> tuple[Array, dict[str, Array]]:
        """Return the losses, and their derivative by each parameter."""
        L0, A, alpha, C, memory = parameters
        top = history.top
        missing = np.maximum(history.last[top] - history.rates, 0.0) * history.width
        extra = np.concatenate([[0.0], np.cumsum(missing)]) / history.unit
        extra[top + 1 :] = extra[top + 1]
        losses, by = progress((history.sums + extra)[history.at], L0, A, alpha)
        # the drops of a bin are spread evenly over its steps; `age` is that of its last one
        width = history.width
        age = np.maximum(history.steps[:, None] - history.edges[1:] + 1, 0.0)
        log = np.log1p(-1.0 / memory) if memory > 1 else -700.0
        spread = np.expm1(log * width) / (np.expm1(log) * width)
        faded = np.exp(log * age) * spread
        weights = np.where(history.within, history.drops, 0.0) / history.unit
        gained = memory * ((1.0 - faded) * weights).sum(axis=1)
        # d/d memory, by d log/d memory = 1/(memory·(memory − 1))
        inside = np.exp(log * width) / np.expm1(log * width) - np.exp(log) / np.expm1(log) / width
        change = faded * (age + width * inside) / max(memory - 1.0, 1e-300)
        by["C"] = -gained
        by["memory"] = -C * (gained / memory - (change * weights).sum(axis=1))
        return losses - C * gained, by
