"""Sentences in which a schedule stands as a number or a list: they work, or say what to write."""

import operator
import pprint

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies

RATE = gl.Linear(0.1, 0.02, steps=10)
STEPS = range(13)


def rates(schedule):
    return [schedule(step) for step in STEPS]


@pytest.mark.parametrize(
    ("write", "of_a_rate"),
    [
        (lambda s: s / 2, lambda r: r / 2),
        (lambda s: s / np.float64(4), lambda r: r / 4),
        (lambda s: 3 * s, lambda r: 3 * r),
        (lambda s: np.float64(2) * s, lambda r: 2 * r),
        (lambda s: np.float32(2) * s, lambda r: 2 * r),
        (lambda s: torch.tensor(2.0) * s, lambda r: 2 * r),
        (lambda s: s * torch.tensor(2.0), lambda r: 2 * r),
        (lambda s: jnp.float32(2) * s, lambda r: 2 * r),
        (lambda s: s * jnp.float32(2), lambda r: 2 * r),
        (lambda s: s + 1e-4, lambda r: r + 1e-4),
        (lambda s: np.float64(1e-4) + s, lambda r: r + 1e-4),
        (lambda s: s - 0.01, lambda r: r - 0.01),
        (lambda s: s - gl.Linear(0.02, 0.0, 10), lambda r: None),
        (lambda s: 0.95 - s, lambda r: 0.95 - r),
        (lambda s: np.float64(1) - s, lambda r: 1 - r),
        (lambda s: gl.minimum(s, 0.05), lambda r: min(r, 0.05)),
        (lambda s: gl.maximum(0.05, s), lambda r: max(r, 0.05)),
        (lambda s: gl.minimum(s, 0.05, gl.Constant(0.04)), lambda r: min(r, 0.04)),
        (lambda s: sum([s, s]), lambda r: r + r),
        (lambda s: operator.imul(s, 2), lambda r: 2 * r),
        (lambda s: operator.itruediv(s, 2), lambda r: r / 2),
        (lambda s: operator.iadd(s, 0.5), lambda r: r + 0.5),
        (lambda s: operator.isub(s, 0.02), lambda r: r - 0.02),
    ],
)
def test_a_number_beside_a_schedule_is_the_number_beside_each_rate(write, of_a_rate):
    schedule = write(RATE)
    wanted = [of_a_rate(rate) for rate in rates(RATE)]
    if None not in wanted:
        assert rates(schedule) == wanted
    assert schedule.steps in (10, float("inf"))
    assert eval(repr(schedule), {"gl": gl}) == gl.parse(str(schedule)) == schedule
    assert gl.loads(gl.dumps(schedule)) == schedule


def test_a_number_lasts_as_long_as_the_schedule_beside_it():
    for write in (lambda s: s - 0.02, lambda s: gl.maximum(s, 0.05), lambda s: s + 1):
        assert write(RATE).steps == 10
        assert write(gl.Constant(0.5)).steps == float("inf")
        trunk = gl.Constant(0.5).open_ended() >> RATE
        assert write(trunk).finish(steps=100).steps == 100


def test_a_difference_that_may_fall_below_0_is_refused_with_the_line_to_write():
    falling = gl.Cosine(0.1, 0.0, steps=10)
    with pytest.raises(gl.ScheduleError) as caught:
        falling - 0.02
    assert "`rate` may fall to 0 and `x` be 0.02" in str(caught.value)
    assert "write gl.maximum(rate, 0.02) - 0.02" in str(caught.value)
    floored = gl.maximum(falling, 0.02) - 0.02
    assert rates(floored) == [max(rate - 0.02, 0.0) for rate in rates(falling)]
    with pytest.raises(gl.ScheduleError, match=r"write gl\.Difference\(\[rate, x\]\)"):
        RATE - falling
    assert rates(gl.Difference([RATE, falling])) == [
        max(a - b, 0.0) for a, b in zip(rates(RATE), rates(falling), strict=True)
    ]
    with pytest.raises(gl.ScheduleError, match="Flip: `ceiling` must be the schedule's highest"):
        0.05 - RATE


@given(a=strategies.schedules, b=strategies.RATES, steps=st.lists(st.integers(0, 1000), min_size=5))
def test_no_difference_is_below_0_and_every_rate_is_at_or_above_the_least(a, b, steps):
    steps = [min(step, a.steps) for step in steps]
    assert min(a(step) for step in steps) >= a.least() - a.bound() * 1e-15
    try:
        difference = a - b
    except gl.ScheduleError:
        assert a.least() < b
    else:
        assert [difference(step) for step in steps] == [max(a(step) - b, 0.0) for step in steps]


@pytest.mark.parametrize(
    ("write", "answer"),
    [
        (lambda s: s[5], r"write rate\(5\) for the rate of update 5"),
        (lambda s: s[:3], r"rate\.take\(n\) for the first steps"),
        (len, r"rate\.steps for the length"),
        (list, r"\[rate\(k\) for k in range\(n\)\] for several"),
        (lambda s: [*s], r"\[rate\(k\) for k in range\(n\)\]"),
        (lambda s: dict.fromkeys(s), r"\[rate\(k\) for k in range\(n\)\]"),
        (lambda s: next(iter(s)), r"write rate\(5\)"),
        (lambda s: 0.1 in s, r"write rate\(5\)"),
        (reversed, r"rate\.steps for the length"),
        (float, r"write float\(rate\(step\)\)"),
        (int, r"write int\(rate\(step\)\), or rate\.steps"),
        (lambda s: s**2, r"gl\.schedule\(lambda step: rate\(step\) \*\* 2\)"),
        (lambda s: 2**s, r"gl\.schedule\(lambda step: 2 \*\* rate\(step\)\)"),
        (lambda s: 2 / s, r"gl\.schedule\(lambda step: 2 / rate\(step\)\)"),
        (lambda s: s // 2, r"rate\(step\) // 2"),
        (lambda s: s % 2, r"rate\(step\) % 2"),
        (lambda s: s @ s, r"rate\(step\) @ "),
        (lambda s: s & s, r"rate\(step\) & "),
        (lambda s: divmod(s, 2), r"write divmod\(rate\(step\), 2\)"),
        (operator.neg, r"write -rate\(step\) for a number"),
        (operator.pos, r"write \+rate\(step\)"),
        (operator.invert, r"write ~rate\(step\)"),
        (abs, r"write abs\(rate\(step\)\)"),
        (lambda s: round(s, 3), r"write round\(rate\(step\)\)"),
        (lambda s: s < 0.1, r"write rate\(step\) < 0\.1 to compare one rate"),
        (lambda s: np.float64(0.1) <= s, r"rate\(step\) >= np\.float64\(0\.1\)"),
        (lambda s: max(s, 0.1), r"gl\.maximum\(rate, x\)"),
        (lambda s: sorted([s, s]), r"gl\.minimum\(rate, x\)"),
        (lambda s: 1e-3 >> s, r"write gl\.Constant\(x, steps=n\)"),
    ],
)
def test_what_is_no_schedule_says_what_to_write(write, answer):
    with pytest.raises(TypeError, match=answer) as caught:
        write(RATE)
    assert str(caught.value).startswith("Linear: ")


@pytest.mark.parametrize(
    "write",
    [
        lambda s: s / 0,
        lambda s: s / -1,
        lambda s: s + "1",
        lambda s: s - None,
        lambda s: s * np.array([1.0, 2.0]),
        lambda s: np.array([1.0, 2.0]) * s,
        lambda s: s * float("nan"),
        lambda s: s >> 1e-3,
        lambda s: gl.minimum(1e-3, 1e-4),
        lambda s: gl.maximum(s, "1e-3"),
    ],
)
def test_a_wrong_operand_is_refused_when_the_schedule_is_built(write):
    with pytest.raises(gl.ScheduleError, match="must be"):
        write(RATE)


def test_what_looks_into_any_object_takes_a_schedule_for_one():
    assert bool(RATE)
    assert (RATE or None) is RATE
    assert np.asarray(RATE).shape == ()
    assert np.array([RATE, RATE]).tolist() == [RATE, RATE]
    assert (np.array([RATE, RATE]) * 2).tolist() == [RATE * 2, RATE * 2]
    frame = pd.DataFrame({"schedule": [RATE, gl.Constant(0.1)]})
    assert frame["schedule"].tolist() == [RATE, gl.Constant(0.1)]
    assert pd.Series(RATE, index=[0, 1]).tolist() == [RATE, RATE]
    assert not pd.api.types.is_list_like(RATE)
    assert pprint.pformat({"rate": RATE}) == "{'rate': " + repr(RATE) + "}"
    assert f"{RATE}" == "%s" % RATE == str(RATE)  # noqa: UP031
    assert RATE in [gl.Constant(0.1), RATE]
    assert gl.Constant(0.1) != RATE
    assert RATE != 0.1
    with pytest.raises(AssertionError, match="Linear"):
        assert gl.Linear(0.1, 0.02, steps=11) == RATE
