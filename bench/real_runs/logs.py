"""Logs that are derived from a run's own: thinned, with gaps, repeated and disordered rows."""

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

FORMS = ("own", "events", "json lines", "csv, 6 digits", "csv, 5 digits", "csv, 4 digits")

TEXTS: dict[str, Callable[[float], str]] = {
    "csv, 6 digits": lambda rate: f"{rate:.6g}",
    "csv, 5 digits": lambda rate: f"{rate:.4e}",
    "csv, 4 digits": lambda rate: f"{rate:.3E}",
}


class Row(NamedTuple):
    """A step, a rate, and what the log has of it."""

    step: int
    rate: float
    raw: Any


def read(path: Path) -> list[Row]:
    """Return the rows of a run's own log that hold a rate."""
    if path.is_dir():
        return _events(path)
    if path.name == "trainer_state.json":
        rows = json.loads(path.read_text())["log_history"]
        return [Row(r["step"], r["learning_rate"], r) for r in rows if "learning_rate" in r]
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        return [Row(row["step"], row["lr"], row) for row in rows]
    with path.open() as file:
        table = list(csv.DictReader(file))
    step = "step" if "step" in table[0] else "epoch"
    rate = next(name for name in table[0] if name.startswith("lr-") or name == "learning_rate")
    return [Row(int(row[step]), float(row[rate]), row) for row in table if row[rate]]


def _events(folder: Path) -> list[Row]:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.util.tensor_util import make_ndarray

    return [
        Row(event.step, float(make_ndarray(value.tensor)), value.tag)
        for path in sorted(folder.rglob("events.out.tfevents.*"))
        for event in EventFileLoader(str(path)).Load()
        for value in event.summary.value
        if value.tag == "train/lr"
    ]


def spoiled(r: random.Random, rows: list[Row]) -> list[Row]:
    """Return every so many rows, with gaps, repeated ones, and out of order."""
    steps = len({row.step for row in rows})
    every = r.choice([n for n in (1, 1, 2, 5, 10, 20) if steps // n >= 15] or [1])
    rest = r.choice([0, every - 1]) if every > 1 else 0
    rows = [row for row in rows if row.step % every == rest]
    if r.random() < 0.3:
        hole = r.randrange(len(rows) * 9 // 10)
        rows = rows[:hole] + rows[hole + max(1, len(rows) // r.choice([6, 10, 20])) :]
    if r.random() < 0.3:
        again = r.sample(rows, max(1, len(rows) // 10))
        for row in again:
            rows.insert(r.choice([rows.index(row), len(rows)]), row)
    if r.random() < 0.3:
        for i in r.sample(range(len(rows) - 1), min(4, len(rows) - 1)):
            rows[i : i + 2] = rows[i + 1], rows[i]
    return rows


def write(form: str, own: Path, rows: list[Row], folder: Path) -> Path:
    """Write rows in the run's own format or in another; return the log."""
    if form == "events" or (form == "own" and own.is_dir()):
        return _write_events(rows, folder)
    folder.mkdir(parents=True)
    if form == "json lines":
        path = folder / "log.jsonl"
        lines = [json.dumps({"step": row.step, "lr": row.rate}) for row in rows]
        path.write_text("\n".join(lines) + "\n")
        return path
    if form == "own":
        return _write_own(own, rows, folder / own.name)
    path = folder / "log.csv"
    lines = ["step,lr", *(f"{row.step},{TEXTS[form](row.rate)}" for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _write_events(rows: list[Row], folder: Path) -> Path:
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for row in rows:
            writer.add_scalar("train/lr", row.rate, row.step)
    return folder


def _write_own(own: Path, rows: list[Row], path: Path) -> Path:
    if own.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row.raw) for row in rows) + "\n")
    elif own.suffix == ".json":
        state = json.loads(own.read_text())
        path.write_text(json.dumps({**state, "log_history": [row.raw for row in rows]}))
    else:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].raw)
            writer.writeheader()
            writer.writerows(row.raw for row in rows)
    return path
