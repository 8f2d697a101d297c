"""Updates that a gradient scaler skipped are found by the rates that fall behind."""

import numpy as np
import pytest

import glissando as gl
from glissando.logs.logged import LoggedRates

WARM = gl.Linear(0.0, 1e-5, 500) >> gl.Linear(1e-5, 0.0, 4500)
COSINE = gl.Cosine(5e-5, 0.0, 3000)


def rows(schedule, skipped, until, every=25, digits=None):
    steps = range(every, until, every)
    made = [step - sum(update < step for update in skipped) for step in steps]
    rates = [schedule(step) for step in made]
    return list(steps), [float(f"{r:.{digits - 1}e}") for r in rates] if digits else rates


@pytest.mark.parametrize(
    ("schedule", "skipped", "digits", "said"),
    [
        (COSINE, [105, 112, 700], 4, "3 updates were skipped, as a gradient scaler does: "),
        (WARM, [2, 402], None, "1 before step 25, 1 between steps 400 and 425."),
    ],
    ids=["cosine", "linear"],
)
def test_the_rows_that_fall_behind_are_said(schedule, skipped, digits, said):
    found = gl.infer(*rows(schedule, skipped, 3000, digits=digits))
    assert found.schedule == schedule
    assert sum(skip.updates for skip in found.skipped) == len(skipped)
    assert said in str(found)


def test_a_skip_has_the_rows_around_it():
    found = gl.infer(*rows(COSINE, [701, 702], 3000))
    (skip,) = found.skipped
    assert skip == (700, 725, 2)
    assert found.to_data()["skipped"] == [{"after": 700.0, "before": 725.0, "updates": 2}]


def test_what_the_log_says_of_skipped_updates_is_taken():
    steps = np.arange(10, 1000, 10)
    skipped = np.minimum(steps, 3) + (steps > 500)
    rates = np.array([COSINE(int(step)) for step in steps - skipped])
    log = LoggedRates(steps, rates, 0 * rates, steps, "deepspeed", (0,), skipped=skipped)
    found = gl.infer(log)
    assert found.schedule == COSINE
    assert [skip.updates for skip in found.skipped] == [3, 1]


def test_levels_and_jumps_are_no_skipped_updates():
    jump = gl.Linear(1e-3, 4e-4, 300) >> gl.Linear(3.9e-4, 0.0, 700)
    assert gl.infer(range(0, 1000, 10), [jump(step) for step in range(0, 1000, 10)]).skipped == ()
