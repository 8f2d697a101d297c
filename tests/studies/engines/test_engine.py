"""Runs in processes on this machine: what trainings may do, and what must come out."""

import math
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import glissando as gl
from glissando.studies.engines import engine_for
from glissando.studies.engines.gpus import gpus_of, visible_gpus
from glissando.studies.resources import Resources, cores
from glissando.studies.runs.storage import StorageError
from glissando.studies.runs.store import Store
from studies.engines.trainings import constant, processes_of, runs, training


def opened(folder):
    store = Store(folder)
    store.open({"code": "1"})
    return store


def made(folder, train, wanted, **resources):
    store = opened(folder)
    with engine_for(store, train, Resources(**{"jobs": 2} | resources)) as engine:
        return store, {run.key: outcome for run, outcome in engine.perform(wanted)}


def test_processes_that_share_beginnings_give_what_one_run_alone_gives(tmp_path):
    alone, _ = made(tmp_path / "a", training(tmp_path / "alone"), runs(), jobs=1, share=False)
    shared, outcomes = made(tmp_path / "b", training(tmp_path / "shared"), runs())
    for run in runs():
        assert shared.outcome(run).loss == alone.outcome(run).loss
        assert shared.logged(run) == alone.logged(run)
    lines = (tmp_path / "shared").read_text().splitlines()
    assert len({line.split()[0] for line in lines}) == 2
    assert len(lines) == sum(outcome.updates for outcome in outcomes.values())
    assert any(outcome.began_at for outcome in outcomes.values())
    assert list(shared.folder.glob("runs/*/checkpoints"))
    shared.drop_checkpoints()
    assert not list(shared.folder.glob("runs/*/checkpoints"))


def misbehaving(schedule, seed, resume, report):
    report(1, 0.5)
    if seed == 1:
        raise ValueError("not\nhere")
    if seed == 2:
        print("printed by Python")
        os.write(1, b"written by C")
        return math.nan
    if seed == 3:
        return "0.5"
    if seed == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    if seed == 5:
        time.sleep(600)
    if seed == 6:
        sys.exit(3)
    if seed == 7:
        import a_module_that_is_not_there  # noqa: F401
    if seed == 8:
        os._exit(3)
    if seed == 9:
        raise KeyboardInterrupt
    if seed == 10:
        threading.Thread(target=time.sleep, args=(600,)).start()
        subprocess.Popen(["sleep", "600.14"])
    if seed == 11:
        return input("what is the loss?")
    return 0.25


def test_a_training_that_misbehaves_is_named_and_harms_no_other(tmp_path, capfd):
    order = [4, 8, 5, *range(4), 6, 7, 9, 11, 10, 12]  # those that leave something behind come last
    wanted = {seed: constant(seed) for seed in order}
    store, outcomes = made(tmp_path, misbehaving, list(wanted.values()), timeout=2.0)
    errors = {seed: outcomes[run.key].error for seed, run in wanted.items()}
    assert errors[0] is errors[10] is errors[12] is None
    assert errors[1].startswith("ValueError: not here (in misbehaving, line ")
    assert (errors[2], outcomes[wanted[2].key].diverged) == (None, True)
    assert errors[3] == "it must return the last loss, a number, got '0.5'"
    assert errors[4] == "its process was ended 3 times: SIGKILL(-9)"
    assert errors[5] == "it hung: no report for 2 s, the timeout"
    assert errors[6].startswith("SystemExit: 3")
    assert errors[7].startswith("ModuleNotFoundError: No module named 'a_module_that_is_not_there'")
    assert errors[8] == "its process was ended 3 times: EXIT(3)"
    assert errors[9].startswith("KeyboardInterrupt")
    assert errors[11].startswith("EOFError")
    assert [outcomes[wanted[seed].key].attempts for seed in (1, 4, 5, 8)] == [1, 3, 1, 3]
    assert all(store.outcome(run) == outcomes[run.key] for run in wanted.values())
    printed = (store.of(wanted[2]) / "output.txt").read_text()
    assert printed == "printed by Python\nwritten by C"
    assert "ValueError: not" in (store.of(wanted[1]) / "output.txt").read_text()
    assert capfd.readouterr() == ("", "")
    assert not processes_of("sleep 600.14")


def telling(schedule, seed, resume, report):
    """Print what a process is like."""
    method = multiprocessing.get_start_method()
    child = multiprocessing.get_context().Process(target=time.sleep, args=(0,))
    child.start()
    child.join()
    print(os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"], child.exitcode)
    print(os.environ.get("CUDA_VISIBLE_DEVICES"), method == multiprocessing.get_start_method())
    print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    print(os.getpid())
    time.sleep(0.3)  # until the other process has begun, too
    return 0.5


def test_a_process_has_its_threads_gpus_and_cores_and_may_start_others(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,GPU-b,GPU-c,GPU-d,GPU-e")
    wanted = [constant(seed) for seed in range(8)]
    jobs = len(cores())
    assert_told(made(tmp_path / "a", telling, wanted, threads=1, jobs=jobs)[0], wanted, "1", 1)
    store = opened(tmp_path / "b")
    with engine_for(store, telling, Resources(threads=len(cores()), gpus=2.0)) as engine:
        assert engine.slots == 1
        list(engine.perform(wanted[:1]))
    assert_told(store, wanted[:1], str(len(cores())), len(cores()), "GPU-a,GPU-b")


def assert_told(store, wanted, threads, mine, gpus="GPU-a,GPU-b,GPU-c,GPU-d,GPU-e"):
    for run in wanted:
        first, second, affinity, _ = (store.of(run) / "output.txt").read_text().splitlines()
        assert first == f"{threads} {threads} 0"
        assert second == f"{gpus} True"
        assert int(affinity) == mine


def test_gpus_are_dealt_out(monkeypatch):
    def dealt(each, gpus, slots):
        return [
            gpus_of(slot, each, gpus, slots).get("CUDA_VISIBLE_DEVICES") for slot in range(slots)
        ]

    assert dealt(0, [], 2) == [None, None]
    assert dealt(1, ["0", "1"], 2) == ["0", "1"]
    assert dealt(2, list("0123"), 2) == ["0,1", "2,3"]
    assert dealt(0.5, ["0", "1"], 4) == ["0", "0", "1", "1"]
    with pytest.raises(gl.ScheduleError, match=r"3 runs at once, got 1 for each of 2; give fewer"):
        dealt(1, ["0", "1"], 3)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    assert visible_gpus() == ["3", "5"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert visible_gpus() == []
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert len(visible_gpus()) == len(list(Path("/proc/driver/nvidia/gpus").glob("*")))


def test_a_process_that_was_killed_while_idle_is_replaced(tmp_path):
    def train(schedule, seed, resume, report):
        print(os.getpid())
        return 0.5

    store = opened(tmp_path)
    with engine_for(store, train, Resources(jobs=1)) as engine:
        for seed in range(2):
            ((run, outcome),) = engine.perform([constant(seed)])
            assert outcome.loss == 0.5
            pid = int((store.of(run) / "output.txt").read_text())
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.2)


def test_a_process_that_has_grown_is_replaced_quietly(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("glissando.studies.engines.local.GROWTH", 1e8)

    def train(schedule, seed, resume, report):
        print(os.getpid())
        sys.modules[f"kept_{seed}"] = np.ones(20_000_000)
        time.sleep(1.1)  # loky looks once a second
        return 0.5

    pytest.importorskip("psutil")
    wanted = [constant(seed) for seed in range(3)]
    store, outcomes = made(tmp_path, train, wanted, jobs=1)
    assert all(outcome.loss == 0.5 for outcome in outcomes.values())
    pids = {(store.of(run) / "output.txt").read_text() for run in wanted}
    assert 1 < len(pids) <= 3
    assert capfd.readouterr() == ("", "")


def test_a_function_that_cannot_be_sent_is_refused(tmp_path):
    lock = threading.Lock()
    with pytest.raises(gl.ScheduleError, match="must be a function that can be sent"):
        made(tmp_path / "study", lambda *_: lock, [constant()])


class Unloadable:
    """A training function that no other process can load."""

    def __call__(self, *_):
        return 0.5

    def __reduce__(self):
        return __import__, ("a_module_that_is_not_there",)


def test_a_function_that_cannot_be_loaded_ends_the_study(tmp_path):
    with pytest.raises(gl.ScheduleError, match="cannot be loaded in a new process: ModuleNotFound"):
        made(tmp_path / "study", Unloadable(), [constant()], jobs=1)


def test_results_that_cannot_be_kept_end_the_study_with_the_files_name(tmp_path):
    store = opened(tmp_path / "study")
    run = constant()
    store.of(run).write_text("a file where a folder is to be")
    with (
        engine_for(store, training(tmp_path / "witness"), Resources(jobs=1)) as engine,
        pytest.raises(StorageError, match="the same command goes on") as caught,
    ):
        list(engine.perform([run]))
    assert caught.value.filename == str(store.of(run))
    assert caught.value.__cause__ is None


def test_what_failed_is_tried_again(tmp_path):
    def train(schedule, seed, resume, report):
        if not (tmp_path / "mended").exists():
            raise ValueError("not yet")
        return 0.5

    assert made(tmp_path / "study", train, [constant()])[1][constant().key].failed
    (tmp_path / "mended").touch()
    store, outcomes = made(tmp_path / "study", train, [constant()])
    assert store.outcome(constant()) == outcomes[constant().key]
    assert (outcomes[constant().key].loss, outcomes[constant().key].attempts) == (0.5, 2)
