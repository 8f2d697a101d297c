"""OLMo's linear decay, and OLMo 2's cosine that is left for one."""

import pytest

import glissando as gl
from glissando.recipes import olmo, olmo2
from recipes.formulas import LENGTHS, assert_close, assert_equal, cosine, linear, warmed_up


@pytest.mark.parametrize(("steps", "warmup"), LENGTHS)
def test_olmo_rises_from_a_tenth_and_falls_to_it(steps, warmup):
    peak = 4e-4

    def formula(t):  # the warm-up as in the authors' code of 2023
        return warmed_up(t, peak, warmup, steps, linear, start=peak / 10, end=peak / 10)

    assert_equal(olmo(10 * steps - 9, 10, peak, warmup), formula, steps, peak)


def test_the_numbers_of_olmos_paper():
    rate = olmo()
    assert list(rate.breaks()) == [5000, 476_838]  # two trillion tokens, 2048 * 2048 each
    assert_close(rate, {0: 3e-5, 5000: 3e-4, (5000 + 476_838) // 2: 1.65e-4, 476_838: 3e-5})


@pytest.mark.parametrize(("leave", "whole", "anneal", "warmup"), [(30, 40, 9, 7), (5, 5, 3, 0)])
def test_olmo2_leaves_its_cosine_for_linear_decay_to_0(leave, whole, anneal, warmup):
    peak = 3e-4

    def trunk(t):
        return warmed_up(t, peak, warmup, whole, cosine, end=peak / 10)

    def formula(t):
        if t <= leave:
            return trunk(t)
        return trunk(leave) * linear(min(1.0, (t - leave) / anneal))

    rate = olmo2(10 * leave - 9, 10 * whole, 10 * anneal - 1, 10, peak, warmup)
    assert_equal(rate, formula, leave + anneal, peak)


def test_the_numbers_of_olmo2s_configurations():
    rate = olmo2()
    leave = 928_641  # the authors' checkpoint is of step 928,646, and "3896B" tokens
    assert list(rate.breaks()) == [2000, leave, leave + 11_921]
    assert_close(rate, {1000: 1.5e-4, 2000: 3e-4})
    assert rate(leave) == pytest.approx(6.1499e-5, rel=3e-3)  # where their second stage begins
    assert rate(leave + 11_921) == 0.0


@pytest.mark.parametrize(
    ("recipe", "arguments", "message"),
    [
        (olmo, {"batch": 0}, "olmo: `batch` must be 1 or more, got 0"),
        (
            olmo2,
            {"tokens": 11, "cosine_tokens": 10},
            "olmo2: `tokens` must be at most `cosine_tokens`, got 11 and 10",
        ),
        (olmo2, {"anneal_tokens": 0}, "olmo2: `anneal_tokens` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(recipe, arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        recipe(**arguments)
    assert str(caught.value) == message
