"""What the runs of a task say: scores with their spread, and differences in pairs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, stdev

from bench.evidence.chosen import Choice
from bench.evidence.plan import Plan
from bench.evidence.runs import Runs
from bench.evidence.settings import BUDGETS, Task
from glissando.studies.report.statistics import Difference, difference
from glissando.studies.runs.run import Run

CONSTANTS = ("constant", "constant, no warm-up")


@dataclass(frozen=True)
class Entry:
    """A schedule at one peak and one budget.

    Args:
        name: the schedule's name.
        peak: the peak; None for rates as they are written.
        scores: the scores by fresh seed.
    """

    name: str
    peak: float | None
    scores: Mapping[int, float]

    @property
    def mean(self) -> float:
        return fmean(self.scores.values())

    @property
    def spread(self) -> float:
        """The standard deviation over the seeds."""
        return stdev(self.scores.values()) if math.isfinite(self.mean) else math.inf

    def better_than(self, other: "Entry") -> Difference:
        """Return by how much it is better than another, seed by seed."""
        return difference(self.scores, other.scores)


class Results:
    """All that the runs of a task say.

    Raises:
        LookupError: runs are missing.
    """

    def __init__(self, task: Task, runs: Runs) -> None:
        self.task, self.runs = task, runs
        self.plan = Plan(task, runs.outcome)
        self.entries = {
            (name, steps): self._entry(name, steps)
            for steps in task.lengths
            for name in task.candidates
        }
        if self.plan.wanted:
            raise LookupError(f"{task.name}: {len(self.plan.wanted)} runs are missing")

    def _entry(self, name: str, steps: int) -> Entry:
        peak, scores = self.plan.best(name, steps) or (None, [])
        return Entry(name, peak, dict(zip(self.task.fresh, scores, strict=False)))

    def at(self, steps: int) -> list[Entry]:
        """Return all schedules at a budget, the best first."""
        found = [entry for (_, length), entry in self.entries.items() if length == steps]
        return sorted(found, key=lambda entry: entry.mean)

    @cached_property
    def ranked(self) -> list[Entry]:
        """All schedules at the longest budget, the best first."""
        return self.at(self.task.steps)

    @cached_property
    def constant(self) -> Entry:
        """The best constant at the longest budget: what others are measured by."""
        return next(entry for entry in self.ranked if entry.name in CONSTANTS)

    def reaches(self, name: str) -> float | None:
        """Return at which part of the longest run's steps a schedule is as good as the constant.

        It is read off a straight line between budgets, over the logarithm of the steps; a quarter
        means a quarter or less, and None never.
        """
        goal = self.constant.mean
        before: tuple[float, float] | None = None
        for budget, steps in zip(BUDGETS, self.task.lengths, strict=True):
            score = self.entries[name, steps].mean
            if score <= goal:
                if before is None:
                    return budget
                part = (before[1] - goal) / (before[1] - score)
                return float(before[0] * (budget / before[0]) ** part)
            before = budget, score
        return None

    def chosen(self, choice: Choice) -> Entry:
        """Return what a study chose, with each fresh seed.

        Raises:
            LookupError: runs are missing.
        """
        scores = {}
        for run in choice.runs_of(self.task.fresh):
            outcome = self.runs.outcome(run)
            if outcome is None or outcome.loss is None:
                raise LookupError(f"{self.task.name}: {run.label} is missing")
            scores[run.seed] = outcome.loss
        return Entry(choice.schedule, choice.peak, scores)

    def error(self, entry: Entry) -> float:
        """Return the mean error of a schedule at the longest budget, where errors are known."""
        task = self.task
        runs = [
            Run.of(task.candidates[entry.name], entry.peak, task.steps, seed) for seed in task.fresh
        ]
        return fmean(self.runs.rows[run.key]["error"] for run in runs)

    @cached_property
    def noise(self) -> tuple[float, float]:
        """The standard deviation of a run, and of a difference in pairs, at the longest budget.

        Of the schedules whose peak was searched.
        """
        tuned = [entry for entry in self.ranked if entry.peak and math.isfinite(entry.mean)]
        others = [entry.better_than(self.constant) for entry in tuned if entry != self.constant]
        pairs = [stdev(found.each.values()) for found in others]
        return _mean_square(entry.spread for entry in tuned), _mean_square(pairs)


def _mean_square(values: Iterable[float]) -> float:
    return fmean(value**2 for value in values) ** 0.5
