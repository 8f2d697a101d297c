"""Tables of points: what the laws do not say."""

import math

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

import glissando as gl

TABLES = pytest.mark.parametrize("family", [gl.Table, gl.CosineTable, gl.CubicTable])
RATES = [0.3, 1.0, 0.0, 0.0, 0.7]
KNOTS = [1.5, 4, 4.25, 9.75, 21.6]

rates = st.floats(0, 10, width=16) | st.floats(1e-7, 1e-1)
tables = st.lists(
    st.tuples(rates, st.integers(0, 8_000)), min_size=2, max_size=8, unique_by=lambda p: p[1]
).map(lambda points: ([rate for rate, _ in points], sorted(n / 8 for _, n in points)))


def test_numbers_by_hand():
    table = gl.Table(RATES, KNOTS)
    assert table.steps == 22
    assert [table(t) for t in (0, 1, 4, 22, 100)] == [0.3, 0.3, 1.0, 0.7, 0.7]
    assert table(2) == pytest.approx(0.3 + 0.7 * 0.5 / 2.5, rel=1e-15)
    assert table(5) == table(9) == 0.0
    assert table(20) == pytest.approx(0.7 * 10.25 / 11.85, rel=1e-15)
    waves = gl.CosineTable(RATES, KNOTS)
    assert waves(2) == pytest.approx(0.3 + 0.7 * (1 - math.cos(0.2 * math.pi)) / 2, rel=1e-15)
    assert list(table.breaks()) == [2, 4, 5, 10, 22]


@given(table=tables)
def test_a_cubic_table_is_scipys_pchip(table):
    values, knots = table
    truth = PchipInterpolator(knots, values)
    cubic = gl.CubicTable(values, knots)
    steps = np.unique(np.clip(np.linspace(0, 1_000, 700), knots[0], knots[-1]))
    assert np.abs(cubic(steps) - truth(steps)).max() <= 1e-12 * max(values)


@TABLES
@given(table=tables)
def test_rates_at_knots_are_met_and_the_curve_stays_between_them(family, table):
    values, knots = table
    schedule = family(values, knots)
    for value, knot in zip(values, knots, strict=True):
        assert schedule(knot) == pytest.approx(value, abs=1e-15 * max(values))
        if knot == int(knot):
            assert schedule(int(knot)) == value
    for i in range(len(knots) - 1):
        low, high = sorted(values[i : i + 2])
        inside = schedule(np.linspace(knots[i], knots[i + 1], 50))
        slack = 4 * np.spacing(max(values))
        assert (inside >= max(low - slack, 0)).all()
        assert (inside <= high + slack).all()


@TABLES
@pytest.mark.parametrize("first", [10**6, 2**24, 2**30])
def test_float32_tells_steps_apart_beside_far_knots(family, first):
    knots = [first + at for at in (0.4, 3.1, 3.2, 3.9, 4.05, 9.999999, 2_000.5, 10**7)]
    schedule = family([0.1, 1.0, 0.0, 0.8, 0.1, 1.0, 0.0, 0.9], knots)
    steps = np.array([*range(first - 2, first + 15), first + 1_999, first + 2_001, first + 10**7])
    truth = schedule(steps)
    found = [
        np.asarray(jax.jit(schedule)(steps.astype(np.int32))),
        schedule(torch.asarray(steps)).numpy(),
        tf.function(schedule)(tf.constant(steps)).numpy(),
    ]
    for values in found:
        assert values.dtype == np.float32
        assert np.abs(values - truth).max() <= 4 * np.spacing(np.float32(1))


def test_knots_beyond_int32_are_met_in_a_graph():
    schedule = gl.Table([0.0, 1.0, 0.5], [0, 2**31 - 2.5, 2**33])
    steps = np.array([2**30, 2**31 - 3, 2**31 - 2, 2**31 - 1])
    assert jax.jit(schedule)(steps.astype(np.int32)).tolist() == pytest.approx(schedule(steps))


@TABLES
def test_very_many_points_are_practical(family):
    size = 100_000
    values = np.random.default_rng(0).random(size)
    schedule = family(values, np.arange(size) * 1.5)
    middle = np.arange(70_000, 70_300)
    truth = [schedule(int(t)) for t in middle]
    assert schedule(middle).tolist() == pytest.approx(truth, rel=1e-14)
    if family is gl.Table:
        assert gl.loads(gl.dumps(schedule)) == schedule
    assert schedule(torch.tensor(149_999)).item() == pytest.approx(values[-1])
    assert schedule(tf.constant(149_999)).numpy() == pytest.approx(values[-1])
    assert jax.jit(schedule)(149_999) == pytest.approx(values[-1])
    assert [step for step, _ in zip(schedule.breaks(90_000), range(2), strict=False)] == [
        90_000,
        90_002,
    ]


def test_durations_may_stand_for_knots():
    form = "table([0, 1, 0], knots=[0, 10%, 2 epochs])"
    plan = gl.plan(samples=1_000, batch=10, epochs=2)
    assert gl.parse(form, plan) == gl.Table([0, 1, 0], [0, 20, 200])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [3]), "Table: `rates` must be as many as `knots`, 2 or more, got 2 rates and 1"),
        (([1], [3]), "Table: `rates` must be as many as `knots`, 2 or more, got 1 rates and 1"),
        (
            ([1, 2], [3, 3]),
            "Table: `knots` must be a list of steps, each above the one before, got",
        ),
        (([1, 2], [-0.5, 3]), r"Table: `knots`\[0\] must be 0 or more, got -0.5"),
        (([1, 2], [0, math.nan]), r"Table: `knots`\[1\] must be a number, got nan"),
        (([1, -2], [0, 3]), r"Table: `rates`\[1\] must be 0 or more, got -2"),
        (([1, 2], [0, 1e-40]), "Table: `knots` must be 1e-30 or more apart"),
    ],
)
def test_bad_tables_are_refused(arguments, message):
    with pytest.raises(gl.ScheduleError, match=message):
        gl.Table(*arguments)
