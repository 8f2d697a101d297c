"""Chinchilla: a cosine that ends with the last token."""

import pytest

import glissando as gl
from glissando.recipes import chinchilla
from recipes.formulas import LENGTHS, assert_close, assert_equal, cosine, warmed_up


@pytest.mark.parametrize(("steps", "warmup"), LENGTHS)
@pytest.mark.parametrize("start", [0.0, 1e-7])
def test_every_step_equals_the_formula(steps, warmup, start):
    peak = 2e-4

    def formula(t):
        return warmed_up(t, peak, warmup, steps, cosine, start, end=peak / 10)

    assert_equal(chinchilla(10 * steps - 9, 10, peak, warmup, start), formula, steps, peak)


def test_the_papers_numbers():
    rate = chinchilla()
    assert list(rate.breaks()) == [1500, 466_667]  # 1.4 trillion tokens, 3 million each
    assert_close(rate, {0: 1e-7, 750: 5.005e-5, 1500: 1e-4, 466_667: 1e-5})


def test_a_bad_argument_is_named():
    with pytest.raises(gl.ScheduleError) as caught:
        chinchilla(tokens=0.5)
    assert str(caught.value) == "chinchilla: `tokens` must be a whole number, got 0.5"
