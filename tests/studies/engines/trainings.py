"""Trainings that cost next to nothing, and leave a witness of each update that they make."""

import json
import os
import sys
import time
import zlib
from functools import partial
from pathlib import Path


def training(witness, pause=0.0, every=1):
    """Return a training of one weight, which adds a line to a file for each update it makes."""

    def train(schedule, seed, resume, report):
        weight, first = 1.0 + seed, 0
        name = zlib.crc32(repr((schedule, seed)).encode())
        if resume:
            first, weight = json.loads((resume / "state.json").read_text())
        with open(witness, "a") as file:
            for step in range(first, int(schedule.steps)):
                weight -= schedule(step) * weight
                file.write(f"{os.getpid()} {name} {step}\n")
                file.flush()
                time.sleep(pause)
                if (step + 1) % every == 0:
                    report(step + 1, weight, save=partial(write, step + 1, weight))
        return weight

    return train


def write(step, weight, folder):
    (folder / "state.json").write_text(json.dumps([step, weight]))


def conduct(root, pause, jobs):
    """Make a few runs in a folder, as a driver that may be killed; print each that is done."""
    from glissando.studies.engines import engine_for
    from glissando.studies.resources import Resources
    from glissando.studies.runs.store import Store

    store = Store(Path(root) / "study")
    store.open({"code": "1"})
    resources = Resources(jobs=int(jobs), checkpoint_every=0.02)
    with engine_for(store, training(Path(root) / "witness", float(pause)), resources) as engine:
        for run, _ in engine.perform(runs()):
            print(run.key, flush=True)


def runs(steps=60):
    """Return runs, some of which begin alike."""
    from glissando.studies.runs.run import Run
    from glissando.studies.settings import candidates_of

    candidates = candidates_of(None, (), steps)[:5]
    return [Run.of(each, 0.05, steps, seed) for seed in (0, 1) for each in candidates]


def constant(seed=0, steps=40):
    """Return a run at one rate, which has no breaks."""
    import glissando as gl
    from glissando.studies.runs.run import Run
    from glissando.studies.settings import candidates_of

    return Run.of(candidates_of({"a": gl.Constant(0.01)}, (), steps)[0], 0.01, steps, seed)


def processes_of(words, parent=None):
    """Return the ids of the processes, or of the children of one, with words in their command."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            above = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # gone meanwhile
            continue
        if words in command and parent in (None, above):
            found.append(int(path.name))
    return sorted(found)


if __name__ == "__main__":
    conduct(*sys.argv[1:])
