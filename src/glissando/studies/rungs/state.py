"""What is known in the course of a study, and how a stage is asked for."""

import math
from collections.abc import Generator, Sequence
from typing import NamedTuple, TypeAlias

from glissando.studies.rungs.budget import Budget
from glissando.studies.rungs.parabola import Optimum
from glissando.studies.rungs.peaks import Tried
from glissando.studies.rungs.pruning import Levels, Noise, Pruned
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.settings import Settings

SEARCH, REPEAT, FRESH = 0, 1, 2
"""The seeds of the search and of the repeated runs, and the first of the last comparison."""


class Stage(NamedTuple):
    """Runs that can be made at once: none depends on what comes of another.

    Attributes:
        title: what they are for.
        runs: all runs of the stage, those included that were made already.
    """

    title: str
    runs: tuple[Run, ...]


class BestPeak(NamedTuple):
    """The best peak of a candidate at a rung.

    Attributes:
        candidate: its name.
        steps: how many updates the runs made.
        peak: the best peak; None where rates are literal.
        loss: the result there, by the parabola, in the units of the training.
        tried: the peaks tried, from the lowest on.
    """

    candidate: str
    steps: int
    peak: float | None
    loss: float
    tried: tuple[float, ...]


Asked: TypeAlias = Sequence[tuple[str, float | None, int]]
"""Runs by their candidates, peaks and seeds."""

Made: TypeAlias = list[tuple[Run, Outcome]]

Stages: TypeAlias = Generator[Stage, Sequence[Outcome], None]
"""Stages, to each of which its outcomes are sent."""


class State:
    """What is known in the course of a study.

    Args:
        settings: what is asked.

    Raises:
        ScheduleError: the budget is too small for the smallest study.

    Attributes:
        budget: what was spent and may be spent.
        alive: the names of the candidates that are not left out.
        literal: the names of those whose rates are literal.
        optima: the best peaks by the candidate and the length.
        levels: the losses at each rung.
        noise: how far results differ by chance.
        pruned: the candidates that were left out so far.
        peaks: the best peaks so far.
        finalists: the candidates of the last comparison, each with its peak.
        doubts: what makes the answer less sure, in sentences.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.budget = Budget(settings)
        self.alive = [each.name for each in settings.candidates]
        self.literal = {each.name for each in settings.candidates if each.literal}
        self.optima: dict[str, dict[int, Optimum]] = {name: {} for name in self.alive}
        self.levels: list[Levels] = []
        self.noise = Noise.of([], [])
        self.pruned: list[Pruned] = []
        self.peaks: list[BestPeak] = []
        self.finalists: list[tuple[str, float | None]] = []
        self.doubts: list[str] = []
        self._tried: dict[tuple[str, int], list[Tried]] = {}
        self._errors: dict[str, str] = {}

    @property
    def searched(self) -> list[str]:
        """The candidates that are not left out and have a peak to search."""
        return [name for name in self.alive if name not in self.literal]

    @property
    def followed(self) -> list[str]:
        """The baselines that were left out, of which the best peaks are searched all the same.

        What the winner saves against them would be too much if their peaks were far from the best.
        With a budget there is nothing for that.
        """
        if self.budget.whole is not None:
            return []
        left_out = {each.candidate for each in self.pruned} - set(self.literal)
        return [name for name in self.settings.compared if name in left_out]

    def tried(self, name: str, steps: int) -> list[Tried]:
        """Return what a candidate's runs of a length gave, those of the search."""
        return self._tried.get((name, steps), [])

    def loss(self, outcome: Outcome) -> float:
        """Return a loss of which lower ones are better; infinite if the run diverged or failed."""
        if outcome.loss is None or not math.isfinite(outcome.loss):
            return math.inf
        return -outcome.loss if self.settings.goal == "max" else outcome.loss

    def make(
        self, title: str, asked: Asked, steps: int
    ) -> Generator[Stage, Sequence[Outcome], Made]:
        """Yield a stage, note what came of it, and return that."""
        of = self.settings.candidate
        runs = tuple(Run.of(of(name), peak, steps, seed) for name, peak, seed in asked)
        if not runs:
            return []
        self.budget.spend(len(runs), steps)
        outcomes = yield Stage(title, runs)
        made = list(zip(runs, outcomes, strict=True))
        for run, outcome in made:
            if outcome.failed:
                self._errors[run.candidate] = str(outcome.error)
                self.doubts.append(f"A run failed and does not count: {run.label}: {outcome.error}")
            elif run.seed == SEARCH:
                tried = self._tried.setdefault((run.candidate, steps), [])
                tried.append(Tried(run.peak or 1.0, self.loss(outcome)))
        return made

    def drop_failed(self, steps: int, *, diverged: bool = True) -> None:
        """Leave out the candidates of which all runs of a length failed, or diverged, too."""
        for name in list(self.alive):
            tried = self.tried(name, steps)
            if not tried:
                self._drop(name, f"all its runs of {steps:,} updates failed: {self._errors[name]}")
            elif diverged and all(each.loss == math.inf for each in tried):
                low, high = min(tried).peak, max(tried).peak
                at = "" if name in self.literal else f", at peaks from {low:g} to {high:g}"
                self._drop(name, f"all its runs of {steps:,} updates diverged{at}")

    def _drop(self, name: str, why: str) -> None:
        self.alive.remove(name)
        self.doubts.append(f"{name} was left out: {why}")

    def leave_out(self, pruned: Sequence[Pruned]) -> None:
        """Leave out candidates that are worse, or for which there is no budget."""
        self.pruned += pruned
        names = {each.candidate for each in pruned}
        self.alive = [name for name in self.alive if name not in names]
