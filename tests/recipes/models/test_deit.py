"""DeiT: a cosine from step 0, with the warm-up in its place."""

import pytest

import glissando as gl
from glissando.recipes import deit
from recipes.formulas import cosine


@pytest.mark.parametrize("batch", [256, 1024, 4096])
@pytest.mark.parametrize("warmup_epochs", [0, 5])
def test_every_step_equals_the_formula(batch, warmup_epochs):
    rate = deit(10, batch, epochs=30, warmup_epochs=warmup_epochs)
    peak, warmup = 5e-4 * batch / 512, 10 * warmup_epochs
    for t in range(320):
        under = 1e-5 + (peak - 1e-5) * cosine(min(1.0, t / 300))
        expected = 1e-6 + (peak - 1e-6) * t / warmup if t < warmup else under
        assert rate(t) == pytest.approx(expected, rel=0, abs=1e-17)
    assert rate.steps == 300
    assert rate(300) == 1e-5


def test_the_peak_is_in_proportion_to_the_batch_and_to_its_base():
    assert deit(10, batch=512, base=0.1, warmup_epochs=0)(0) == 0.1


def test_a_bad_argument_is_named():
    with pytest.raises(gl.ScheduleError, match=r"^deit: `base` must be 0 or more, got -1$"):
        deit(10, base=-1)
