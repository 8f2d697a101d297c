"""What fvcore's parameter schedulers do that their names do not say."""

import pytest

import glissando as gl
from glissando.dialects import NotRepresentable, fvcore


def curve(schedule, steps):
    return [schedule(step) for step in range(steps)]


def test_a_cosine_turns_back_past_its_end():
    rate = fvcore.CosineParamScheduler(1.0, 0.0, steps=4)
    assert curve(rate, 9) == pytest.approx(
        [1, 0.853553, 0.5, 0.146447, 0, 0.146447, 0.5, 0.853553, 1], abs=1e-6
    )


def test_a_constant_raises_when_the_training_is_done():
    rate = fvcore.ConstantParamScheduler(0.1, steps=4)
    assert curve(rate, 4) == [0.1] * 4
    with pytest.raises(gl.ScheduleError, match="at most 3"):
        rate(4)


def test_a_line_goes_on():
    rise = fvcore.LinearParamScheduler(0.1, 0.5, steps=4)
    assert rise(8) == pytest.approx(0.9)
    fall = fvcore.LinearParamScheduler(0.5, 0.3, steps=2)
    assert fall(5) == pytest.approx(0)
    with pytest.raises(gl.ScheduleError, match="at most 5"):
        fall(6)


def test_steps_raise_a_step_before_milestones_do():
    steps = fvcore.StepParamScheduler(10, [1.0, 0.1], steps=4)
    assert curve(steps, 4) == [1, 1, 0.1, 0.1]
    with pytest.raises(gl.ScheduleError, match="at most 3"):
        steps(4)
    milestones = fvcore.MultiStepParamScheduler([1.0, 0.1], milestones=[3, 6], steps=4)
    assert curve(milestones, 5) == [1, 1, 0.1, 0.1, 0.1]
    with pytest.raises(gl.ScheduleError, match="at most 4"):
        milestones(5)


def test_a_power_that_has_no_real_value_past_the_end_raises():
    root = fvcore.PolynomialDecayParamScheduler(1.0, 0.5, steps=5)
    assert root(5) == 0
    with pytest.raises(gl.ScheduleError, match="at most 5"):
        root(6)
    assert fvcore.PolynomialDecayParamScheduler(1.0, 2, steps=5)(6) == pytest.approx(0.04)


def test_parts_are_scaled_or_fixed():
    line = fvcore.LinearParamScheduler(0.0, 1.0, steps=7)
    wave = fvcore.CosineParamScheduler(1.0, 0.0, steps=7)

    def whole(scaling):
        return fvcore.CompositeParamScheduler([line, wave], [0.4, 0.6], scaling, steps=10)

    assert curve(whole(["rescaled", "rescaled"]), 5) == [0, 0.25, 0.5, 0.75, 1]
    assert whole(["rescaled", "rescaled"])(10) == 0
    assert whole(["fixed", "rescaled"])(3) == pytest.approx(0.3)
    assert whole(["rescaled", "fixed"])(5) == pytest.approx(0.5)


def test_a_share_that_ends_between_two_steps():
    line = fvcore.LinearParamScheduler(0.0, 1.0, steps=1)
    flat = fvcore.ConstantParamScheduler(1.0, steps=2)
    rate = fvcore.CompositeParamScheduler([line, flat], [0.25, 0.75], ["rescaled"] * 2, steps=10)
    assert curve(rate, 4) == pytest.approx([0, 0.4, 0.8, 1])
    with pytest.raises(gl.ScheduleError, match="at most 9"):
        rate(10)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: fvcore.CosineParamScheduler(1.0, -1.0, steps=4),
            "fvcore.CosineParamScheduler: `end_value` must be 0 or more, got -1.0",
        ),
        (
            lambda: fvcore.MultiStepParamScheduler([1.0, 0.1], steps=4),
            "fvcore.MultiStepParamScheduler: either `num_updates` or `milestones` must be given",
        ),
        (
            lambda: fvcore.MultiStepParamScheduler([1.0, 0.1], 5, [5], steps=4),
            "fvcore.MultiStepParamScheduler: `num_updates` must be above the milestones",
        ),
        (
            lambda: fvcore.MultiStepParamScheduler([1.0, 0.1], 5, [2, 3], steps=4),
            "fvcore.MultiStepParamScheduler: `milestones` must be one fewer than the values",
        ),
        (
            lambda: fvcore.StepParamScheduler(1, [], steps=4),
            "fvcore.StepParamScheduler: `values` must have 1 or more, got 0",
        ),
        (
            lambda: fvcore.CompositeParamScheduler([], [], [], steps=4),
            "fvcore.CompositeParamScheduler: `lengths` and `interval_scaling` must have one for",
        ),
        (
            lambda: fvcore.CompositeParamScheduler([gl.Constant(1.0)], [1.0], ["fixed"], steps=4),
            "fvcore.CompositeParamScheduler: `schedulers[0]` must be made by this dialect",
        ),
        (
            lambda: fvcore.CompositeParamScheduler([gl.Constant(1.0)], [0.5], ["fixed"], steps=4),
            "fvcore.CompositeParamScheduler: `lengths` must be above 0, 1 in all, got [0.5]",
        ),
    ],
)
def test_messages_name_the_peer(build, message):
    with pytest.raises(gl.ScheduleError) as error:
        build()
    assert str(error.value).startswith(message)


def test_a_training_of_one_step_that_raises_at_the_next_is_no_schedule():
    with pytest.raises(NotRepresentable, match="one step, and stops at the next"):
        fvcore.ConstantParamScheduler(0.1, steps=1)
