"""What is wrong with one run: it diverged, its loss rises or does not fall, it was restarted."""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from glissando.forecasting.history import Array
from glissando.forecasting.points import RATE, Points, noise_of, points_of
from glissando.logs.curve import Curve

FEWEST = 4
"""How many losses after the warm-up a run must have."""

WIDTHS = (2, 3, 4, 6, 8, 12, 16)
"""Over how many neighbors losses are averaged, to be compared with earlier ones."""

SURE = 3.5
"""A rise is no noise if it is more than so many standard deviations."""

SHORTEST = 0.04
"""A rise for a shorter fraction of the losses is a spike."""

FEW = 4.0
"""Of so many losses the noise is known to a factor of 2."""

RISE = 0.004
"""A rise that is smaller than this fraction of the loss does not mislead."""

EXPLODED = 0.5
"""A run has diverged if it loses more than this fraction of what it had gained."""

LATE = 0.1
"""A run whose first loss is later than this fraction of its steps does not show its start."""

LEAST = 0.07
"""By which fraction of its first loss a run must have fallen, in all."""

HIGH = 1.5
"""A run that ends above its first loss by more than this factor has diverged."""

FLAT = 0.01
"""A loss that falls less than this fraction while the steps double does not fall."""

TINIEST = 1e-300
"""What a size that may be 0 is divided by at least."""


class Fault(NamedTuple):
    """What is wrong with a run: "few", "diverged", "rises", "restarted", "flat" or "floor"."""

    kind: str
    words: str


def fault_of(curve: Curve) -> Fault | None:
    """Return what is wrong with a run, if something is: the worst, as the rest follows from it."""
    if curve.diverged:
        at = curve.steps[curve.losses.index(math.inf)]
        return Fault("diverged", f"diverged: its loss at step {at:,} is infinite or no number")
    points = points_of(curve)
    count = len(points.steps) - points.begin
    if count < FEWEST:
        words = f"has {count} losses after its warm-up; {FEWEST} or more are needed"
        return Fault("few", words)
    tests = (_ends_high, _rise, _was_high, _flat)
    return next(filter(None, (test(curve, points) for test in tests)), None)


def _level(losses: Array) -> float:
    """Return the size of losses that a rise or a fall is compared with."""
    return max(float(np.abs(losses[-1])), float(np.ptp(losses)) / 10, TINIEST)


def _best(losses: Array) -> Array:
    """Return the lowest mean of three losses in a row, up to each; of fewer at the beginning."""
    means = [losses[max(0, i - 2) : i + 1].mean() for i in range(len(losses))]
    return np.minimum.accumulate(means)


def _ends_high(curve: Curve, points: Points) -> Fault | None:
    """Say that a run ends far above what it had been."""
    losses, first = points.losses, float(curve.losses[0])
    late = _begins_late(curve)
    if len(losses) < 4 or (late and points.rates[-1] > RATE * points.rates[0]):
        return None
    best, end = float(_best(losses)[-1]), float(losses[-3:].min())
    gained = max(first - best, (0.5 if late else 0.1) * abs(best))
    lost = end - best > max(EXPLODED * gained, 2 * points.noise)
    if lost or (not late and end > HIGH * first > 0):
        words = f"diverged: its loss had come to {min(best, first):.4g} and ends above {end:.4g}"
        return Fault("diverged", words)
    return None


def _was_high(curve: Curve, points: Points) -> Fault | None:
    """Say that a run was far above what it had been, before its rate rose again."""
    later = points.begin + 1 + np.flatnonzero(points.again[points.begin + 1 :])
    losses = points.losses[: later[0] if len(later) else None]
    if len(losses) < 4 or _begins_late(curve):
        return None
    best = _best(losses)[:-3]
    # the lowest of three in a row: noise does not explode
    over = np.min([losses[1:-2], losses[2:-1], losses[3:]], axis=0) - best
    gained = np.maximum(curve.losses[0] - best, 0.1 * np.abs(best) + TINIEST)
    at = int((over / gained).argmax())
    if over[at] <= max(EXPLODED * gained[at], 2 * points.noise):
        return None
    step, high = int(points.steps[at + 1]), best[at] + over[at]
    words = f"its loss had come to {best[at]:.4g} and is above {high:.4g} from step {step:,} on"
    return Fault("diverged", f"diverged for a while: {words}")


def _begins_late(curve: Curve) -> bool:
    """Return whether the first loss is too late to show where the run began."""
    return curve.steps[0] > LATE * curve.steps[-1]


def _rise(curve: Curve, points: Points) -> Fault | None:
    """Say that the loss rises although the rate does not."""
    again = points.begin + np.flatnonzero(points.again[points.begin :])
    starts = np.unique([points.begin, *again, len(points.losses)])
    for start, stop in pairwise(starts):
        if start > points.begin:  # the loss follows a rate that has risen with some delay
            start += int(points.losses[start : (start + stop) // 2 + 1].argmax())
        rise = _largest_rise(points, start, stop)
        if rise:
            return _told(points, rise, stop)
    return None


class _Rise(NamedTuple):
    """Losses that are higher than earlier ones: where both begin, how many, and their means."""

    low: int
    high: int
    width: int
    before: float
    after: float


def _largest_rise(points: Points, start: int, stop: int) -> _Rise | None:
    """Return the surest rise between two points, if there is one that is no noise."""
    steps, losses, count = points.steps[start:stop], points.losses[start:stop], len(points.losses)
    least = RISE * _level(points.losses)
    surest, found = SURE * (1 + FEW / count), None
    for width in WIDTHS:
        if width < SHORTEST * count or 2 * width > len(losses):
            continue
        sums = np.concatenate([[0.0], np.cumsum(losses)])
        means = (sums[width:] - sums[:-width]) / width
        noise = points.noise / math.sqrt(width)
        if len(means) >= 12 * width:  # neighbors may err together
            noise = max(noise, noise_of(steps[width - 1 :: width], means[::width]))
        rises = means[width:] - np.minimum.accumulate(means)[:-width]
        at = int(rises.argmax())
        sure = float(rises[at]) / max(math.sqrt(2) * noise, 1e-9 * least)
        if sure > surest and rises[at] > least:
            low, high = int(means[: at + 1].argmin()), at + width
            surest = sure
            found = _Rise(start + low, start + high, width, float(means[low]), float(means[high]))
    return found


def _told(points: Points, rise: _Rise, stop: int) -> Fault:
    """Tell a restart, which jumps and falls again, from a loss that keeps rising."""
    steps, losses = points.steps, points.losses
    jumps = np.diff(losses[rise.low : rise.high + rise.width])
    jump = int(jumps.argmax())
    at = rise.low + jump
    falls_again = losses[stop - 1] < losses[at + 1] - points.noise
    if falls_again and jumps[jump] > 0.5 * (rise.after - rise.before):
        return Fault(
            "restarted",
            f"has a loss that jumps up by {jumps[jump]:.3g} between steps {steps[at]:,.0f} and "
            f"{steps[at + 1]:,.0f}, where its rate does not, and falls again",
        )
    return Fault(
        "rises",
        f"has a loss that rises from {rise.before:.4g} near step {steps[rise.low]:,.0f} to "
        f"{rise.after:.4g} near step {steps[rise.high]:,.0f}, where its rate does not",
    )


def _flat(curve: Curve, points: Points) -> Fault | None:
    """Say that the loss does not fall: in the whole run, or in its last two doublings."""
    steps, losses = points.steps[points.begin :], points.losses[points.begin :]
    fifth = max(len(steps) // 5, 2)
    error = points.noise * math.sqrt(2 / fifth)
    last, end = float(np.median(losses[-fifth:])), float(np.median(steps[-fifth:]))
    first = min(float(np.median(curve.losses[:3])), curve.losses[0])
    little = False
    if not _begins_late(curve):
        fallen = (first - last) / abs(first) if first else 0.0
        if fallen + error / max(abs(first), TINIEST) < LEAST:
            return Fault(
                "flat", f"has a loss that hardly falls: {first:.4g} at first, {last:.4g} at last"
            )
        little = fallen < 2.5 * LEAST
    at = max(min(int(np.searchsorted(steps, steps[-1] / 4)), len(steps) - 2 * fifth), 0)
    early = slice(at, at + fifth)
    before, begin = float(np.median(losses[early])), float(np.median(steps[early]))
    doublings = math.log2(end / begin)
    slope, unsure = (1.8 * FLAT, error) if little else (FLAT, 2 * error)
    if doublings > 0.3 and before - last + unsure < slope * doublings * _level(points.losses):
        return Fault(
            "floor",
            f"has a loss that no longer falls: {before:.4g} near step {begin:,.0f}, {last:.4g} "
            f"near step {end:,.0f}",
        )
    return None
