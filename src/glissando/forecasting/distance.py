"""What makes the forecast of one schedule unsure: how far it is from the pilots."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glissando.forecasting.fit import peak_of
from glissando.forecasting.history import Array
from glissando.forecasting.points import Steps, rates_until, rises_again, top
from glissando.logs.curve import Curve
from glissando.schedule import Schedule

SAME_PEAK = 1.1
"""Within this factor peaks are one: no law compares different ones."""

LONGER = 2.0
"""A run that is longer than the pilots by more than this factor is far from them."""

EARLY = 0.3
"""A rate that halves in this first fraction of its run moves early."""

TINY = 0.1
"""A pilot whose rate falls to this fraction of its peak has shown what a low rate does."""


class Shown(NamedTuple):
    """What a pilot has shown: other schedules are held to it.

    Attributes:
        name: what the pilot is called.
        steps: how many updates it has losses of.
        peak: its highest rate.
        warmup: the step at which it comes to its peak.
        lowest: its lowest rate after that.
        halves: whether its rate halves early.
        rises: whether its rate rises again after a fall.
    """

    name: str
    steps: int
    peak: float
    warmup: int
    lowest: float
    halves: bool
    rises: bool

    @classmethod
    def of(cls, curve: Curve) -> "Shown":
        """Return what a run has shown."""
        grid, rates = rates_until(curve.schedule, curve.steps[-1])
        return cls(
            curve.name,
            curve.steps[-1],
            peak_of(curve),
            int(grid[top(rates)]),
            float(rates[top(rates) :].min()),
            _halved(grid, rates) is not None,
            rises_again(rates) is not None,
        )


def about(schedule: Schedule, pilots: Sequence[Shown], step: int) -> tuple[str, ...]:
    """Return what makes the forecast of one schedule unsure, in sentences.

    Args:
        schedule: the schedule that is forecast.
        pilots: what the pilots have shown, one or more.
        step: after how many updates its loss is forecast.

    Example:
        >>> from glissando import Constant
        >>> pilot = Curve(Constant(0.1, steps=200), steps=[100, 200], losses=[2.5, 2.4])
        >>> print(*about(Constant(0.1, steps=900), [Shown.of(pilot)], 900))
        step 900 is 4.5 times the longest pilot, 200 steps: the interval is wider for that
    """
    return tuple(_about(schedule, pilots, step))


def same_peak(one: float, other: float) -> bool:
    """Return whether two peaks are so near that a law for one holds for the other."""
    return 1.0 / SAME_PEAK <= one / other <= SAME_PEAK


def _about(schedule: Schedule, pilots: Sequence[Shown], step: int) -> Iterator[str]:
    grid, rates = rates_until(schedule, step)
    peak, peaks = float(rates.max()), sorted({pilot.peak for pilot in pilots})
    near = min(peaks, key=lambda other: abs(np.log(max(other, 1e-300) / max(peak, 1e-300))))
    if not same_peak(peak, near):
        yield (
            f"its peak is {peak:.4g}, the nearest of a pilot {near:.4g}, and no law compares "
            "peaks: train a pilot at this peak, gl.pilots(...) says which"
        )
    longest = max(pilot.steps for pilot in pilots)
    if step > LONGER * longest:
        times = f"{step / longest:.2g}" if step < 99 * longest else f"{step / longest:,.0f}"
        yield (
            f"step {step:,} is {times} times the longest pilot, {longest:,} steps: "
            "the interval is wider for that"
        )
    halved = _halved(grid, rates)
    if halved is not None and not any(pilot.halves for pilot in pilots):
        yield (
            f"its rate has halved by step {halved:,}, in the first {EARLY:.0%} of the run, which "
            "no pilot's has: forecasts of such schedules err the most"
        )
    again = rises_again(rates)
    if again is not None and not any(pilot.rises for pilot in pilots):
        yield (
            f"its rate rises again at step {grid[again]:,}, which no pilot's does: laws know "
            "little of what a rise costs"
        )
    warm = int(grid[top(rates)])
    warms = [pilot.warmup for pilot in pilots]
    if warm > LONGER * max(warms) + 0.05 * step or LONGER * warm + 0.05 * step < min(warms):
        yield (
            f"its warm-up takes {warm:,} steps, those of the pilots {_range(warms)}: laws know "
            "little of warm-ups"
        )
    lowest = float(rates[top(rates) :].min())
    known = min(pilot.lowest for pilot in pilots)
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
