"""The Vision Transformer: a warm-up, and linear or cosine decay."""

import pytest

import glissando as gl
from glissando.recipes import vit
from recipes.formulas import cosine, linear, warmed_up


@pytest.mark.parametrize("warmup", [0, 1, 50, 199])
@pytest.mark.parametrize(("shape", "decay"), [("linear", linear), ("cosine", cosine)])
def test_every_step_equals_the_formula(shape, decay, warmup):
    rate = vit(200, 0.003, warmup, shape)
    for t in range(220):
        expected = warmed_up(t, 0.003, warmup, 200, decay)
        assert rate(t) == pytest.approx(expected, rel=0, abs=1e-17)
    assert (rate.steps, rate(warmup), rate(200)) == (200, 0.003, 0.0)


def test_what_the_paper_gives_is_the_default():
    assert vit(90_000) == gl.Linear(0.0, 8e-4, 10_000) >> gl.Linear(8e-4, 0.0, 80_000)
    assert vit(1000, warmup="3%") == vit(1000, warmup=30)
    fine = vit(20_000, peak=0.03, warmup=500, shape="cosine")
    assert (fine(0), fine(500), fine(20_000)) == (0.0, 0.03, 0.0)


def test_a_warm_up_longer_than_the_run_is_asked_about_where_it_is_the_default():
    with pytest.raises(gl.ScheduleError) as caught:
        vit(100)
    assert str(caught.value) == (
        "vit: Linear: `steps` must be 0 or more, got -9900; is the warm-up longer than the run?"
    )


def test_a_bad_shape_is_named():
    with pytest.raises(gl.ScheduleError) as caught:
        vit(100, warmup=9, shape="sine")
    assert str(caught.value) == "vit: `shape` must be one of 'linear', 'cosine', got 'sine'"
