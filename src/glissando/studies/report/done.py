"""The runs of a study that are done, found by candidate, peak, length and seed."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from glissando.studies.candidate import Followed
from glissando.studies.report.statistics import cost
from glissando.studies.rungs.decide import Decision
from glissando.studies.rungs.state import FRESH, SEARCH
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.settings import Settings

Found = dict[int, tuple[Run, Outcome]]
"""Runs that differ in the seed alone, by it."""


class Tried(NamedTuple):
    """What a candidate gave at one peak and one length.

    Attributes:
        peak: the peak; None for rates as they are written.
        loss: the result; infinite if the run diverged.
    """

    peak: float | None
    loss: float

    @property
    def diverged(self) -> bool:
        """Whether the run diverged."""
        return math.isinf(self.loss)


class Done:
    """All runs that are done.

    They are found by what they followed: two candidates of one schedule share a run, and a run of
    an earlier study in the same folder, of another schedule under the same name, is not taken for
    one of this.

    Args:
        settings: what the study is asked.
        outcomes: the runs and what came of them.
        decision: what the study has decided.
    """

    def __init__(
        self, settings: Settings, outcomes: Iterable[tuple[Run, Outcome]], decision: Decision
    ) -> None:
        self.settings = settings
        self.rows: list[tuple[Run, Outcome]] = []
        self._found: dict[tuple[int, Followed], Found] = {}
        self._peaks: dict[str, set[float | None]] = {}
        schedules: dict[Followed, Followed] = {}
        for run, outcome in outcomes:
            followed = schedules.setdefault(run.schedule, run.schedule)
            kept = run if followed is run.schedule else run.replace(schedule=followed)
            self.rows.append((kept, outcome))
            self._found.setdefault((run.steps, followed), {})[run.seed] = (kept, outcome)
            self._peaks.setdefault(run.candidate, set()).add(run.peak)
        for (name, _), peak in decision.peaks.items():
            self._peaks.setdefault(name, set()).add(peak)
        self._of: dict[tuple[str, float | None, int], Found] = {}
        self._finalists = decision.finalists

    def of(self, name: str, peak: float | None, steps: int) -> Found:
        """Return the runs of a candidate at a peak and a length, by seed."""
        which = name, peak, steps
        if which not in self._of:
            followed = self.settings.candidate(name).at(peak, steps)
            self._of[which] = self._found.get((steps, followed), {})
        return self._of[which]

    def final(self, name: str, peak: float | None) -> Found:
        """Return the runs of the last comparison: those of full length with fresh seeds."""
        found = self.of(name, peak, self.settings.steps)
        return {seed: each for seed, each in found.items() if seed >= FRESH}

    def tried(self, name: str, steps: int) -> tuple[Tried, ...]:
        """Return what a candidate gave at each peak, at one length, the lowest peak first.

        It is of the seed of the search, with which all peaks were tried.
        """
        found = (self._tried(name, peak, steps) for peak in self._sorted_peaks(name))
        return tuple(each for each in found if each)

    def placed(self) -> Iterator[tuple[Run, Outcome, int | None, str | None]]:
        """Yield all runs, each with its rung, from 1, and its stage; None for those of no use."""
        rungs = {steps: rung for rung, steps in enumerate(self.settings.lengths, start=1)}
        used = {id(run) for found in self._of.values() for run, _ in found.values()}
        final = {id(run) for which in self._finalists for run, _ in self.final(*which).values()}
        for run, outcome in self.rows:
            known = rungs.get(run.steps) if id(run) in used else None
            stage = "final" if id(run) in final else "search" if known else None
            yield run, outcome, known, stage

    def _tried(self, name: str, peak: float | None, steps: int) -> Tried | None:
        _, outcome = self.of(name, peak, steps).get(SEARCH, (None, None))
        if outcome is None or outcome.loss is None:
            return None
        return Tried(peak, outcome.loss)

    def _sorted_peaks(self, name: str) -> list[float | None]:
        if self.settings.candidate(name).literal:
            return [None]
        peaks = {*self._peaks.get(name, ()), *self.settings.peaks} - {None}
        return sorted(peaks, key=lambda peak: peak or 0.0)


def losses_of(found: Found) -> dict[int, float]:
    """Return the results of runs by seed; those that failed have none."""
    return {seed: outcome.loss for seed, (_, outcome) in found.items() if outcome.loss is not None}


def best_of(tried: Sequence[Tried], goal: str) -> Tried | None:
    """Return the best of what one candidate gave at one length."""
    return min(tried, key=lambda each: cost(each.loss, goal), default=None)
