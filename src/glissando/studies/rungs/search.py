"""The shortest runs of a study: where each candidate's best peak is, and how large the noise."""

import math
from collections.abc import Sequence
from statistics import median

from glissando.studies.rungs.parabola import curvature_of, lowest_point
from glissando.studies.rungs.peaks import (
    edge_of,
    gap_of,
    lowest_of,
    next_allowed,
    next_peak,
    some_of,
    written,
)
from glissando.studies.rungs.pruning import Noise
from glissando.studies.rungs.state import REPEAT, SEARCH, Asked, Stages, State

REPEATED, AT_LEAST = 5, 3
"""How many of the runs are repeated with another seed, to know the noise; with a budget."""

NEAR, COARSE = 2.0, 3.2
"""By which factor the peaks beside the best one may be from it: it is near; it is no longer far."""

BEGIN = 3
"""With how many peaks the search begins at least, if there is enough for them."""

FINER = 2
"""How many runs each candidate has beyond those after which the best peaks are no longer far."""

FURTHEST = 10
"""How many runs each candidate has at most beyond those that it begins with."""


def search(state: State, steps: int) -> Stages:
    """Search the best peak of each candidate, all by the same number of runs."""
    peaks = _first_peaks(state, steps)
    asked: list[tuple[str, float | None, int]] = []
    for name in state.alive:
        asked += [(name, p, SEARCH) for p in ([None] if name in state.literal else peaks)]
    yield from state.make(f"peaks in runs of {steps:,} updates", asked, steps)
    state.drop_failed(steps, diverged=False)
    finer = 0
    for _ in range(FURTHEST):
        gap = _widest(state, steps)
        if gap <= NEAR or finer >= FINER:
            break
        finer += gap <= COARSE
        further = _further(state, steps, peaks)
        most = state.budget.most_of_shortest(far=gap > COARSE)
        if not further or (most is not None and len(further) > most):
            break
        yield from state.make(f"further peaks in runs of {steps:,} updates", further, steps)
    state.drop_failed(steps)
    for name, edge in _on_edges(state, steps).items():
        best = lowest_of(state.tried(name, steps)).peak
        state.doubts.append(
            f"The best peak of {name} in runs of {steps:,} updates, {best:g}, is the "
            f"{'highest' if edge > 0 else 'lowest'} tried: a better one may lie beyond"
        )


def _first_peaks(state: State, steps: int) -> list[float]:
    """Return the peaks that the search begins with."""
    given = list(state.settings.peaks)
    if len(given) == 1 and state.settings.widen:
        given = [written(given[0] / 3), given[0], written(given[0] * 3)]
    usual, far = state.budget.most_of_shortest(), state.budget.most_of_shortest(far=True)
    if usual is None or far is None or not state.searched:
        return given
    usual, far = ((n - len(state.literal)) // len(state.searched) for n in (usual, far))
    return some_of(given, max(1, usual, min(BEGIN, far)))


def _on_edges(state: State, steps: int) -> dict[str, int]:
    """Return the candidates whose best peak is on an edge: 1 for the highest, -1 for the lowest."""
    found = {name: edge_of(state.tried(name, steps)) for name in state.searched}
    return {name: edge for name, edge in found.items() if edge}


def _widest(state: State, steps: int) -> float:
    """Return by which factor the peaks beside a candidate's best one are from it at most."""
    if not state.settings.widen:
        return COARSE
    return max((gap_of(state.tried(name, steps)) for name in state.searched), default=1.0)


def _further(state: State, steps: int, first: Sequence[float]) -> Asked:
    """Return one run more of each candidate."""
    tried = {name: state.tried(name, steps) for name in state.searched}
    found: dict[str, float | None]
    if state.settings.widen:
        found = {name: next_peak(points, first) for name, points in tried.items()}
    else:
        found = {name: next_allowed(p, state.settings.peaks) for name, p in tried.items()}
    return [
        (name, peak, SEARCH)
        for name, peak in found.items()
        if peak is not None and peak not in {each.peak for each in tried[name]}
    ]


def repeat(state: State, steps: int) -> Stages:
    """Repeat the best runs with another seed, to know how far results differ by chance."""
    best = {name: lowest_of(state.tried(name, steps)) for name in state.alive}
    count = REPEATED if state.budget.whole is None else AT_LEAST
    names = sorted(best, key=lambda name: best[name].loss)[:count]
    if len(names) < 2:
        return
    if not state.budget.affords(len(names), steps):
        names = []
        state.doubts.append("There was no budget to measure how far results differ by chance")
    asked = [(n, None if n in state.literal else best[n].peak, REPEAT) for n in names]
    made = yield from state.make("the best of them with another seed", asked, steps)
    pairs = [(best[run.candidate].loss, state.loss(outcome)) for run, outcome in made]
    pairs = [(first, second) for first, second in pairs if math.isfinite(second)]
    state.noise = Noise.of(pairs, [each.loss for each in best.values()])


def optima(state: State, steps: int) -> None:
    """Find the best peak of each candidate by what the shortest runs gave."""
    known = [curvature_of(state.tried(name, steps)) for name in state.searched]
    usual = median([each for each in known if each > 0] or [0.0])
    allowed = () if state.settings.widen else state.settings.peaks
    for name in state.alive:
        tried = state.tried(name, steps)
        of_literal = name in state.literal
        state.optima[name][steps] = lowest_point(
            tried, state.noise.sd, curvature=0.0 if of_literal else usual, allowed=allowed
        )
