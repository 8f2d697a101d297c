"""What a schedule saves: how many updates fewer it needs for another's result."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from glissando.studies.report.printed import Places
from glissando.studies.report.statistics import Difference, cost

BASELINES = {"constant": "a constant rate", "cosine": "a cosine"}
"""The candidates against which a saving is measured, by their names."""


class Saving(NamedTuple):
    """What the winner saves against a baseline.

    Attributes:
        against: the baseline's name.
        difference: by how much the winner's result is better at equal length; None if unknown.
        updates: which part of the updates the winner can leave out and still reach the baseline's
            result; None if that is unknown, or nothing is shown to be saved.
        low: the lower end of its 90 % interval, from the interval of the difference; None if
            unknown.
        high: the upper end.
        at_least: whether the winner's shortest runs were already better: it may save more.
        words: all this in a sentence.
    """

    against: str
    difference: Difference | None
    updates: float | None
    low: float | None
    high: float | None
    at_least: bool
    words: str


def saving_of(
    against: str,
    winner: str,
    found: Difference | None,
    curve: Sequence[tuple[int, float]],
    goal: str,
    places: Places,
) -> Saving:
    """Return what the winner saves against a baseline.

    The winner's results at its lengths, each of complete runs at the best peak, are joined by
    lines over the logarithm of the length. Where they are worse than at the full length by the
    difference to the baseline, the winner is as good as the baseline in the full run. The interval
    is that of the difference, widened by the noise of the shorter runs: there is one of each as a
    rule, whose noise against the full run is that of one pair.

    Args:
        against: the baseline's name.
        winner: the winner's name.
        found: by how much the winner is better at equal length; None if that is unknown.
        curve: the winner's results by the length of a run, of the same seeds if possible.
        goal: "min" if lower results are better, "max" if higher ones are.
        places: how results are printed.
    """
    nothing = Saving(against, found, None, None, None, False, "")
    if winner == against:
        return nothing._replace(
            words=f"The winner is {against} itself: nothing is saved against it."
        )
    if found is None or found.by is None:
        return nothing._replace(
            words=f"{against} has no result to be compared with: nothing is known of a saving."
        )
    if found.tied or found.by <= 0:
        return nothing._replace(
            words=f"Nothing is shown to be saved against {against}: they cannot be told apart."
        )
    costs = [(steps, cost(loss, goal)) for steps, loss in curve]
    if len(costs) < 2 or not math.isfinite(costs[-1][1]):
        return nothing._replace(
            words=f"Against {against} it gains {places(found.by)} at equal length; without shorter "
            "runs of it nothing is known of updates saved."
        )
    updates, at_least = _saved(costs, found.by)
    low = high = None
    if found.high is not None:
        half = (found.high - found.by) * math.sqrt(len(found.each) + 1)
        low, high = (_saved(costs, max(found.by + way * half, 0.0))[0] for way in (-1, 1))
    saving = Saving(against, found, updates, low, high, at_least, "")
    return saving._replace(words=_words(saving, curve[-1][0]))


def _saved(costs: Sequence[tuple[int, float]], by: float) -> tuple[float, bool]:
    """Return which part of the updates is saved, and whether it may be more."""
    full, best = costs[-1]
    target = best + by
    for (shorter, worse), (longer, better) in reversed(list(pairwise(costs))):
        if worse > target:
            part = (worse - target) / (worse - better) if math.isfinite(worse) else 1.0
            needed = shorter * (longer / shorter) ** part
            return 1 - needed / full, False
    return 1 - costs[0][0] / full, True


def _words(saving: Saving, steps: int) -> str:
    assert saving.updates is not None
    low, high = saving.low, saving.high
    if saving.at_least:
        how, sure = "at least ", ""
    elif low is None or high is None:
        how, sure = "about ", ""
    else:
        how, sure = "", f" (90 % interval {_percent(low)} to {_percent(high)})"
    return (
        f"It reaches what {saving.against} reaches in {steps:,} updates with "
        f"{how}{_percent(saving.updates)} fewer updates{sure}."
    )


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %"
