"""The shapes of cooldowns, each against its formula."""

import math

import pytest

import glissando as gl

STEPS = 40
ELAPSED = [t / STEPS for t in range(STEPS + 1)]


@pytest.mark.parametrize("ratio", [1e-300, 1e-9, 0.1, 0.5, 0.9, 0.99])
def test_exponential_cooldown_is_an_exponential_drawn_out_to_zero(ratio):
    cooldown = gl.ExponentialCooldown(1.0, 0.0, STEPS, ratio)
    formula = [(ratio**f - ratio) / (1 - ratio) for f in ELAPSED]
    assert [cooldown(t) for t in range(STEPS + 1)] == pytest.approx(formula, abs=1e-14)


def test_exponential_cooldown_by_half():
    cooldown = gl.ExponentialCooldown(1.0, 0.0, STEPS, ratio=0.5)
    formula = [2 * 0.5**f - 1 for f in ELAPSED]
    assert [cooldown(t) for t in range(STEPS + 1)] == pytest.approx(formula, abs=1e-15)


def test_exponential_cooldown_with_a_ratio_near_1_is_a_straight_line():
    cooldown = gl.ExponentialCooldown(1.0, 0.0, STEPS, ratio=math.nextafter(1, 0))
    assert [cooldown(t) for t in range(STEPS + 1)] == pytest.approx([1 - f for f in ELAPSED])


@pytest.mark.parametrize(("ratio", "rule"), [(1, "below 1"), (0, "above 0"), (1.5, "at most 1")])
def test_exponential_cooldown_names_a_bad_ratio(ratio, rule):
    with pytest.raises(gl.ScheduleError, match=f"ExponentialCooldown: `ratio` must be {rule}, got"):
        gl.ExponentialCooldown(1.0, 0.0, 10, ratio)


@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (0.3, 0.1), (0.0, 0.7)])
def test_mirror_cosine_and_cosine_have_the_line_in_their_middle(start, end):
    line, cosine, mirror = (
        family(start, end, STEPS) for family in (gl.Linear, gl.Cosine, gl.MirrorCosine)
    )
    found = [cosine(t) + mirror(t) for t in range(STEPS + 1)]
    assert found == pytest.approx([2 * line(t) for t in range(STEPS + 1)])


@pytest.mark.parametrize("power", [0.3, 0.5, 1.0, 2.0, 7.5])
@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (0.3, 0.1), (0.0, 0.7)])
def test_a_reversed_polynomial_is_a_power_of_the_elapsed_fraction(start, end, power):
    reverse = gl.Polynomial(end, start, STEPS, power).reverse()
    assert [reverse(t) for t in range(1, STEPS)] == [
        start + (end - start) * f**power for f in ELAPSED
    ][1:-1]
    assert (reverse(0), reverse(STEPS), reverse(STEPS + 1)) == (start, end, end)
