"""LLaMA and Llama 3: a warm-up and a cosine."""

import math

import pytest

import glissando as gl
from glissando.recipes import llama, llama3
from recipes.formulas import LENGTHS, assert_close, assert_equal, cosine, warmed_up


@pytest.mark.parametrize(("steps", "warmup"), LENGTHS)
def test_llama_falls_to_a_tenth(steps, warmup):
    peak = 1.5e-4

    def formula(t):
        return warmed_up(t, peak, warmup, steps, cosine, end=peak / 10)

    assert_equal(llama(10 * steps - 9, 10, peak, warmup), formula, steps, peak)


@pytest.mark.parametrize(("steps", "warmup"), LENGTHS)
def test_llama3_falls_to_a_hundredth(steps, warmup):
    peak = 3e-4

    def formula(t):
        return warmed_up(t, peak, warmup, steps, cosine, end=peak / 100)

    assert_equal(llama3(peak, steps, warmup), formula, steps, peak)


def test_the_numbers_of_llamas_paper():
    rate = llama()
    assert list(rate.breaks()) == [2000, 250_000]  # a trillion tokens, 4 million each
    assert_close(rate, {1: 1.5e-7, 2000: 3e-4, 126_000: 1.65e-4, 250_000: 3e-5})
    large = llama(tokens=1_400_000_000_000, peak=1.5e-4)
    assert list(large.breaks()) == [2000, 350_000]


def test_the_numbers_of_llama3s_paper():
    rate = llama3()
    assert list(rate.breaks()) == [8000, 1_200_000]
    assert_close(rate, {1: 1e-8, 8000: 8e-5, 604_000: 4.04e-5, 1_200_000: 8e-7})
    assert llama3(steps=1000, warmup="5%") == llama3(steps=1000, warmup=50)


@pytest.mark.parametrize(
    ("recipe", "arguments", "message"),
    [
        (llama, {"tokens": 0}, "llama: `tokens` must be 1 or more, got 0"),
        (llama3, {"peak": math.nan}, "llama3: `peak` must be a number, got nan"),
        (llama3, {"steps": 0, "warmup": "1%"}, "llama3: `steps` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(recipe, arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        recipe(**arguments)
    assert str(caught.value) == message
