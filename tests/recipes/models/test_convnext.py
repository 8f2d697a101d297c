"""ConvNeXt: a long warm-up and a cosine, in epochs."""

import pytest

import glissando as gl
from glissando.recipes import convnext
from recipes.formulas import cosine, warmed_up


@pytest.mark.parametrize("batch", [1024, 4096])
@pytest.mark.parametrize("warmup_epochs", [0, 20])
def test_every_step_equals_the_formula(batch, warmup_epochs):
    rate = convnext(10, batch, epochs=30, warmup_epochs=warmup_epochs)
    peak, warmup = 4e-3 * batch / 4096, 10 * warmup_epochs
    for t in range(320):
        expected = warmed_up(t, peak, warmup, 300, cosine, end=1e-6)
        assert rate(t) == pytest.approx(expected, rel=0, abs=1e-17)
    assert (rate.steps, rate(warmup), rate(300)) == (300, peak, 1e-6)


def test_the_peak_is_in_proportion_to_the_batch_and_to_its_base():
    assert convnext(10, batch=2048, base=0.1)(200) == 0.05


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("convnext(0)", "convnext: `steps_per_epoch` must be 1 or more, got 0"),
        ("convnext(10, batch='3%')", "convnext: `batch` must be a whole number, got '3%'"),
        ("convnext(10, epochs='3%')", "convnext: `epochs` must be a whole number, got '3%'"),
    ],
)
def test_bad_arguments_are_named(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text, gl.plan(steps=1000))  # a run is no reason to read images as steps
    assert str(caught.value) == message
