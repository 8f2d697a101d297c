"""Warmup-stable-decay."""

import math

import jax
import numpy as np
import pytest

import glissando as gl
from glissando.recipes import wsd
from glissando.recipes.methods.wsd import COOLDOWNS

NAMES = "'linear', 'sqrt', 'cosine', 'mirror_cosine', 'square', 'exponential'"


SHAPES = {
    "linear": lambda elapsed: 1 - elapsed,
    "sqrt": lambda elapsed: 1 - math.sqrt(elapsed),
    "cosine": lambda elapsed: 0.5 * (1 + math.cos(math.pi * elapsed)),
    "mirror_cosine": lambda elapsed: 2 * (1 - elapsed) - 0.5 * (1 + math.cos(math.pi * elapsed)),
    "square": lambda elapsed: 1 - elapsed**2,
}


def by_hand(t, peak, steps, warmup, cooldown, shape, end):
    if t < warmup:
        return peak * t / warmup
    if t <= steps - cooldown:
        return peak
    elapsed = min(1.0, (t - (steps - cooldown)) / cooldown)
    if shape == "exponential":
        return peak * (end / peak) ** elapsed
    return end + (peak - end) * SHAPES[shape](elapsed)


@pytest.mark.parametrize("shape", COOLDOWNS)
@pytest.mark.parametrize("end", [0.0, 3e-5])
@pytest.mark.parametrize(
    ("steps", "warmup", "cooldown"),
    [(10, 2, 4), (1000, 100, 200), (777, 0, 111), (30, 10, 20), (20, 0, 20), (50, 49, 1)],
)
def test_every_step_equals_the_formula(steps, warmup, cooldown, shape, end):
    peak = 7e-4
    if shape == "exponential" and not end:
        end = 1e-9
    rate = wsd(peak, steps, warmup, cooldown, shape, end)
    found = [rate(t) for t in range(steps + 10)]
    expected = [by_hand(t, peak, steps, warmup, cooldown, shape, end) for t in range(steps + 10)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=4 * np.spacing(peak))
    assert rate.steps == steps


@pytest.mark.parametrize(
    ("shape", "fall"),
    [
        ("linear", [0.75, 0.5, 0.25, 0]),
        ("sqrt", [0.5, 0.293, 0.134, 0]),
        ("cosine", [0.854, 0.5, 0.146, 0]),
        ("mirror_cosine", [0.646, 0.5, 0.354, 0]),
        ("square", [0.938, 0.75, 0.438, 0]),
    ],
)
def test_the_curve_that_others_have(shape, fall):
    rate = wsd(1.0, steps=10, warmup=2, cooldown=4, shape=shape)
    assert [round(rate(t), 3) for t in range(12)] == [0, 0.5, 1, 1, 1, 1, 1, *fall, 0]


@pytest.mark.parametrize("shape", COOLDOWNS)
def test_joints_are_exact(shape):
    rate = wsd(0.3, steps=10**9, warmup=10**6, cooldown=2 * 10**8, shape=shape, end=0.1)
    assert rate(0) == 0.0
    assert rate(10**6) == rate(5 * 10**8) == rate(8 * 10**8) == 0.3
    assert rate(10**9) == rate(10**10) == 0.1
    assert list(rate.breaks()) == [10**6, 8 * 10**8, 10**9]


def test_the_exponential_shape_falls_by_the_same_factor():
    rate = wsd(1.0, steps=10, warmup=2, cooldown=4, shape="exponential", end=1 / 16)
    assert [rate(t) for t in range(6, 12)] == [1.0, 0.5, 0.25, 0.125, 0.0625, 0.0625]


def test_parts_of_no_length_are_left_out():
    assert wsd(1.0, 20, 0, 20) == gl.Linear(1.0, 0.0, 20)
    assert wsd(1.0, 20, 5, 15, "sqrt") == gl.Linear(0.0, 1.0, 5) >> gl.Sqrt(1.0, 0.0, 15)


def test_the_sqrt_cooldown_has_a_finite_slope_everywhere_in_a_graph():
    """The cooldown's slope is infinite at its first step: it must not reach masked gradients."""
    rate = wsd(1.0, steps=100, warmup=10, cooldown=20, shape="sqrt")
    slopes = jax.vmap(jax.grad(rate))(jax.numpy.arange(0.0, 130.0))
    assert bool(jax.numpy.isfinite(slopes).all())
    assert float(slopes[5]) == pytest.approx(0.1, rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"peak": math.inf}, "`peak` must be finite, got inf"),
        ({"steps": -3}, "`steps` must be 1 or more, got -3"),
        ({"warmup": -1}, "`warmup` must be 0 or more, got -1"),
        ({"cooldown": 0}, "`cooldown` must be 1 or more, got 0"),
        ({"end": None}, "`end` must be a number, got None"),
        ({"shape": "cubic"}, f"`shape` must be one of {NAMES}, got 'cubic'"),
        ({"shape": ["sqrt"]}, f"`shape` must be one of {NAMES}, got ['sqrt']"),
        (
            {"shape": "exponential"},
            "`end` must be above 0 and at most `peak` where `shape` is 'exponential', got 0.0",
        ),
        (
            {"warmup": 60, "cooldown": 50},
            "`warmup` and `cooldown` must take at most all `steps`, got 60 and 50 of 100",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        wsd(**{"peak": 0.1, "steps": 100, "warmup": 10, "cooldown": 20} | arguments)
    assert str(caught.value) == f"wsd: {message}"
