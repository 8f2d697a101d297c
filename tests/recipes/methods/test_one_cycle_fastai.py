"""fastai's 1cycle."""

import numpy as np
import pytest

import glissando as gl
from glissando.dialects import fastai
from glissando.recipes import one_cycle_fastai
from recipes.formulas import cosine


def by_hand(t, steps, rise, start, peak, end):
    elapsed = min(1.0, t / steps)
    if elapsed < rise:
        return peak + (start - peak) * cosine(elapsed / rise)
    return end + (peak - end) * cosine((elapsed - rise) / (1 - rise))


@pytest.mark.parametrize("steps", [2, 3, 10, 101, 1000])
@pytest.mark.parametrize("rise", [0.25, 0.3, 0.72, 0.999])
def test_every_step_equals_the_formula(steps, rise):
    rate = one_cycle_fastai(0.3, steps, rise, div=20.0, div_final=1e3)
    for t in range(steps + 5):
        expected = by_hand(t, steps, rise, 0.3 / 20, 0.3, 0.3 / 1e3)
        assert abs(rate(t) - expected) <= 16 * np.spacing(0.3)
    assert rate.steps == steps


@pytest.mark.parametrize("rise", [0.0, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("steps", [1, 7, 40])
def test_the_dialect_has_the_same_schedule(rise, steps):
    rate = one_cycle_fastai(0.1, steps, rise)
    assert rate == fastai.fit_one_cycle(steps, 0.1, pct_start=rise, steps_per_epoch=1, of="lr")


def test_joints_are_exact():
    rate = one_cycle_fastai(0.3, 10**9)
    assert rate(0) == 0.3 / 25
    assert rate(25 * 10**7) == 0.3
    assert rate(10**9) == rate(10**10) == 0.3 / 1e5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"peak": -1}, "`peak` must be 0 or more, got -1"),
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        ({"pct_start": 1.5}, "`pct_start` must be at most 1, got 1.5"),
        ({"div": 0.5}, "`div` must be 1 or more, got 0.5"),
        ({"div_final": 0}, "`div_final` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        one_cycle_fastai(**{"peak": 0.1, "steps": 100} | arguments)
    assert str(caught.value) == f"one_cycle_fastai: {message}"
