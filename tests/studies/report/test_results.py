import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glissando as gl
from glissando.studies.candidate import Candidate
from glissando.studies.report.results import results_of
from glissando.studies.report.saving import saving_of
from glissando.studies.report.statistics import difference
from glissando.studies.rungs.decide import decide
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.settings import Settings
from studies.report.synthetic import (
    BEST,
    PARTIAL,
    PEAKS,
    STEPS,
    WORSE,
    complete,
    log_of,
    loss_of,
    outcome_of,
    result,
    search_runs,
    settings_of,
)

FOUR = ("constant", "linear", "cosine", "wsd")


@pytest.fixture(scope="module")
def found():
    return result(complete(settings_of(FOUR)))


def test_the_best_is_named_with_its_peak_and_how_sure_that_is(found):
    assert found.winner[:2] == ("linear", BEST)
    assert [each.name for each in found.ranking] == ["linear", "cosine", "constant"]
    first, *_ = found.statements
    assert first.startswith("linear at the peak 0.003 gave the best result, a loss of 1.3")
    assert "5 fresh seeds" in first
    assert any("better than cosine in 5 of 5 seeds, by 0.01" in s for s in found.statements)
    assert str(found).startswith(first)
    assert not found.partial
    pair = found.ranking[1].difference
    assert pair.low < WORSE["cosine"] < pair.high


def test_the_last_comparison_has_only_seeds_that_chose_nothing(found):
    assert all(set(each.losses) == {2, 3, 4, 5, 6} for each in found.ranking)
    assert all(
        found.done.of(name, of[STEPS].peak, STEPS)[0][1].loss == of[STEPS].loss
        for name, of in found.budget.items()
    )


@pytest.mark.parametrize("against", ["constant", "cosine"])
def test_the_saving_is_how_many_updates_fewer_reach_the_same(found, against):
    needed = (STEPS**-0.35 + WORSE[against] / 5) ** (-1 / 0.35)
    saving = next(each for each in found.saving if each.against == against)
    assert saving.updates == pytest.approx(1 - needed / STEPS, abs=0.03)
    assert saving.low < 1 - needed / STEPS + 0.03
    assert saving.low < saving.updates < saving.high
    assert "fewer updates" in saving.words


def test_high_scores_are_as_good_as_low_losses():
    found = result(complete(settings_of(FOUR, goal="max")))
    assert [each.name for each in found.ranking] == ["linear", "cosine", "constant"]
    assert all(each.difference.sure for each in found.ranking[1:])
    assert found.saving[0].updates == pytest.approx(0.55, abs=0.03)
    assert "a score of" in found.statements[0]


def test_a_tie_is_called_a_tie():
    def same(run):
        return Outcome(loss_of(run) - WORSE[run.candidate], updates=run.steps)

    found = result(complete(settings_of(FOUR), outcome=same))
    assert "cannot be told apart" in found.statements[1]
    assert found.statements[1].startswith("No schedule is shown to help")
    assert all(each.updates is None for each in found.saving if each.against != found.winner.name)
    assert any("Nothing is shown to be saved" in each.words for each in found.saving)


def test_where_the_constant_rate_wins_it_says_so():
    def turned(run):
        return Outcome(loss_of(run) - 2 * WORSE[run.candidate], updates=run.steps)

    found = result(complete(settings_of(FOUR), outcome=turned))
    assert found.winner.name == "constant"
    assert "No schedule is shown to help: the constant rate" in str(found)
    assert "nothing is saved against it" in found.saving[0].words


def test_missing_baselines_are_told():
    found = result(complete(settings_of(("linear", "wsd"))))
    assert found.saving == ()
    assert 'No candidate is called "constant"' in str(found)


def test_before_the_last_comparison_the_best_known_is_named():
    arguments = complete(settings_of(FOUR))
    shorter = [each for each in arguments["outcomes"] if each[0].steps < STEPS]
    found = result(arguments, outcomes=shorter, decision=PARTIAL)
    assert found.partial
    assert (found.winner.name, found.winner.final, found.winner.steps) == ("linear", False, 667)
    assert str(found).startswith("The study is not complete")
    assert "nothing was compared on fresh seeds" in str(found)
    # one run of the next length says nothing: the others have none yet
    early = [each for each in shorter if each[0].steps == 222]
    more = [each for each in shorter if each[0].steps == 667 and each[0].candidate == "wsd"]
    found = result(arguments, outcomes=early + more, decision=PARTIAL)
    assert (found.winner.name, found.winner.steps) == ("linear", 222)


def test_finalists_are_compared_once_each_has_been_run():
    arguments = complete(settings_of(FOUR))
    decision = arguments["decision"]._replace(stage=PARTIAL.stage)

    def until(seeds):
        outcomes = [
            (run, outcome)
            for run, outcome in arguments["outcomes"]
            if run.seed < 2 + seeds.get(run.candidate, 0)
        ]
        return result(arguments, outcomes=outcomes, decision=decision)

    assert until({"linear": 5, "cosine": 5}).ranking == ()
    some = until({"linear": 5, "cosine": 3, "constant": 3})
    assert [set(each.losses) for each in some.ranking] == [{2, 3, 4}] * 3
    assert some.partial


def test_failed_runs_are_named_and_left_out_of_pairs():
    def failing(run):
        if run.candidate == "cosine" and run.seed == 2:
            return Outcome(None, error="ValueError: a bad batch", updates=9)
        return outcome_of(run)

    found = result(complete(settings_of(FOUR), outcome=failing))
    assert all(2 not in each.losses for each in found.ranking)
    assert "compared on 4 seeds of 5" in str(found)
    assert [each.error for each in found.cost.failed] == ["ValueError: a bad batch"]
    assert "cosine, peak 0.003, 2,000 steps, seed 2: ValueError: a bad batch" in str(found)


def test_a_finalist_that_mostly_fails_does_not_spoil_the_others():
    def failing(run):
        failed = run.candidate == "cosine" and run.seed > 2
        return Outcome(None, error="killed") if failed else outcome_of(run)

    found = result(complete(settings_of(FOUR), outcome=failing))
    assert [len(each.losses) for each in found.ranking] == [5, 5]
    assert "cosine is not compared: 4 of its 5 runs failed." in found.doubts


def test_a_finalist_that_diverges_is_behind_those_that_do_not():
    def diverging(run):
        unlucky = run.candidate == "linear" and run.seed == 3
        return Outcome(math.inf if unlucky else loss_of(run), updates=run.steps)

    found = result(complete(settings_of(FOUR), outcome=diverging))
    assert [each.name for each in found.ranking] == ["cosine", "constant", "linear"]
    assert "diverged in 1" in str(found)


def test_nothing_but_failures_is_said_first():
    found = result(complete(settings_of(FOUR), outcome=lambda _: Outcome(None, error="no GPU")))
    assert found.winner is None
    assert "failed" in found.statements[0]
    assert "no GPU" in found.statements[0]
    assert found.saving == ()


def test_candidates_of_one_schedule_share_their_runs():
    shape = gl.Constant(BEST, STEPS)
    both = [Candidate("as written", shape, STEPS, True), Candidate("constant", shape, STEPS)]
    asked = Settings(both, STEPS, PEAKS)
    runs = {run.key: run for run in search_runs(asked)}
    outcomes = [(run, outcome_of(run)) for run in runs.values()]
    assert len(outcomes) == 9  # not 12
    found = result(complete(asked), outcomes=outcomes, decision=PARTIAL)
    assert found.peaks["constant"][STEPS][1].loss == found.peaks["as written"][STEPS][0].loss


def test_runs_of_another_schedule_under_the_same_name_do_not_count():
    arguments = complete(settings_of(FOUR))
    old = Candidate("linear", gl.Linear(1.0, 0.0, STEPS), STEPS)
    stale = [(Run.of(old, BEST, STEPS, seed), Outcome(-9.0)) for seed in range(9)]
    found = result(arguments, outcomes=[*stale, *arguments["outcomes"], *stale])
    assert found.ranking == result(arguments).ranking
    assert [row[2:] for row in found.done.placed()][:9] == [(None, None)] * 9


def test_seeds_that_change_nothing_are_doubted():
    found = result(complete(settings_of(FOUR), outcome=lambda run: Outcome(WORSE[run.candidate])))
    assert "does the training function use its seed?" in found.doubts[0]


OUTCOMES = st.one_of(
    st.floats(-1e300, 1e300).map(Outcome),
    st.just(Outcome(math.inf, updates=3)),
    st.just(Outcome(None, error="it died")),
    st.none(),
)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(["min", "max"]), st.booleans())
def test_whatever_came_of_the_runs_the_answer_is_finite(data, goal, partial):
    asked = settings_of(("constant", "linear"), goal=goal, rungs=[1 / 3], seeds=2, peaks=[0.1, 1])
    arguments = complete(asked, [("constant", 0.1), ("linear", 1.0)])
    drawn = [(run, data.draw(OUTCOMES)) for run, _ in arguments["outcomes"]]
    decision = arguments["decision"]._replace(stage=PARTIAL.stage if partial else None)
    found = results_of(
        asked, [(r, o) for r, o in drawn if o is not None], decision, logged=arguments["logged"]
    )
    text = json.dumps(found.to_data(), allow_nan=False)
    assert "NaN" not in text
    assert not any(word in str(found) for word in ("nan", "inf "))
    losses = [each.loss.mean for each in found.ranking if not each.loss.diverged]
    assert losses == sorted(losses, reverse=goal == "max")
    assert all(0 <= each.updates < 1 for each in found.saving if each.updates is not None)


@given(
    st.floats(0.001, 2.0),
    st.floats(0.0, 0.3),
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2),
)
def test_more_is_saved_where_the_difference_is_larger(by, noise, worse):
    one = {seed: noise * seed for seed in range(5)}
    curve = [(100, 3.0), (300, 2.0 + worse[0]), (900, 1.0 + worse[1] / 2)]

    def saved(gap):
        other = {seed: loss + gap for seed, loss in one.items()}
        return saving_of("cosine", "linear", difference(one, other), curve, "min", str)

    less, more = saved(by), saved(by * 1.5)
    assert less.low <= less.updates <= less.high
    assert less.updates <= more.updates


def test_at_each_stage_of_a_study_there_is_an_answer():
    asked = settings_of()
    known, said = {}, []

    def known_of(run):
        return known[run.key][1] if run.key in known else None

    while True:
        decision = decide(asked, known_of)
        found = results_of(asked, known.values(), decision, logged=log_of)
        json.dumps(found.to_data(), allow_nan=False)
        said.append(str(found).splitlines()[0])
        if decision.stage is None:
            break
        known.update({run.key: (run, outcome_of(run)) for run in decision.stage.runs})
    assert all(line.startswith("The study is not complete") for line in said[:-1])
    assert {each.name for each in found.ranking[:2]} == {"linear", "rex"}
    assert {each.name for each in found.ranking} >= {"constant", "cosine"}
    assert found.winner.peak == pytest.approx(BEST, rel=0.3)
    saving = found.saving[0]
    assert saving.low < 1 - (STEPS**-0.35 + WORSE["constant"] / 5) ** (-1 / 0.35) / STEPS
    assert saving.updates == pytest.approx(0.55, abs=0.06)
    assert found.pruned
