"""GPT-3: a warm-up and a cosine, in tokens."""

import pytest

import glissando as gl
from glissando.recipes import gpt3
from recipes.formulas import LENGTHS, assert_close, assert_equal, cosine, warmed_up


@pytest.mark.parametrize(("steps", "warmup"), LENGTHS)
@pytest.mark.parametrize("missing", [0, 9])
def test_every_step_equals_the_formula(steps, warmup, missing):
    peak = 3e-4
    rate = gpt3(peak, 10, max(0, 10 * warmup - missing), 10 * steps - missing)

    def formula(t):
        return warmed_up(t, peak, warmup, steps, cosine, end=peak / 10)

    assert_equal(rate, formula, steps, peak)


def test_the_papers_numbers():
    rate = gpt3()
    assert list(rate.breaks()) == [118, 81_250]  # 117.19 and 81,250 batches of 3.2 million tokens
    assert rate(0) == 0.0
    assert_close(rate, {59: 3e-5, 118: 6e-5, (118 + 81_250) // 2: 3.3e-5, 93_750: 6e-6})
    small = gpt3(6e-4, batch=500_000)
    assert list(small.breaks()) == [750, 520_000]
    assert_close(small, {750: 6e-4, 520_000: 6e-5})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch": 0}, "`batch` must be 1 or more, got 0"),
        ({"batch": "3%"}, "`batch` must be a whole number, got '3%'"),
        ({"warmup_tokens": -1}, "`warmup_tokens` must be 0 or more, got -1"),
        ({"decay_tokens": 0}, "`decay_tokens` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gpt3(**arguments)
    assert str(caught.value) == f"gpt3: {message}"
