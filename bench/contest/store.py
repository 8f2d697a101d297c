"""Runs that are made once, a line each in the file of their task."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.contest.task import Losses, Task, found_rate, train
from glissando.studies.runs.run import Outcome, Run

CACHE = Path(__file__).parents[2] / "build" / "contest"
RUNS = Path(__file__).with_name("runs")


class Store:
    """The runs of a task. Each is known by its schedule and seed, whoever asked for it."""

    def __init__(self, task: Task, folder: Path, made: Callable[[Run], None] = lambda run: None):
        self.task, self.path, self.made = task, folder / f"{task.name}.jsonl", made
        self.rows: dict[str, dict[str, Any]] = {}
        if self.path.exists():
            lines = self.path.read_text("utf-8").splitlines()
            self.rows = {row["key"]: row for row in map(json.loads, lines)}

    def losses(self, run: Run) -> Losses:
        """Train, unless that was done, and return the losses, infinite where it diverged."""
        known = run.key in self.rows
        row = self.once(run.key, lambda: self._trained(run))
        if not known:
            self.made(run)
        return {step: math.inf if loss is None else loss for step, loss in row["losses"]}

    def _trained(self, run: Run) -> dict[str, Any]:
        losses = train(self.task, run.schedule, run.seed).items()
        what = {"candidate": run.candidate, "peak": run.peak, "seed": run.seed}
        return what | {"losses": [(n, loss if math.isfinite(loss) else None) for n, loss in losses]}

    def loss(self, run: Run) -> float:
        """Return the last loss of a run."""
        return self.losses(run)[run.steps]

    def outcome(self, run: Run) -> Outcome:
        """Return what came of a run as a study wants to know it."""
        return Outcome(self.loss(run), updates=run.steps)

    def found_rate(self, seed: int) -> dict[str, Any]:
        """Return the `rate` of the range test, and how many `updates` it takes."""
        return self.once(f"range test, seed {seed}", lambda: found_rate(self.task, seed)._asdict())

    def once(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return a row, which is made unless that was done."""
        if key not in self.rows:
            begin = time.process_time()
            row = {"key": key, **make(), "seconds": round(time.process_time() - begin, 1)}
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            self.rows[key] = row
        return self.rows[key]
