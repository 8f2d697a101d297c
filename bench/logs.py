"""How fast a long log is audited and its schedule inferred, against pyarrow that only scans it.

python bench/logs.py [ROWS]
"""

import resource
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow
from pyarrow import csv, json

import glissando as gl

COLUMNS = ["step", "lr"]

AT_ONCE = 1_000_000
"""How many rows are written at once."""


def meant(rows):
    """Return the schedule of a log of so many rows."""
    return gl.Linear(0.0, 1e-3, rows // 100) >> gl.Cosine(1e-3, 1e-5, rows - rows // 100)


def write(path, rows):
    """Write a log of so many rows, with rates of six digits."""
    head, row = "step,lr\n", "{},{:.6g}\n"
    if path.suffix == ".jsonl":
        head, row = "", '{{"step":{},"lr":{:.6g}}}\n'
    with path.open("w") as file:
        file.write(head)
        for first in range(0, rows, AT_ONCE):
            steps = np.arange(first, min(first + AT_ONCE, rows))
            rates = meant(rows)(steps.astype(float))
            pairs = zip(steps.tolist(), rates.tolist(), strict=True)
            file.write("".join(row.format(*pair) for pair in pairs))


def scan(path, rows):
    """Count the rows by pyarrow."""
    if path.suffix == ".csv":
        wanted = csv.ConvertOptions(include_columns=COLUMNS)
        count = sum(len(batch) for batch in csv.open_csv(path, convert_options=wanted))
    else:
        schema = pyarrow.schema([(name, pyarrow.float64()) for name in COLUMNS])
        options = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
        count = sum(len(batch) for batch in json.open_json(path, parse_options=options))
    assert count == rows


def audit(path, rows):
    """Hold the log against its schedule."""
    verdict = gl.audit(path, meant(rows))
    assert verdict
    assert verdict.compared == rows


def infer(path, rows):
    """Find its schedule."""
    found = gl.infer(path)
    assert (found.rows, found.kind) == (rows, "expression")
    steps = np.arange(0, rows, max(rows // 1000, 1)).astype(float)
    assert np.abs(found.schedule(steps) - meant(rows)(steps)).max() < 1e-9


def measured(what, path, rows):
    """Return the seconds that something takes, and the MiB of memory that its process has taken."""
    begun = time.perf_counter()
    what(path, rows)
    seconds = time.perf_counter() - begun
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Print the seconds and the memory of each, in a process of its own."""
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    with TemporaryDirectory() as folder:
        for name in ("run.csv", "run.jsonl"):
            path = Path(folder, name)
            write(path, rows)
            print(f"{name}: {rows:,} rows, {path.stat().st_size / 2**20:,.0f} MiB", flush=True)
            for what in (scan, audit, infer):
                with get_context("spawn").Pool(1) as pool:
                    seconds, peak = pool.apply(measured, (what, path, rows))
                label = "pyarrow, scanning" if what is scan else f"gl.{what.__name__}"
                print(f"  {label}: {seconds:.2f} s, at most {peak:,.0f} MiB", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
