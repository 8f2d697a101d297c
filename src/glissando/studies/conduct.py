"""A study from its settings to its report: ask what is next, train it, write what came out."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from glissando.errors import ScheduleError
from glissando.studies.engines import engine_for
from glissando.studies.engines.base import Engine
from glissando.studies.progress import Progress
from glissando.studies.rehearsal import Rehearsal
from glissando.studies.report.results import StudyResult, results_of
from glissando.studies.resources import Resources
from glissando.studies.rungs.decide import Decision, decide, expected
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.store import Store
from glissando.studies.settings import Settings


class Study:
    """A study in a folder: what is known of it, and how it goes on.

    Args:
        settings: what it is asked.
        train: the training function.
        store: where its runs are kept.
        resources: where they are made.
        task: what is trained, for the report.
        command: what repeats it, for the report.
    """

    def __init__(
        self,
        settings: Settings,
        train: Callable[..., float],
        store: Store,
        resources: Resources,
        task: dict[str, Any],
        command: str,
    ) -> None:
        self.settings = settings
        self.train = train
        self.store = store
        self.resources = resources
        self.task = task
        self.command = command
        self.known = {k: each for k, each in store.known().items() if not each.failed}

    @property
    def report_path(self) -> Path:
        """Where the report is written."""
        return self.store.folder / "report.html"

    def outcome(self, run: Run) -> Outcome | None:
        """Return what came of a run, or None if it was not made."""
        return self.known.get(run.key)

    def decision(self) -> Decision:
        """Return what is next, by all that is known."""
        return decide(self.settings, self.outcome)

    def missing(self, decision: Decision) -> list[Run]:
        """Return the runs of the next stage that were not made, each result once."""
        stage = decision.stage
        runs = {run.key: run for run in stage.runs} if stage else {}
        return [run for key, run in runs.items() if key not in self.known]

    def conduct(self, *, progress: bool) -> StudyResult:
        """Make all runs that are still to be made, write the report, and return what came out.

        Raises:
            KeyboardInterrupt: as it came. Each finished run and a partial report are kept, then too
                if something else ends the study.
            ScheduleError: something that ends the study, such as a full disk.
        """
        try:
            with self._engine() as engine, self._progress(shown=progress) as bar:
                while (decision := self.decision()).stage is not None:
                    runs = self.missing(decision)
                    bar.begin(decision.stage.title, runs)
                    for run, outcome in engine.perform(runs):
                        self.known[run.key] = outcome
                        bar.end(run)
        except BaseException:
            with suppress(OSError, ScheduleError):  # what ended the study is worth more
                self.report()
            raise
        self.store.drop_checkpoints()
        return self.report()

    def rehearse(self) -> Rehearsal:
        """Make the first run that is still to be made, and return what all will take."""
        runs = self.missing(self.decision())[:1]
        with self._engine() as engine:
            for run, outcome in engine.perform(runs):
                self.known[run.key] = outcome
            slots = engine.slots
        return Rehearsal.of(expected(self.settings), self.store.outcomes(), slots)

    def report(self) -> StudyResult:
        """Return what is known by now, and write it into the folder."""
        result = results_of(
            self.settings,
            self.store.outcomes(),
            self.decision(),
            logged=self.store.logged,
            command=self.command,
            task=self.task,
        )
        result.save(self.store.folder)
        return result

    def _progress(self, *, shown: bool) -> Progress:
        done = sum(run.steps for run, each in self.store.outcomes() if not each.failed)
        planned = sum(stage.updates for stage in expected(self.settings))
        return Progress(done, planned, self.store.reached, shown=shown)

    def _engine(self) -> Engine:
        return engine_for(self.store, self.train, self.resources)
