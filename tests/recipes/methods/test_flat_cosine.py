"""Flat, and then a cosine."""

import numpy as np
import pytest

import glissando as gl
from glissando.dialects import fastai
from glissando.recipes import flat_cosine
from recipes.formulas import cosine


def by_hand(t, steps, flat, peak, end):
    elapsed = min(1.0, t / steps)
    return peak if elapsed < flat else end + (peak - end) * cosine((elapsed - flat) / (1 - flat))


@pytest.mark.parametrize("steps", [2, 3, 10, 101, 1000])
@pytest.mark.parametrize("flat", [0.25, 0.3, 0.72, 0.999])
def test_every_step_equals_the_formula(steps, flat):
    rate = flat_cosine(0.3, steps, flat, div_final=1e3)
    for t in range(steps + 5):
        assert abs(rate(t) - by_hand(t, steps, flat, 0.3, 0.3 / 1e3)) <= 16 * np.spacing(0.3)
    assert rate.steps == steps


@pytest.mark.parametrize("flat", [0.0, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("steps", [1, 7, 40])
def test_the_dialect_has_the_same_curve(flat, steps):
    rate = flat_cosine(0.1, steps, flat)
    peer = fastai.fit_flat_cos(steps, 0.1, pct_start=flat, steps_per_epoch=1)
    for t in range(2 * steps):
        assert abs(rate(t) - peer(t)) <= 2 * np.spacing(0.1)


def test_joints_are_exact():
    rate = flat_cosine(0.3, 10**9)
    assert rate(0) == rate(10**8) == rate(75 * 10**7) == 0.3
    assert rate(10**9) == 0.3 / 1e5
    assert list(rate.breaks()) == [75 * 10**7, 10**9]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"peak": -1}, "`peak` must be 0 or more, got -1"),
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        ({"pct_start": 1.5}, "`pct_start` must be at most 1, got 1.5"),
        ({"div_final": 0}, "`div_final` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        flat_cosine(**{"peak": 0.1, "steps": 100} | arguments)
    assert str(caught.value) == f"flat_cosine: {message}"
