"""Runs that are made once: a line each in the file of their task."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.evidence.settings import Task
from glissando.studies.runs.run import Outcome, Run

RUNS = Path(__file__).with_name("runs")


class Runs:
    """What came of a task's runs."""

    def __init__(self, task: Task, folder: Path = RUNS) -> None:
        self.task, self.path = task, folder / f"{task.name}.jsonl"
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        self.rows: dict[str, dict[str, Any]] = {}
        for row in map(json.loads, lines):
            self.rows[row["key"]] = row

    def outcome(self, run: Run) -> Outcome | None:
        """Return what came of a run, or None if it was not made."""
        row = self.rows.get(run.key)
        if row is None:
            return None
        score = row["score"]
        loss = math.inf if score is None else score
        return Outcome(loss, updates=run.steps, seconds=row["seconds"])

    def missing(self, runs: Iterable[Run]) -> list[Run]:
        """Return the runs that were not made, each result once."""
        return [run for key, run in {r.key: r for r in runs}.items() if key not in self.rows]

    def add(self, run: Run, outcome: Outcome, others: dict[str, float]) -> None:
        """Keep what came of a run."""
        assert outcome.loss is not None
        row = {
            "schedule": run.candidate,
            "peak": run.peak,
            "steps": run.steps,
            "seed": run.seed,
            "score": round(outcome.loss, 6) if math.isfinite(outcome.loss) else None,
            **{name: round(value, 5) for name, value in others.items()},
            "seconds": round(outcome.seconds, 2),
            "key": run.key,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        self.rows[run.key] = row
