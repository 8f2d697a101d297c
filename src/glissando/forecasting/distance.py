"""What makes the forecast of one schedule unsure: how far it is from the pilots."""

from collections.abc import Iterator, Sequence

import numpy as np

from glissando.forecasting.fit import peak_of
from glissando.forecasting.history import Array
from glissando.forecasting.pilot_group import same_peak
from glissando.forecasting.points import Steps, rates_until, rises_again, top
from glissando.logs.curve import Curve
from glissando.schedule import Schedule

LONGER = 2.0
"""A run that is longer than the pilots by more than this factor is far from them."""

EARLY = 0.3
"""A rate that halves in this first fraction of its run moves early."""

TINY = 0.1
"""A pilot whose rate falls to this fraction of its peak has shown what a low rate does."""


def about(schedule: Schedule, curves: Sequence[Curve], step: int) -> tuple[str, ...]:
    """Return what makes the forecast of one schedule unsure, in sentences.

    Args:
        schedule: the schedule that is forecast.
        curves: the pilots, one or more.
        step: after how many updates its loss is forecast.

    Example:
        >>> from glissando import Constant
        >>> pilot = Curve(Constant(0.1, steps=200), steps=[100, 200], losses=[2.5, 2.4])
        >>> print(*about(Constant(0.1, steps=900), [pilot], 900))
        step 900 is 4.5 times the longest pilot, 200 steps: the interval is wider for that
    """
    return tuple(_about(schedule, curves, step))


def _about(schedule: Schedule, curves: Sequence[Curve], step: int) -> Iterator[str]:
    grid, rates = rates_until(schedule, step)
    peak, peaks = float(rates.max()), sorted({peak_of(curve) for curve in curves})
    near = min(peaks, key=lambda other: abs(np.log(max(other, 1e-300) / max(peak, 1e-300))))
    if not same_peak(peak, near):
        yield (
            f"its peak is {peak:.4g}, the nearest of a pilot {near:.4g}, and no law compares "
            "peaks: train a pilot at this peak, gl.pilots(...) says which"
        )
    longest = max(curve.steps[-1] for curve in curves)
    if step > LONGER * longest:
        yield (
            f"step {step:,} is {step / longest:.2g} times the longest pilot, {longest:,} steps: "
            "the interval is wider for that"
        )
    shown = [rates_until(curve.schedule, curve.steps[-1]) for curve in curves]
    halved = _halved(grid, rates)
    if halved is not None and all(_halved(*other) is None for other in shown):
        yield (
            f"its rate has halved by step {halved:,}, in the first {EARLY:.0%} of the run, which "
            "no pilot's has: forecasts of such schedules err the most"
        )
    again = rises_again(rates)
    if again is not None and all(rises_again(other) is None for _, other in shown):
        yield (
            f"its rate rises again at step {grid[again]:,}, which no pilot's does: laws know "
            "little of what a rise costs"
        )
    warm = int(grid[top(rates)])
    warms = [int(steps[top(other)]) for steps, other in shown]
    if warm > LONGER * max(warms) + 0.05 * step or LONGER * warm + 0.05 * step < min(warms):
        yield (
            f"its warm-up takes {warm:,} steps, those of the pilots {_range(warms)}: laws know "
            "little of warm-ups"
        )
    lowest = float(rates[top(rates) :].min())
    known = min(float(other[top(other) :].min()) for _, other in shown)
    if known > TINY * peak and lowest < known / LONGER:
        yield (
            f"its rate falls to {lowest:.4g}, and no pilot's below {known:.4g}: what that gains is "
            "not measured, and at very low rates a loss may even rise"
        )
    end = schedule.steps
    if step > end and schedule(step - 1) == 0:
        yield (
            f"its rate is 0 from step {int(end):,} to step {step:,}: these updates change nothing"
        )


def _halved(grid: Steps, rates: Array) -> int | None:
    """Return where the rate has halved, if that is early."""
    start = top(rates)
    low = start + np.flatnonzero(rates[start:] <= 0.5 * rates[start])
    return int(grid[low[0]]) if len(low) and grid[low[0]] <= EARLY * grid[-1] else None


def _range(steps: Sequence[int]) -> str:
    low, high = min(steps), max(steps)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
