"""What mmengine's schedulers do that their names do not say."""

import pytest

import glissando as gl
from glissando.dialects import NotRepresentable, mmengine


def curve(schedule, steps):
    return [schedule(step) for step in range(steps)]


def test_a_constant_takes_a_step_less_than_its_window():
    assert curve(mmengine.ConstantLR(0.5, end=4, lr=1.0), 5) == [0.5, 0.5, 0.5, 1, 1]


def test_a_line_is_done_a_step_before_its_window():
    assert curve(mmengine.LinearLR(end=4, lr=1.0), 6) == pytest.approx(
        [1 / 3, 5 / 9, 7 / 9, 1, 1, 1]
    )


def test_a_cosine_freezes_one_step_short_of_its_floor():
    rate = mmengine.CosineAnnealingLR(end=4, lr=1.0)
    assert curve(rate, 7) == pytest.approx([1, 0.854, 0.5, 0.146, 0.146, 0.146, 0.146], abs=1e-3)


def test_before_its_window_the_rate_is_the_optimizers():
    rate = mmengine.PolyLR(begin=3, end=6, lr=0.5)
    assert curve(rate, 7) == [0.5, 0.5, 0.5, 0.5, 0.25, 0, 0]
    rate = mmengine.OneCycleLR(1.0, begin=2, end=12, lr=0.3)
    assert curve(rate, 5) == pytest.approx([0.3, 0.3, 0.04, 0.52, 1])


def test_a_cycle_of_its_own_length_raises_after_it():
    rate = mmengine.OneCycleLR(1.0, total_steps=10)
    assert rate(10) == pytest.approx(0.0495, abs=1e-4)
    with pytest.raises(gl.ScheduleError, match="at most 10"):
        rate(11)
    assert mmengine.OneCycleLR(1.0, end=10)(11) == pytest.approx(4e-6)


def test_restarts_have_weights_and_never_use_the_floor():
    rate = mmengine.CosineRestartLR([2, 4], [1, 0.5], eta_min=0.0, lr=1.0)
    assert curve(rate, 8) == pytest.approx(
        [1, 0.5, 0.5, 0.427, 0.25, 0.0732, 0.0732, 0.0732], abs=1e-3
    )


def test_twins_have_the_same_curve_under_their_own_names():
    momentum = mmengine.StepMomentum(2, 0.5, momentum=0.8)
    assert curve(momentum, 4) == curve(mmengine.StepParamScheduler(2, 0.5, value=0.8), 4)
    assert curve(momentum, 4) == curve(mmengine.StepLR(2, 0.5, lr=0.8), 4)
    with pytest.raises(gl.ScheduleError) as error:
        mmengine.StepMomentum(0, momentum=0.8)
    assert str(error.value) == "mmengine.StepMomentum: `step_size` must be 1 or more, got 0"
    with pytest.raises(gl.ScheduleError) as error:
        mmengine.StepParamScheduler(1, value=-1)
    assert str(error.value) == "mmengine.StepParamScheduler: `value` must be 0 or more, got -1"
    with pytest.raises(TypeError, match=r"mmengine.StepMomentum: got an unexpected .*'lr'; write"):
        mmengine.StepMomentum(2, lr=0.8, momentum=0.9)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: mmengine.LinearLR(0.0, lr=1.0),
            "mmengine.LinearLR: `start_factor` must be above 0",
        ),
        (
            lambda: mmengine.PolyLR(begin=5, end=5, lr=1.0),
            "mmengine.PolyLR: `end` must be above `begin`, got 5 and 5",
        ),
        (
            lambda: mmengine.CosineAnnealingLR(eta_min=0.1, eta_min_ratio=0.1, lr=1.0),
            "mmengine.CosineAnnealingLR: either `eta_min` or `eta_min_ratio` may be given",
        ),
        (
            lambda: mmengine.CosineRestartLR([3, 4], eta_min=0.1, lr=1.0),
            "mmengine.CosineRestartLR: `restart_weights` must have one for each of `periods`",
        ),
        (
            lambda: mmengine.CosineRestartLR([3], lr=1.0),
            "mmengine.CosineRestartLR: either `eta_min` or `eta_min_ratio` must be given",
        ),
        (
            lambda: mmengine.OneCycleLR(1.0, begin=3, end=13),
            "mmengine.OneCycleLR: `begin` must be 0 without the optimizer's own value, got 3",
        ),
        (
            lambda: mmengine.OneCycleParamScheduler(1.0, begin=3, end=13),
            "mmengine.OneCycleParamScheduler: `begin` must be 0 without the optimizer's own value",
        ),
        (
            lambda: mmengine.OneCycleLR(1.0, 10, pct_start=0.1),
            "mmengine.OneCycleLR: `pct_start` must not make the rise end at step 0",
        ),
    ],
)
def test_messages_name_the_peer(build, message):
    with pytest.raises(gl.ScheduleError) as error:
        build()
    assert str(error.value).startswith(message)


def test_what_follows_a_metric_is_refused_with_the_way_to_go():
    with pytest.raises(NotRepresentable, match=r"ReduceOnPlateauMomentum: .*gl\.Plateau"):
        mmengine.ReduceOnPlateauMomentum(factor=0.5)
