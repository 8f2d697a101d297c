"""Stochastic weight averaging, at a constant rate and in cycles."""

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import swa, swa_cyclical


def authors(t, start, peak, end):
    """The rate by the elapsed fraction of the training before the averaging."""
    elapsed = t / start
    if elapsed <= 0.5:
        return peak
    if elapsed <= 0.9:
        return peak * (1 - (1 - end / peak) * (elapsed - 0.5) / 0.4)
    return end


@pytest.mark.parametrize("start", [10, 20, 160, 500])
@pytest.mark.parametrize("end", [0.05, 0.001])
def test_every_step_equals_the_authors_code(start, end):
    rate = swa(0.1, end, steps=600, start=start)
    for t in range(620):
        assert rate(t) == pytest.approx(authors(t, start, 0.1, end), rel=0, abs=1e-15)
    assert rate.steps == 600


def test_corners_are_exact_and_percentages_count():
    rate = swa(0.1, 0.05, steps=10**6, start="80%")
    assert rate == swa(0.1, 0.05, 10**6, 800_000)
    assert rate(400_000) == 0.1
    assert rate(720_000) == rate(10**6) == rate(10**7) == 0.05
    assert list(rate.breaks()) == [400_000, 720_000, 10**6]


@pytest.mark.parametrize(("steps", "start"), [(2, 1), (3, 2), (4, 3), (5, 3), (161, 160)])
def test_the_shortest_runs_have_all_their_steps(steps, start):
    rate = swa(0.1, 0.05, steps, start)
    assert rate.steps == steps
    assert rate(0) == 0.1
    assert rate(start) == 0.05


@pytest.mark.parametrize("cycle", [1, 2, 5, 390])
@pytest.mark.parametrize(("peak", "end"), [(0.05, 0.0001), (0.1, 0.0), (0.3, 0.3)])
def test_every_update_has_the_rate_of_the_papers_formula(cycle, peak, end):
    rate = swa_cyclical(peak, end, cycle)
    for i in range(1, 3 * cycle + 2):
        t = ((i - 1) % cycle + 1) / cycle
        expected = (1 - t) * peak + t * end
        assert abs(rate(i - 1) - expected) <= 4 * np.spacing(peak)
    assert rate(cycle - 1) == rate(1000 * cycle - 1) == end  # the weights are averaged after these


def test_cycles_follow_a_pretraining():
    rate = gl.Cosine(0.1, 0.05, steps=100) >> swa_cyclical(0.05, 0.01, cycle=4)
    assert [round(rate(t), 6) for t in (0, 100, 103, 104)] == [0.1, 0.04, 0.01, 0.04]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("swa(0.1, 0.05, 100, 100)", "swa: `start` must be below `steps`, got 100 of 100"),
        ("swa(0.1, 0.05, 100, 0)", "swa: `start` must be 1 or more, got 0"),
        ("swa(0.1, -1, 100, 50)", "swa: `end` must be 0 or more, got -1"),
        ("swa_cyclical(0.1, 0.05, 0)", "swa_cyclical: `cycle` must be 1 or more, got 0"),
        ("swa_cyclical(-1, 0.05, 4)", "swa_cyclical: `peak` must be 0 or more, got -1"),
    ],
)
def test_bad_arguments_are_named(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert str(caught.value) == message
