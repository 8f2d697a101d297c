"""ULMFiT's slanted triangular rate."""

import math

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import slanted_triangular


def paper(t, peak, steps, cut_frac, ratio):
    cut = math.floor(steps * cut_frac)
    height = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / cut_frac - 1))
    return peak * (1 + height * (ratio - 1)) / ratio


@pytest.mark.parametrize("ratio", [1, 2.5, 32])
@pytest.mark.parametrize(("steps", "cut_frac"), [(100, 0.1), (1000, 0.25), (8, 0.5), (40, 0.875)])
def test_a_whole_cut_is_the_papers_formula(steps, cut_frac, ratio):
    rate = slanted_triangular(0.004, steps, cut_frac, ratio)
    found = [rate(t) for t in range(steps + 1)]
    expected = [paper(t, 0.004, steps, cut_frac, ratio) for t in range(steps + 1)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15 * ratio)
    assert rate(steps) == rate(2 * steps) == 0.004 / ratio


def test_any_other_cut_ends_with_the_last_step_where_the_formula_falls_below_0():
    assert paper(109, 0.01, 109, 0.1, 32) < 0
    rate = slanted_triangular(0.01, 109)
    assert list(rate.breaks()) == [10, 109]
    assert [rate(t) for t in (0, 10, 109, 200)] == [0.01 / 32, 0.01, 0.01 / 32, 0.01 / 32]
    assert min(rate(t) for t in range(200)) == 0.01 / 32


@pytest.mark.parametrize(("steps", "cut_frac", "cut"), [(100, 0.29, 29), (9, 0.1, 0), (10, 0.1, 1)])
def test_the_fraction_is_taken_as_it_is_written(steps, cut_frac, cut):
    rate = slanted_triangular(1.0, steps, cut_frac)
    assert rate(cut) == 1.0
    assert list(rate.breaks()) == [step for step in (cut, steps) if step]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cut_frac": 1}, "`cut_frac` must leave a step for the decay, got 1.0"),
        ({"cut_frac": 1.5}, "`cut_frac` must be at most 1, got 1.5"),
        ({"ratio": 0.5}, "`ratio` must be 1 or more, got 0.5"),
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        slanted_triangular(**{"peak": 0.01, "steps": 10} | arguments)
    assert str(caught.value) == f"slanted_triangular: {message}"
