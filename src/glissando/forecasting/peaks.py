"""The best peak among runs that differ in nothing else, and how it moves with the horizon."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glissando.errors import ScheduleError, shown
from glissando.forecasting.history import Array, sampled
from glissando.logs.curve import Curve
from glissando.rules import Rule, members
from glissando.schedule import Schedule

FINISHED = 0.95
"""A run that has come less far than this fraction of its schedule has not been cooled down."""

NEARLY = 0.01
"""Horizons that differ by no more than this fraction are one."""

FRACTIONS = np.linspace(0.3, 0.99, 24)
"""Where in a run shapes are compared: after any warm-up, whose length is not part of the shape."""

ALIKE = 0.05
"""By how much of the peak the rates of one shape may differ."""

LAST = 0.02
"""The loss of a run is the mean over this last fraction, where it is of single training batches."""

UNSURE = 0.1
"""What the logarithm of a best peak is known to at best, of peaks a factor of 2 apart."""

NORMAL = 1.2816
"""How many standard deviations an 80 % interval extends to either side."""


class Runs(Rule):
    """Runs, as a list or another iterable; kept as a tuple."""

    words = "gl.Curve, one or a list of them"

    def check(self, value: Any, where: str) -> tuple[Curve, ...]:
        """Return the runs, or raise a `ScheduleError` about `where`."""
        runs = [value] if isinstance(value, Curve) else members(value)
        if runs is None and isinstance(value, Iterable) and not isinstance(value, str):
            runs = list(value)
        for run in [value] if runs is None else runs:
            if not isinstance(run, Curve):
                raise ScheduleError(f"{where} must be {self.words}, got {shown(run)}")
        return tuple(runs or ())


class BestPeak(NamedTuple):
    """The best peak of a shape at a horizon.

    Attributes:
        peak: the best peak: the lowest point of the parabola in the logarithm of the peak through
            the best run and the two beside it; where that run's peak is the highest or the lowest
            tried, that peak.
        steps: the horizon.
        schedule: the schedule of the best run.
        loss: the loss of the best run.
        tried: the peaks of all the runs.
    """

    peak: float
    steps: int
    schedule: Schedule
    loss: float
    tried: tuple[float, ...]

    @property
    def inside(self) -> bool:
        """Whether there are runs on both sides of the best, so that a parabola can be laid."""
        return self.tried[0] < self.peak < self.tried[-1]


class Exponent(NamedTuple):
    """How the best peak goes with the horizon: as its power of `value`, 80 % from low to high."""

    value: float
    low: float
    high: float


def horizon_of(curve: Curve) -> int | None:
    """Return how many updates a run was planned for; None if it has not come there."""
    seen = curve.steps[-1]
    if curve.schedule.steps == math.inf:
        return seen
    planned = int(curve.schedule.steps)
    return planned if seen >= FINISHED * planned else None


def highest_rate(schedule: Schedule, steps: int) -> float:
    """Return the highest rate of a run.

    Raises:
        ScheduleError: all rates are 0.
    """
    highest = float(sampled(schedule, steps)[1].max())
    if not highest:
        raise ScheduleError(f"a schedule must have a rate above 0, got {shown(schedule)}")
    return highest


def shape_of(schedule: Schedule, steps: int) -> Array:
    """Return the rates at some fractions of a run, as fractions of the highest rate."""
    rates = schedule((FRACTIONS * steps).astype(np.int64))
    return rates / highest_rate(schedule, steps)


def alike(shape: Array, other: Array) -> bool:
    """Return whether two shapes are one."""
    return bool(np.abs(shape - other).max() <= ALIKE)


def best_peaks(curves: Sequence[Curve]) -> list[list[BestPeak]]:
    """Return the best peak of each horizon, in a list for each shape.

    Runs that diverged or have not come to their end are left out.
    """
    shapes: list[tuple[Array, dict[int, list[Curve]]]] = []
    for curve in curves:
        steps = horizon_of(curve)
        if steps is None or curve.diverged:
            continue
        shape = shape_of(curve.schedule, steps)
        known = next((found for other, found in shapes if alike(shape, other)), None)
        if known is None:
            shapes.append((shape, known := {}))
        near = next((other for other in known if abs(steps - other) <= NEARLY * other), steps)
        known.setdefault(near, []).append(curve)
    return [[_best(runs, steps) for steps, runs in sorted(found.items())] for _, found in shapes]


def horizon_exponent(curves: Sequence[Curve]) -> Exponent | None:
    """Return the exponent of the horizon that runs show; None where they do not.

    They show it where a shape has, at two horizons or more, runs on both sides of its best peak.
    The slope is common to all shapes; least squares in the logarithms.
    """
    x, y, shapes = [], [], 0
    for found in best_peaks(curves):
        points = [(math.log(best.steps), math.log(best.peak)) for best in found if best.inside]
        if len(points) > 1:
            logs = np.array(points) - np.mean(points, axis=0)  # each shape has a peak of its own
            x += list(logs[:, 0])
            y += list(logs[:, 1])
            shapes += 1
    if not shapes:
        return None
    power = float(np.dot(x, x))
    slope = float(np.dot(x, y)) / power
    free = len(x) - shapes - 1
    left = float(np.sum((np.array(y) - slope * np.array(x)) ** 2))
    noise = max(UNSURE, math.sqrt(left / free) if free else 0.0)
    half = NORMAL * noise / math.sqrt(power)
    return Exponent(slope, slope - half, slope + half)


def _best(runs: Sequence[Curve], steps: int) -> BestPeak:
    by_peak: dict[float, list[Curve]] = {}
    for run in runs:
        by_peak.setdefault(highest_rate(run.schedule, steps), []).append(run)
    peaks = sorted(by_peak)
    losses = [float(np.mean([_loss(run) for run in by_peak[peak]])) for peak in peaks]
    i = int(np.argmin(losses))
    peak = peaks[i]
    if 0 < i < len(peaks) - 1:
        around = slice(i - 1, i + 2)
        bend, slope, _ = np.polyfit(np.log(peaks[around]) - math.log(peak), losses[around], 2)
        if bend > 0:  # else all three are equal
            peak *= math.exp(-slope / (2.0 * bend))
    return BestPeak(peak, steps, by_peak[peaks[i]][0].schedule, losses[i], tuple(peaks))


def _loss(run: Curve) -> float:
    if run.kind == "validation":
        return run.last
    steps = np.array(run.steps)
    return float(np.mean(np.array(run.losses)[steps > (1.0 - LAST) * steps[-1]]))
