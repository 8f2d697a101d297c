"""Run trainings with and without mistakes, and print how often an audit tells the right cause."""

import argparse
import importlib
import logging
import os
import random
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import glissando as gl
from bench.real_runs import logs
from bench.real_runs.jobs import FAULTS, Job, job
from glissando.errors import ScheduleError

MODULES = {
    "torch": "loop",
    "trainer": "trainer",
    "lightning": "lightning_runs",
    "keras": "keras_runs",
    "accelerate": "two_processes",
}

NOT_IN: dict[str, set[str]] = {
    "torch": {"advanced once a process"},
    "trainer": {"advanced once a process", "epochs for updates", "two processes writing"},
    "lightning": {"advanced once a process", "skipped updates", "two processes writing"},
    "keras": {
        "advanced once a process", "skipped updates", "two processes writing",
        "milestone inside the warm-up",
    },
    "accelerate": {"epochs for updates"},
}  # fmt: skip
"""The faults that nobody makes in a framework."""

EACH = 2
"""How many logs are derived from a run."""

EXACT = {"csv, 6 digits": 5e-6, "csv, 5 digits": 5e-5, "csv, 4 digits": 5e-4}
"""By what part of a rate a format may be off, where that is more than float32's."""


def own_log(framework: str, fault: str, seed: int, folder: Path) -> Path:
    """Return the log of a run, which is made if it is not there."""
    place = folder / framework / f"{fault or 'clean'} {seed}"
    if framework == "accelerate":
        return place / "log.jsonl"
    name = place / "log.txt"
    if not name.exists():
        module = importlib.import_module(f"bench.real_runs.{MODULES[framework]}")
        path = module.train(job(framework, fault, seed), place / "run")
        name.write_text(str(path.relative_to(place)))
    return place / name.read_text()


def launch(wanted: list[tuple[str, int]], folder: Path) -> None:
    """Make the runs of two processes that are not there."""
    new = [(f, seed) for f, seed in wanted if not own_log("accelerate", f, seed, folder).exists()]
    if new:
        from bench.real_runs.two_processes import launch

        launch(new, folder / "accelerate")


def is_hidden(work: Job, rows: list[logs.Row], form: str) -> bool:
    """Return whether the rows are what was meant, by a lag that is documented."""
    steps = np.array([row.step for row in rows], float)
    rates = np.array([row.rate for row in rows])
    tolerance = EXACT.get(form, 3e-7) * np.abs(rates) + 3e-7 * rates.max()
    for lag in (0, 1, -1):
        meant = work.meant(np.maximum(steps - lag, 0))
        if np.all(np.abs(meant - rates) <= tolerance):
            return True
    return False


def told(work: Job, log: Path) -> str:
    """Return the cause that an audit tells; "" for none."""
    try:
        verdict = gl.audit(log, work.meant, **work.options)
    except ScheduleError as error:
        return f"refused: {error}"
    return "" if verdict.matches else verdict.cause.name if verdict.cause else "unexplained"


def judge(framework: str, fault: str, seeds: int, folder: Path, show: bool) -> Counter[str]:
    """Return how often which cause was told, and how many faults no row showed."""
    found: Counter[str] = Counter()
    for seed in range(seeds):
        work = job(framework, fault, seed)
        own = own_log(framework, fault, seed, folder)
        rows = logs.read(own)
        if work.tail and work.resume is not None:
            lost = 0 if framework == "trainer" else work.resume.lost  # it cuts its log itself
            rows = rows[work.resume.at + lost :]
        for number in range(EACH):
            r = random.Random(f"{framework} {fault} {seed} {number}")
            form = logs.FORMS[(EACH * seed + number) % len(logs.FORMS)]
            some = logs.spoiled(r, rows)
            if fault and is_hidden(work, some, form):
                found["hidden"] += 1
                continue
            with tempfile.TemporaryDirectory() as place:
                log = logs.write(form, own, some, Path(place, "log"))
                name = told(work, log)
            found[name] += 1
            if show and name != fault:
                print(f"    seed {seed}, log {number}: {name or 'matches'}, {form}", flush=True)
    return found


def line(framework: str, fault: str, found: Counter[str]) -> str:
    """Return a line of the table."""
    count = found.total() - found["hidden"]
    wrong = {name or "matches": n for name, n in found.items() if name not in (fault, "hidden")}
    hidden = f"  ({found['hidden']} hidden)" if found["hidden"] else ""
    name = fault or "clean"
    return f"{framework:11}{name:35}{found[fault]:4} of {count:3}{hidden}  {wrong or ''}"


def main(options: Any) -> None:
    """Make the runs, and print the table."""
    folder = options.folder or Path(tempfile.mkdtemp())
    right: Counter[str] = Counter()
    for framework in options.frameworks:
        faults = [fault for fault in FAULTS if fault not in NOT_IN[framework]]
        wanted = [(fault, options.seeds) for fault in faults if options.fault in fault]
        if not options.fault:
            wanted.append(("", options.seeds * len(wanted)))
        if framework == "accelerate":
            launch([(fault, seed) for fault, n in wanted for seed in range(n)], folder)
        for fault, seeds in wanted:
            found = judge(framework, fault, seeds, folder, options.show)
            print(line(framework, fault, found), flush=True)
            kind = "fault" if fault else "clean"
            right[kind] += found[fault]
            right[f"{kind}s"] += found.total() - found["hidden"]
            right["hidden"] += found["hidden"]
    share = right["fault"] / max(right["faults"], 1)
    print(f"right cause first: {right['fault']} of {right['faults']}, {share:.1%}")
    print(f"faults that no row shows, not counted: {right['hidden']}")
    print(f"clean runs flagged: {right['cleans'] - right['clean']} of {right['cleans']}")


parser = argparse.ArgumentParser(prog="python -m bench.real_runs", description=__doc__)
parser.add_argument("--seeds", type=int, default=4, help="runs of each fault and framework")
parser.add_argument("--frameworks", nargs="+", choices=MODULES, default=list(MODULES))
parser.add_argument("--fault", default="", help="only faults whose name has this in it")
parser.add_argument("--folder", type=Path, help="where runs are kept, to be audited again")
parser.add_argument("--show", action="store_true", help="name the seeds that are told wrongly")
if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    main(parser.parse_args())
