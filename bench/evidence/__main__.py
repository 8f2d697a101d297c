"""Make the runs that are not stored, and write what came of them into the documentation."""

import argparse
from pathlib import Path

from bench.evidence.chosen import Choices
from bench.evidence.data import CACHE
from bench.evidence.make import make
from bench.evidence.pictures import pictures
from bench.evidence.report import report
from bench.evidence.results import Results
from bench.evidence.runs import RUNS, Runs
from bench.evidence.settings import TASKS
from glissando.picture.files import save

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.evidence", description=__doc__)
    parser.add_argument(
        "--again",
        action="store_true",
        help="make all runs again, in build/, and only print what came of them: an hour of one "
        "core; downloads 23 MB, and takes Debian's package dataset-fashion-mnist",
    )
    parser.add_argument("--jobs", type=int, default=1, help="how many runs are made at once")
    options = parser.parse_args()
    folder = CACHE / "runs" if options.again else RUNS
    choices, found = Choices(folder), []
    for task in TASKS.values():
        runs = Runs(task, folder)
        make(task, runs, choices, options.jobs)
        found.append(Results(task, runs))
    for name, text in report(found, choices).items():
        print(f"{text}\n")
        if not options.again:
            (DOCS / "compared" / f"{name}.md").write_text(f"{text}\n")
    if not options.again:
        for name, figure in pictures(found).items():
            save(figure, DOCS / "pictures" / f"{name}.svg")


if __name__ == "__main__":
    main()
