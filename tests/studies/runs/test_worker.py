"""One run: what it reports and logs, what it goes on from, and what becomes of its errors."""

import json
import math
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import glissando as gl
from glissando.studies.candidate import Candidate
from glissando.studies.resources import Resources
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.storage import StorageError
from glissando.studies.runs.store import Store
from glissando.studies.runs.worker import give_up, perform
from studies.engines.trainings import constant, training, write

ALWAYS = Resources(checkpoint_every=0.0)
"""A checkpoint is due at each report."""

SHAPE = gl.Linear(0.0, 1.0, 10) >> gl.Constant(1.0, 20) >> gl.Linear(1.0, 0.0, 10)


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "study")
    found.open({"code": "1"})
    return found


def with_breaks(shape=SHAPE, peak=0.1, seed=0, steps=40):
    return Run.of(Candidate("shape", shape, steps), peak, steps, seed)


def made(store, train, run=None, resources=ALWAYS):
    return perform(store.folder, run or constant(), train, resources)


def error_of(store, train, run=None):
    outcome = made(store, train, run)
    assert outcome.failed
    return outcome.error


def printed(store, run):
    return (store.of(run) / "output.txt").read_text()


def checkpoints(store, run):
    folder = store.of(run) / "checkpoints"
    return sorted(int(path.name) for path in folder.iterdir()) if folder.exists() else []


class Stopped(BaseException):
    """What ends a process in these tests: nothing catches it but the worker."""


def stopped_at(step, train, monkeypatch):
    """Return a training that ends at an update as by a kill: no result is kept."""

    def stopping(schedule, seed, resume, report):
        def watched(done, loss, save):
            report(done, loss, save=save)
            if done == step:
                report.log.close()
                raise Stopped

        return train(schedule, seed, resume, watched)

    def not_kept(raised):
        raise raised

    monkeypatch.setattr("glissando.studies.runs.worker._in_a_line", not_kept)
    return stopping


def interrupt(store, train, run, step, resources=ALWAYS):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stopped):
        made(store, stopped_at(step, train, patch), run, resources)


# what a training reports


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ([(1,), (1,)], "`step` must be above 1, got 1"),
        ([(2,), (1,)], "`step` must be above 2, got 1"),
        ([(41,)], "`step` must be at most 40, got 41"),
        ([(1.5,)], "`step` must be a whole number, got 1.5"),
        ([("1",)], "`step` must be a whole number, got '1'"),
        ([(1, "low")], "`loss` must be a number, got 'low'"),
        ([(1, np.ones(2))], "`loss` must be a number, got array"),
    ],
)
def test_a_report_that_says_nothing_is_refused(reports, words, store):
    def train(schedule, seed, resume, report):
        for each in reports:
            report(*each)

    assert f"ScheduleError: report: {words}" in error_of(store, train)


def test_what_is_reported_is_logged_with_its_rate(store):
    run = with_breaks()

    def train(schedule, seed, resume, report):
        report(0, 2.0)
        report(5, np.float32(1.5))
        report(10, torch.tensor(1.25))
        report(20)
        report(30, math.nan)
        report(40, 0.5)
        return torch.tensor(0.5)

    assert made(store, train, run)[:3] == (0.5, None, 40)
    log = store.logged(run)
    assert log.steps == [0, 5, 10, 20, 30, 40]
    assert log.losses == [2.0, 1.5, 1.25, None, math.inf, 0.5]
    assert log.rates == [None, *(run.schedule(step - 1) for step in log.steps[1:])]


def reporting(*steps):
    def train(schedule, seed, resume, report):
        for step in steps:
            report(step, 0.5)
        return 0.5

    return train


@pytest.mark.parametrize("steps", [(), (5,), (10, 20), (1, 2, 37, 38), range(1, 41)])
def test_a_training_need_not_report_its_end(steps, store):
    assert made(store, reporting(*steps)).loss == 0.5


@pytest.mark.parametrize("steps", [(5, 10), range(1, 21), (1, 2, 3)])
def test_a_training_that_ends_long_before_its_schedule_is_refused(steps, store):
    words = f"it ended after {max(steps)} updates, as it reported, where the schedule has 40"
    assert error_of(store, reporting(*steps)) == f"{words}: make `schedule.steps` updates"


def test_all_updates_of_a_result_count_and_of_a_failure_those_that_were_reported(store):
    def train(schedule, seed, resume, report):
        report(7, 0.5)
        return [0.5, math.nan, None][seed]

    updates = [made(store, train, constant(seed)).updates for seed in range(3)]
    assert updates == [40, 7, 7]


# what it goes on from


@settings(max_examples=10)
@given(st.lists(st.integers(1, 39), max_size=4), st.sampled_from([1, 3]), st.booleans())
def test_a_run_that_was_stopped_goes_on_as_if_nothing_had_been(stops, every, share):
    run = with_breaks()
    resources = ALWAYS.replace(share=share)
    with scratch() as (store, witness):
        made(store, training(witness, every=every), run, resources)
        log = store.logged(run)
        loss = store.outcome(run).loss
    with scratch() as (store, witness):
        train = training(witness, every=every)
        reached = 0
        for stop in stops:
            at = max(stop - stop % every, reached + every)
            if at < 40:
                interrupt(store, train, run, at, resources)
                reached = at
                assert checkpoints(store, run)[-1] == at
        outcome = made(store, train, run, resources)
        assert (outcome.loss, store.logged(run)) == (loss, log)
        assert (outcome.updates, outcome.began_at) == (40, 0)
        assert outcome.attempts == len(attempts(store, run))
        lines = witness.read_text().splitlines()
        assert [int(line.split()[2]) for line in lines] == list(range(40))
        assert checkpoints(store, run) == ([n for n in (10, 30) if n % every == 0] if share else [])


def attempts(store, run):
    return (store.of(run) / "attempts.jsonl").read_text().splitlines()


class scratch:  # noqa: N801  # a context manager
    """A study in a new folder, and a witness beside it: hypothesis has no folder per example."""

    def __enter__(self):
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        store = Store(root / "study")
        store.open({"code": "1"})
        return store, root / "witness"

    def __exit__(self, *_):
        self.folder.cleanup()


def test_updates_that_a_kill_undid_count_as_made(store, tmp_path):
    train = training(tmp_path / "witness")
    interrupt(store, train, constant(), 25, Resources())  # no checkpoint was due
    outcome = made(store, train, constant())
    assert (outcome.updates, outcome.attempts) == (40 + 25, 2)
    assert store.logged(constant()).steps == list(range(1, 41))
    interrupt(store, train, constant(1), 25, Resources())
    given_up = give_up(store, constant(1), "it was killed")
    assert (given_up.updates, given_up.attempts) == (25, 1)
    assert given_up.seconds > 0
    assert store.outcome(constant(1)) == given_up
    assert give_up(store, constant(), "it was killed") == outcome


def test_a_training_may_report_where_it_goes_on_from(store, tmp_path):
    def train(schedule, seed, resume, report):
        first = json.loads((resume / "state.json").read_text())[0] if resume else 0
        for step in range(first, 40):  # the loss before each update
            report(step, 1.0 / (step + 1), save=partial(write, step, 0.0))
        return 0.5

    interrupt(store, train, constant(), 20)
    outcome = made(store, train, constant())
    assert (outcome.attempts, outcome.error) == (2, None)
    assert store.logged(constant()).steps == list(range(40))


def test_half_a_checkpoint_is_never_gone_on_from(store):
    def train(schedule, seed, resume, report):
        assert resume is None
        report(1, 0.5, save=lambda folder: (folder / "half").touch())
        report(2, 0.5, save=lambda folder: (folder / "half").touch() or 1 / 0)

    part = store.of(constant()) / "checkpoints" / ".part-1"
    part.mkdir(parents=True)
    assert "ZeroDivisionError" in error_of(store, train)
    assert not list(store.of(constant()).glob("checkpoints/*"))


def test_a_checkpoint_that_cannot_be_read_is_begun_anew_from_once(store, tmp_path):
    train = training(tmp_path / "witness")
    interrupt(store, train, constant(), 20)
    (store.of(constant()) / "checkpoints" / "20" / "state.json").write_text("[20")
    outcome = made(store, train, constant())
    assert (outcome.error, outcome.updates, outcome.attempts) == (None, 60, 3)
    assert "The checkpoint at step 20 cannot be gone on from: begun anew" in printed(
        store, constant()
    )
    assert store.logged(constant()).steps == list(range(1, 41))


def test_checkpoints_are_not_due_so_often_that_they_take_the_time(store, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    saved = []

    def train(schedule, seed, resume, report):
        def save(folder):
            saved.append(now[0])
            now[0] += 3.0

        for step in range(1, 41):
            now[0] += 5.0
            report(step, 0.5, save=save)
        return 0.5

    made(store, train, resources=Resources(checkpoint_every=12.0))
    assert saved == [15.0, 78.0, 141.0, 204.0]


# beginnings in common


def begun(store, run, train):
    outcome = made(store, train, run, Resources())
    assert outcome.updates == run.steps - outcome.began_at
    return outcome.began_at, outcome.began_from


def test_a_run_begins_where_its_rates_part_from_those_of_another(store, tmp_path):
    train = training(tmp_path / "witness")
    first = with_breaks()
    assert begun(store, first, train) == (0, None)
    longer = gl.Linear(0.0, 1.0, 10) >> gl.Constant(1.0, 25) >> gl.Linear(1.0, 0.0, 5)
    other = gl.Linear(0.0, 1.0, 10) >> gl.Cosine(1.0, 0.0, 30)
    assert begun(store, with_breaks(longer), train) == (30, first.key)
    assert begun(store, with_breaks(other), train) == (10, first.key)
    assert begun(store, with_breaks(seed=1), train) == (0, None)
    assert begun(store, with_breaks(peak=0.1 * (1 + 1e-15)), train) == (0, None)
    plateau = Run("plateau", None, 40, 0, gl.Plateau("torch").on(first.schedule))
    assert begun(store, plateau, lambda *_: 0.5) == (0, None)
    store.of(plateau).joinpath("result.json").unlink()
    assert all(store.logged(run).steps == list(range(1, 41)) for run, _ in store.outcomes())


def test_what_begins_with_another_run_is_the_same_as_if_it_did_not(store, tmp_path):
    longer = gl.Linear(0.0, 1.0, 10) >> gl.Constant(1.0, 25) >> gl.Linear(1.0, 0.0, 5)
    runs = [with_breaks(), with_breaks(longer)]
    train = training(tmp_path / "witness")
    shared = [made(store, train, run, Resources()).loss for run in runs]
    logs = [store.logged(run) for run in runs]
    alone = Store(tmp_path / "alone")
    alone.open({"code": "1"})
    assert shared == [made(alone, train, run, Resources(share=False)).loss for run in runs]
    assert logs == [alone.logged(run) for run in runs]
    assert not list(alone.folder.rglob("checkpoints"))


def test_a_shared_beginning_is_remembered_over_a_kill(store, tmp_path):
    train = training(tmp_path / "witness")
    first = with_breaks()
    made(store, train, first)
    longer = gl.Linear(0.0, 1.0, 10) >> gl.Constant(1.0, 25) >> gl.Linear(1.0, 0.0, 5)
    interrupt(store, train, with_breaks(longer), 33)
    outcome = made(store, train, with_breaks(longer))
    assert (outcome.began_at, outcome.began_from) == (30, first.key)
    assert (outcome.updates, outcome.attempts) == (10, 2)


def test_a_beginning_that_is_gone_or_damaged_costs_no_result(store, tmp_path):
    train = training(tmp_path / "witness")
    made(store, train, with_breaks())
    shutil.rmtree(store.of(with_breaks()) / "checkpoints" / "30")
    (store.of(with_breaks()) / "checkpoints" / "10" / "state.json").write_text("")
    (store.folder / "beginnings" / "0" / ".DS_Store").touch()
    longer = gl.Linear(0.0, 1.0, 10) >> gl.Constant(1.0, 25) >> gl.Linear(1.0, 0.0, 5)
    outcome = made(store, train, with_breaks(longer))
    assert (outcome.error, outcome.began_at, outcome.updates) == (None, 0, 40)


# what becomes of errors


class Unspeakable(Exception):  # noqa: N818
    """An error that cannot be shown."""

    def __str__(self):
        raise RuntimeError


def raising(error, schedule, seed, resume, report):
    report(3, 0.5)
    raise error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("not\nhere"), "ValueError: not here (in raising, line "),
        (SystemExit(3), "SystemExit: 3 (in raising, line "),
        (KeyboardInterrupt(), "KeyboardInterrupt:  (in raising, line "),
        (Unspeakable(), "Unspeakable: its message cannot be shown (in raising, line "),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
    ],
)
def test_an_error_is_named_in_a_line_and_printed_in_full(error, words, store, capfd):
    train = partial(raising, error)
    outcome = made(store, train)
    assert outcome.error.startswith(words)
    assert (outcome.updates, outcome.loss) == (3, None)
    assert "Traceback" in printed(store, constant())
    assert store.outcome(constant()) == outcome
    assert capfd.readouterr() == ("", "")


def test_an_error_is_placed_in_the_users_code(store):
    def train(schedule, seed, resume, report):
        return np.linalg.inv(np.zeros((2, 2)))

    assert "LinAlgError: Singular matrix (in train, line " in error_of(store, train)


@pytest.mark.parametrize("loss", [None, "0.5", np.ones(1), True, 1j, Unspeakable()])
def test_what_is_no_loss_is_refused(loss, store):
    error = error_of(store, lambda *_: loss)
    assert error.startswith("it must return the last loss, a number, got ")


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf, np.float32("nan"), 10**400])
def test_a_loss_without_end_has_diverged(loss, store):
    outcome = made(store, lambda *_: loss)
    assert (outcome.diverged, outcome.failed) == (True, False)
    assert store.outcome(constant()) == outcome


def test_all_that_is_printed_is_kept_and_nothing_is_shown(store, capfd):
    def train(schedule, seed, resume, report):
        print("by Python")
        os.write(2, b"by C\n")
        subprocess.run(["echo", "by another process"], check=True)
        if seed:
            os.close(1)
            import sys

            sys.stderr.close()
        return 0.5

    for seed in range(2):
        assert made(store, train, constant(seed)).loss == 0.5
        print("after")
        assert printed(store, constant(seed)) == "by Python\nby C\nby another process\n"
    assert capfd.readouterr() == ("after\nafter\n", "")


@pytest.fixture
def tiny(tmp_path):
    """A study on a disk of 200 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("disks cannot be mounted here")
    try:
        store = Store(disk / "study")
        store.open({"code": "1"})
        yield store
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def saves_much(schedule, seed, resume, report):
    report(1, 0.5, save=lambda folder: (folder / "weights").write_bytes(bytes(300_000)))


def hides_it(schedule, seed, resume, report):
    def save(folder):
        try:
            (folder / "weights").write_bytes(bytes(300_000))
        except OSError:
            raise RuntimeError("the writer has failed") from None

    report(1, 0.5, save=save)


def takes_no_notice(schedule, seed, resume, report):
    try:
        saves_much(schedule, seed, resume, report)
    except OSError:
        return 0.5


def prints_much(schedule, seed, resume, report):
    print("." * 300_000)


@pytest.mark.parametrize("train", [saves_much, hides_it, takes_no_notice, prints_much])
def test_a_full_disk_ends_the_study_and_fails_no_run(train, tiny):
    kept = made(tiny, lambda *_: 0.5, constant(1))
    with pytest.raises(StorageError, match=r"No space left .*make room there; the same command"):
        made(tiny, train)
    assert tiny.known() == {constant(1).key: kept}
    shutil.rmtree(tiny.of(constant()) / "checkpoints", ignore_errors=True)
    (tiny.of(constant()) / "output.txt").unlink()  # somebody makes room
    assert made(tiny, lambda *_: 0.5).loss == 0.5


def test_a_folder_that_was_removed_is_named_and_not_made_again(store):
    def train(schedule, seed, resume, report):
        shutil.rmtree(store.folder)
        return 0.5

    with pytest.raises(StorageError, match="the study's folder was removed") as caught:
        made(store, train)
    assert caught.value.filename.startswith(str(store.of(constant())))
    with pytest.raises(StorageError, match="the study's folder was removed"):
        made(store, train)
    with pytest.raises(StorageError, match="the study's folder was removed"):
        give_up(store, constant(), "it was killed")
    assert not store.folder.exists()


def test_a_file_in_a_folders_place_is_named(store):
    store.of(constant()).write_text("mine")
    with pytest.raises(StorageError, match="the same command goes on") as caught:
        made(store, lambda *_: 0.5)
    assert caught.value.filename == str(store.of(constant()))
    assert store.of(constant()).read_text() == "mine"


def test_what_is_done_is_not_made_again(store):
    first = made(store, lambda *_: 0.5)
    assert made(store, lambda *_: 0.25) == first == store.outcome(constant())
    assert isinstance(first, Outcome)
