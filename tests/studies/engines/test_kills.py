"""Studies on this machine whose processes are killed at random moments, and continued.

A handful of kills in the plain suite; with `make soak`, at least 20 at moments that are new.
"""

import os
import random
import signal
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

import pytest

from glissando.studies.resources import Resources
from glissando.studies.runs.store import Store
from glissando.studies.runs.worker import perform
from studies.engines.trainings import processes_of, runs, training

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
KILLS = ["worker", "driver"] * (10 if SOAK else 2)
PAUSE = 0.04 if SOAK else 0.008  # seconds an update, so that there is something to kill
PATIENCE = 180  # seconds, of a machine that does other things as well
DRIVER = Path(__file__).with_name("trainings.py")
WORKER = "popen_loky"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What comes out of one process, where nobody is killed and nothing is shared."""
    root = tmp_path_factory.mktemp("undisturbed")
    Store(root).open({"code": "1"})
    for run in runs():
        perform(root, run, training(root / "witness"), Resources(share=False))
    return found(root)


def found(folder):
    store = Store(folder)
    return {run.key: (store.outcome(run).loss, store.logged(run)) for run in runs()}


class Driver:
    """A process that makes the runs, and what its training leaves as a witness."""

    def __init__(self, root, jobs=2):
        self.witness = root / "witness"
        self.begun = self.updates()
        self.process = subprocess.Popen(
            [sys.executable, str(DRIVER), str(root), str(PAUSE), str(jobs)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def updates(self):
        return self.witness.read_bytes().count(b"\n") if self.witness.exists() else 0

    def wait_for_update(self):
        end = time.monotonic() + PATIENCE
        while self.updates() <= self.begun:
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.01)
        self.begun = self.updates()

    def workers(self):
        return processes_of(WORKER, self.process.pid)

    def end(self):
        _, err = self.process.communicate(timeout=PATIENCE)
        assert err == ""
        return self.process.returncode


def segments(witness):
    """Return what processes made without a break: of each run, its process and its steps."""
    made = {}
    for line in witness.read_text().splitlines():
        pid, run, step = line.split()
        made.setdefault(run, []).append((pid, int(step)))
    for run, rows in made.items():
        numbered = ((pid, step, (pid, step - i)) for i, (pid, step) in enumerate(rows))
        for _, part in groupby(numbered, key=lambda row: row[2]):
            part = list(part)
            yield run, part[0][0], [step for _, step, _ in part]


def test_whoever_is_killed_nothing_is_lost_or_made_twice(tmp_path, undisturbed):
    chance = random.Random(None if SOAK else 14)
    driver, deaths, orphans = Driver(tmp_path), 0, set()
    for victim in KILLS:
        driver.wait_for_update()
        time.sleep(chance.uniform(0, PAUSE * 30))
        workers = driver.workers()
        print(victim, driver.updates(), workers)
        if victim == "worker":
            os.kill(chance.choice(workers), signal.SIGKILL)
            deaths += 1
        else:
            driver.process.kill()
            driver.process.communicate()
            deaths += len(workers)
            orphans.update(workers)
            driver = Driver(tmp_path)  # at once: the orphans may be at work
    assert driver.end() == 0
    assert found(tmp_path / "study") == undisturbed
    outcomes = dict(Store(tmp_path / "study").outcomes())
    assert all(outcome.error is None for outcome in outcomes.values())
    parts = list(segments(tmp_path / "witness"))
    assert len(parts) <= len(runs()) + deaths  # only what was killed was begun again
    for run in {run for run, _, _ in parts}:
        pids = [pid for other, pid, _ in parts if other == run]
        assert len(list(groupby(pids))) == len(set(pids))  # never two at a time
    ended = time.monotonic() + PATIENCE
    while orphans & set(processes_of(WORKER)):
        assert time.monotonic() < ended
        time.sleep(0.1)


def test_two_drivers_in_one_folder_make_each_run_once(tmp_path, undisturbed):
    drivers = [Driver(tmp_path, jobs=1) for _ in range(2)]
    assert [driver.end() for driver in drivers] == [0, 0]
    assert found(tmp_path / "study") == undisturbed
    parts = list(segments(tmp_path / "witness"))
    assert len(parts) == len({run for run, _, _ in parts}) == len(runs())


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_ctrl_c_ends_all_processes_at_once_and_quietly(tmp_path):
    script = (
        "import signal, sys; from studies.engines.trainings import conduct\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try: conduct(*sys.argv[1:])\n"
        "except KeyboardInterrupt: sys.exit(130)"
    )
    path = os.pathsep.join([str(DRIVER.parents[2]), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), "0.05", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,
    )
    end = time.monotonic() + PATIENCE
    while not (workers := processes_of(WORKER, process.pid)):  # they are just starting
        assert time.monotonic() < end
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "")
    assert not set(workers) & set(processes_of(WORKER))
