"""bench/contest: who finds the best schedule, for how much."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import glissando as gl
from bench.contest import rivals, store, task
from bench.contest.field import Field
from bench.contest.report import course, table, top
from bench.contest.rivals import Study
from bench.contest.store import Store
from bench.contest.task import Found, Task, Training
from bench.contest.truth import Truth

BEST = "wsd40", 0.008


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A short text of which a few pieces are held out."""
    monkeypatch.setattr(task, "HELD_OUT", 16)
    path = tmp_path / "ä-text.txt"
    path.write_text("".join(f"{n * n} élans, " for n in range(2000)), "utf-8")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Task(str(path), width=8, steps=36, batch=2)
    torch.set_num_threads(threads)


@pytest.fixture
def trained(monkeypatch):
    """The runs that are trained, whose losses follow a formula, with some noise of each seed."""
    made = []

    def train(task, schedule, seed):
        made.append((schedule, seed))
        rates = schedule(np.arange(schedule.steps))
        peak = float(rates.max())
        far = math.log(peak / BEST[1]) ** 2 / 10 + 0.003 * math.sin(seed * 100 + 1000 * peak)
        area = float(rates.mean()) / peak
        loss = 1 + far + (area - 0.78) ** 2 + 10 / schedule.steps
        steps = task.checks if schedule.steps == task.steps else (schedule.steps,)
        return {step: loss + 1 - step / schedule.steps for step in steps}

    monkeypatch.setattr(store, "train", train)
    monkeypatch.setattr(store, "found_rate", lambda task, seed: Found(0.003, 2000))
    monkeypatch.setattr(rivals, "stopped", lambda curves, order: [900] * 3 + [100] * 47)
    return made


def test_a_run_is_made_alike_each_time_and_its_losses_on_the_way_change_nothing(small):
    field = Field(small)
    run = field.run("linear", 0.03)
    losses = task.train(small, run.schedule, 7)
    assert list(losses) == [4, 12, 24, 36]
    assert losses[36] < losses[4]
    training = Training(small, 7)
    assert list(training.follow(run.schedule)) == list(range(1, 37))
    assert training.validation() == losses[36]


def test_data_do_not_depend_on_the_length_of_a_run(small):
    [short] = [run for run in Field(small, (0.03,)).runs(12) if run.candidate == "constant"]
    full = Field(small).run("constant", 0.03)
    assert torch.equal(Training(small, 3).batches[5], Training(small, 3).batches[5])
    assert not torch.equal(Training(small, 3).batches[5], Training(small, 4).batches[5])
    assert list(task.train(small, short.schedule, 3)) == [12]
    assert full.steps == 36


def test_no_piece_is_seen_twice(small):
    training = Training(small, 0)
    seen = torch.cat([training.held_out, *training.batches])
    assert len(seen.unique(dim=0)) == len(seen) == 16 + 36 * 2


def test_a_text_that_is_too_short_is_told(small):
    with pytest.raises(ValueError, match="is over after"):
        Training(Task(small.text, width=8, steps=10_000, batch=2), 0)


def test_the_updates_of_the_range_test_count(small, monkeypatch):
    def find_rate(training):
        assert len({training.step(0.01) for _ in range(5)}) == 5
        return SimpleNamespace(rate=0.02)

    monkeypatch.setattr(gl, "find_rate", find_rate)
    assert task.found_rate(small, 0) == (0.02, 5)


def test_all_choose_and_what_was_trained_is_kept(trained, tmp_path):
    kept = Store(Task(), tmp_path)
    field = Field(Task()).widened(kept.loss)
    truth = Truth(field, kept.loss)
    study = Study(field, kept)
    assert study.answer.updates <= rivals.PART * field.updates
    found = [
        rivals.full_grid(field, kept),
        study.answer,
        rivals.shorter(field, kept, 3),
        rivals.asha(field, kept),
        rivals.linear_at_found_rate(field, kept),
    ]
    assert truth.regret(truth.best) == (0, 0)
    assert found[3].run.candidate == "constant"
    assert found[3].updates == 3 * 900 + 47 * 100
    assert (found[4].run.candidate, found[4].run.peak, found[4].updates) == ("linear", 0.003, 2000)
    lines = table(found, truth).splitlines()
    assert len(lines) == 4 + len(found)
    assert "| 100.0 |" in lines[4]
    assert top(truth).count(",") == 5
    assert "with fresh seeds" in course(study)
    count = len(trained)
    again = Store(Task(), tmp_path)
    assert table([rivals.full_grid(field, again)], Truth(field, again.loss)).endswith(lines[4])
    assert Study(field, again).answer == study.answer
    assert len(trained) == count


def test_the_field_widens_until_its_best_is_inside(trained, tmp_path):
    kept = Store(Task(), tmp_path)
    assert Field(Task(), (0.002, 0.004)).widened(kept.loss).peaks == (0.002, 0.004, 0.008, 0.016)
    assert Field(Task(), (0.016, 0.032)).widened(kept.loss).peaks == (0.004, 0.008, 0.016, 0.032)
