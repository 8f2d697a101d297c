"""What a study found: the best schedule, how sure that is, and what it saves."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from glissando.studies.report.cost import cost_of
from glissando.studies.report.data import plain
from glissando.studies.report.done import Done
from glissando.studies.report.findings import Budget, Findings, Pruning, Winner
from glissando.studies.report.printed import Places, places_of
from glissando.studies.report.ranking import Finalist, ranking_of
from glissando.studies.report.save import save
from glissando.studies.report.saving import BASELINES, Saving, saving_of
from glissando.studies.report.statements import as_text, statements
from glissando.studies.report.statistics import difference
from glissando.studies.report.winner import budget_of, winner_of
from glissando.studies.rungs.decide import Decision
from glissando.studies.rungs.state import SEARCH
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.store import Log
from glissando.studies.settings import Settings


class StudyResult(Findings):
    """What a study found, as its attributes; printed, it gives the answer in its first lines."""

    def __str__(self) -> str:
        return as_text(self)

    @property
    def statements(self) -> tuple[str, ...]:
        """The answer in sentences: the best, how sure that is, and what it saves."""
        return statements(self)

    def to_data(self) -> dict[str, Any]:
        """Return the answer as plain values, for JSON: what diverged has no number."""
        return {
            "partial": self.partial,
            "statements": list(self.statements),
            "goal": self.settings.goal,
            "steps": self.settings.steps,
            "winner": plain(self.winner),
            "ranking": plain(self.ranking),
            "saving": plain(self.saving),
            "budget": plain(self.budget),
            "peaks": plain(self.peaks),
            "pruned": plain(self.pruned),
            "doubts": list(self.doubts),
            "cost": plain(self.cost),
            "task": plain(self.task),
            "command": self.command,
        }

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the report, the tables and the winner, and return the report's path.

        The folder then has `report.html`, the tables `runs.parquet` and `steps.parquet`, which
        `glissando.studies.report.tables` describes, and the winner as `winner.yaml`, unless it has
        no such form, and as code in `winner.py`. Each file is written whole or not at all.

        Raises:
            ImportError: plotly or pyarrow is not installed; what does not need it is written.
            OSError: a file cannot be written.
        """
        return save(self, Path(folder))


def results_of(
    settings: Settings,
    outcomes: Iterable[tuple[Run, Outcome]],
    decision: Decision,
    *,
    logged: Callable[[Run], Log],
    command: str = "",
    task: Mapping[str, Any] | None = None,
) -> StudyResult:
    """Return what the runs of a study say.

    Args:
        settings: what the study is asked.
        outcomes: all runs that are done, and what came of them.
        decision: what the study has decided.
        logged: returns the log of a run.
        command: the shell command that repeats or continues the study.
        task: what is trained, as plain values; "framework" names the adapter for the code.
    """
    done = Done(settings, outcomes, decision)
    peaks = {
        each.name: {n: tried for n in settings.lengths if (tried := done.tried(each.name, n))}
        for each in settings.candidates
    }
    budget = budget_of(settings, peaks)
    ranking, doubts = ranking_of(done, decision)
    winner = winner_of(settings, ranking, budget, decision)
    pairs = [each.difference for each in ranking if each.difference]
    ends = [
        *((each.loss.mean, each.loss.high) for each in ranking),
        *((pair.by, pair.high) for pair in pairs),
    ]
    spreads = [high - mean for mean, high in ends if mean is not None and high is not None]
    places = places_of(spreads, [each.loss for of in budget.values() for each in of.values()])
    return StudyResult(
        settings=settings,
        winner=winner,
        ranking=ranking,
        saving=_savings(settings, winner, ranking, budget, decision, places),
        peaks=peaks,
        budget=budget,
        pruned=tuple(Pruning(each.candidate, each.steps, each.words) for each in decision.pruned),
        doubts=(*decision.doubts, *doubts, *_same(ranking)),
        cost=cost_of(done.rows, settings.steps),
        partial=decision.stage is not None,
        command=command,
        task=dict(task or {}),
        places=places,
        done=done,
        logged=logged,
    )


def _savings(
    settings: Settings,
    winner: Winner | None,
    ranking: tuple[Finalist, ...],
    budget: Budget,
    decision: Decision,
    places: Places,
) -> tuple[Saving, ...]:
    if winner is None:
        return ()
    names = [each.name for each in settings.candidates if each.name in BASELINES]

    def known(name: str) -> dict[int, float]:
        """Return the results at the best peaks, by the parabola where there is one."""
        best = {steps: tried.loss for steps, tried in budget[name].items()}
        fitted = {n: decision.losses[name, n] for n in best if (name, n) in decision.losses}
        return best | fitted

    curve = sorted((n, loss) for n, loss in known(winner.name).items() if n <= winner.steps)
    found = {each.name: each.difference for each in ranking}
    if not winner.final:
        ours = {SEARCH: dict(curve)[winner.steps]}
        for name in names:
            there = known(name)
            theirs = {SEARCH: there[winner.steps]} if winner.steps in there else {}
            found[name] = difference(ours, theirs, settings.goal)
    return tuple(
        saving_of(name, winner.name, found.get(name), curve, settings.goal, places)
        for name in BASELINES
        if name in names
    )


def _same(ranking: tuple[Finalist, ...]) -> list[str]:
    if ranking and all(
        len(each.losses) > 1 and len(set(each.losses.values())) == 1 for each in ranking
    ):
        return ["All seeds gave the same results: does the training function use its seed?"]
    return []
