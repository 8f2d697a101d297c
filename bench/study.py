"""Print what a study costs beside its training, and how long a large one's report takes."""

import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import glissando as gl
from glissando.studies.engines import engine_for
from glissando.studies.report.results import results_of
from glissando.studies.resources import Resources
from glissando.studies.rungs.decide import decide
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.store import Store
from glissando.studies.settings import Settings, candidates_of

SECONDS = 10.0
"""How long a run trains."""

RUNS, LOGGED = 10_000, 100
"""How many runs a large study has, and how often each reports."""


def train(schedule: Any, seed: int, resume: Any, report: Any) -> float:
    """Take as long as a training, and as little of the machine as can be."""
    del seed, resume
    begin = time.monotonic()
    for step in range(schedule.steps):
        time.sleep(max(0.0, begin + SECONDS * (step + 1) / schedule.steps - time.monotonic()))
        report(step + 1, 1.0, save=lambda folder: (folder / "state").write_bytes(bytes(10**6)))
    return 1.0


def overhead(folder: Path, runs: int = 3) -> float:
    """Return what part of a study's time is not its training's, in one process after another."""
    candidate = candidates_of({"constant": gl.Constant(0.1)}, (), 1000)[0]
    wanted = [Run.of(candidate, 0.1, 1000, seed) for seed in range(runs)]
    store = Store(folder)
    store.open({"code": "bench"})
    begin = time.monotonic()
    with engine_for(store, train, Resources(jobs=1, checkpoint_every=1.0)) as engine:
        assert not any(outcome.failed for _, outcome in engine.perform(wanted))
    return (time.monotonic() - begin) / (runs * SECONDS) - 1


def large(folder: Path) -> Settings:
    """Write the results of many runs, as workers would have."""
    names = [f"schedule {n}" for n in range(20)]
    candidates = candidates_of({name: gl.Linear(1.0, 0.0, 900) for name in names}, (), 900)
    settings = Settings(candidates, 900, [0.01, 0.1, 1.0], seeds=5)
    store = Store(folder)
    store.open({"code": "bench"})
    for n in range(RUNS):
        candidate = candidates[n % len(candidates)]
        run = Run.of(candidate, 0.001 * 1.02 ** (n // 20), settings.lengths[n % 3], n % 7)
        store.save(run, Outcome(1.0 + (n * 7919 % 1000) / 1000, updates=run.steps, seconds=1.0))
        lines = (
            f"[{run.steps * (k + 1) // LOGGED}, {2.0 - k / LOGGED}, 0.1]\n" for k in range(LOGGED)
        )
        (store.of(run) / "steps.jsonl").write_text("".join(lines))
    return settings


def report(folder: Path, settings: Settings) -> float:
    """Return how many seconds it takes from the stored runs to the written report."""
    begin = time.monotonic()
    store = Store(folder)
    known = store.known()
    decision = decide(settings, lambda run: known.get(run.key))
    results_of(settings, store.outcomes(), decision, logged=store.logged).save(folder)
    return time.monotonic() - begin


def main() -> None:
    """Print the table, in Markdown."""
    with tempfile.TemporaryDirectory() as root:
        print("| what | measured |\n|---|---|")
        share = overhead(Path(root) / "short")
        print(f"| a study's own time, beside runs of {SECONDS:g} s | {share:.1%} |", flush=True)
        settings = large(Path(root) / "large")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = report(Path(root) / "large", settings)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        what = f"report of {RUNS:,} runs with {RUNS * LOGGED:,} logged steps"
        print(f"| {what} | {seconds:.1f} s |\n| memory it takes at most | {grown:.0f} MB |")


if __name__ == "__main__":
    sys.exit(main())
