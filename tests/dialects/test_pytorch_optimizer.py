"""What is peculiar to pytorch-optimizer's schedulers."""

import pytest

import glissando as gl
from glissando.dialects import pytorch_optimizer, torch


def first(schedule, steps):
    return [round(schedule(step), 3) for step in range(steps)]


def test_schedulers_are_an_update_late():
    linear = pytorch_optimizer.LinearScheduler(t_max=10, max_lr=1.0, warmup_steps=2)
    assert first(linear, 6) == [0, 0, 0.5, 1, 0.875, 0.75]
    assert first(pytorch_optimizer.REXScheduler(4), 6) == [0, 0.857, 0.667, 0.4, 0, 0]


def test_the_line_goes_on_until_it_would_be_below_0():
    linear = pytorch_optimizer.LinearScheduler(t_max=4, max_lr=1.0, min_lr=0.5)
    assert first(linear, 10) == [0.5, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0]
    with pytest.raises(gl.ScheduleError, match="at most 9"):
        linear(10)


def test_the_polynomial_grows():
    poly = pytorch_optimizer.PolyScheduler(t_max=10, max_lr=1.0)
    assert first(poly, 7) == [0, 1, 1, 1.414, 1.732, 2, 2.236]
    assert poly(10_001) == pytest.approx(100)


def test_the_cosine_bounces():
    cosine = pytorch_optimizer.CosineScheduler(t_max=4, max_lr=1.0)
    assert first(cosine, 11) == [0, 1, 0.854, 0.5, 0.146, 0, 0.146, 0.5, 0.854, 1, 0.854]


def test_chebyshev_is_a_fractal_far_above_the_rate():
    chebyshev = pytorch_optimizer.get_chebyshev_schedule(8, lr=1.0)
    rates = [chebyshev(step) for step in range(20)]
    assert rates[0] == rates[1] == rates[2] == max(rates) > 16
    assert len(set(rates)) == 8


def test_decays_but_the_cosine_jump_up_to_the_floor():
    def wsd(kind):
        return pytorch_optimizer.get_wsd_schedule(0, 0, 4, 0.3, cooldown_type=kind, lr=1.0)

    assert first(wsd("linear"), 6) == [1, 0.75, 0.5, 0.25, 0.3, 0.3]
    assert first(wsd("1-square"), 5) == [1, 0.938, 0.75, 0.438, 0.3]
    assert first(wsd("cosine"), 5) == [1, 0.897, 0.65, 0.403, 0.3]


def test_errors_name_the_peer():
    with pytest.raises(gl.ScheduleError, match=r"^pytorch_optimizer\.LinearScheduler: `max_lr`"):
        pytorch_optimizer.LinearScheduler(10, -1.0)
    with pytest.raises(gl.ScheduleError, match="`warmup_steps` must be below `first_cycle_steps`"):
        pytorch_optimizer.CosineAnnealingWarmupRestarts(5, warmup_steps=5)
    with pytest.raises(gl.ScheduleError, match=r"`cooldown_type` must be one of 'cosine', "):
        pytorch_optimizer.get_wsd_schedule(0, 0, 4, cooldown_type="exp", lr=1.0)


def test_pytorchs_own_are_those_of_its_dialect():
    names = "ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR MultiStepLR"
    for name in [*names.split(), "MultiplicativeLR", "OneCycleLR", "StepLR"]:
        assert getattr(pytorch_optimizer, name) is getattr(torch, name)
