"""`gl.infer` finds the simplest schedule that explains every row, and says what it cannot tell."""

import random

import numpy as np
import pytest

import glissando as gl
from bench.infer import exactly, log_of, schedule_of
from glissando.logs.logged import LoggedRates

COSINE = gl.Linear(0.0, 1e-3, 500) >> gl.Cosine(1e-3, 1e-5, 9500)
WSD = gl.Linear(0.0, 1e-3, 500) >> gl.Constant(1e-3, 5000) >> gl.Sqrt(1e-3, 0.0, 1500)
RESTARTS = gl.Cosine(0.1, 0.001, 500) >> gl.Cosine(0.1, 0.001, 1000) >> gl.Cosine(0.1, 0.001, 2000)
NOAM = gl.Linear(0.0, 0.3, 100) >> gl.InverseSqrt(0.3, 100)


def rows(schedule, every=50, until=None, first=0, digits=None):
    steps = list(range(first, until or int(schedule.steps), every))
    rates = [schedule(step) for step in steps]
    return steps, [float(f"{rate:.{digits - 1}e}") for rate in rates] if digits else rates


@pytest.mark.parametrize("digits", [None, 4])
@pytest.mark.parametrize(
    ("schedule", "every", "until"),
    [(COSINE, 100, 10_000), (WSD, 100, 7000), (RESTARTS, 20, 3500), (NOAM, 20, 2000)],
    ids=["cosine", "wsd", "restarts", "noam"],
)
def test_the_schedule_itself_is_found(schedule, every, until, digits):
    assert gl.infer(*rows(schedule, every, until, digits=digits)).schedule == schedule


@pytest.mark.parametrize("kind", ["float64", "float32", "4 digits"])
@pytest.mark.parametrize("seed", [5, 126, 1069])
def test_random_schedules_are_found(seed, kind):
    schedule = schedule_of(seed)
    steps, rates = log_of(schedule, seed, kind)
    found = gl.infer(steps, rates)
    assert found.kind == "expression"
    assert exactly(found, schedule, steps, kind) == [True, True, True]


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_no_row_is_failed(shape):
    schedule = {"linear": gl.Linear, "cosine": gl.Cosine}[shape](0.00123456789, 0.0, 777)
    steps, rates = rows(schedule, every=7)
    rates[50] *= 1.01  # no expression has this
    found = gl.infer(steps, rates)
    assert abs(found.schedule(steps[50]) - rates[50]) <= 1e-9 * rates[50]
    assert found.worst <= 1 + 1e-9


def test_what_no_expression_explains_is_a_table():
    chance = random.Random(0)
    steps = range(60)
    found = gl.infer(steps, [chance.uniform(0.1, 1.0) for _ in steps])
    assert isinstance(found.schedule, gl.Table)
    assert found.kind == "table"
    assert found.unknown == (
        "No expression of up to eight parts explains every row: this is a table of 60 points for "
        "60 rows.",
    )


def test_the_end_of_a_run_that_was_stopped_is_no_end():
    found = gl.infer(*rows(gl.Cosine(1e-3, 0.0, 8712), 20, 4000, digits=4))
    assert found.schedule == gl.Cosine(1e-3, 0.0, 8712)
    assert any(line.startswith("The log ends at update 3980, before") for line in found.unknown)
    (end,) = (number for number in found.numbers if number.name.endswith("ends at update"))
    assert end.low <= 8712 <= end.high


def test_a_constant_does_not_tell_the_lag():
    log = LoggedRates([1, 2, 3], [0.1] * 3, [0.0] * 3, [1, 2, 3], "csv", (0, 1, -1))
    found = gl.infer(log)
    assert found.schedule == gl.Constant(0.1)
    assert "The rate is constant: by how many updates a row is late cannot be told." in (
        found.unknown
    )


def test_the_lag_that_makes_it_simplest_is_taken():
    steps, rates = rows(COSINE, 100)
    late = [step + 1 for step in steps]
    log = LoggedRates(late, rates, [0.0] * len(rates), late, "trainer_state", (0, 1))
    found = gl.infer(log)
    assert (found.schedule, found.lag) == (COSINE, 1)


def test_a_warm_up_before_the_first_row_is_not_invented():
    found = gl.infer(*rows(COSINE, 100, first=700, digits=5))
    assert found.schedule == gl.Constant(1e-3, 500) >> gl.Cosine(1e-3, 1e-5, 9500)
    assert found.unknown[0].startswith("The first row is of update 700: what came before")


def test_a_warm_up_of_two_rows_is_a_cosine_rather_than_a_rarer_shape():
    meant = gl.Cosine(5e-6, 5e-4, 299) >> gl.Cosine(5e-4, 5e-5, 49_700)
    assert gl.infer(*rows(meant, 200, 35_000, first=50, digits=6)).schedule == meant


def test_levels_of_one_length_are_a_staircase():
    staircase = gl.Staircase(0.1, 0.5, 30)
    assert gl.infer(*rows(staircase, 1, 300)).schedule == staircase


def test_levels_of_other_lengths_may_be_a_plateau():
    levels = gl.Piecewise([0.1, 0.01, 0.001], [30, 55])
    found = gl.infer(*rows(levels, 1, 100))
    assert found.schedule == levels
    assert found.unknown[0].startswith("Plateau-like")


def test_a_rise_by_a_factor_is_found():
    steps = range(60)
    found = gl.infer(steps, [1e-6 * 10 ** (step / 10) for step in steps])
    assert found.kind == "expression"
    assert isinstance(found.schedule.schedule, gl.LogLinear)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("steps", "rates", "schedule"),
    [
        ([5], [0.1], gl.Constant(0.1)),
        ([0, 1, 2], [0.0, 0.0, 0.0], gl.Constant(0.0)),
        ([0, 1], [0.1, 0.2], gl.Linear(0.1, 0.2, 1)),
        ([-1, 0, 1], [0.1, 0.2, 0.3], gl.Linear(0.1, 0.3, 2)),
        ([0, 0.5, 1, 1.5], [1.0, 0.9, 0.8, 0.7], gl.Linear(1.0, 0.0, 5)),
    ],
)
def test_few_rows(steps, rates, schedule):
    assert gl.infer(steps, rates).schedule == schedule


def test_rates_computed_in_float32_are_found():
    narrow = np.float32
    steps = np.arange(0, 2000, 10)
    x = steps.astype(narrow) / narrow(200)
    cosine = narrow(0.5) * (narrow(1) + np.cos(narrow(np.pi) * (x - 1) / narrow(9)))
    rates = narrow(3e-4) * np.where(x < 1, x, cosine)
    for told in (rates.astype(float), [float(str(rate)) for rate in rates]):
        found = gl.infer(steps, told)
        assert found.schedule == gl.Linear(0.0, 3e-4, 200) >> gl.Cosine(3e-4, 0.0, 1800)
        assert found.notes[-1].startswith("The rates were computed in float32")


@pytest.mark.parametrize("digits", [None, 4])
@pytest.mark.parametrize(
    "schedule",
    [
        gl.Constant(1e-3, 1498) >> gl.Linear(5e-4, 1e-4, 3000),  # starts at a round rate
        gl.Linear(0.0, 1e-3, 1498) >> gl.Constant(2e-4, 3000),  # comes to one
        gl.Constant(1e-3, 1250) >> gl.Linear(1.7e-4, 0.0, 2000),
        gl.Staircase(8e-4, 0.5, 475).take(1425) >> gl.Linear(3e-4, 0.0, 2000),
    ],
)
def test_a_jump_is_where_numbers_are_round(schedule, digits):
    found = gl.infer(*rows(schedule, 100, 3200, digits=digits)).schedule
    every = np.arange(3100)
    np.testing.assert_allclose(found(every), schedule(every), rtol=1e-9)


def test_many_rows_are_all_compared():
    schedule = gl.Cosine(1e-3, 0.0, 10_000)
    found = gl.infer(*rows(schedule, 1))
    assert (found.schedule, found.rows) == (schedule, 10_000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 0], [0.1, 0.2]), "different rates at step 0: 0.1, 0.2"),
        (([0, 1], [0.1]), "`rates` must be as many as the steps, got 1 for 2"),
        (([], []), "must hold a rate, got none"),
        (([0, 1], [0.1, -0.1]), "must hold no rate below 0, got -0.1"),
        ((3,), "`log` must be a path"),
    ],
)
def test_what_is_no_log_is_refused(arguments, message):
    with pytest.raises(gl.ScheduleError, match=r"^infer: ") as error:
        gl.infer(*arguments)
    assert message in str(error.value)


def test_rows_that_agree_may_repeat():
    found = gl.infer([0, 10, 10, 20], [0.4, 0.3, 0.3, 0.2])
    assert found.notes == ("1 rows repeat a step, and agree.",)


def test_the_answer_is_data_too():
    data = gl.infer(*rows(COSINE, 100)).to_data()
    assert data["schedule"] == str(COSINE)
    assert np.isclose(data["numbers"][0]["value"], 0.0)


def test_levels_of_rows_an_epoch_begin_with_an_epoch():
    levels = gl.Piecewise([0.02, 0.002], [2070])
    steps = range(68, 4000, 69)  # an epoch's last update, of 69
    assert gl.infer(steps, [levels(step) for step in steps]).schedule == levels
