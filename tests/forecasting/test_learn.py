"""What other runs tell of the parameters of laws."""

import pytest

import glissando as gl
from forecasting.known import TRUTH, WARMUP, cooled, runs
from glissando.forecasting.laws import LAWS

OWN = TRUTH.replace(alpha=0.7)
"""A task whose power of progress is not the usual one."""


@pytest.fixture(scope="module")
def learned():
    return gl.learn_priors(
        {"one": runs(1200, 2400, law=OWN), "two": runs(1200, law=OWN.replace(A=0.8, L0=1.5))}
    )


def test_what_laws_need_is_learned_from_other_runs(learned):
    assert set(learned) == {"convex_kernel", "kernel", "multi_power", "annealing"}
    for law, priors in learned.items():
        assert set(priors) == set(LAWS[law].priors)
        for prior in priors.values():
            assert isinstance(prior, gl.Prior)
            assert 0.1 <= prior.spread < 1
            assert prior.source == "learned from 5 runs"
    assert learned["convex_kernel"]["alpha"].value == pytest.approx(0.7, rel=0.03)


def test_it_makes_forecasts_better(learned):
    """From noisy runs."""
    seen = runs(1200, law=OWN, noise=0.02)
    later = WARMUP >> gl.Linear(1e-3, 0.0, steps=11_900)
    missed = [
        abs(gl.forecast(seen, law="convex_kernel", priors=known)(later).loss - OWN(later, 12_000))
        for known in (None, learned)
    ]
    assert missed[1] < missed[0] / 2


def test_tasks_that_differ_give_a_wider_prior():
    alike, different = (
        gl.learn_priors([runs(1200, law=OWN), runs(1200, law=OWN.replace(alpha=alpha))])
        for alpha in (0.7, 0.25)
    )
    narrow, wide = (found["convex_kernel"]["alpha"].spread for found in (alike, different))
    assert wide > 2 * narrow


def test_runs_that_hide_what_a_cooldown_does_tell_nothing(learned):
    more = gl.learn_priors([runs(1200, 2400, law=OWN), runs(law=TRUTH)])
    assert more["kernel"]["q"].source == "learned from 3 runs"
    for wrong, message in [
        ([runs()], "must have runs that cool down after a stable phase, got none"),
        ([], "must have runs that cool down after a stable phase, got none"),
        (runs(1200)[0], "`tasks` must be lists of gl.Curve, a list for a task, got gl.Curve("),
        (3, "`tasks` must be lists of gl.Curve, a list for a task, got 3"),
        ([[cooled(1200)]], "learn_priors: `tasks` must be gl.Curve"),
    ]:
        with pytest.raises(gl.ScheduleError) as error:
            gl.learn_priors(wrong)
        assert message in str(error.value)
