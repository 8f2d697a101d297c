"""The longer runs of a study: around each candidate's best peak, and who is left out after them."""

import math
from collections.abc import Sequence
from statistics import median

from glissando.studies.rungs.budget import FINALISTS
from glissando.studies.rungs.parabola import Optimum, lowest_point
from glissando.studies.rungs.peaks import written
from glissando.studies.rungs.pruning import Levels, left_out, without_budget
from glissando.studies.rungs.state import SEARCH, BestPeak, Stages, State

TREND = -0.2
"""With which power of a run's length the best peak is expected to go, as in published runs of
language models (-0.19 and -0.32). Theory says -0.5; small models at first go the other way."""

STEEPEST = 0.6
"""How far from 0 that power may be."""

APART = math.sqrt(2.0)
"""By which factor the first peaks of a rung are above and below the one expected."""

OUTSIDE = 0.1
"""How far outside of the peaks tried, in log peak, the best one may be."""

FURTHEST = 3
"""How many runs a candidate has at most beyond the first ones, while its best peak is outside."""


def rung(state: State, steps: int) -> Stages:
    """Make runs of a length around the best peak of each candidate that is left."""
    points = _shares(state, steps)
    if not points:
        return
    names = [*state.alive, *state.followed]
    asked = [(n, peak, SEARCH) for n in names for peak in _around(state, n, steps, points)]
    yield from state.make(f"runs of {steps:,} updates", asked, steps)
    state.drop_failed(steps, diverged=False)
    for _ in range(FURTHEST):
        further = [(n, p, SEARCH) for n, p in _beyond(state, names, steps, points).items()]
        if not further or not state.budget.affords(len(further), steps):
            break
        yield from state.make(f"further peaks in runs of {steps:,} updates", further, steps)
    outside = _beyond(state, names, steps, points)
    state.drop_failed(steps)
    found = {name: _optimum(state, name, steps) for name in _succeeded(state, names, steps)}
    for name, best in found.items():
        state.optima[name][steps] = best
        if name in outside:
            state.doubts.append(
                f"The best peak of {name} in runs of {steps:,} updates, about {best.peak:g}, is "
                "outside of those tried"
            )
    judge(state, steps)


def _succeeded(state: State, names: Sequence[str], steps: int) -> list[str]:
    """Return those of the candidates that have a result."""
    return [n for n in names if any(each.loss < math.inf for each in state.tried(n, steps))]


def judge(state: State, steps: int) -> None:
    """Note how the candidates did in runs of a length, and leave out who is certain to be worse."""
    found = {name: state.optima[name][steps] for name in state.alive}
    if not found:
        return
    sign = -1.0 if state.settings.goal == "max" else 1.0
    for name, best in found.items():
        tried = tuple(sorted({each.peak for each in state.tried(name, steps)}))
        literal = name in state.literal
        state.peaks.append(
            BestPeak(name, steps, best.peak, sign * best.loss, () if literal else tried)
        )
    levels = Levels(
        steps,
        {name: best.loss for name, best in found.items()},
        {name: best.error for name, best in found.items()},
    )
    state.levels.append(levels)
    state.alive.sort(key=levels.order.index)
    kept = state.alive[:FINALISTS]
    pruned = left_out(state.levels, state.settings.steps, state.noise)
    state.leave_out([each for each in pruned if each.candidate not in kept])


def _shares(state: State, steps: int) -> int:
    """Return how many peaks each candidate has at a length; leave out who has none.

    Two, if there is enough for two of as many as are to be compared in the end; else one; none if
    there is not enough for that. In full runs one would say too little.
    """
    most = state.budget.most(steps)
    count = len(state.alive)
    if not count or most is None:
        return 2 if count else 0
    least = min(state.budget.finalists, count)
    points = 2 if most >= 2 * least else 1
    full = steps == state.settings.steps
    if most < (2 if full else 1) * least:
        return 0
    rest = state.alive[most // points :]
    state.leave_out(without_budget(state.levels, state.settings.steps, state.noise, rest))
    return points


def _around(state: State, name: str, steps: int, points: int) -> Sequence[float | None]:
    """Return the peaks that a candidate has at a length."""
    if name in state.literal:
        return [None]
    expected = expected_peak(state, name, steps)
    if not state.settings.widen:
        away = sorted(state.settings.peaks, key=lambda peak: abs(math.log(peak / expected)))
        return sorted(away[:points])
    if points == 1:
        return [expected]
    return [written(expected / APART), written(expected * APART)]


def _beyond(state: State, names: Sequence[str], steps: int, points: int) -> dict[str, float]:
    """Return a peak further out for each candidate whose best one is outside of those tried."""
    found: dict[str, float] = {}
    if not state.settings.widen:
        return found
    for name in names:
        tried = state.tried(name, steps)
        if name in state.literal or not tried:
            continue
        diverged = all(each.loss == math.inf for each in tried)
        outside = -math.inf if diverged else _optimum(state, name, steps).outside
        if abs(outside) <= OUTSIDE or (points < 2 and not diverged):
            continue
        peak = max(tried).peak * APART**2 if outside > 0 else min(tried).peak / APART**2
        found[name] = written(peak)
    return found


def _optimum(state: State, name: str, steps: int) -> Optimum:
    tried = state.tried(name, steps)
    if name in state.literal:
        return Optimum(None, tried[0].loss)
    return lowest_point(
        tried,
        state.noise.sd,
        curvature=_before(state, name, steps)[1].curvature,
        expected=expected_peak(state, name, steps),
        allowed=() if state.settings.widen else state.settings.peaks,
    )


def expected_peak(state: State, name: str, steps: int) -> float:
    """Return where the best peak of a candidate is expected in runs of a length."""
    length, best = _before(state, name, steps)
    assert best.peak is not None
    return written(best.peak * (steps / length) ** trend(state))


def allowed_peak(state: State, peak: float) -> float:
    """Return the nearest peak that may be tried."""
    if state.settings.widen:
        return peak
    return min(state.settings.peaks, key=lambda each: abs(math.log(each / peak)))


def _before(state: State, name: str, steps: int) -> tuple[int, Optimum]:
    """Return the longest length below this one at which the best peak is known, and that peak."""
    return max((n, best) for n, best in state.optima[name].items() if n < steps)


def trend(state: State) -> float:
    """Return with which power of a run's length best peaks go.

    It is that of all candidates in common, by their first and last best peaks. What is expected
    counts as much as one candidate.
    """
    found = []
    for name in state.optima:
        known = [(steps, best.peak) for steps, best in state.optima[name].items()]
        if len(known) > 1 and known[0][1] and known[-1][1]:
            found.append(
                math.log(known[-1][1] / known[0][1]) / math.log(known[-1][0] / known[0][0])
            )
    if not found or not state.settings.widen:
        return TREND
    own = (TREND + len(found) * median(found)) / (1 + len(found))
    return min(max(own, -STEEPEST), STEEPEST)
