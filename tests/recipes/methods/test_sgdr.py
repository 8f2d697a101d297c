"""Cosines with warm restarts."""

import math

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import sgdr


def by_hand(t, peak, first, cycles, growth, end):
    length, start = first, 0
    for _ in range(cycles):
        if t < start + length:
            return end + (peak - end) * (1 + math.cos(math.pi * (t - start) / length)) / 2
        start, length = start + length, length * growth
    return end


@pytest.mark.parametrize("growth", [1, 2, 3, 10])
@pytest.mark.parametrize("first", [1, 7, 10])
@pytest.mark.parametrize(("peak", "end"), [(0.05, 0.0), (1.0, 0.1)])
def test_every_step_equals_the_formula(growth, first, peak, end):
    rate = sgdr(peak, first, 4, growth, end)
    steps = first * sum(growth**i for i in range(4))
    assert rate.steps == steps
    expected = [by_hand(t, peak, first, 4, growth, end) for t in range(steps + 10)]
    found = [rate(t) for t in range(steps + 10)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=4 * np.spacing(peak))


@pytest.mark.parametrize("growth", [1, 2, 3, 7, 10])
@pytest.mark.parametrize("first", [1, 10, 1000])
def test_every_restart_is_at_the_peak(growth, first):
    """The steps at which a logarithm, rounded, would miss the restart."""
    cycles = 12
    rate = sgdr(0.1, first, cycles, growth, end=0.001)
    start, length = 0, first
    for _ in range(cycles):
        assert rate(start) == 0.1
        if length > 1:
            assert rate(start + length - 1) < 0.1
        start, length = start + length, length * growth
    assert rate.steps == start
    assert rate(start) == rate(start + 1) == 0.001


def test_restarts_are_the_breaks_of_the_curve():
    assert list(sgdr(0.1, 10, 3, 2).breaks()) == [10, 30, 70]
    assert list(sgdr(0.1, 10, 3).breaks()) == [10, 20, 30]


def test_equal_cycles_may_go_on_for_ever():
    rate = sgdr(0.1, 10, math.inf)
    assert rate.steps == math.inf
    assert rate(10**15) == 0.1


def test_one_cycle_is_a_cosine():
    assert sgdr(0.1, 10, 1, growth=2) == gl.Cosine(0.1, 0.0, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"peak": "0.1"},
            "`peak` must be a number, got '0.1'; it is a text: write 0.1 "
            "(YAML wants 1.0e-3 for 1e-3)",
        ),
        ({"first": 0}, "`first` must be 1 or more, got 0"),
        ({"cycles": 0}, "`cycles` must be 1 or more, got 0"),
        ({"cycles": 2.5}, "`cycles` must be a whole number, got 2.5"),
        ({"growth": 1.5}, "`growth` must be a whole number, got 1.5"),
        ({"growth": 0}, "`growth` must be 1 or more, got 0"),
        ({"end": -1e-3}, "`end` must be 0 or more, got -0.001"),
        (
            {"growth": 2, "cycles": math.inf},
            "`cycles` must be finite if `growth` is above 1, got inf",
        ),
        (
            {"growth": 2, "cycles": 10**15},
            "`cycles` must keep every cycle within 2**53 steps, "
            "got 1000000000000000 cycles from 10 with a growth of 2",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        sgdr(**{"peak": 0.1, "first": 10, "cycles": 3} | arguments)
    assert str(caught.value) == f"sgdr: {message}"
