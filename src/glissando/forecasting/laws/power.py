"""The part that most laws share: progress falls as a power of the sum of rates."""

import numpy as np

from glissando.forecasting.history import Array


def progress(sums: Array, L0: float, A: float, alpha: float) -> tuple[Array, dict[str, Array]]:
    """Return `L0 + A·S^−alpha`, and its derivatives."""
    power = sums**-alpha
    return L0 + A * power, {
        "L0": np.ones_like(sums),
        "A": power,
        "alpha": -A * power * np.log(sums),
    }
