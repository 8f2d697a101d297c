"""Decays for a budget of updates: linear, and REX."""

import pytest

import glissando as gl
from glissando.recipes import budgeted_linear, budgeted_rex


@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_a_budget_is_used_to_its_end(steps):
    line, rex = budgeted_linear(0.3, steps), budgeted_rex(0.3, steps)
    for t in range(steps + 5):
        remaining = max(0.0, 1 - t / steps)
        assert line(t) == pytest.approx(0.3 * remaining, rel=0, abs=1e-15)
        assert rex(t) == pytest.approx(0.3 * remaining / (0.5 + 0.5 * remaining), rel=0, abs=1e-15)
    for rate in (line, rex):
        assert (rate(0), rate(steps), rate.steps) == (0.3, 0.0, steps)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("budgeted_linear(0.1, 0)", "budgeted_linear: `steps` must be 1 or more, got 0"),
        ("budgeted_rex(-1, 9)", "budgeted_rex: `peak` must be 0 or more, got -1"),
    ],
)
def test_bad_arguments_are_named(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert str(caught.value) == message
