"""What is to be doubted of a range test, in sentences."""

import math
from collections.abc import Sequence

from glissando.finder.answer import Limit, Ramp, RateCurve, Readings
from glissando.finder.readings import falls, onset, readings
from glissando.finder.short_runs import ShortRuns

RECORDED = (
    "The test was recorded: nothing could be run again, so the limit is read off one ramp, and its "
    "interval holds no differences between seeds."
)
ONE_RAMP = (
    "There was one ramp alone, as `save` and `restore` were not given to put the state back: no "
    "other seed, no other number of steps and no constant rate was tried, and the training is "
    "changed."
)
MOVED = 2.0
"""By which factor an answer may move with the number of steps."""

WIDE = 2.0
"""Which factor between the ends of a limit's interval is called wide."""


def of_curve(curve: RateCurve, limit: Limit, start: float, end: float) -> list[str]:
    """Return the doubts about the curve."""
    found = []
    if not curve.ramps[0].diverged and limit.high == math.inf:
        found.append(
            f"No rate up to {end:g} diverged: the limit is above it. A larger `end` would find it."
        )
    if len(curve.rates) < 5:
        found.append(
            f"There are {len(curve.rates)} finite losses: too few to read a curve. Begin with a "
            f"`start` below {start:g}, or take more `steps`."
        )
    elif not falls(curve.rates, curve.losses):
        found.append(
            "The loss hardly falls before it explodes, as in fine-tuning: a ramp does not tell "
            "which rates train well. Short runs at constant rates do, where they could be made."
        )
    elif not curve.ramps[0].diverged and curve.smoothed[-1] <= min(curve.smoothed):
        found.append(
            f"The loss still falls at the last rate, {curve.rates[-1]:g}: larger rates may be good."
        )
    return found


def of_seeds(seeds: Sequence[int], alike: bool, limit: Limit) -> list[str]:
    """Return the doubts about the seeds."""
    if len(seeds) == 1:
        return ["There was one seed alone: how far another one's limit lies from it is unknown."]
    if alike:
        return [
            "All seeds gave the same losses: nothing in this training depends on the seed, or "
            "`reseed` does not reach it. The limit's interval is as wide as it was searched for."
        ]
    if 0 < WIDE * limit.low < limit.high < math.inf:
        return [
            f"The seeds disagree on the limit, which lies between {limit.low:.3g} and "
            f"{limit.high:.3g}: more `seeds` would narrow it down."
        ]
    return []


def of_lengths(ramps: Sequence[Ramp], longer: Sequence[Ramp]) -> list[str]:
    """Return the doubts about the number of steps: where twice as many tell something else."""
    one, two = ramps[0], longer[0]
    pairs = {
        "limit": (
            onset(one.rates, one.losses, one.diverged)[0],
            onset(two.rates, two.losses, two.diverged)[0],
        )
    }
    for before, after in zip(_readings(one), _readings(two), strict=True):
        if before.rate and after.rate:
            pairs[before.name] = before.rate, after.rate
    return [
        f"With {name} read off the ramp, {len(one.rates)} and {len(two.rates)} steps disagree: "
        f"{before:.3g} and {after:.3g}. The answer does not rest on it."
        for name, (before, after) in pairs.items()
        if not 1 / MOVED <= before / after <= MOVED
    ]


def _readings(one: Ramp) -> Readings:
    known = [pair for pair in zip(one.rates, one.losses, strict=True) if pair[1] < math.inf]
    return readings([rate for rate, _ in known], [loss for _, loss in known])


def of_short_runs(runs: ShortRuns) -> list[str]:
    """Return the doubts about the short runs."""
    found = []
    losses = runs.losses
    rates = list(losses)
    if not any(run.stable for run in runs.runs):
        found.append(
            f"No rate that was tried is stable, down to {rates[0]:g}: begin with a smaller `start`."
        )
    elif runs.best == rates[0]:
        found.append(
            f"Of the short runs that at the smallest rate, {rates[0]:g}, ended lowest: smaller "
            "rates may be better."
        )
    elif min(losses.values()) >= runs.measure.begin:
        found.append(
            "No short run ended below the loss at the beginning: the training may be at its end "
            "already, or its noise hides what a rate gains in so few updates."
        )
    return found
