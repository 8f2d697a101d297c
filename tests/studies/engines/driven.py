"""Runs on a cluster, by a process that may be killed: `python driven.py FOLDER ADDRESS`.

It prints that it is connected, then the key of each run that is done. The last runs do not end
before a file `gate` is there, so that something is under way until then.
"""

import sys
import time
from pathlib import Path

from glissando.errors import ScheduleError
from glissando.studies.engines import engine_for
from glissando.studies.resources import Resources
from glissando.studies.runs.store import Store
from studies.engines.trainings import runs, training

STEPS = 30
PAUSE = 0.02


def wanted():
    """Return the runs; those of the last schedule wait for the gate."""
    some = [run for run in runs(STEPS) if run.candidate in ("linear", "wsd", "wsd_sqrt")]
    return sorted(some, key=lambda run: run.candidate == "wsd_sqrt")


def gated(root):
    """Return a training that leaves a witness of each update."""
    free = training(root / "witness", PAUSE)
    waiting = {run.schedule for run in wanted()[-2:]}

    def train(schedule, seed, resume, report):
        def watched(step, loss, save):
            while schedule in waiting and step == STEPS // 2 and not (root / "gate").exists():
                time.sleep(0.02)
            report(step, loss, save=save)

        return free(schedule, seed, resume, watched)

    return train


def main(folder, address):
    root = Path(folder)
    store = Store(root / "study")
    store.open({"code": "1"})
    resources = Resources(checkpoint_every=0.0, share=False, address=address)
    with engine_for(store, gated(root), resources) as engine:
        print("connected", flush=True)
        for run, _ in engine.perform(wanted()):
            print(run.key, flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except ScheduleError as error:
        sys.exit(str(error))
