"""Large batches: ResNet-50 in an hour, LARS and LAMB."""

import pytest

import glissando as gl
from glissando.recipes import lamb, lars, resnet50_large_batch
from recipes.formulas import divided, linear, square, warmed_up


@pytest.mark.parametrize("batch", [257, 1024, 8192, 65_536])
def test_resnet50_warms_up_from_the_rate_of_256(batch):
    rate = resnet50_large_batch(steps_per_epoch=20, batch=batch, base=0.2)
    peak = 0.2 * batch / 256
    for t in range(2000):
        level = peak * divided(t // 20, (30, 60, 80), 0.1)
        expected = 0.2 + (peak - 0.2) * t / 100 if t < 100 else level
        assert rate(t) == pytest.approx(expected, rel=1e-13)
    assert rate(0) == 0.2
    assert rate(100) == rate(599) == peak
    assert rate.steps == 1800


def test_resnet50_with_a_small_batch_has_its_own_rate_from_the_first_step():
    rate = resnet50_large_batch(steps_per_epoch=20, batch=64)
    assert rate(0) == rate(599) == 0.025
    assert rate == gl.Piecewise([0.025, 0.0025, 0.00025, 2.5e-5], [600, 1200, 1600], steps=1800)


@pytest.mark.parametrize("warmup", [0, 1, 50, 199])
@pytest.mark.parametrize(("power", "decay"), [({}, square), ({"power": 1.0}, linear)])
def test_lars_equals_the_formula_at_every_step(power, decay, warmup):
    rate = lars(0.003, 200, warmup, **power)
    for t in range(220):
        expected = warmed_up(t, 0.003, warmup, 200, decay)
        assert rate(t) == pytest.approx(expected, rel=0, abs=1e-17)
    assert (rate.steps, rate(warmup), rate(200)) == (200, 0.003, 0.0)


@pytest.mark.parametrize(
    ("batch", "steps", "divisor", "fraction"),
    [
        (512, 1_000_000, 2**3.0, 1 / 320),
        (1024, 500_000, 2**2.5, 1 / 160),
        (2048, 250_000, 2**2.0, 1 / 80),
        (4096, 125_000, 2**1.5, 1 / 40),
        (8192, 62_500, 2**1.0, 1 / 20),
        (16_384, 31_250, 2**0.5, 1 / 10),
        (32_768, 15_625, 2**0.0, 1 / 5),
    ],
)
def test_lamb_has_the_table_of_its_paper(batch, steps, divisor, fraction):
    rate = lamb(batch)
    peak, warmup = 5 / (divisor * 1e3), round(fraction * steps)
    assert rate.steps == steps
    assert warmup == 3125
    for t in [0, 1, 1000, 3124, 3125, 3126, 10_000, steps - 1, steps, 2 * steps]:
        expected = warmed_up(t, peak, warmup, steps, linear)
        assert rate(t) == pytest.approx(expected, rel=1e-12, abs=4e-19)


def test_lamb_rounds_the_updates_up():
    assert lamb(batch=100, sequences=1001, warmup=0).steps == 11


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet50_large_batch(9, 0)", "resnet50_large_batch: `batch` must be 1 or more, got 0"),
        (
            "resnet50_large_batch(9, base=-1)",
            "resnet50_large_batch: `base` must be 0 or more, got -1",
        ),
        ("lars(1, 100, 5, power=0)", "lars: `power` must be above 0, got 0"),
        ("lamb(0)", "lamb: `batch` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert str(caught.value) == message
