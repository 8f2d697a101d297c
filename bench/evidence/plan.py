"""Which runs are made: the search of each schedule's peak at each budget, and the best again."""

from collections.abc import Callable
from itertools import product
from statistics import fmean

from bench.evidence.settings import Task
from glissando.studies.runs.run import Outcome, Run

OutcomeOf = Callable[[Run], Outcome | None]
"""What came of a run; None if it was not made."""


class Plan:
    """What is known of a task's schedules, and what is to be made to know it.

    Args:
        task: the task.
        outcome_of: returns what came of a run.
    """

    def __init__(self, task: Task, outcome_of: OutcomeOf) -> None:
        self.task, self.outcome_of = task, outcome_of
        self.wanted: list[Run] = []
        """The runs that were asked for and are not known."""

    def next(self) -> list[Run]:
        """Return runs to be made next, each result once; none if all are known."""
        self.wanted = []
        for steps, name in product(self.task.lengths, self.task.candidates):
            self.best(name, steps)
        return list({run.key: run for run in self.wanted}.values())

    def best(self, name: str, steps: int) -> tuple[float | None, list[float]] | None:
        """Return a schedule's best peak and its scores there, or None if runs are missing.

        The best peak is neither the lowest nor the highest of those that were tried. The scores
        are those with each fresh seed.
        """
        peak = None
        if not self.task.candidates[name].literal:
            by_peak = self.by_peak(name, steps)
            if by_peak is None:
                return None
            peak = _lowest(by_peak)
        scores = self.at(name, peak, steps, self.task.fresh)
        return scores and (peak, scores)

    def by_peak(self, name: str, steps: int) -> dict[float, float] | None:
        """Return the mean scores of the search: peaks by factors of 2, as far as need be.

        It begins with all the task's peaks; where runs are slow, in longer runs with the best of
        the shorter ones and the two beside it. None if runs are missing.
        """
        peaks, found = self._first(name, steps), dict[float, float]()
        if peaks is None:
            return None
        while peaks:
            scores = {peak: self.at(name, peak, steps, range(self.task.search)) for peak in peaks}
            if not all(scores.values()):
                return None
            found |= {peak: fmean(several or ()) for peak, several in scores.items()}
            best = _lowest(found)
            beyond = {max(found): 2.0, min(found): 0.5}
            peaks = [_times(best, beyond[best])] if best in beyond else []
        return dict(sorted(found.items()))

    def _first(self, name: str, steps: int) -> list[float] | None:
        """Return the peaks that a search begins with, or None if shorter runs are missing."""
        at = self.task.lengths.index(steps)
        if at == 0 or not self.task.slow:
            return list(self.task.peaks)
        shorter = self.by_peak(name, self.task.lengths[at - 1])
        return shorter and [_times(_lowest(shorter), factor) for factor in (0.5, 1.0, 2.0)]

    def at(self, name: str, peak: float | None, steps: int, seeds: range) -> list[float] | None:
        """Return the scores at a peak, with each seed, or None if runs are missing."""
        first = Run.of(self.task.candidates[name], peak, steps, seeds[0])
        scores = []
        for run in (first.replace(seed=seed) for seed in seeds):
            outcome = self.outcome_of(run)
            if outcome is None:
                self.wanted.append(run)
            elif outcome.loss is not None:
                scores.append(outcome.loss)
        return scores if len(scores) == len(seeds) else None


def _lowest(by_peak: dict[float, float]) -> float:
    """Return the peak with the lowest score."""
    return min(by_peak, key=lambda peak: by_peak[peak])


def _times(peak: float, factor: float) -> float:
    return float(f"{factor * peak:.6g}")
