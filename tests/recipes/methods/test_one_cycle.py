"""The 1cycle policy."""

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import one_cycle


@pytest.mark.parametrize("steps", [3, 4, 10, 93, 1000, 12_345])
@pytest.mark.parametrize("peak", [0.1, 3.0, 7e-4])
def test_every_step_equals_straight_lines(steps, peak):
    rate = one_cycle(peak, steps, div=20, final_div=1000)
    half = (steps - max(1, round(steps / 10))) // 2
    corners = [0, half, 2 * half, steps]
    heights = [peak / 20, peak, peak / 20, peak / 20_000]
    t = np.arange(steps + 5)
    expected = np.interp(t, corners, heights)
    np.testing.assert_allclose(
        [rate(int(x)) for x in t], expected, rtol=0, atol=4 * np.spacing(peak)
    )


@pytest.mark.parametrize("steps", [3, 11, 100, 999, 10**9])
def test_joints_are_exact(steps):
    rate = one_cycle(0.3, steps)
    half = (steps - max(1, round(steps / 10))) // 2
    assert rate.steps == steps
    assert rate(0) == rate(2 * half) == 0.3 / 10
    assert rate(half) == 0.3
    assert rate(steps) == rate(2 * steps) == 0.3 / 10 / 1e4


def test_the_sides_are_mirror_images():
    rate = one_cycle(1.0, 1001)
    half = rate.parts[0].steps
    assert rate.parts[1].steps == half
    for t in range(half + 1):
        assert rate(half - t) == pytest.approx(rate(half + t), rel=0, abs=1e-15)


def test_the_last_phase_takes_what_it_is_given_and_the_odd_step():
    assert [part.steps for part in one_cycle(1.0, 100, annihilation=20).parts] == [40, 40, 20]
    assert [part.steps for part in one_cycle(1.0, 101, annihilation=20).parts] == [40, 40, 21]
    assert [part.steps for part in one_cycle(1.0, 100).parts] == [45, 45, 10]
    assert one_cycle(1.0, 100, annihilation="20%") == one_cycle(1.0, 100, annihilation=20)
    assert gl.parse("one_cycle(1, 100, annihilation=20%)") == one_cycle(1.0, 100, annihilation=20)
    assert one_cycle(1.0, 100, annihilation=None) == one_cycle(1.0, 100)


def test_it_is_not_the_one_cycle_of_the_tip():
    tip = gl.recipes.keras_tip.one_cycle()
    smith = one_cycle(0.001, 20)
    assert [smith(t) for t in range(20)] != [tip(t) for t in range(20)]
    assert "keras_tip.one_cycle" in one_cycle.__doc__
    assert "gl.recipes.one_cycle" in gl.recipes.keras_tip.one_cycle.__doc__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"peak": -1}, "`peak` must be 0 or more, got -1"),
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        ({"steps": 2}, "`annihilation` must leave 2 steps or more for the cycle, got 1 of 2"),
        ({"div": 0.5}, "`div` must be 1 or more, got 0.5"),
        ({"final_div": 0}, "`final_div` must be 1 or more, got 0"),
        ({"annihilation": 0}, "`annihilation` must be 1 or more, got 0"),
        ({"annihilation": 0.1}, "`annihilation` must be a whole number, got 0.1"),
        (
            {"annihilation": 99},
            "`annihilation` must leave 2 steps or more for the cycle, got 99 of 100",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        one_cycle(**{"peak": 0.1, "steps": 100} | arguments)
    assert str(caught.value) == f"one_cycle: {message}"
