import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
from glissando.studies.candidate import Candidate
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.settings import Settings, candidates_of, peaks_around, standard_candidates

STEPS = 2000
SHAPES = standard_candidates(STEPS)


@given(
    st.sampled_from(sorted(SHAPES)), st.floats(1e-6, 10), st.integers(20, STEPS), st.integers(0, 9)
)
def test_any_length_is_a_complete_run_at_the_peak(name, peak, steps, seed):
    run = Run.of(Candidate(name, SHAPES[name], STEPS), peak, steps, seed)
    rates = run.schedule(np.arange(steps + 1))
    assert run.schedule.steps == steps
    assert rates.max() == pytest.approx(peak, rel=0.2 if steps < 60 else 0.03)
    assert rates[-1] == pytest.approx(peak * SHAPES[name](STEPS), rel=1e-12)
    assert Run.from_data(run.to_data()) == run
    assert Run.from_data(run.to_data()).key == run.key


def test_the_full_run_follows_the_schedule_itself():
    for name, shape in SHAPES.items():
        assert Candidate(name, shape, STEPS).at(1.0, STEPS) == shape


def test_a_warm_up_is_kept_up_to_a_tenth():
    wsd = Candidate("wsd", SHAPES["wsd"], STEPS)
    assert [np.argmax(wsd.at(1.0, n)(np.arange(n)) >= 1 - 1e-9) for n in (1200, 600)] == [100, 60]


def test_a_long_rise_is_part_of_the_shape():
    cycle = gl.recipes.one_cycle(1.0, steps=STEPS)
    shorter = Candidate("cycle", cycle, STEPS).at(1.0, 200)
    np.testing.assert_array_equal(shorter(np.arange(201)), cycle(np.arange(201) * 10))


def test_an_endless_schedule_is_cut_at_the_full_run():
    decay = gl.InverseTime(0.01, 0.1)
    candidate = Candidate("tip", decay.slow(100), STEPS, literal=True)
    assert candidate.at(None, STEPS)(STEPS - 1) == decay((STEPS - 1) / 100)
    assert candidate.at(None, 200)(150) == pytest.approx(decay(15.0), rel=1e-12)


def test_a_function_is_asked_for_each_run():
    candidate = Candidate("mine", lambda peak, steps: gl.Linear(peak, 0.0, steps), STEPS)
    assert candidate.at(0.5, 300) == gl.Linear(0.5, 0.0, 300)


def test_a_schedule_on_a_plateau_keeps_it():
    plateau = gl.Plateau("torch", patience=3)
    found = Candidate("plateau", plateau.on(gl.Constant(1.0)), STEPS).at(0.2, 100)
    assert (found.plateau, found.steps, found(50, found.init())) == (plateau, 100, 0.2)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (gl.Linear(1.0, 0.0, 500), r"must have 2000 steps.*got 500; write .stretch\(2000\)"),
        (gl.Constant(0.0), "must not all be 0"),
        (0.1, "must be a schedule, a schedule on a plateau, or a function"),
    ],
)
def test_what_is_no_candidate(shape, words):
    with pytest.raises(gl.ScheduleError, match=words):
        Candidate("mine", shape, STEPS)


def test_a_function_of_the_wrong_length_is_refused():
    with pytest.raises(gl.ScheduleError, match="must return a schedule of 300 steps"):
        Candidate("mine", lambda peak, steps: gl.Linear(peak, 0.0, 5), STEPS).at(1.0, 300)


def test_outcomes_have_a_json_form():
    for loss in (1.5, math.inf, None):
        outcome = Outcome(loss, updates=3)
        assert Outcome.from_data(outcome.to_data()) == outcome


def test_peaks_begin_around_the_schedules_own():
    own = {"a": gl.Linear(0.3, 0.0, STEPS), "b": gl.Constant(0.3)}
    assert peaks_around(candidates_of(own, (), STEPS)) == (0.1, 0.3, 0.9)
    with pytest.raises(gl.ScheduleError, match="the schedules have no peaks of their own"):
        peaks_around(candidates_of(None, (), STEPS))


def test_short_rungs_are_left_out():
    candidates = candidates_of(None, (), 150)
    assert Settings(candidates, 150, [0.1]).lengths == (50, 150)
