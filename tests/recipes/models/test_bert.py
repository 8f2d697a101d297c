"""BERT: a linear decay from step 0, with the warm-up in its place."""

import pytest

import glissando as gl
from glissando.recipes import bert
from recipes.formulas import LENGTHS, assert_close, assert_equal


@pytest.mark.parametrize(("steps", "warmup"), LENGTHS)
def test_every_step_equals_the_authors_code(steps, warmup):
    peak = 3e-4

    def formula(t):  # the decay does not know of the warm-up
        return peak * t / warmup if t < warmup else peak * (1 - min(t, steps) / steps)

    assert_equal(bert(peak, steps, warmup), formula, steps, peak)


def test_the_papers_numbers():
    rate = bert()
    assert rate.steps == 1_000_000
    assert_close(rate, {1: 1e-8, 9_999: 0.9999e-4, 10_000: 0.99e-4, 750_000: 0.25e-4})
    assert rate(0) == rate(1_000_000) == rate(2_000_000) == 0.0
    assert rate == bert(warmup="1%")


def test_a_bad_argument_is_named():
    with pytest.raises(gl.ScheduleError, match=r"^bert: `peak` must be 0 or more, got -1$"):
        bert(peak=-1)
