"""The best peak of one schedule from that of another, without a fit."""

import math
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from glissando.errors import ScheduleError, shown
from glissando.forecasting.history import EXACT, History
from glissando.forecasting.laws.bound import Bound, terms
from glissando.forecasting.peaks import (
    Exponent,
    Runs,
    alike,
    highest_rate,
    horizon_exponent,
    shape_of,
)
from glissando.logs.curve import Curve
from glissando.rules import Positive
from glissando.schedule import Part, Schedule
from glissando.signatures import held_to_rules

BEYOND = 1.25
"""By what factor the range goes beyond the ratio of the bounds and its square root: so it holds all
ratios of best peaks that were measured, each of which is itself known to some 10 %."""

FLOOR = 0.02
"""A schedule that ends above this fraction of its peak leaves noise: the bound takes it lightly."""

LEFT_OVER = 1.7
"""By what further factor best peaks of such schedules lay lower at most; others did not move."""

KNOWN = Exponent(-0.2, -0.5, 0.0)
"""How the best peak goes with the horizon: -0.19 in runs of 15,000 to 50,000 steps of a model of
124 million parameters, -0.32 in arXiv:2409.19913, and -1/2 in the bound."""


class PeakRange(NamedTuple):
    """A best peak, and how sure it is.

    Attributes:
        peak: the best peak.
        low: the lowest that has to be expected.
        high: the highest.
        reasons: what it rests on, in sentences.
    """

    peak: float
    low: float
    high: float
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        head = f"{self.peak:.3g} ({self.low:.3g} to {self.high:.3g})"
        return "\n".join([head, *(f"- {reason}" for reason in self.reasons)])

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self._asdict() | {"reasons": list(self.reasons)}


@held_to_rules("transfer_peak")
def transfer_peak(
    peak: Positive,
    tuned_for: Annotated[Schedule, Part()],
    wanted: Annotated[Schedule, Part()],
    curves: Annotated[Sequence[Curve], Runs()] = (),
) -> PeakRange:
    """Return the best peak of a schedule from the best peak of another.

    `peak · √(T1_b·T2_a / (T2_b·T1_a))`: T1 and T2 are the distance and the noise term of the
    last-iterate bound of each schedule; what they stand for cancels. This holds for shapes at one
    horizon. For another horizon it is multiplied by `(steps_b / steps_a)^e`, with e = -0.2, from -½
    to 0: the bound's own -½ is more than what was measured.

    Where both have one horizon, the range goes from the ratio's square root, which held for a small
    transformer on characters, to the ratio, which held for one of 124 million parameters, and 25 %
    beyond either.

    Args:
        peak: the best peak of `tuned_for`, above 0.
        tuned_for: the schedule that was tuned; its own peak plays no role.
        wanted: the schedule whose peak is wanted; its own peak plays no role. Of the two, one may
            never end: it is taken as long as the other.
        curves: runs to learn the exponent e from: of one shape or more, each at two horizons or
            more, with three peaks or more at each, the best of them neither the highest nor the
            lowest.

    Raises:
        ScheduleError: an argument breaks its rule; both schedules never end; the rates of one are
            all 0.

    Example:
        >>> from glissando import Constant, Linear
        >>> short = Constant(1.0, steps=40_000) >> Linear(1.0, 0.0, steps=10_000)
        >>> long = Constant(1.0, steps=10_000) >> Linear(1.0, 0.0, steps=40_000)
        >>> found = transfer_peak(1e-3, tuned_for=short, wanted=long)
        >>> print(f"{found.peak:.2g}, from {found.low:.2g} to {found.high:.2g}")
        0.0016, from 0.001 to 0.002

    Source:
        A. Defazio et al., "Optimal linear decay learning rate schedules and further refinements",
        2023, arXiv:2310.07831; F. Schaipp et al., "The surprising agreement between convex
        optimization theory and learning-rate scheduling for large model training", 2025,
        arXiv:2501.18965.
    """
    of_tuned, of_wanted = _horizons(tuned_for, wanted)
    ratio = _best(wanted, of_wanted) / _best(tuned_for, of_tuned)
    ratio *= math.sqrt(of_wanted / of_tuned)  # the horizon's own part of the bound
    shapes = shape_of(tuned_for, of_tuned), shape_of(wanted, of_wanted)
    reasons = []
    low = high = 1.0
    if not alike(*shapes):
        low, high = sorted((ratio, math.sqrt(ratio)))
        low, high = low / BEYOND, high * BEYOND
        reasons.append(
            f"The last-iterate bound puts the best peak of the wanted shape at {ratio:.3g} times "
            "that of the tuned one (arXiv:2310.07831, arXiv:2501.18965). This held within some "
            "15 % for six cooldown lengths and 124 million parameters; for a small transformer on "
            f"characters its square root held, {math.sqrt(ratio):.3g}: the range goes from the one "
            "to the other, and 25 % beyond."
        )
        for schedule, steps, word in (tuned_for, of_tuned, "tuned"), (wanted, of_wanted, "wanted"):
            left = _left_over(schedule, steps)
            if left > FLOOR:
                low, high = min(low, 1.0), max(high, 1.0)
                low, high = (low, high * LEFT_OVER) if word == "tuned" else (low / LEFT_OVER, high)
                reasons.append(
                    f"The {word} schedule ends at {left:.2g} of its peak. Best peaks of such "
                    f"schedules were measured up to {LEFT_OVER:g} times lower than the bound has "
                    "them, and others no lower than those of schedules that end at 0: the range is "
                    "so much wider."
                )
    longer = of_wanted / of_tuned
    if longer != 1.0:
        seen = horizon_exponent(curves)
        exponent = seen or KNOWN
        ends = sorted((longer**exponent.low, longer**exponent.high))
        ratio, low, high = ratio * longer**exponent.value, low * ends[0], high * ends[1]
        source = (
            "that is how the best peaks of your own runs go"
            if seen
            else "-0.19 and -0.32 were measured (arXiv:2409.19913), and the bound's own -0.5 is "
            "its other end"
        )
        reasons.append(
            f"The horizon is {longer:.3g} times as long: the best peak goes with its power of "
            f"{exponent.value:.2g}, from {exponent.low:.2g} to {exponent.high:.2g}; {source}."
            + " The curves do not show it: that takes three peaks, the best in the middle, at two "
            "horizons." * bool(curves and not seen)
        )
    return PeakRange(
        peak * ratio,
        peak * min(low, ratio),
        peak * max(high, ratio),
        tuple(reasons) or ("Both schedules are of one shape and one horizon.",),
    )


def _horizons(tuned_for: Schedule, wanted: Schedule) -> tuple[int, int]:
    """Return for how many steps each of two schedules is meant."""
    lengths = [schedule.steps for schedule in (tuned_for, wanted)]
    known = [length for length in lengths if length != math.inf]
    if not known:
        raise ScheduleError(
            f"`wanted` must end where `tuned_for` does not, got {shown(wanted)}; give one an end "
            "with .take(n)"
        )
    if 0 in known:
        raise ScheduleError("`tuned_for` and `wanted` must have 1 step or more, got one of 0 steps")
    first, second = (int(known[0] if length == math.inf else length) for length in lengths)
    return first, second


def _best(schedule: Schedule, steps: int) -> float:
    """Return the peak for which the bound is lowest where its two constants are 1: √(T1/T2)."""
    unit = highest_rate(schedule, steps)
    history = History(schedule, [steps], rate=unit, exact=steps <= EXACT, last=Bound.last)
    distance, noise = terms(history)
    peak = max(float(part.max()) for part in (history.first, history.middle, history.last))
    return peak * math.sqrt(float(distance[0] / noise[0]))


def _left_over(schedule: Schedule, steps: int) -> float:
    """Return the rate that a schedule ends at, as a fraction of its highest."""
    return min(schedule(steps - 1), schedule(steps)) / highest_rate(schedule, steps)
