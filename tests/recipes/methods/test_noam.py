"""The schedule of the Transformer."""

import math

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import noam


@pytest.mark.parametrize(("d_model", "warmup"), [(512, 4000), (1024, 16), (1, 1), (3, 2), (64, 7)])
def test_update_k_has_the_papers_step_k_plus_1(d_model, warmup):
    rate = noam(d_model, warmup)
    peak = (d_model * warmup) ** -0.5
    for k in range(3 * warmup + 50):
        n = k + 1
        paper = d_model**-0.5 * min(n**-0.5, n * warmup**-1.5)
        assert abs(rate(k) - paper) <= 4 * np.spacing(peak)


def test_the_peak_is_exact_and_at_the_papers_step():
    rate = noam()
    peak = 1 / math.sqrt(512 * 4000)
    assert rate(3999) == rate.bound() == peak
    assert rate(3998) < peak > rate(4000)
    assert rate(0) == peak / 4000
    assert rate(4 * 4000 - 1) == peak / 2


def test_counted_from_0_it_is_the_same_a_step_later():
    rate = noam(512, 40)
    peak = rate(39)
    later = gl.Linear(0.0, peak, steps=40) >> gl.InverseSqrt(peak, timescale=40)
    found = [rate(k) for k in range(200)]
    expected = [later(k + 1) for k in range(200)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=4 * np.spacing(peak))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"d_model": 0}, "`d_model` must be 1 or more, got 0"),
        ({"d_model": 512.5}, "`d_model` must be a whole number, got 512.5"),
        ({"warmup": 0}, "`warmup` must be 1 or more, got 0"),
        ({"warmup": math.inf}, "`warmup` must be finite, got inf"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        noam(**arguments)
    assert str(caught.value) == f"noam: {message}"
