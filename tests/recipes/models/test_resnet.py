"""Step decay of residual networks: on CIFAR-10, on ImageNet, and wide ones."""

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import resnet50_large_batch, resnet_cifar, resnet_imagenet, wide_resnet_cifar
from recipes.formulas import divided


def test_cifar_10_at_every_step():
    rate = resnet_cifar()
    steps = np.arange(66_000)
    expected = np.where(steps < 32_000, 0.1, np.where(steps < 48_000, 0.01, 0.001))
    np.testing.assert_allclose(rate(steps), expected, rtol=1e-15, atol=0)
    assert rate.steps == 64_000


@pytest.mark.parametrize("warmup", [1, 400, 31_999])
def test_the_warm_up_counts_among_the_updates(warmup):
    rate, plain = resnet_cifar(0.2, warmup), resnet_cifar(0.2)
    assert {rate(0), rate(warmup - 1)} == {0.2 / 10}
    assert rate(warmup) == 0.2
    after = [warmup, 31_999, 32_000, 47_999, 48_000, 64_000, 10**6]
    assert [rate(t) for t in after] == [plain(t) for t in after]
    assert rate.steps == 64_000


@pytest.mark.parametrize(
    ("rate", "milestones", "last", "factor"),
    [
        (resnet_imagenet(7), (30, 60), 90, 0.1),
        (wide_resnet_cifar(7), (60, 120, 160), 200, 0.2),
        (resnet50_large_batch(7, batch=256), (30, 60, 80), 90, 0.1),
    ],
)
def test_every_step_of_what_falls_after_epochs(rate, milestones, last, factor):
    for t in range((last + 10) * 7):
        assert rate(t) == pytest.approx(0.1 * divided(t // 7, milestones, factor), rel=1e-14)
    assert rate.steps == last * 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet_cifar(-1)", "resnet_cifar: `peak` must be 0 or more, got -1"),
        ("resnet_cifar(warmup=-1)", "resnet_cifar: `warmup` must be 0 or more, got -1"),
        ("resnet_cifar(warmup=32000)", "resnet_cifar: `warmup` must be at most 31999, got 32000"),
        ("resnet_imagenet(0)", "resnet_imagenet: `steps_per_epoch` must be 1 or more, got 0"),
        ("wide_resnet_cifar(0)", "wide_resnet_cifar: `steps_per_epoch` must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_named(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert str(caught.value) == message
