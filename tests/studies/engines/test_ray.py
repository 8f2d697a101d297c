"""Runs on a real cluster: they come out as on this machine, whoever is killed.

A handful of kills in the plain suite; with `make soak`, 20 at random moments.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

import glissando as gl
from glissando.studies.engines import engine_for
from glissando.studies.engines.deaths import MOST_DEATHS
from glissando.studies.engines.remote import TOKEN
from glissando.studies.resources import Resources
from glissando.studies.runs.run import Run
from glissando.studies.runs.store import Store
from glissando.studies.settings import candidates_of
from studies.engines.cluster import Cluster, slay
from studies.engines.driven import gated, wanted

pytest.importorskip("ray")
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
DRIVER = Path(__file__).with_name("driven.py")
PATIENCE = 180  # seconds, of a machine that does other things as well


@pytest.fixture(scope="module")
def cluster():
    with pytest.MonkeyPatch.context() as patch, Cluster() as started:
        for name, value in started.environment.items():
            patch.setenv(name, value)
        yield started


def opened(folder):
    store = Store(folder)
    store.open({"code": "1"})
    return store


def made(store, train, runs, **resources):
    with engine_for(store, train, Resources(**resources)) as engine:
        return {run.key: outcome for run, outcome in engine.perform(runs)}


def found(store):
    return {run.key: (store.outcome(run).loss, store.logged(run)) for run in wanted()}


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """What comes out on this machine, where nobody is killed."""
    root = tmp_path_factory.mktemp("local")
    (root / "gate").touch()
    store = opened(root / "study")
    made(store, gated(root), wanted(), jobs=1, share=False)
    return found(store)


def constant(seed):
    return Run.of(candidates_of({"a": gl.Constant(0.01)}, (), 40)[0], 0.01, 40, seed)


def misbehaving(schedule, seed, resume, report):
    report(1, 0.5)
    if seed == 1:
        raise ValueError("not here")
    if seed == 2:
        print("printed")
    if seed == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if seed == 4:
        time.sleep(600)
    return 0.25


def test_a_training_that_misbehaves_is_named_and_harms_no_other(cluster, tmp_path, capfd):
    runs = [constant(seed) for seed in range(5)]
    store = opened(tmp_path)
    resources = Resources(address=cluster.address, timeout=2.0)
    with engine_for(store, misbehaving, resources) as engine:
        assert engine.slots == 2
        outcomes = {run.key: outcome for run, outcome in engine.perform(runs)}
        errors = [outcomes[run.key].error for run in runs]
        assert errors[0] is errors[2] is None
        assert errors[1].startswith("ValueError: not here (in misbehaving, line ")
        assert errors[3].startswith("its process was ended 3 times: ")
        assert errors[4] == "it hung: no report for 2 s, the timeout"
        assert [store.outcome(run) for run in runs] == [outcomes[run.key] for run in runs]
        assert (store.of(runs[2]) / "output.txt").read_text() == "printed\n"
        (tmp_path / TOKEN).unlink()
        with pytest.raises(gl.ScheduleError, match=r"does not see .*, the study's folder"):
            list(engine.perform([constant(5)]))
    assert capfd.readouterr() == ("", "")


def test_an_address_without_a_cluster_is_named(tmp_path):
    with pytest.raises(
        gl.ScheduleError, match=r"`address` must be .* got '127.0.0.1:1': .*refused"
    ):
        made(opened(tmp_path), misbehaving, [constant(0)], address="127.0.0.1:1")


def test_where_ray_is_missing_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("glissando.studies.engines.ray.find_spec", lambda _: None)
    with pytest.raises(gl.ScheduleError, match=r'pip install "glissando\[ray\]"'):
        made(opened(tmp_path), misbehaving, [constant(0)], address="auto")


class Killed:
    """A study on a cluster, of which one part after another is killed and replaced."""

    def __init__(self, cluster, root):
        self.cluster = cluster
        self.root = root
        self.witness, self.out, self.err = root / "witness", root / "out", root / "err"
        self.start()

    def start(self):
        """Start the driver, by the same command each time, and wait until it is connected."""
        with self.out.open("w") as out, self.err.open("w") as err:
            self.driver = subprocess.Popen(
                [sys.executable, str(DRIVER), str(self.root), self.cluster.address],
                stdout=out,
                stderr=err,
            )
        self.wait(lambda: self.out.read_text())

    def wait(self, until):
        """Wait for something to be."""
        end = time.monotonic() + PATIENCE
        while not until():
            assert self.driver.poll() is None, self.err.read_text()
            assert time.monotonic() < end
            time.sleep(0.01)

    def wait_for_update(self):
        """Wait until another update was made."""
        before = self.updates()
        self.wait(lambda: self.updates() > before)

    def updates(self):
        return self.witness.read_bytes().count(b"\n") if self.witness.exists() else 0

    def end(self):
        """Wait for the driver's end; return its exit code and what it wrote to standard error."""
        code = self.driver.wait(PATIENCE)
        done = set(self.out.read_text().split()) - {"connected"}
        assert done <= {run.key for run in wanted()}  # nothing of Ray's
        return code, self.err.read_text()

    def kill(self, victim, chance):
        """Kill one part of it, and replace it."""
        if victim == "driver":
            self.driver.kill()
            self.end()
            self.start()
        elif victim == "head":
            self.cluster.head.kill()
            code, err = self.end()
            assert code == 1
            assert err.count("\n") == 1
            assert "was lost" in err
            assert "the same command goes on" in err
            self.cluster.restart()
            self.start()
        elif victim == "node":
            self.cluster.kill(chance.choice(self.cluster.nodes))
            self.cluster.start_nodes(1)
        else:
            of = "ray::perform" if victim == "worker" else "raylet/raylet"
            chosen = [
                (node, pid)
                for node in self.cluster.nodes
                for pid, command in node.processes().items()
                if of in command
            ]
            node, pid = chance.choice(chosen)
            slay(pid)
            if victim == "raylet":
                self.cluster.kill(node)
                self.cluster.start_nodes(1)


def hold_together(witness, kills):
    """Assert that each update was made, in order, by one process at a time and once.

    A checkpoint is written after each update: where the training was killed between the two, it
    makes that update again.
    """
    made = defaultdict(list)
    for line in witness.read_text().splitlines():
        _, run, step = line.split()
        made[run].append(int(step))
    again = 0
    for steps in made.values():
        assert steps[0] == 0
        rises = [after - before for before, after in pairwise(steps)]
        assert set(rises) <= {0, 1}
        again += rises.count(0)
    assert again <= 2 * kills


def drawn(chance, count):
    """Return what is to be killed: no process so often that its run would have failed."""
    kills, workers = [], 0
    while len(kills) < count:
        victim = chance.choice(["worker", "raylet", "node", "driver", "head"])
        workers = 0 if victim in ("driver", "head") else workers + (victim == "worker")
        if workers < MOST_DEATHS:
            kills.append(victim)
    return kills


def test_whoever_is_killed_nothing_is_lost_or_made_twice(cluster, tmp_path, local):
    chance = random.Random(None if SOAK else 14)
    kills = drawn(chance, 20) if SOAK else ["worker", "node", "driver", "head"]
    study = Killed(cluster, tmp_path)
    for victim in kills:
        study.wait_for_update()
        print(victim, study.updates())
        time.sleep(chance.uniform(0, 0.5))
        study.kill(victim, chance)
    (tmp_path / "gate").touch()
    assert study.end() == (0, "")
    assert found(opened(tmp_path / "study")) == local
    assert all(o.error is None for _, o in Store(tmp_path / "study").outcomes())
    hold_together(study.witness, len(kills))
