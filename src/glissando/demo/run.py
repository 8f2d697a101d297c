"""From a setup to a report: train what is not stored yet, store it, report what is there."""

import shlex
import sys
from contextlib import ExitStack
from pathlib import Path

from glissando.demo import store
from glissando.demo.data import at_hand
from glissando.demo.plan import NAMES, TRIED_RATES, Run, Setup, reported_runs, tuning_runs
from glissando.demo.pool import Pool
from glissando.demo.report import page
from glissando.demo.results import Summary, choose_rate, summarize


def demo(setup: Setup, folder: Path, jobs: int) -> Summary:
    """Train each run of `setup` that `folder` does not hold, write the report, return the results.

    Progress and messages go to standard error.

    Args:
        setup: what to train.
        folder: where results and the report go; made if it does not exist.
        jobs: how many processes train at once.

    Raises:
        DemoError: something that the reader can mend.
        KeyboardInterrupt: as it came. Either way a report of what is there is left.
    """
    store.open_folder(folder)
    try:
        trained = _train(setup, folder, jobs)
    finally:
        summary = summarize(setup, lambda run: store.load(folder, run))
        store.write(folder / "report.html", page(summary, command(setup, folder, jobs)))
    if not trained:
        say("All runs were stored already: nothing was trained, the report is written anew.")
    return summary


def command(setup: Setup, folder: Path, jobs: int) -> str:
    """Return the shell command that repeats the demo."""
    words = ["glissando", "demo", "--data", setup.data, "--epochs", setup.epochs]
    words += ["--seeds", setup.seeds, "--jobs", jobs, "--output", folder]
    return shlex.join([f"KERAS_BACKEND={setup.backend}", *map(str, words)])


def say(message: str) -> None:
    """Print a message to standard error, above the progress bar."""
    from tqdm import tqdm

    tqdm.write(message, file=sys.stderr)


def _train(setup: Setup, folder: Path, jobs: int) -> int:
    """Train what is missing and return how many runs that were."""
    from tqdm import tqdm

    trained = 0
    total = (len(TRIED_RATES) + len(NAMES)) * setup.seeds
    with ExitStack() as stack:
        bar = stack.enter_context(tqdm(total=total, unit="run", file=sys.stderr))
        pool: Pool | None = None

        def finish(runs: list[Run]) -> None:
            nonlocal pool, trained
            missing = [run for run in dict.fromkeys(runs) if store.load(folder, run, say) is None]
            bar.update(len(runs) - len(missing))
            if missing and pool is None:
                pool = stack.enter_context(Pool(min(jobs, len(missing)), setup.backend))
                if not at_hand(setup.data):
                    pool.prepare(setup.data)
            for run, result in pool.train(missing) if pool else ():
                store.save(folder, run, result)
                trained += 1
                bar.update()

        tuning = tuning_runs(setup)
        bar.set_description("Tuning the constant rate")
        finish([run for runs in tuning.values() for run in runs])
        tuned = choose_rate(tuning, lambda run: store.load(folder, run))
        say(f"Tuned constant rate: {tuned:g}, of {', '.join(f'{rate:g}' for rate in tuning)}.")
        bar.set_description("Training under each schedule")
        finish([run for runs in reported_runs(setup, tuned).values() for run in runs])
    return trained
