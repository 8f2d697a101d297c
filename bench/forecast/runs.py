"""Runs that are made once: their curves are in `runs/`, the states they branch from in a cache."""

import json
import time
from dataclasses import asdict, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

import glissando as gl
from bench.forecast.plan import SHAPES, Run
from bench.forecast.text import CACHE
from bench.forecast.train import BATCH, CONTEXT, State, Training

RUNS = Path(__file__).with_name("runs")


class Store:
    """The curves of runs, a line each in the file of their text and width."""

    def __init__(self, folder: Path = RUNS, cache: Path = CACHE / "trunks") -> None:
        self.folder, self.cache = folder, cache
        self.rows: dict[Run, dict[str, Any]] = {}
        for path in sorted(folder.glob("*.jsonl")):
            for line in path.read_text().splitlines():
                row = json.loads(line)
                self.rows[Run(**{field.name: row[field.name] for field in fields(Run)})] = row

    def curve(self, run: Run) -> gl.Curve:
        """Return a run's curve.

        Raises:
            KeyError: the run was not made.
        """
        return gl.Curve.from_data(self.rows[run]["curve"])

    def make(self, run: Run) -> float:
        """Train, unless that was done, and return the last loss."""
        if run not in self.rows:
            begin = time.process_time()
            curve = self.trained(run).to_data()
            row = {**asdict(run), "seconds": round(time.process_time() - begin, 1), "curve": curve}
            self.folder.mkdir(exist_ok=True)
            with (self.folder / f"{run.text}-{run.width}.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")
            self.rows[run] = row
        return self.curve(run).last

    def trained(self, run: Run) -> gl.Curve:
        """Train from where the run leaves its trunk, and return its curve from its first update."""
        state = self.on_trunk(run)
        if run.shared < run.length:
            state = Training(run, state).run(run.schedule, run.length, run.every)
        losses = {step: loss for step, loss in state["losses"].items() if step % run.every == 0}
        return gl.Curve(
            run.schedule,
            steps=list(losses),
            losses=list(losses.values()),
            name=run.shape,
            kind="validation",
            batch=BATCH * CONTEXT,
            branched_at=run.shared if 0 < run.shared < run.length else None,
        )

    def on_trunk(self, run: Run) -> State | None:
        """Return the state in which a run leaves its trunk, which stops where any shape leaves."""
        name = "-".join(str(part) for part in (run.text, run.width, run.seed, run.steps, run.peak))
        folder = self.cache / name
        folder.mkdir(parents=True, exist_ok=True)
        points = sorted({branch.shared for branch in run.of(SHAPES)} | {0})
        for before, point in pairwise(points[: points.index(run.shared) + 1]):
            if not (path := folder / f"{point}.pt").exists():
                state = torch.load(folder / f"{before}.pt") if before else None
                state = Training(run, state).run(run.trunk, point, run.steps // 40)
                torch.save(state, path.with_suffix(".part"))
                path.with_suffix(".part").rename(path)
        return torch.load(folder / f"{run.shared}.pt") if run.shared else None
