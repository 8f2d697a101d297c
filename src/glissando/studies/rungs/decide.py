"""What a study does next: a pure function of its settings and of what came of its runs.

Candidates are compared in complete runs, shorter ones first. In the shortest the best peak of each
is searched, all by the same number of runs. After each length those are left out that are certain
to be worse. In the end the best three are compared at the full length, with fresh seeds.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from glissando.studies.rungs.budget import FINALISTS
from glissando.studies.rungs.longer import allowed_peak, expected_peak, judge, rung
from glissando.studies.rungs.pruning import Pruned
from glissando.studies.rungs.search import optima, repeat, search
from glissando.studies.rungs.state import FRESH, BestPeak, Stage, Stages, State
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.settings import Settings

__all__ = ["BestPeak", "Decision", "Expected", "Pruned", "Stage", "decide", "expected"]


class Decision(NamedTuple):
    """What is next in a study, and what is known by now.

    Attributes:
        stage: the runs that are next; None if all are made.
        pruned: the candidates that were left out, and why.
        finalists: the candidates of the last comparison with their peaks, the best first as it was
            known before; then the baselines that are not among the best.
        peaks: the best peak of each candidate at each length, by both.
        doubts: what makes the answer less sure, in sentences.
        losses: the results at these peaks, by the parabola through those that were tried.
    """

    stage: Stage | None
    pruned: tuple[Pruned, ...]
    finalists: tuple[tuple[str, float | None], ...]
    peaks: Mapping[tuple[str, int], float | None]
    doubts: tuple[str, ...]
    losses: Mapping[tuple[str, int], float] = MappingProxyType({})


class Expected(NamedTuple):
    """What a stage will take.

    Attributes:
        title: what it is for.
        runs: how many runs, if no candidate is left out but for want of budget, and no best peak is
            outside of those tried.
        updates: how many updates these make.
        least: how many they make if all but three candidates are left out after the shortest runs.
    """

    title: str
    runs: int
    updates: int
    least: int


def decide(settings: Settings, outcome_of: Callable[[Run], Outcome | None]) -> Decision:
    """Return what is next: the first stage of which a run has no outcome yet.

    The same outcomes give the same decision, in whichever order they came.

    Args:
        settings: what is asked.
        outcome_of: gives what came of a run, or None if it was not made.

    Raises:
        ScheduleError: the budget is too small for the smallest study.
    """
    state = State(settings)
    left = None
    for stage, made in _followed(state, outcome_of):
        left = None if made else stage
    return Decision(
        left,
        tuple(state.pruned),
        tuple(state.finalists),
        {(best.candidate, best.steps): best.peak for best in state.peaks},
        tuple(dict.fromkeys(state.doubts)),
        {(best.candidate, best.steps): best.loss for best in state.peaks},
    )


def _followed(
    state: State, outcome_of: Callable[[Run], Outcome | None]
) -> Iterator[tuple[Stage, bool]]:
    """Yield the stages up to the first that is not made, each with whether it is."""
    stages = _stages(state)
    stage = next(stages, None)
    while stage is not None:
        outcomes = [outcome for run in stage.runs if (outcome := outcome_of(run)) is not None]
        made = len(outcomes) == len(stage.runs)
        yield stage, made
        if not made:
            return
        try:
            stage = stages.send(outcomes)
        except StopIteration:
            return


def _stages(state: State) -> Stages:
    """Yield the stages of a study, each of which depends on what came of those before."""
    shortest, *longer = state.settings.lengths
    yield from search(state, shortest)
    yield from repeat(state, shortest)
    optima(state, shortest)
    judge(state, shortest)
    for steps in longer:
        yield from rung(state, steps)
    yield from _compare(state)


def _compare(state: State) -> Stages:
    """Compare the best at the full length: each with the same fresh seeds."""
    if not state.alive:
        state.doubts.append("No candidate is left: no run gave a result")
        return
    steps = state.settings.steps
    best = state.alive[:FINALISTS]
    compared = state.settings.compared
    others = [name for name in compared if state.optima.get(name) and name not in best]
    end = state.budget.end(len(best), len(others))
    if end.baselines < len(others):
        state.doubts.append(f"There was no budget to compare the best with {' and '.join(others)}")
    names = best[: end.finalists] + others[: end.baselines]
    state.finalists = [(name, _peak(state, name)) for name in names]
    asked = [(name, peak, FRESH + i) for i in range(end.seeds) for name, peak in state.finalists]
    yield from state.make("the best compared with fresh seeds", asked, steps)


def _peak(state: State, name: str) -> float | None:
    """Return the peak of a candidate in the last comparison."""
    found = state.optima[name]
    steps = state.settings.steps
    if name in state.literal:
        return None
    if steps in found:
        return found[steps].peak
    state.doubts.append(
        f"The best peak of {name} was searched in runs of {max(found):,} updates at most"
    )
    return allowed_peak(state, expected_peak(state, name, steps))


def expected(settings: Settings) -> list[Expected]:
    """Return what each stage of a study will take, if no training is an exception.

    Raises:
        ScheduleError: the budget is too small for the smallest study.
    """
    kept = list(settings.candidates[:FINALISTS])
    kept += [each for each in settings.candidates[FINALISTS:] if each.name in settings.compared]
    found, stages = [], list(_rehearsed(settings))
    few = {stage.title: stage for stage in _rehearsed(settings.replace(candidates=kept))}
    for stage in stages:
        title, runs = stage
        least = runs if runs[0].steps == settings.lengths[0] else few.get(title, stage).runs
        found.append(Expected(title, len(runs), _updates(runs), min(map(_updates, (runs, least)))))
    return found


def _updates(runs: Sequence[Run]) -> int:
    return sum(run.steps for run in runs)


def _rehearsed(settings: Settings) -> Iterator[Stage]:
    """Yield the stages of a study in which all candidates are as good, and have one best peak."""
    best = settings.peaks[len(settings.peaks) // 2]

    def outcome_of(run: Run) -> Outcome:
        worse = 1e-9 * (run.candidate in settings.compared)  # they come beside the best
        return Outcome(1.0 + math.log((run.peak or best) / best) ** 2 + worse)

    for stage, _ in _followed(State(settings), outcome_of):
        yield stage
