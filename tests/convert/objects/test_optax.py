"""Schedules of Optax are read out of their closures."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import glissando as gl
from glissando.convert.given import Given
from glissando.convert.objects.optax import read_optax

CYCLE = {"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 5, "decay_steps": 60}
SCHEDULES = {
    "constant": optax.constant_schedule(1e-3),
    "linear": optax.linear_schedule(0.1, 0.01, 100, 7),
    "polynomial": optax.polynomial_schedule(0.1, 0.01, 2.5, 100),
    "no transition": optax.polynomial_schedule(0.1, 0.01, 2.5, 0),
    "exponential": optax.exponential_decay(0.1, 20, 0.9, 5, staircase=True, end_value=0.02),
    "without an end": optax.exponential_decay(0.1, 20, 0.9),
    "no decay": optax.exponential_decay(0.1, 20, 0),
    "cosine": optax.cosine_decay_schedule(0.1, 200, 0.1, 1.5),
    "warm-up": optax.warmup_constant_schedule(0.0, 0.1, 30),
    "warm-up, cosine": optax.warmup_cosine_decay_schedule(0.0, 0.1, 30, 200, 0.01),
    "warm-up, exponential": optax.warmup_exponential_decay_schedule(0.0, 0.1, 30, 20, 0.9),
    "piecewise": optax.piecewise_constant_schedule(0.1, {50: 0.5, 100: 0.1}),
    "interpolated": optax.piecewise_interpolate_schedule("linear", 0.1, {50: 0.5, 100: 0.1}),
    "cosine 1cycle": optax.cosine_onecycle_schedule(200, 0.1),
    "linear 1cycle": optax.linear_onecycle_schedule(200, 0.1),
    "sgdr": optax.sgdr_schedule([CYCLE, CYCLE]),
    "joined": optax.join_schedules(
        [optax.linear_schedule(0.0, 0.1, 20), optax.cosine_decay_schedule(0.1, 100)], [20]
    ),
    "of arrays": optax.cosine_decay_schedule(jnp.asarray(0.125), 200),
}


def read(value):
    return read_optax(value, Given())


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule_is_read_within_4_ulp_of_single_precision(schedule):
    rate = read(schedule)
    steps = [*range(8), *range(19, 300, 10)]
    rates = [float(schedule(step)) for step in steps]
    most = 4 * np.spacing(np.float32(max(rates)))
    assert max(abs(rate(k) - v) for k, v in zip(steps, rates, strict=True)) <= most
    assert read(schedule) == rate  # Optax writes into the closure of a cosine


def test_a_schedule_of_ours_among_others_is_itself():
    rate = gl.Linear(0.0, 0.1, 20)
    whole = optax.join_schedules([rate, optax.constant_schedule(0.1)], [20])
    assert read(whole) == rate.cut(20) >> gl.Constant(0.1)


def test_a_function_of_the_users_own_is_refused_by_name():
    def halved(step):
        return 0.5**step

    with pytest.raises(gl.ScheduleError, match=r"halved is none of Optax's schedules"):
        read(optax.join_schedules([halved, optax.constant_schedule(0.1)], [20]))


def test_what_is_no_schedule_is_refused():
    with pytest.raises(gl.ScheduleError, match="none of Optax's schedules"):
        read(optax.adam)
