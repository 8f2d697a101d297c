"""The peak of a suggestion, from what is known."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from glissando.errors import ScheduleError, shown
from glissando.forecasting.rules_of_thumb import Optimizer
from glissando.rules import MAX_RATE, Number, plain_number
from glissando.schedule import Schedule

if TYPE_CHECKING:
    from glissando.logs.curve import Curve

RATE = Number(0, MAX_RATE, above=True)

Ended = Callable[[Schedule], Schedule]
"""The suggested shape, as long as it is meant or as long as another schedule."""


class Choice(NamedTuple):
    """A peak.

    Attributes:
        peak: the peak.
        reasons: why, in sentences.
        doubts: how weak that is, in sentences.
        limit: the largest stable rate, where that is known.
        rule: whether it is only the usual peak of an optimizer.
    """

    peak: float
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    limit: float = math.inf
    rule: bool = False


def from_curves(curves: "Curve | Sequence[Curve]", ended: Ended) -> Choice:
    """Return the best peak of runs, moved to the suggested shape and horizon."""
    from glissando.forecasting.peaks import Runs, best_peaks, highest_rate  # it needs NumPy
    from glissando.forecasting.transfer import transfer_peak

    runs = Runs().check(curves, "suggest: `curves`")
    found = [best for shape in best_peaks(runs) for best in shape]
    if not found:
        raise ScheduleError(
            "`curves` must have a run that came to its end and did not diverge, got none"
        )
    best = max(found, key=lambda best: (best.inside, best.steps, -best.loss))
    tuned_for = best.schedule
    if tuned_for.steps == math.inf:
        tuned_for = tuned_for.take(best.steps)
    moved = transfer_peak(best.peak, tuned_for, ended(tuned_for), runs)
    doubts = [_range(moved.low, moved.high)]
    if not best.inside:
        tried = ", ".join(f"{peak:.3g}" for peak in best.tried)
        doubts.insert(
            0,
            f"The best of the peaks that were tried, {tried}, has no run on either side: a better "
            "one may lie beyond. Runs at half and at twice that peak would tell.",
        )
    peak = plain_peak(moved.peak)
    gone = [highest_rate(run.schedule, run.steps[-1]) for run in runs if run.diverged]
    if gone and peak > min(gone) / 2:
        doubts.append(f"A run with a peak of {min(gone):.3g} diverged, which is not far above.")
    reason = (
        f"Peak {peak:g}, from your own runs: at {best.steps:,} steps {best.peak:.3g} is best for "
        f"{best.schedule}."
    )
    return Choice(peak, (reason, *moved.reasons), tuple(doubts))


def from_peak(peak: float, tuned_for: Schedule | None, ended: Ended) -> Choice:
    """Return a peak that is known to be good, moved from the schedule that it is good for."""
    if tuned_for is None:
        doubt = (
            "A peak is good for one shape and horizon: with `tuned_for`, its schedule, it would be "
            "moved to this one."
        )
        return Choice(peak, (f"Peak {peak:g}, as given.",), (doubt,))
    from glissando.forecasting.transfer import transfer_peak  # it needs NumPy

    moved = transfer_peak(peak, tuned_for, ended(tuned_for))
    best = plain_peak(moved.peak)
    reason = f"Peak {best:g}, moved from {peak:g}, which is good for {tuned_for}."
    return Choice(best, (reason, *moved.reasons), (_range(moved.low, moved.high),))


def from_limit(known: Optimizer, finder: Any, limit: float | None) -> Choice | None:
    """Return a part of the largest stable rate; None where that is not known, or says nothing."""
    doubts: tuple[str, ...] = ()
    low, high = 0.0, math.inf
    if finder is not None:
        if limit is not None:
            raise ScheduleError(f"either `finder` or `limit` must be given, got both, {limit:g}")
        try:
            limit, end = finder.limit.value, finder.limit.high
            low, high = finder.interval.low, finder.interval.high
            doubts = tuple(finder.doubts)
        except AttributeError:
            raise ScheduleError(
                f"`finder` must be what gl.find_rate returned, got {shown(finder)}; a number is "
                "`limit`"
            ) from None
        limit = RATE.check(limit, "suggest: `finder.limit.value`")
        if plain_number(end) == math.inf:
            doubts = (
                f"No rate that the finder tried diverged: the limit is above {limit:.3g}, and the "
                "peak may be higher.",
                *doubts,
            )
    if limit is None or known.of_limit is None:
        return None
    peak = plain_peak(min(max(known.of_limit * limit, low), high))
    reason = (
        f"Peak {peak:g}: {known.of_limit:.2g} of the largest stable rate, {limit:.3g}; "
        f"{known.limit_source}."
    )
    if low > known.of_limit * limit or high < known.of_limit * limit:
        reason += f" It is held to the finder's interval, {low:.3g} to {high:.3g}."
    weak = (
        "A limit of stability is weak evidence for a peak: longer runs want lower ones, and the "
        "best was 0.2 to 0.7 of the limit where both are known. Runs at half and at twice this "
        "peak would tell: gl.pilots writes them."
    )
    return Choice(peak, (reason,), (weak, *doubts), limit)


def from_rule(name: str, known: Optimizer, batch: float | None, task: str) -> Choice:
    """Return the usual peak of an optimizer."""
    if task == "fine-tuning":
        peak, source, times = known.fine, known.fine_source, 1.0
    else:
        times = batch / known.batch if batch and known.batch else 1.0
        peak, source = known.rate, known.source
    reason = f"Peak {plain_peak(peak * times):g}, the usual one of {name} for {task}: {source}."
    if times != 1.0:
        reason += f" The batch is {times:.3g} times that one."
    doubts = (
        f"The peak is a rule of thumb, and nothing of yours was measured. {known.spread} "
        "gl.find_rate finds the largest stable rate; runs at half and at twice the peak would tell "
        "more: gl.pilots writes them.",
    )
    return Choice(plain_peak(peak * times), (reason,), doubts, rule=True)


def plain_peak(peak: float) -> float:
    """Return a peak in three digits: more of them would pretend to be known."""
    return float(f"{peak:.3g}")


def _range(low: float, high: float) -> str:
    return f"The best peak is expected from {low:.3g} to {high:.3g}."
