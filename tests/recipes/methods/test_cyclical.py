"""Cyclical learning rates, against PyTorch's own and against the paper's formula."""

import math

import numpy as np
import pytest
import torch

import glissando as gl

BOUNDS = [(0.001, 0.006), (0.0, 1.0), (0.1, 0.1), (1e-7, 3e-4)]


def rates_of_torch(mode, base, peak, step_size, gamma, count):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CyclicLR(
        optimizer,
        base,
        peak,
        step_size_up=step_size,
        mode=mode,
        gamma=gamma,
        cycle_momentum=False,
    )
    rates = []
    for _ in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("mode", ["triangular", "triangular2", "exp_range"])
@pytest.mark.parametrize("step_size", [1, 4, 7, 100])
@pytest.mark.parametrize(("base", "peak"), BOUNDS)
def test_every_step_equals_torch(mode, step_size, base, peak):
    gamma = 0.99994 if step_size == 100 else 0.9
    extra = {"gamma": gamma} if mode == "exp_range" else {}
    rate = gl.recipes.RECIPES[mode](base, peak, step_size, **extra)
    count = 5 * 2 * step_size + 1
    theirs = rates_of_torch(mode, base, peak, step_size, gamma, count)
    # torch finds its place in a cycle by a float quotient: a few ulp of 5 cycles are its own
    np.testing.assert_allclose(
        [rate(t) for t in range(count)], theirs, rtol=0, atol=16 * np.spacing(peak)
    )


@pytest.mark.parametrize("step_size", [1, 3, 8, 250])
@pytest.mark.parametrize(("base", "peak"), BOUNDS)
def test_every_step_equals_the_formula(step_size, base, peak):
    gamma = 0.999
    one = gl.recipes.triangular(base, peak, step_size)
    two = gl.recipes.triangular2(base, peak, step_size)
    three = gl.recipes.exp_range(base, peak, step_size, gamma)
    ulp = np.spacing(peak)
    for t in range(12 * step_size):
        cycle, place = divmod(t, 2 * step_size)
        height = (peak - base) * (1 - abs(place / step_size - 1))
        assert abs(one(t) - (base + height)) <= 4 * ulp
        assert abs(two(t) - (base + height / 2**cycle)) <= 4 * ulp
        assert abs(three(t) - (base + height * gamma**t)) <= 4 * ulp


def test_corners_are_exact():
    one = gl.recipes.triangular(0.001, 0.006, 2000)
    for cycle in (0, 1, 5, 10**6, 10**12):
        assert one(cycle * 4000) == 0.001
        assert one(cycle * 4000 + 2000) == 0.006
    two = gl.recipes.triangular2(0.25, 1.0, 2000)
    assert [two(t) for t in range(2000, 16_000, 4000)] == [1.0, 0.625, 0.4375, 0.34375]
    for rate in (two, gl.recipes.exp_range(0.25, 1.0, 2000, 0.99994)):
        assert {rate(t) for t in range(0, 100_000, 4000)} == {0.25}
        assert rate.steps == math.inf


@pytest.mark.parametrize("name", ["triangular", "triangular2", "exp_range"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 1, 5), "`base` must be 0 or more, got -1"),
        ((0, math.nan, 5), "`peak` must be a number, got nan"),
        ((0.2, 0.1, 5), "`peak` must be at least `base`, got 0.1 and 0.2"),
        ((0, 1, 0), "`step_size` must be 1 or more, got 0"),
        ((0, 1, 2.5), "`step_size` must be a whole number, got 2.5"),
        (
            (0, 1, "5"),
            "`step_size` must be a whole number, got '5'; it is a text: write 5 "
            "(YAML wants 1.0e-3 for 1e-3)",
        ),
    ],
)
def test_bad_arguments_are_named(name, arguments, message):
    if name == "exp_range":
        arguments = (*arguments, 0.9)
    with pytest.raises(gl.ScheduleError) as caught:
        gl.recipes.RECIPES[name](*arguments)
    assert str(caught.value) == f"{name}: {message}"


@pytest.mark.parametrize("gamma", [0, 1.5, -0.5, True])
def test_gamma_keeps_its_range(gamma):
    with pytest.raises(gl.ScheduleError, match="exp_range: `gamma` must be"):
        gl.recipes.exp_range(0, 1, 5, gamma)
