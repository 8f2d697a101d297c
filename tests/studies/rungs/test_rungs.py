import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
from glissando.studies.candidate import Candidate
from glissando.studies.rungs.decide import decide, expected
from glissando.studies.settings import Settings
from studies.rungs.tasks import SHAPE, Task, conducted, cost_of
from tests.strategies import examples

NAMES = ("constant", "linear", "cosine", "wsd", "rex")
STEPS = 900
NOISES = st.just(0.0) | st.floats(0.0, 0.02)


@st.composite
def tasks(draw):
    """Tasks of a few candidates whose best peaks are near one another."""
    names = NAMES[: draw(st.integers(1, 5))]
    middle = 10 ** draw(st.floats(-4.0, -1.0))
    return Task(
        {name: draw(st.floats(0.0, 0.3)) for name in names},
        {name: middle * math.exp(draw(st.floats(-1.0, 1.0))) for name in names},
        noise=draw(NOISES),
        trend=draw(st.floats(-0.5, 0.2)),
    )


def begin(task, off=1.0):
    """Return peaks to begin with, around the middle of the best ones."""
    middle = sorted(task.peaks.values())[len(task.peaks) // 2] * off
    return [middle / 3, middle, middle * 3]


def regret(task, decision):
    """Return how much worse than the best the best finalist is, without noise."""
    found = [task.loss(name, peak, task.steps) for name, peak in decision.finalists]
    return min(found) - 3.0 - min(task.levels.values())


@examples(30)
@given(tasks(), st.floats(0.03, 30.0), st.randoms(use_true_random=False))
def test_a_study_ends_with_the_best_and_the_order_of_outcomes_does_not_matter(task, off, order):
    settings = Settings(task.candidates, STEPS, begin(task, off))
    stages, decision = conducted(settings, task)
    again, same = conducted(settings, task, order=order)
    assert (again, same) == (stages, decision)
    if not task.noise:
        assert regret(task, decision) < 0.02
        assert not [doubt for doubt in decision.doubts if "lie beyond" in doubt]


@examples(20)
@given(tasks(), st.floats(0.03, 30.0), st.floats(1.0, 30.0), st.integers(2, 5))
def test_the_budget_is_kept_or_refused_with_the_numbers(task, off, budget, seeds):
    settings = Settings(task.candidates, STEPS, begin(task, off), budget=budget, seeds=seeds)
    try:
        stages, decision = conducted(settings, task)
    except gl.ScheduleError as error:
        least = float(str(error).split("must be ")[1].split()[0])
        assert budget < least * 1.001
        return
    assert cost_of(stages, settings) <= budget * (1 + 1e-9)
    assert sum(stage.updates for stage in expected(settings)) <= budget * STEPS * (1 + 1e-9)
    fresh = Counter(run.candidate for run in stages[-1].runs)
    assert set(fresh.values()) <= set(range(2, seeds + 1))
    assert decision.finalists


@examples(20)
@given(tasks(), st.floats(0.03, 30.0))
def test_peaks_are_searched_by_the_same_number_of_runs(task, off):
    settings = Settings(task.candidates, STEPS, begin(task, off))
    stages, decision = conducted(settings, task)
    search = [run for stage in stages for run in stage.runs if run.steps == 100 and run.seed == 0]
    assert len(set(Counter(run.candidate for run in search).values())) == 1
    assert len({(run.candidate, run.peak) for run in search}) == len(search)
    for name in task.levels:
        tried = [run.peak for run in search if run.candidate == name]
        assert min(tried) < decision.peaks[name, 100] < max(tried)


@examples(20)
@given(tasks())
def test_only_who_is_certain_to_be_worse_is_left_out(task):
    _, decision = conducted(Settings(task.candidates, STEPS, begin(task)), task)
    for pruned in decision.pruned:
        assert pruned.expected.low > pruned.of_best.high
        assert not pruned.for_budget
        assert f"{pruned.expected.middle:.3g}" in pruned.words
    best = min(task.levels, key=task.levels.get)
    if not task.noise:
        assert best not in {pruned.candidate for pruned in decision.pruned}


def test_runs_of_the_end_are_in_pairs_with_seeds_that_were_not_used():
    task = Task(dict.fromkeys(NAMES, 0.1), dict.fromkeys(NAMES, 0.01), noise=0.01)
    settings = Settings(task.candidates, STEPS, [0.003, 0.01, 0.03], seeds=4)
    stages, decision = conducted(settings, task)
    *before, last = stages
    used = {run.seed for stage in before for run in stage.runs}
    seeds = {name: sorted(r.seed for r in last.runs if r.candidate == name) for name in NAMES}
    assert {tuple(s) for s in seeds.values() if s} == {(2, 3, 4, 5)}
    assert used.isdisjoint({2, 3, 4, 5})
    assert {name for name, _ in decision.finalists[:3]} | {"constant", "cosine"} == {
        name for name, _ in decision.finalists
    }
    assert all(run.steps == STEPS for run in last.runs)


def test_baselines_are_left_out_if_they_are_not_asked_for():
    task = Task({n: 0.1 * i for i, n in enumerate(reversed(NAMES))}, dict.fromkeys(NAMES, 0.01))
    peaks = [0.003, 0.01, 0.03]
    _, with_them = conducted(Settings(task.candidates, STEPS, peaks), task)
    _, without = conducted(Settings(task.candidates, STEPS, peaks, baselines=()), task)
    assert [name for name, _ in with_them.finalists] == ["rex", "wsd", "cosine", "constant"]
    assert [name for name, _ in without.finalists] == ["rex", "wsd", "cosine"]


def test_without_widening_only_the_given_peaks_are_tried():
    task = Task({"linear": 0.0, "wsd": 0.01}, {"linear": 0.1, "wsd": 0.01}, noise=0.001)
    peaks = [0.002, 0.004, 0.008, 0.016]
    for budget in (None, 7.0):
        settings = Settings(task.candidates, STEPS, peaks, widen=False, budget=budget)
        stages, decision = conducted(settings, task)
        assert {run.peak for stage in stages for run in stage.runs} <= set(peaks)
        assert dict(decision.finalists)["linear"] == 0.016
        assert [doubt for doubt in decision.doubts if "linear" in doubt and "highest" in doubt]


def test_a_peak_far_away_is_found_and_one_without_end_is_doubted():
    far = Task({"linear": 0.0, "wsd": 0.1}, {"linear": 30.0, "wsd": 20.0})
    _, decision = conducted(Settings(far.candidates, STEPS, [0.001, 0.003]), far)
    assert dict(decision.finalists)["linear"] == pytest.approx(30.0, rel=0.1)
    endless = Task({"linear": 0.0, "wsd": 0.1}, {"linear": 1e300, "wsd": 20.0})
    _, decision = conducted(Settings(endless.candidates, STEPS, [0.001, 0.003]), endless)
    assert any("linear" in d and "a better one may lie beyond" in d for d in decision.doubts)


def test_runs_that_diverge_bound_the_search_from_above():
    task = Task({"linear": 0.0, "wsd": 0.1}, {"linear": 0.02, "wsd": 0.02}, limit=0.015)
    stages, decision = conducted(Settings(task.candidates, STEPS, [0.003, 0.01, 0.03]), task)
    assert 0.008 < dict(decision.finalists)["linear"] <= 0.015 * 1.2
    assert max(run.peak for stage in stages for run in stage.runs) == 0.03
    _, decision = conducted(Settings(task.candidates, STEPS, [3.0, 9.0, 27.0]), task)
    assert dict(decision.finalists)["linear"] < 0.02


def test_who_fails_is_left_out_by_name_and_the_others_go_on():
    task = Task(dict.fromkeys(NAMES, 0.1), dict.fromkeys(NAMES, 0.01), failing=("wsd", "constant"))
    stages, decision = conducted(Settings(task.candidates, STEPS, [0.003, 0.01, 0.03]), task)
    assert {name for name, _ in decision.finalists} == {"linear", "cosine", "rex"}
    left_out = [doubt for doubt in decision.doubts if "was left out" in doubt]
    assert len(left_out) == 2
    assert "wsd was left out: all its runs of 100 updates failed: it raised ValueError" in left_out
    assert sum(run.candidate == "wsd" for stage in stages for run in stage.runs) == 3


@pytest.mark.parametrize("fault", [{"failing": NAMES}, {"limit": 1e-40}])
def test_a_study_without_any_result_says_so(fault):
    task = Task(dict.fromkeys(NAMES, 0.1), dict.fromkeys(NAMES, 0.01), **fault)
    _, decision = conducted(Settings(task.candidates, STEPS, [0.003, 0.01, 0.03]), task)
    assert (decision.stage, decision.finalists) == (None, ())
    assert "No candidate is left: no run gave a result" in decision.doubts


def test_literal_rates_are_tried_once_a_rung_and_may_win():
    task = Task({"tip": 0.0, "linear": 0.1, "wsd": 0.1}, {"tip": 1.0, "linear": 0.01, "wsd": 0.01})
    of = [Candidate(name, SHAPE, STEPS, name == "tip") for name in task.levels]
    for budget in (None, 9.0):
        settings = Settings(of, STEPS, [0.003, 0.01, 0.03], budget=budget)
        stages, decision = conducted(settings, task)
        assert decision.finalists[0] == ("tip", None)
        runs = Counter(
            run.steps for s in stages for run in s.runs if run.candidate == "tip" and run.seed == 0
        )
        assert set(runs.values()) == {1}


def test_only_literal_candidates():
    task = Task({"a": 0.0, "b": 0.1}, {"a": 1.0, "b": 1.0})
    of = [Candidate(name, SHAPE, STEPS, True) for name in task.levels]
    _, decision = conducted(Settings(of, STEPS, [0.1]), task)
    assert decision.finalists == (("a", None), ("b", None))


def test_higher_is_better_where_it_is_asked_for():
    levels = {name: 0.05 * i for i, name in enumerate(NAMES)}
    task = Task(levels, dict.fromkeys(NAMES, 0.01))
    peaks = [0.003, 0.01, 0.03]
    _, lower = conducted(Settings(task.candidates, STEPS, peaks), task)
    higher = task._replace(sign=-1)
    _, decision = conducted(Settings(task.candidates, STEPS, peaks, goal="max"), higher)
    assert decision.finalists == lower.finalists
    assert decision.peaks == lower.peaks
    assert decision.losses == pytest.approx({key: -loss for key, loss in lower.losses.items()})
    diverging = higher._replace(limit=0.01)
    _, decision = conducted(Settings(task.candidates, STEPS, peaks, goal="max"), diverging)
    assert decision.finalists[0][0] == "constant"


def test_a_study_so_short_that_it_has_no_shorter_runs():
    task = Task({"linear": 0.0, "wsd": 0.1}, {"linear": 0.01, "wsd": 0.01}, steps=25)
    settings = Settings(task.candidates, 25, [0.01])
    stages, decision = conducted(settings, task)
    assert {run.steps for stage in stages for run in stage.runs} == {25}
    assert decision.finalists[0][0] == "linear"


def test_what_is_left_out_for_want_of_budget_is_written_down():
    task = Task(dict.fromkeys(NAMES, 0.1), dict.fromkeys(NAMES, 0.01), noise=0.01)
    settings = Settings(task.candidates, STEPS, [0.003, 0.01, 0.03], budget=8.0)
    _, decision = conducted(settings, task)
    assert decision.pruned
    assert all(pruned.for_budget for pruned in decision.pruned)
    assert "for want of budget: it is expected to end" in decision.pruned[0].words


def test_what_is_expected_is_what_a_study_takes_that_leaves_no_one_out():
    names = ("linear", "wsd", "rex", "constant", "cosine")
    task = Task(dict.fromkeys(names, 0.1), dict.fromkeys(names, 0.01))
    settings = Settings(task.candidates, STEPS, [0.003, 0.01, 0.03])
    stages, _ = conducted(settings, task)
    said = expected(settings)
    assert [(each.title, each.runs) for each in said] == [(s.title, len(s.runs)) for s in stages]
    assert all(each.least <= each.updates for each in said)


def test_a_decision_is_made_of_what_is_there():
    task = Task(dict.fromkeys(NAMES, 0.1), dict.fromkeys(NAMES, 0.01))
    settings = Settings(task.candidates, STEPS, [0.003, 0.01, 0.03])
    nothing = decide(settings, lambda run: None)
    assert len(nothing.stage.runs) == 15
    one = random.Random(0).choice(nothing.stage.runs)
    some = decide(settings, lambda run: task.outcome(run) if run == one else None)
    assert some == nothing
