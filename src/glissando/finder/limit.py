"""The largest stable rate, with an interval: from brackets around it, or from one ramp."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from glissando.finder.answer import Limit

SHARE = 0.92
"""How much of the belief the interval holds: where others than the unstable direction are slow to
fade, a bracket lies a little too high, so that 92 % of belief hold the limit 90 times in 100."""


def from_brackets(brackets: Sequence[tuple[float, float]], alike: bool) -> Limit:
    """Return the limit that one bracket a seed shows: a stable rate, and the unstable one above.

    The logarithms of the seeds' own limits are normal around the one that is asked for, with a
    spread that nobody knows, and each is seen only as far as its bracket is narrow. No place is
    more likely than another beforehand, and no order of magnitude of the spread.

    Args:
        brackets: one for each seed.
        alike: whether all seeds train alike, so that there is no spread.
    """
    lowest = min(low for low, _ in brackets)
    if not lowest:  # a seed had no stable rate
        return Limit(value=min(high for _, high in brackets), low=0, high=max(brackets)[1])
    low, high = np.log(np.array(brackets)).T
    finite = np.isfinite(high)
    if not finite.all():  # a seed did not diverge at all
        least = float(np.exp(low.min()))
        return Limit(value=float(np.exp(low.max())), low=least, high=np.inf)
    width = float((high - low).min())
    spread = np.geomspace(width / 20, 4 * max(width, np.ptp(low + high)), 60)
    place = np.linspace(low.min() - spread[-1], high.max() + spread[-1], 4001)
    if alike:
        belief = (place > low.max()) & (place < high.min())
    else:
        inside = [
            ndtr((b - place[:, None]) / spread) - ndtr((a - place[:, None]) / spread)
            for a, b in zip(low, high, strict=True)
        ]
        belief = np.prod(inside, axis=0).sum(axis=1)
    sums = np.cumsum(belief) / np.sum(belief)
    ends = np.exp(np.interp([(1 - SHARE) / 2, 0.5, (1 + SHARE) / 2], sums, place))
    return Limit(value=ends[1], low=ends[0], high=ends[2])
