"""Prints how many published curves are inferred: `python -m bench.curves curves.jsonl`.

Each line of the file is a run: its logged rates, under `rate_logged` as (step, rate) or under
`train` as (step, (loss, rate)), and the schedule that it was trained with, under `schedule`.
Curves are the same if they agree, within how exactly the rates are told, at every step from the
first row to the last, except between two rows between which the expected rate jumps. The last row
is left out where it does not agree with the run's own schedule: there it may be the next update's.
"""

import argparse
import json
import time
from collections import Counter
from typing import Any

import numpy as np

import glissando as gl
from bench.infer import hidden
from glissando.inference.rows import resolutions_of


def rates_of(run: dict[str, Any]) -> tuple[Any, Any]:
    """Return the steps and rates that a run has logged."""
    logged = run.get("rate_logged") or [(step, rate) for step, (_, rate) in run["train"]]
    steps, rates = np.array(logged, float).T
    return steps, rates


def same(found: gl.Schedule, meant: gl.Schedule, steps: Any, near: float) -> tuple[bool, bool]:
    """Return whether two schedules are one at the rows, and between them."""
    every = np.arange(int(steps[-1]) + 1)
    told = every >= steps[0]
    for low, high in hidden(meant, steps.astype(int)):
        told[low + 1 : high] = False
    apart = np.abs(np.asarray(found(every)) - np.asarray(meant(every))) > near
    return not apart[steps.astype(int)].any(), not (apart & told).any()


def main() -> None:
    """Print what is inferred of each curve that differs, and how many do not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("curves", help="a file of one run a line")
    parser.add_argument("--all", action="store_true", help="show each that is the same, too")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    begin = time.process_time()
    with open(options.curves, encoding="utf-8") as lines:
        for run in map(json.loads, lines):
            steps, rates = rates_of(run)
            answer = gl.infer(steps, rates)
            counts["runs"] += 1
            counts["tables"] += answer.kind == "table"
            rows = between = True
            if run["schedule"] is None:
                counts["without a stated schedule"] += 1
            else:
                near = 2 * float(resolutions_of(rates).max()) + 1e-9 * float(rates.max())
                rows, between = same(answer.schedule, gl.parse(run["schedule"]), steps, near)
                counts["the same at every row"] += rows
                counts["the same between rows, too"] += rows and between
            if options.all or answer.kind == "table" or not (rows and between):
                print(f"{run['name']}: {rows and between}\n  meant {run['schedule']}")
                print(f"  found {str(answer.schedule)[:300]}", flush=True)
    counts["seconds"] = round(time.process_time() - begin)
    for name, count in counts.items():
        print(f"{name}: {count:,}")


if __name__ == "__main__":
    main()
