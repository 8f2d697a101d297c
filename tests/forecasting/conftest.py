"""What the tests of forecasts share."""

import csv
import json
from pathlib import Path

import pytest

import glissando as gl

DATA = Path(__file__).parents[1] / "data/curves"


@pytest.fixture(scope="session")
def grid_ends():
    """The runs of the published grid, with their last loss alone."""
    with (DATA / "grid_ends.csv").open() as file:
        rows = [
            (gl.parse(row["schedule"]), int(row["steps"]), float(row["loss"]))
            for row in csv.DictReader(file)
        ]
    return [gl.Curve(s, [n], [loss], kind="validation") for s, n, loss in rows if s.bound() < 4e-3]


@pytest.fixture(scope="session")
def grid_runs():
    """Trunks of the published grid and their cooldowns, by peak."""
    with (DATA / "grid.jsonl").open() as file:
        rows = [json.loads(line) for line in file]
    found = {}
    for row in rows:
        schedule = gl.parse(row.pop("schedule"))
        found.setdefault(schedule.bound(), []).append(gl.Curve(schedule, kind="validation", **row))
    return found
