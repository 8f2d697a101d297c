"""Extreme but legal numbers: what is built gives rates, in every way to ask for them."""

import math
import subprocess
import sys
import warnings

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies
from glissando.rules import MAX_STEP

every_leaf = pytest.mark.parametrize(
    "family", strategies.LEAVES, ids=[family.tag for family in strategies.LEAVES]
)


def drawn(data, family):
    """A schedule of extreme numbers, and steps around its breaks and the limits of integers."""
    schedule = data.draw(strategies.built(family, st.nothing(), strategies.extreme_numbers))
    end = int(min(schedule.steps, MAX_STEP))
    steps = {0, 1, 2, end // 3, end, 2**24 + 1, 2**31 - 1, 2**40 + 3, MAX_STEP - 1, MAX_STEP}
    for _, step in zip(range(6), schedule.breaks(), strict=False):
        steps |= {step - 1, step, step + 1}
    return schedule, sorted(step for step in steps if step <= MAX_STEP)


def ulp(schedule, kind):
    return float(np.spacing(kind(max(schedule.bound(), float(np.finfo(kind).tiny)))))


@pytest.fixture(autouse=True)
def every_warning_is_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@every_leaf
@strategies.examples(30)
@given(data=st.data())
def test_every_schedule_of_legal_numbers_has_rates(family, data):
    schedule, steps = drawn(data, family)
    rates = [schedule(step) for step in steps]
    assert all(0 <= rate <= schedule.bound() * (1 + 1e-9) for rate in rates)
    assert [schedule(float(step)) for step in steps] == rates
    for kind in (np.int64, np.float64):
        with np.errstate(all="raise"):
            found = schedule(np.array(steps, kind))
        assert (found >= 0).all()
        assert np.abs(found - rates).max() <= 4 * ulp(schedule, np.float64)


@every_leaf
@strategies.examples(8)
@given(data=st.data())
def test_every_schedule_of_legal_numbers_is_printed_as_source(family, data):
    schedule, steps = drawn(data, family)
    scope = {}
    exec(gl.source(schedule, "python"), scope)
    assert [scope["rate"](step) for step in steps] == [schedule(step) for step in steps]
    exec(gl.source(schedule, "numpy"), scope)
    with np.errstate(all="ignore"):  # both sides of a choice are computed
        found = scope["rate"](np.array(steps))
    assert np.abs(found - schedule(np.array(steps))).max() <= 8 * ulp(schedule, np.float64)
    for language in ("javascript", "latex"):
        assert "nan" not in gl.source(schedule, language)


def in_jax(schedule, steps):
    return np.asarray(schedule(jax.numpy.asarray(steps)))


def in_torch(schedule, steps):
    return schedule(torch.asarray(steps)).numpy()


def in_tensorflow(schedule, steps):
    return schedule(tf.constant(steps)).numpy()


@pytest.mark.parametrize("run", [in_jax, in_torch, in_tensorflow])
@every_leaf
@strategies.examples(4)
@given(data=st.data())
def test_no_rate_in_a_graph_is_below_0_or_above_the_bound_or_not_finite(family, run, data):
    schedule, steps = drawn(data, family)
    for kind in (np.int32, np.float32, np.int64):
        if (run, kind) == (in_jax, np.int64):  # by default it knows none
            continue
        some = np.array([step for step in steps if step < 2**31 or kind is np.int64], kind)
        rates = run(schedule, some)
        assert (rates >= 0).all()
        assert (rates <= schedule.bound() * (1 + 1e-6) + 1e-37).all()
        if kind is not np.float32:  # which does not hold such steps
            assert np.abs(rates - schedule(some)).max() <= 8 * ulp(schedule, np.float32) + 1e-37


@pytest.mark.parametrize("run", [in_jax, in_torch, in_tensorflow])
def test_a_cooldown_that_rises_from_0_is_never_below_it(run):
    for ratio in (1e-9, 0.01, 0.3, 0.7):
        for steps in (3, 7, 1000):
            rising = gl.ExponentialCooldown(0.0, 0.3, steps=steps, ratio=ratio)
            rates = run(rising, np.arange(steps + 2, dtype=np.int32))
            assert (rates >= 0).all()
            assert rates[0] <= 4 * ulp(rising, np.float32)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: gl.Chebyshev(5e-324, 1.0, steps=3),
            "`peak` must be at most 1e\\+30 times `floor`",
        ),
        (lambda: gl.LogLinear(1e30, 5e-324, steps=3), "`end` must be 1e-300 of `start` or more"),
        (lambda: gl.ExpHyperbolic(1.0, 5e-324, steps=3, upper=5), "`end` must be 1e-300 of `sta"),
        (lambda: gl.InverseSqrt(1.0, timescale=5e-324), "`timescale` must be 1e-20 or more"),
        (lambda: gl.CosineWave(1.0, 0.0, period=1e-21), "`period` must be 1e-20 or more"),
        (lambda: gl.PowerLaw(1.0, power=2, timescale=0), "`timescale` must be 1e-20 or more"),
    ],
)
def test_numbers_that_no_formula_can_hold_are_refused_when_built(build, message):
    with pytest.raises(gl.ScheduleError, match=message):
        build()


@pytest.mark.parametrize("period", [7.3, 1 / 3, 1234567.8, 1.7e15])
def test_a_wave_keeps_its_digits_at_far_steps(period):
    wave = gl.CosineWave(1.0, 0.0, period)
    steps = np.array([0, 1, 2**31, 2**40 + 7, MAX_STEP - 1, MAX_STEP])
    for run in (in_torch, in_tensorflow):
        assert run(wave, steps).tolist() == pytest.approx(wave(steps).tolist(), abs=1e-6)


def test_a_constant_beside_another_is_as_exact_as_its_step():
    two = gl.Constant(0.3, steps=5) >> gl.Constant(0.1)
    assert two(torch.tensor([1.0, 9.0], dtype=torch.float64)).tolist() == [0.3, 0.1]
    torch.set_default_dtype(torch.bfloat16)
    try:
        assert two(torch.tensor([1, 9])).tolist() == np.float32([0.3, 0.1]).tolist()
    finally:
        torch.set_default_dtype(torch.float32)


def test_an_infinite_number_is_printed_as_each_language_writes_it():
    class Far(gl.Schedule):
        def at(self, t, m):
            return m.minimum(t * 1.0, math.inf)

        def bound(self):
            return 1e30

    assert Far()(3) == 3
    for language, written in (
        ("python", "math.inf"),
        ("numpy", "np.inf"),
        ("javascript", "Infinity"),
    ):
        assert written in gl.source(Far(), language)
    assert r"\infty" in gl.source(Far(), "latex")


def test_a_list_of_steps_without_numpy_is_refused_with_what_a_step_is():
    code = (
        "import sys; sys.modules['numpy'] = None; import glissando as gl; "
        "print(gl.Constant(0.5)(3)); gl.Constant(0.5)([3])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "0.5\n"
    assert done.stderr.splitlines()[-1].startswith("TypeError: Constant: `step` must be a number")
