"""bench/evidence: the tasks on which schedules are compared, and what is stored of their runs."""

import contextlib
import copy
import io
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

import glissando as gl
from bench.evidence import boosting, data, images, transformer
from bench.evidence.chosen import Choices, choose
from bench.evidence.pictures import SHOWN, pictures
from bench.evidence.plan import Plan
from bench.evidence.report import report
from bench.evidence.results import Entry, Results
from bench.evidence.runs import RUNS, Runs
from bench.evidence.settings import BUDGETS, LITERAL, TASKS, TIP, over, tuned
from bench.evidence.training import Epochs
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.settings import standard_candidates

ROOT = Path(__file__).parents[1]

STEPS = 40
WARMED = gl.Linear(0.0, 1.0, 4) >> gl.Constant(1.0, STEPS - 4)
FALLING = gl.Linear(0.0, 1.0, 4) >> gl.Linear(1.0, 0.0, STEPS - 4)


def some(x, y, learned):
    """Return parts of examples that were made up: the last 64 are judged."""
    return data.parts(x, y, learned, 32, 64)


@pytest.fixture
def small(monkeypatch):
    """Data that need no network, and one thread, on whose number sums depend."""
    draw = np.random.RandomState(0)
    rows = draw.randint(7, size=(16 * STEPS + 96, 9)).astype("uint8")
    monkeypatch.setattr(transformer, "CONTEXT", 8)
    written = some(rows[:, :-1], rows[:, 1:], 16 * STEPS), 7
    images = draw.rand(160, 1, 28, 28).astype("float32"), draw.randint(10, size=160)
    table = draw.rand(396, 9).astype("float32")
    prices = table.sum(1) + draw.rand(396).astype("float32")
    monkeypatch.setattr(data, "letters", lambda *sizes: written)
    monkeypatch.setattr(data, "fashion", lambda *sizes: some(*images, 64))
    monkeypatch.setattr(data, "diamonds", lambda *sizes: some(table, prices, 300))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def trained(train, schedule, seed=0, resume=None, save_at=None, folder=None):
    """Return the score, what was printed, and the losses that were reported."""
    losses = {}

    def report(step, loss=None, *, save=None):
        losses[step] = loss
        if step == save_at:
            save(folder)

    with contextlib.redirect_stdout(io.StringIO()) as said:
        score = train(schedule, seed, resume, report)
    return score, said.getvalue(), losses


@pytest.mark.parametrize(
    ("train", "peak"),
    [
        (transformer.train, 0.02),
        (images.train_convolutions, 0.05),
        (images.train_perceptron, 0.01),
        (boosting.train, 0.5),
    ],
    ids=["transformer", "cnn", "mlp", "boosting"],
)
def test_a_training_that_is_resumed_ends_as_if_it_had_not_stopped(train, peak, small, tmp_path):
    plateau = gl.Plateau("torch", factor=0.5, patience=1, threshold=0.9)
    for name, schedule in {"line": FALLING * peak, "plateau": plateau.on(WARMED * peak, 4)}.items():
        folder = tmp_path / name
        folder.mkdir()
        whole = trained(train, schedule, save_at=17, folder=folder)
        score, said, losses = trained(train, schedule, resume=folder)
        assert (score, said) == whole[:2]
        assert list(losses) == list(range(18, STEPS + 1))
        assert losses.items() <= whole[2].items()
    assert trained(train, FALLING * peak, seed=1)[0] != trained(train, FALLING * peak)[0]


def test_a_plateau_lowers_the_rate(small):
    soon, never = (gl.Plateau("torch", patience=n, threshold=0.99) for n in (1, 99))
    moved = trained(images.train_perceptron, soon.on(gl.Constant(0.01, STEPS)))
    still = trained(images.train_perceptron, never.on(gl.Constant(0.01, STEPS)))
    assert still[0] == trained(images.train_perceptron, gl.Constant(0.01, STEPS))[0]
    assert moved[2][6] == still[2][6]  # after the third loss it falls for the first time
    assert moved[2][8] != still[2][8]


def test_what_diverges_is_no_number(small):
    assert math.isnan(trained(images.train_convolutions, gl.Constant(1e4, STEPS))[0])


def test_updates_see_the_same_examples_whatever_the_schedule():
    one, other = Epochs(3, examples=70, batch=32), Epochs(3, examples=70, batch=32)
    batches = [one.at(step) for step in range(6)]
    assert all(torch.equal(other.at(step), batches[step]) for step in (5, 0, 3))
    for first, second in ((0, 1), (2, 3), (4, 5)):
        assert len(torch.cat([batches[first], batches[second]]).unique()) == 64
    assert not torch.equal(batches[0], batches[2])
    assert not torch.equal(Epochs(4, 70, 32).at(0), batches[0])


def test_a_text_is_seen_once(small):
    with pytest.raises(ValueError, match="over after 40 updates"):
        trained(transformer.train, gl.Constant(0.01, STEPS + 1))


def test_the_tips_schedules_take_a_run_for_twenty_epochs():
    for schedule in TIP.values():
        rates = over(schedule, 400)(np.arange(400)).reshape(20, 20)
        assert (rates == schedule(np.arange(20))[:, None]).all()
    assert len(LITERAL) == 5


def test_all_schedules_are_complete_at_every_budget():
    for task in TASKS.values():
        assert task.lengths[-1] == task.steps
        for steps in task.lengths:
            assert steps % 20 == 0
            for candidate in task.candidates.values():
                run = Run.of(candidate, None if candidate.literal else 0.25, steps, 0)
                schedule = run.schedule
                plain = schedule.schedule if isinstance(schedule, gl.OnPlateau) else schedule
                assert plain.steps == steps
                peak = max(plain(np.arange(steps)))
                assert peak == (0.001 if candidate.literal else pytest.approx(0.25, rel=0.02))


TASK = TASKS["mlp"]


@pytest.mark.parametrize(("best", "tried"), [(0.002, 5), (0.0001, 8), (0.05, 9)])
def test_peaks_are_searched_until_none_is_best_on_an_edge(best, tried):
    asked = []

    def outcome_of(run):
        asked.append(run)
        return Outcome(abs(math.log2(run.peak / best)) + 0.001 * run.seed)

    plan = Plan(TASK, outcome_of)
    by_peak = plan.by_peak("linear", 300)
    assert len(by_peak) == tried
    assert all(b / a == pytest.approx(2) for a, b in pairwise(by_peak))
    assert {run.seed for run in asked} == set(range(TASK.search))
    peak, scores = plan.best("linear", 300)
    assert min(by_peak) < peak < max(by_peak)
    assert len(scores) == TASK.seeds
    assert not set(TASK.fresh) & set(range(TASK.search))


def test_slow_tasks_are_searched_around_the_best_peak_of_shorter_runs():
    best = dict(zip(TASK.lengths, (0.004, 0.002, 0.0005), strict=True))
    slow = replace(TASK, slow=True)
    plan = Plan(slow, lambda run: Outcome(abs(math.log2(run.peak / best[run.steps]))))
    shortest, middle, longest = (list(plan.by_peak("linear", n)) for n in TASK.lengths)
    assert shortest == list(TASK.peaks)
    assert middle == [0.001, 0.002, 0.004, 0.008]  # 0.002 was at an edge
    assert longest == [0.00025, 0.0005, 0.001, 0.002, 0.004]


def test_a_plan_goes_on_where_it_was():
    known, batches = {}, []
    plan = Plan(TASK, lambda run: known.get(run.key))
    while runs := plan.next():
        assert not known.keys() & {run.key for run in runs}
        batches.append(len(runs))
        for run in runs[:600]:  # then it was stopped
            known[run.key] = Outcome(abs(math.log2((run.peak or 0.002) / 0.002)))
    searched, written = len(tuned(TASK.steps)), len(LITERAL)
    first = searched * len(TASK.peaks) * TASK.search
    final = (searched + written) * TASK.seeds
    assert batches[0] == len(BUDGETS) * (first + written * TASK.seeds)
    assert len(known) == len(BUDGETS) * (first + final)


def test_a_run_that_is_stored_is_not_made_again(tmp_path):
    runs = Runs(TASK, tmp_path)
    made, diverged = (Run.of(TASK.candidates["linear"], peak, 300, 0) for peak in (0.1, 0.2))
    assert runs.missing([made, made, diverged]) == [made, diverged]
    runs.add(made, Outcome(0.25, seconds=1.0), {"error": 0.1})
    runs.add(diverged, Outcome(math.inf), {})
    again = Runs(TASK, tmp_path)
    assert again.missing([made, diverged]) == []
    assert again.outcome(made).loss == 0.25
    assert again.outcome(diverged).diverged
    assert again.outcome(made.replace(seed=1)) is None


@pytest.fixture(scope="module")
def stored():
    """What the stored runs say, of each task."""
    return {name: Results(task, Runs(task)) for name, task in TASKS.items()}


def test_the_documentation_has_what_the_stored_runs_say(stored):
    parts = report(list(stored.values()), Choices(RUNS))
    files = {path.stem: path.read_text() for path in (ROOT / "docs" / "compared").iterdir()}
    assert files == {name: f"{text}\n" for name, text in parts.items()}
    assert sum(path.stat().st_size for path in RUNS.iterdir()) < 1_000_000


def test_the_stored_runs_can_be_made_again(stored):
    results = stored["mlp"]
    torch.set_num_threads(1)
    for name in ("constant", "linear"):
        entry = results.entries[name, 300]
        schedule = results.task.candidates[name].at(entry.peak, 300)
        for seed, score in list(entry.scores.items())[:2]:
            again = trained(results.task.train, schedule, seed)[0]
            assert again == pytest.approx(score, abs=0.005)  # sums differ between processors


def test_pictures_have_all_that_is_shown(stored):
    for figure in pictures(list(stored.values())).values():
        panels = [axis for axis in figure.axes if axis.get_title()]
        assert len(panels) == len(TASKS)
        for axis in panels:
            assert axis.get_legend_handles_labels()[1] == [*SHOWN]


def test_what_a_study_chooses(tmp_path):
    best = {"linear": 0.002, "cosine": 0.004}

    def outcome_of(run):
        name = run.candidate
        away = math.log(run.peak / best.get(name, 0.002)) ** 2
        loss = 1 + away + 0.05 * (name != "cosine") + 100 / run.steps
        return Outcome(loss + 1e-4 * math.sin(1e6 * away + run.seed))

    choice = choose(TASK, outcome_of)
    assert (choice.task, choice.steps, choice.schedule) == ("mlp", 600, "cosine")
    assert choice.peak == pytest.approx(0.004, rel=0.2)
    assert 10 < choice.runs < 300
    assert choice.updates > 6 * 600
    missing = choose(TASK, lambda run: None)
    assert {run.candidate for run in missing} == set(standard_candidates(600))
    assert [run.seed for run in choice.runs_of(TASK.fresh)] == list(TASK.fresh)
    for _ in range(2):  # it is kept once
        Choices(tmp_path).add(choice)
    assert Choices(tmp_path).made == {"mlp": choice}
    assert len((tmp_path / "choices.jsonl").read_text().splitlines()) == 1


def test_when_a_schedule_is_as_good_as_the_constant(stored):
    results = stored["boosting"]
    assert results.reaches(results.constant.name) == 1
    halfway = copy.copy(results)
    steps, goal = results.task.lengths, results.constant.mean
    ends = zip(steps, (goal + 0.02, goal + 0.01, goal - 0.01), strict=True)
    halfway.entries = {("linear", n): Entry("linear", 0.1, {0: score}) for n, score in ends}
    assert halfway.reaches("linear") == pytest.approx(0.5**0.5)
