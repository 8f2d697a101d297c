"""What a cooldown gains where no pilot shows one: a guess from published runs."""

from collections.abc import Sequence

import numpy as np

from glissando.families import Linear
from glissando.forecasting.fit import decays_from, peak_of, warmed_up
from glissando.logs.curve import Curve

GAIN = 0.163
"""What a straight line to 0 over 5,000 steps from a peak of 1e-3 takes off the loss, in nats.

Fitted as the two powers below to 48 cooldowns of 7 language models, 33 to 210 million parameters,
AdamW (the runs of arXiv:2501.18965 and arXiv:2405.18392). Those of a model that is left out of the
fit are met to 0.3 % of the loss in the mean, and to 0.6 % at worst.
"""

BY_PEAK = 0.3
"""As which power of the peak it goes."""

PEAKS = 1e-4, 4e-3
"""Between which peaks it does: beyond them it is that of the nearest."""

BY_LENGTH = 0.17
"""As which power of the length it goes, be that 10 or 40 % of a run."""

MOST = 0.15
"""What it takes off at most, as a fraction of the loss: not every loss is in nats."""

FRACTIONS = 0.1, 0.2, 0.4
"""How long the guessed cooldowns are, as fractions of the trunk."""

LATE = 0.3
"""The last fraction of a trunk, by which its last losses are known."""


def guessed_cooldowns(curves: Sequence[Curve]) -> list[Curve]:
    """Return cooldowns from the end of a trunk as they probably would have ended; none if one has.

    Each is a run with one loss, so that any law can be fitted to it: no law can tell from a
    constant rate alone what a falling one gains.
    """
    if any(decays_from(curve) for curve in curves):
        return []
    trunk = max(curves, key=lambda curve: curve.steps[-1])
    end, peak = trunk.steps[-1], peak_of(trunk)
    found = []
    for length in (round(fraction * end) for fraction in FRACTIONS):
        at = end - length
        if length and at > warmed_up(trunk):
            level = _level(trunk, end - length / 2.0)
            gain = min(gained(peak, length), MOST * abs(level))
            schedule = trunk.schedule.branch(at, Linear(1.0, 0.0, length))
            found.append(trunk.replace(schedule=schedule, steps=[end], losses=[level - gain]))
    return found


def gained(peak: float, length: float) -> float:
    """Return how far below its trunk a straight line to 0 probably ends, in nats.

    It is compared with the trunk after the same sum of rates.
    """
    low, high = PEAKS
    by_peak = (min(max(peak, low), high) / 1e-3) ** BY_PEAK
    return float(GAIN * by_peak * (length / 5000.0) ** BY_LENGTH)


def _level(trunk: Curve, step: float) -> float:
    """Return the loss of a trunk at a step near its end, by the line through its last losses."""
    logs, losses = np.log(trunk.steps), np.asarray(trunk.losses)
    late = logs >= np.log1p(-LATE) + logs[-1]
    if late.sum() < 3:
        return trunk.last
    return float(np.polyval(np.polyfit(logs[late], losses[late], 1), np.log(step)))
