"""Print what studies choose among runs that were made before, in Markdown."""

import argparse

import numpy as np

from bench import replay
from bench.forecast.report import markdown
from bench.replay import grid, law, small
from bench.replay.replays import CHANGES, HEAD, asha, asha_runs, changes, row, table


def main() -> None:
    """Print the tables, in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=replay.__doc__)
    parser.add_argument("--times", type=int, default=500, help="how often the grid is replayed")
    times = parser.parse_args().times
    truth = grid.truth()
    rungs = [steps / grid.STEPS for steps in grid.SHORTER[:2]]
    print(f"## The published grid: {len(truth.shapes)} shapes, {len(truth.peaks)} peaks\n")
    rows = list(table([truth], [truth.peaks], times, (0.5, 0.4), rungs=rungs, widen=False))
    jobs = asha_runs()
    found = [asha(jobs, truth.noise, seed) for seed in range(times)]
    rows.append(row("ASHA, unfinished runs", found, truth.noise, len(jobs)))
    print(markdown(HEAD, rows))
    lacking = sum(cell not in grid.measured() for cell in grid.table())
    missed = np.median(np.abs(grid.left_out_errors()))
    print(
        f"\n{lacking} of {len(grid.table())} losses were not measured and are filled in. Where one "
        f"that was measured is left out, the same misses it by {missed:.4f} nats in the median.\n"
    )
    few = max(1, times // 10)
    title, small_truths, small_begin = small.tasks()
    rows = [
        *changes("124M", truth, (*grid.SHORTER, grid.STEPS)),
        *changes("transformer", small_truths[0], (300, 900, 2700)),
    ]
    print("## How much differences change: `CHANGE` of `glissando.studies.rungs.pruning`\n")
    print(markdown(CHANGES, rows) + "\n")
    for name, truths, begin in (law.tasks(), (title, small_truths, small_begin)):
        print(f"## {name}\n")
        print(markdown(HEAD, table(truths, begin, few, (0.3, 0.5, None))))
        print()


if __name__ == "__main__":
    main()
