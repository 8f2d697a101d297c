"""PyTorch's 1cycle, of two phases and of three."""

import math
from itertools import pairwise

import numpy as np
import pytest

import glissando as gl
from glissando.dialects.torch import OneCycleLR
from glissando.recipes import one_cycle_torch

EASE = {"cos": lambda x: (1 - math.cos(math.pi * x)) / 2, "linear": lambda x: x}


def by_hand(t, peak, steps, pct, shape, div, final_div, three_phase):
    first = peak / div
    points = [(0, first), (pct * steps - 1, peak)]
    points += [(2 * pct * steps - 2, first)] * three_phase
    points += [(steps - 1, first / final_div)]
    for (a, low), (b, high) in pairwise(points):
        if t <= b:
            return low + (high - low) * EASE[shape]((t - a) / (b - a))
    return points[-1][1]


@pytest.mark.parametrize("shape", ["cos", "linear"])
@pytest.mark.parametrize("three_phase", [False, True])
@pytest.mark.parametrize(
    ("steps", "pct"), [(4, 0.3), (10, 0.3), (100, 0.45), (101, 0.25), (1000, 0.0123)]
)
def test_every_step_equals_the_formula_and_the_dialect(steps, pct, shape, three_phase):
    rate = one_cycle_torch(0.3, steps, pct, shape, 20.0, 1e3, three_phase)
    peer = OneCycleLR(
        0.3,
        total_steps=steps,
        pct_start=pct,
        anneal_strategy=shape,
        div_factor=20.0,
        final_div_factor=1e3,
        three_phase=three_phase,
    )
    found = [rate(t) for t in range(steps)]
    expected = [by_hand(t, 0.3, steps, pct, shape, 20.0, 1e3, three_phase) for t in range(steps)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=32 * np.spacing(0.3))
    assert found == [peer(t) for t in range(steps)]
    assert rate.steps == steps - 1


@pytest.mark.parametrize("three_phase", [False, True])
@pytest.mark.parametrize("shape", ["cos", "linear"])
def test_joints_are_exact_and_the_last_rate_is_held(three_phase, shape):
    rate = one_cycle_torch(0.3, 100, shape=shape, three_phase=three_phase)
    assert rate(0) == 0.3 / 25
    assert rate(29) == 0.3
    assert (rate(58) == 0.3 / 25) is three_phase
    assert rate(99) == rate(100) == rate(10**6) == 0.3 / 25 / 1e4


SHORT = "`pct_start` must leave every phase some of the steps, got"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"peak": -1}, "`peak` must be 0 or more, got -1"),
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        ({"steps": 1}, f"{SHORT} 0.3 of 1"),
        ({"steps": 3}, f"{SHORT} 0.3 of 3"),
        ({"pct_start": 0.0}, f"{SHORT} 0.0 of 100"),
        ({"pct_start": 0.01}, f"{SHORT} 0.01 of 100"),
        ({"pct_start": 1}, f"{SHORT} 1.0 of 100"),
        ({"pct_start": 0.6, "three_phase": True}, f"{SHORT} 0.6 of 100"),
        ({"shape": "sin"}, "`shape` must be one of 'cos', 'linear', got 'sin'"),
        ({"three_phase": "no"}, "`three_phase` must be True or False, got 'no'"),
        ({"div": 0.5}, "`div` must be 1 or more, got 0.5"),
        ({"final_div": 0}, "`final_div` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        one_cycle_torch(**{"peak": 0.1, "steps": 100} | arguments)
    assert str(caught.value) == f"one_cycle_torch: {message}"
