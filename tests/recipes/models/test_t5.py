"""T5's inverse square root."""

import math

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import t5


@pytest.mark.parametrize("warmup", [1, 2, 100, 333])
def test_every_step_equals_the_formula(warmup):
    rate = t5(warmup)
    found = [rate(n) for n in range(5 * warmup + 50)]
    expected = [1 / math.sqrt(max(n, warmup)) for n in range(5 * warmup + 50)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=4 * np.spacing(rate.bound()))


def test_the_papers_numbers():
    rate = t5()
    assert {rate(n) for n in (0, 1, 9_999, 10_000)} == {0.01}
    assert rate(10_001) < 0.01
    assert rate(2**19) == pytest.approx(2**-9.5, rel=1e-15)  # the last update of its pretraining
    assert math.isinf(rate.steps)


@pytest.mark.parametrize(
    ("warmup", "rule"),
    [(0, "1 or more, got 0"), (1.5, "a whole number, got 1.5"), (math.inf, "finite, got inf")],
)
def test_bad_arguments_are_named(warmup, rule):
    with pytest.raises(gl.ScheduleError) as caught:
        t5(warmup)
    assert str(caught.value) == f"t5: `warmup` must be {rule}"
