"""How fast a long log is read for its rates, against pyarrow that only scans the same columns.

python bench/logs.py [ROWS]
"""

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow
from pyarrow import csv, json

from glissando.logs.rates_of import read_rates

COLUMNS = ["step", "lr"]


def write(path, rows):
    """Write a log of so many rows."""
    with path.open("w") as file:
        if path.suffix == ".csv":
            file.write("step,lr,loss\n")
            for k in range(rows):
                file.write(f"{k},{1e-3 * (1 - k / rows)!r},2.5\n")
        else:
            for k in range(rows):
                file.write(f'{{"step": {k}, "lr": {1e-3 * (1 - k / rows)!r}, "loss": 2.5}}\n')


def scan(path):
    """Return how many rows pyarrow counts, and keep none."""
    if path.suffix == ".csv":
        wanted = csv.ConvertOptions(include_columns=COLUMNS)
        return sum(len(batch) for batch in csv.open_csv(path, convert_options=wanted))
    schema = pyarrow.schema([(name, pyarrow.float64()) for name in COLUMNS])
    options = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    return sum(len(batch) for batch in json.open_json(path, parse_options=options))


def main():
    """Print the seconds of both."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with TemporaryDirectory() as folder:
        for name in ("run.csv", "run.jsonl"):
            path = Path(folder, name)
            write(path, rows)
            print(f"{name}: {rows:,} rows, {path.stat().st_size / 2**20:,.0f} MiB")
            for what, reading in (("pyarrow, scanning", scan), ("read_rates", read_rates)):
                begun = time.perf_counter()
                reading(path)
                seconds = time.perf_counter() - begun
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                print(f"  {what}: {seconds:.2f} s, at most {peak:,.0f} MiB until then")
            path.unlink()


if __name__ == "__main__":
    main()
