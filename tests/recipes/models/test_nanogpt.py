"""nanoGPT: its `get_lr`."""

import math

import pytest

import glissando as gl
from glissando.recipes import nanogpt
from recipes.formulas import LENGTHS, assert_close, assert_equal, cosine, warmed_up


@pytest.mark.parametrize(("steps", "warmup"), LENGTHS)
@pytest.mark.parametrize("end", [0.0, 6e-5, 1e-3])
def test_every_step_equals_get_lr(steps, warmup, end):
    peak = 6e-4

    def formula(t):
        if t < warmup:
            return peak * (t + 1) / (warmup + 1)
        return warmed_up(t, peak, warmup, steps, cosine, end=end)

    assert_equal(nanogpt(peak, end, steps, warmup), formula, steps, max(peak, end))


def test_the_codes_numbers():
    rate = nanogpt()
    assert list(rate.breaks()) == [2000, 600_000]
    assert_close(rate, {0: 6e-4 / 2001, 2000: 6e-4, 301_000: 3.3e-4, 600_000: 6e-5})
    assert rate == nanogpt(steps=600_000, warmup=2000.0)


def test_a_bad_argument_is_named():
    with pytest.raises(gl.ScheduleError, match=r"^nanogpt: `end` must be finite, got inf$"):
        nanogpt(end=math.inf)
