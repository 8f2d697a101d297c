"""Which steps to draw: few, and among them every corner of the curve."""

import heapq
import math
from collections.abc import Iterable
from itertools import islice, pairwise, takewhile

from glissando.rules import MAX_STEP
from glissando.schedule import Schedule

POINTS = 2000
"""How many points a line may have."""

Points = tuple[list[int], list[float]]
"""Steps in order, and the rate at each."""

_GOLDEN = (math.sqrt(5) - 1) / 2  # a probe there does not beat with regular patterns, a middle does
_SEEN = 1e-6  # the fraction of the curve's height below which nobody sees a difference


def sample(schedule: Schedule, last: int, points: int = POINTS) -> Points:
    """Return the steps from 0 to `last` at which to draw a schedule, and their rates.

    All steps if they are at most `points`. Otherwise: the first, the last, each break of the
    schedule and the step before it; in between, the steps where the curve is farthest from the
    line drawn so far, down to the two neighbors of a corner that is no break, such as a clip's.
    Where there are more breaks than points, equal windows each show their lowest and highest rate.

    Every rate asked for is returned: a function of your own is called once for each point.

    Args:
        schedule: the schedule.
        last: the last step to draw, 0 or more.
        points: how many points there may be, 8 or more.

    Example:
        >>> from glissando import Linear
        >>> steps, rates = sample(Linear(1.0, 0.0, steps=10_000_000) >> Linear(0.0, 1.0, 5), 10**7)
        >>> len(steps) <= 2000, steps[-2:], rates[-1]
        (True, [9999999, 10000000], 0.0)
    """
    if last < points:
        return _evaluated(schedule, range(last + 1))
    within = takewhile(lambda step: step <= last, schedule.breaks())
    breaks = list(islice(within, points // 2))
    if 2 * len(breaks) + 2 > points:
        return _evaluated(schedule, _envelope(schedule, last, points))
    return _refined(schedule, breaks, last, points)


def last_step(schedules: Iterable[Schedule]) -> int:
    """Return the last step that a chart of some schedules shows.

    A schedule that ends is shown up to its end; one that contains a function of your own, up to
    the step before, so that the function is asked for no rate that training would not use.

    One that never ends is shown over twice the longer of two times: until its last corner (the
    fifth if its corners never end), and from there until its rate has halved, rounded up to 1, 2
    or 5 times a power of ten. Where that says nothing, as for a constant, it takes the length of
    the others, or 20 steps. So each schedule of `glissando.recipes.keras_tip` is shown over the
    20 epochs of the tip.
    """
    known: list[float] = []
    unknown = [19]
    for schedule in schedules:
        if schedule.steps != math.inf:
            known.append(own_last(schedule))
        else:
            corner, half = _last_corner(schedule), _halving(schedule)
            (known if corner or half else unknown).append(2 * max(corner, half, 10) - 1)
    return int(min(max(known or unknown), MAX_STEP))


def own_last(schedule: Schedule) -> float:
    """Return the last step of a schedule, as `last_step` explains it; math.inf if it never ends."""
    return schedule.steps - schedule.is_opaque()


def _last_corner(schedule: Schedule) -> int:
    endless = next(schedule.breaks_between(MAX_STEP // 2), None) is not None
    corners = islice(schedule.breaks_between(backwards=not endless), 5 if endless else 1)
    return max(corners, default=0)


def _halving(schedule: Schedule) -> int:
    """Return the time from the last corner until the rate has halved, or 0 if it never does."""
    if schedule.is_opaque():  # a user's function may know no far step
        return 0
    corner = _last_corner(schedule)
    half = schedule(corner) / 2
    high = 1
    while corner + high <= MAX_STEP and schedule(corner + high) > half:
        high *= 2
    if corner + high > MAX_STEP:
        return 0
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if schedule(corner + middle) <= half else (middle, high)
    power = 10 ** (len(str(high)) - 1)
    nice: int = next(power * k for k in (1, 2, 5, 10) if power * k >= high)
    return nice


def _evaluated(schedule: Schedule, steps: Iterable[int]) -> Points:
    steps = list(steps)
    return steps, [schedule(step) for step in steps]


def _refined(schedule: Schedule, breaks: list[int], last: int, points: int) -> Points:
    """Return the breaks and the points that bring the line between them nearest to the curve."""
    steps = {0, last, *breaks, *(step - 1 for step in breaks)}
    # A first look everywhere, at spread but irregular steps: a curve may hide from a regular grid.
    spare = min(points // 8, (points - len(steps) - len(breaks) - 1) // 2)
    steps.update(round(last * (k * _GOLDEN % 1)) for k in range(1, spare + 1))
    rates = {step: schedule(step) for step in sorted(steps)}
    top = max(rates.values())
    seen = max((top - min(rates.values()) or top or 1.0) * _SEEN, math.ulp(0.0))

    queue: list[tuple[float, float, int, int, int]] = []

    def look(low: int, high: int) -> None:
        if high - low < 2 or len(rates) >= points:
            return
        step = min(max(low + round((high - low) * _GOLDEN), low + 1), high - 1)
        rate = rates[step] = schedule(step)
        line = rates[low] + (rates[high] - rates[low]) * ((step - low) / (high - low))
        error = abs(rate - line)
        if error > seen:
            # first what is farthest off, by factors of four; among these the widest, so that
            # many jumps are all refined alike and none takes all the points
            urgency = (-float(math.frexp(error / seen)[1] // 2), -float(high - low))
        elif error > seen * _SEEN:
            # nothing is left to see: now find the corners, where the bend is sharpest
            urgency = (math.inf, -error / (high - low) ** 2)
        else:
            return  # straight, but for rounding
        heapq.heappush(queue, (*urgency, low, step, high))

    known = sorted(rates)
    for low, high in sorted(pairwise(known), key=lambda gap: gap[0] - gap[1]):
        look(low, high)
    while queue and len(rates) < points:
        _, _, low, step, high = heapq.heappop(queue)
        look(low, step)
        look(step, high)
    known = sorted(rates)
    return known, [rates[step] for step in known]


def _envelope(schedule: Schedule, last: int, points: int) -> list[int]:
    """Return the first, lowest, highest and last step of each of many windows.

    A window with at most a break keeps both its sides. Of a window with very many breaks the
    first hundred are looked at.
    """
    windows = points // 4
    kept: list[int] = []
    breaks = schedule.breaks()
    corner = next(breaks, None)
    for window in range(windows):
        low = window * (last + 1) // windows
        high = (window + 1) * (last + 1) // windows - 1
        if corner is not None and corner < low:
            breaks = schedule.breaks(low)
            corner = next(breaks, None)
        steps = [low]
        for _ in range(100):
            if corner is None or corner > high:
                break
            steps += [(steps[-1] + corner) // 2, corner - 1, corner]
            corner = next(breaks, None)
        steps.append(high)
        steps = sorted({step for step in steps if step >= low})
        if len(steps) > 4:
            rates = {step: schedule(step) for step in steps}
            steps = sorted(
                {low, min(steps, key=rates.__getitem__), max(steps, key=rates.__getitem__), high}
            )
        kept += steps
    return kept
