"""Makes the runs that are missing, by a study's engine; each is kept as soon as it is done."""

import ast
from collections.abc import Callable

from tqdm import tqdm

from bench.evidence.chosen import Choices, choose
from bench.evidence.data import CACHE
from bench.evidence.plan import Plan
from bench.evidence.runs import Runs
from bench.evidence.settings import Task
from glissando.studies.engines import Engine
from glissando.studies.engines.local import LocalEngine
from glissando.studies.fingerprint import fingerprint
from glissando.studies.resources import Resources
from glissando.studies.runs.run import Run
from glissando.studies.runs.store import Store


def make(task: Task, runs: Runs, choices: Choices, jobs: int) -> None:
    """Make all runs that a task's plan asks for, and those of what a study chooses."""
    code = fingerprint(task.train)
    store = Store(CACHE / "studies" / f"{task.name}-{code}")
    store.open({"name": task.title, "code": code})
    with LocalEngine(store, task.train, Resources(jobs=jobs)) as engine:
        _make(Plan(task, runs.outcome).next, engine, store, runs)
        while isinstance(found := choices.made.get(task.name) or choose(task, runs.outcome), list):
            _make(lambda missing=found: missing, engine, store, runs)
        choices.add(found)
        _make(lambda: found.runs_of(task.fresh), engine, store, runs)


def _make(wanted: Callable[[], list[Run]], engine: Engine, store: Store, runs: Runs) -> None:
    """Make runs as long as some of those that are wanted are missing."""
    while missing := runs.missing(wanted()):
        bar = tqdm(engine.perform(missing), runs.task.name, len(missing), unit="run", disable=None)
        for run, outcome in bar:
            if outcome.failed:
                raise RuntimeError(f"{run.label}: {outcome.error}")
            runs.add(run, outcome, {} if outcome.diverged else _printed(store, run))


def _printed(store: Store, run: Run) -> dict[str, float]:
    """Return what a run printed of its end, but for its score."""
    said = ast.literal_eval((store.of(run) / "output.txt").read_text().splitlines()[-1])
    _, *others = said.items()
    return dict(others)
