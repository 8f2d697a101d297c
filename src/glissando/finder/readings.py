"""What the usual rules read off the curve, whatever the number of steps was."""

from typing import Any

import numpy as np

from glissando.finder.answer import Reading, Readings
from glissando.finder.ramp import EXPLOSION
from glissando.finder.smoothing import medians, noise, smooth

DENSITY = 25
"""At how many rates in a decade the rules look."""

SLIDE = 1.2
"""The width in decades of the window that slides: fastai's 15 of 100 steps."""

STEADY = 0.1
"""By how much of the steepest slope two slopes differ that are called alike."""

NEAR = 0.1
"""How near the lowest loss a loss is, as a share of the whole fall, that is about as low."""

NAMES = ("steepest", "valley", "minimum", "slide")


def readings(rates: Any, losses: Any) -> Readings:
    """Return what is to be read off a curve; where that is nothing, why."""
    why = _nothing(np.asarray(rates, float), np.asarray(losses, float))
    if why:
        return Readings(**{name: Reading(name=name, reason=why) for name in NAMES})
    rates, losses = before_the_climb(rates, losses)
    at = np.log10(rates)
    count = max(8, round(DENSITY * (at[-1] - at[0])))
    grid = np.linspace(at[0], at[-1], count + 1)
    curve = np.interp(grid, at, smooth(rates, losses))
    lowest = int(np.argmin(curve))
    slopes = np.gradient(curve, grid)
    steepest = int(np.argmin(slopes[: lowest + 1]))
    first, last = _longest_fall(curve[: lowest + 1])
    flat = _slid(slopes, round(SLIDE * count / (at[-1] - at[0])), -slopes[steepest])

    def read(name: str, place: int, reason: str, factor: float = 1.0) -> Reading:
        return Reading(name=name, rate=factor * 10 ** grid[place], loss=curve[place], reason=reason)

    def span(low: int, high: int) -> str:
        return f"from {10 ** grid[low]:.2g} to {10 ** grid[high]:.2g}"

    return Readings(
        steepest=read(
            "steepest",
            steepest,
            f"here the loss falls fastest, by {-slopes[steepest]:.3g} a decade of the rate",
        ),
        valley=read(
            "valley",
            (first + last) // 2,
            f"the middle, by logarithm, of the longest fall, {span(first, last)}",
        ),
        minimum=read(
            "minimum",
            lowest,
            f"a tenth of {10 ** grid[lowest]:.2g}, where the loss is lowest",
            0.1,
        ),
        slide=Reading(
            name="slide", reason="the slope is nowhere steady to the left of where the loss climbs"
        )
        if flat is None
        else read("slide", flat, "seen from the right, the slope is steady from here on"),
    )


def falls(rates: Any, losses: Any) -> bool:
    """Return whether a loss clearly falls over the rates before it explodes."""
    return not _nothing(np.asarray(rates, float), np.asarray(losses, float))


def before_the_climb(rates: Any, losses: Any) -> tuple[Any, Any]:
    """Return a curve as far as the last rate at which it is near its lowest loss."""
    rates, losses = np.asarray(rates, float), np.asarray(losses, float)
    typical = medians(rates, losses)
    lowest = typical.min()
    near = lowest + max(NEAR * (typical[0] - lowest), noise(losses))
    count = max(int(np.flatnonzero(typical <= near)[-1]) + 1, min(len(losses), 5))
    return rates[:count], losses[:count]


def _nothing(rates: Any, losses: Any) -> str:
    """Return why nothing can be read off a curve, if that is so."""
    if len(losses) < 5:
        return f"{len(losses)} finite losses are too few to read a rate off"
    smoothed = smooth(rates, losses)
    fall = smoothed[0] - smoothed.min()
    if fall <= max(1.5 * noise(losses), 1e-3 * abs(smoothed[0])):
        return "the loss does not fall: its smoothed curve is never clearly below its beginning"
    return ""


def _longest_fall(curve: Any) -> tuple[int, int]:
    """Return the ends of the longest series of places that lie ever lower; gaps are allowed."""
    lengths, before = np.ones(len(curve), int), np.arange(len(curve))
    for i in range(1, len(curve)):
        higher = np.flatnonzero(curve[:i] > curve[i])
        if len(higher):
            before[i] = higher[np.argmax(lengths[higher])]
            lengths[i] = lengths[before[i]] + 1
    first = last = int(np.argmax(lengths))
    while before[first] != first:
        first = int(before[first])
    return first, last


def _slid(slopes: Any, width: int, steepest: float) -> int | None:
    """Return where a window comes to rest that slides left while the slopes at its ends differ."""
    found = None
    for right in range(len(slopes) - 1, width - 1, -1):
        if abs(slopes[right] - slopes[right - width]) <= STEADY * steepest:
            break
        found = right - width
    return found


def onset(rates: Any, losses: Any, diverged: bool) -> tuple[float, float, float]:
    """Return where one ramp begins to diverge: the rate, and a smaller and a larger one around it.

    Near a minimum the error grows by the factor `rate/edge·2 − 1` an update, so that the growth of
    the loss, seen after the edge, tells where the edge was.
    """
    if not diverged:
        return float(rates[-1]), float(rates[-1]), np.inf
    known = np.asarray(losses, float)
    finite = np.isfinite(known)
    top = float(rates[-1])
    if finite.sum() < 3:
        return float(rates[0]), 0.0, top
    at, known = np.asarray(rates, float)[finite], known[finite]
    falling = before_the_climb(at, known)[1]
    lowest = len(falling) - 1
    above = known - min(falling)
    begin = max(above[0], EXPLOSION * noise(known), 1e-300)
    places = [k for k in range(lowest, len(above) - 1) if above[k + 1] > above[k] > begin]
    edges = [2 * at[k] / (1 + np.sqrt(above[k + 1] / above[k])) for k in places]
    low = float(min([at[lowest], *edges]))
    value = float(np.median(edges)) if edges else float(np.sqrt(at[lowest] * top))
    return value, low / (top / at[-2] if len(at) > 1 else 1), max(top, value)
