"""MiniCPM: a warm-up, a stable rate, and a decay without an end."""

import math

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import minicpm


@pytest.mark.parametrize(("warmup", "stable"), [(4, 20), (0, 20), (20, 20), (0, 1), (1, 1)])
@pytest.mark.parametrize("half_life", [1, 5, 7])
def test_its_own_decay_halves_and_never_ends(warmup, stable, half_life):
    rate = minicpm(warmup, 0.01, 10 * stable - 9, 10, half_life)

    def formula(t):
        if t < warmup:
            return 0.01 * t / warmup
        return 0.01 * 0.5 ** (max(0, t - stable) / half_life)

    found = [rate(t) for t in range(stable + 60)]
    expected = [formula(t) for t in range(stable + 60)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=4 * np.spacing(0.01))
    assert math.isinf(rate.steps)


def test_the_papers_numbers():
    rate = minicpm(warmup=2000)
    assert list(rate.breaks()) == [2000, 254_453]  # a trillion tokens, 3.93 million each
    assert [rate(t) for t in (0, 1000, 2000, 254_453, 259_453, 264_453)] == (
        [0.0, 0.005, 0.01, 0.01, 0.005, 0.0025]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"warmup": -1}, "`warmup` must be 0 or more, got -1"),
        ({"half_life": 0}, "`half_life` must be 1 or more, got 0"),
        ({"batch": 0}, "`batch` must be 1 or more, got 0"),
        ({"tokens": 0}, "`tokens` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        minicpm(**{"warmup": 0, "tokens": 11, "batch": 10} | arguments)
    assert str(caught.value) == f"minicpm: {message}"
