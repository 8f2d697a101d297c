"""What is peculiar to Composer's schedulers."""

import pytest

import glissando as gl
from glissando.dialects import NotRepresentable, composer


def first(schedule, steps):
    return [round(schedule(step), 4) for step in range(steps)]


@pytest.mark.parametrize(
    ("ratio", "rates"),
    [
        (2.0, [0, 0.125, 0.25, 0.375, 1, 1]),
        (1.0, [0, 0.25, 0.5, 0.75, 1]),
        (0.5, [0, 0.5, 1, 1, 1]),
    ],
)
def test_scale_warmup_scales_the_ramp_and_not_its_end(ratio, rates):
    options = {"scale_warmup": True, "lr": 1.0, "steps": 100, "scale_schedule_ratio": ratio}
    rate = composer.ConstantWithWarmupScheduler("4ba", **options)
    assert first(rate, len(rates)) == rates
    steps = composer.MultiStepWithWarmupScheduler("4ba", [], **options)
    assert first(steps, len(rates)) == rates


def test_a_warmup_is_not_scaled_by_default():
    rate = composer.LinearWithWarmupScheduler(
        "4ba", t_max="6ba", lr=1.0, steps=12, scale_schedule_ratio=2.0
    )
    assert first(rate, 7) == [0, 0.25, 0.5, 0.75, 1, 0.875, 0.75]
    assert rate(12) == 0


def test_constant_with_warmup_stays_where_its_documentation_has_it_return():
    rate = composer.ConstantWithWarmupScheduler("2ba", 0.5, "10ba", lr=1.0, steps=10)
    assert first(rate, 4) == [0, 0.25, 0.5, 0.5]
    assert rate(10) == rate(99) == 0.5


def test_constant_returns_to_the_rate():
    assert first(composer.ConstantScheduler(0.5, "3ba", lr=1.0), 5) == [0.5, 0.5, 0.5, 1, 1]
    assert first(composer.ConstantScheduler(0.5, lr=1.0, steps=2), 3) == [0.5, 0.5, 1]


def test_the_warmup_is_part_of_t_max():
    rate = composer.LinearWithWarmupScheduler("2ba", lr=1.0, steps=6)
    assert first(rate, 7) == [0, 0.5, 1, 0.75, 0.5, 0.25, 0]


def test_a_warmup_longer_than_t_max_ends_at_its_top():
    for name in ("CosineAnnealing", "Polynomial", "Linear"):
        function = getattr(composer, f"{name}WithWarmupScheduler")
        rate = function("4ba", t_max="3ba", lr=1.0, steps=2)
        assert first(rate, 6) == [0, 0.25, 0.5, 0.75, 1, 1]
        assert rate(1000) == 1


def test_exponential_takes_an_epoch_by_default():
    rate = composer.ExponentialScheduler(0.25, lr=1.0, steps_per_epoch=2)
    assert first(rate, 5) == [1, 0.5, 0.25, 0.125, 0.0625]
    slower = composer.ExponentialScheduler(
        0.25, lr=1.0, steps_per_epoch=2, scale_schedule_ratio=2.0
    )
    assert slower(4) == 0.25


def test_restarts_cut_each_length():
    rate = composer.CosineAnnealingWarmRestartsScheduler("3ba", 1.5, lr=1.0)
    assert [step for step in range(30) if rate(step) == 1] == [0, 3, 7, 13, 22]
    ones = composer.CosineAnnealingWarmRestartsScheduler("1ba", 1.5, lr=1.0)
    assert [ones(step) for step in (0, 1, 2, 1000)] == [1, 1, 1, 1]


def test_restarts_that_shrink_to_nothing_raise_there():
    rate = composer.CosineAnnealingWarmRestartsScheduler("4ba", 0.5, lr=1.0)
    assert first(rate, 7) == [1, 0.8536, 0.5, 0.1464, 1, 0.5, 1]
    with pytest.raises(gl.ScheduleError, match="at most 6"):
        rate(7)
    with pytest.raises(NotRepresentable, match="it has one step, and stops at the next"):
        composer.CosineAnnealingWarmRestartsScheduler("1ba", 0.5, lr=1.0)


def test_shares_are_cut_and_rounded_as_composer_does():
    by_batches = composer.ConstantScheduler(0.5, "0.29dur", lr=1.0, steps=100)
    by_epochs = composer.ConstantScheduler(0.5, "0.29dur", lr=1.0, steps="10ep", steps_per_epoch=10)
    # 0.29 * 100 is below 29, and 0.29 * 10 * 10 is not
    assert [by_batches(28), by_epochs(28), by_epochs(29)] == [1, 0.5, 1]
    # no ratio for a fraction of a run that is scaled itself
    half = composer.StepScheduler("0.5dur", lr=1.0, steps=8, scale_schedule_ratio=2.0)
    assert first(half, 5) == [1, 1, 1, 1, 0.1]
    assert first(composer.StepScheduler("2ba", lr=1.0, scale_schedule_ratio=1.5), 4) == [
        1,
        1,
        1,
        0.1,
    ]


def test_milestones_in_any_unit():
    rate = composer.MultiStepScheduler(
        ["2ep", "0.5dur", "10sp", "1e2tok"],
        0.5,
        lr=1.0,
        steps=12,
        steps_per_epoch=4,
        samples_per_batch=4,
        tokens_per_batch=100,
    )
    changes = [step for step in range(1, 20) if rate(step) != rate(step - 1)]
    assert changes == [1, 3, 6, 8]
    assert rate(8) == 0.0625


def test_a_run_of_tokens():
    rate = composer.LinearScheduler(lr=1.0, steps="1000tok", tokens_per_batch=300)
    assert first(rate, 6) == [1, 0.7, 0.4, 0.1, 0, 0]
    late = composer.StepScheduler("10sp", 0.5, lr=1.0, samples_per_batch=4)
    assert first(late, 6) == [1, 1, 1, 0.5, 0.5, 0.25]


def test_what_the_trainer_trains_with():
    rate = composer.LinearScheduler(lr=1.0, steps=4)
    assert first(gl.Constant(rate(0), 1) >> rate, 6) == [1, 1, 0.75, 0.5, 0.25, 0]


@pytest.mark.parametrize(
    "time", [10, None, "10", "ba", "10 steps", "5sec", "1h30m", "2iter", "xep"]
)
def test_what_is_no_time(time):
    with pytest.raises(gl.ScheduleError) as caught:
        composer.LinearScheduler(t_max=time, lr=1.0, steps=10)
    words = "a time such as '10ba', '1ep', '8sp', '300tok' or '0.5dur'"
    assert str(caught.value) == f"composer.LinearScheduler: `t_max` must be {words}, got {time!r}"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: composer.LinearScheduler(t_max="0.5ep", lr=1, steps=10),
            "LinearScheduler: `t_max` in ep must be a whole number, got 0.5",
        ),
        (
            lambda: composer.LinearScheduler(t_max="-1ba", lr=1, steps=10),
            "LinearScheduler: `t_max` in ba must be 0 or more, got -1.0",
        ),
        (
            lambda: composer.MultiStepScheduler(["1ba", "nandur"], lr=1, steps=10),
            "MultiStepScheduler: `milestones`[1] in dur must be a number, got nan",
        ),
        (
            lambda: composer.LinearScheduler(lr=1),
            "LinearScheduler: `steps` must be given for times in 'dur', got None",
        ),
        (
            lambda: composer.LinearScheduler(lr=1, steps="1dur"),
            "LinearScheduler: `steps` must not be a fraction of itself, got '1dur'",
        ),
        (
            lambda: composer.LinearScheduler(lr=1, steps="0ep"),
            "LinearScheduler: `steps` in ep must be 1 or more, got 0.0",
        ),
        (
            lambda: composer.ExponentialScheduler(0.5, lr=1),
            "ExponentialScheduler: `steps_per_epoch` must be given for times in 'ep', got None",
        ),
        (
            lambda: composer.StepScheduler("8sp", lr=1),
            "StepScheduler: `samples_per_batch` must be given for times in 'sp', got None",
        ),
        (
            lambda: composer.StepScheduler("0.1dur", lr=1, steps=9),
            "StepScheduler: `step_size` must come to 1ba or more, got '0.1dur', which is 0ba",
        ),
        (
            lambda: composer.CosineAnnealingWithWarmupScheduler("2ba", "9ba", lr=1, steps=10),
            "CosineAnnealingWithWarmupScheduler: `t_max` must cover the run of 10ba, got '9ba', "
            "which is 9ba",
        ),
        (
            lambda: composer.PolynomialWithWarmupScheduler("8sp", lr=1, steps=10),
            "PolynomialWithWarmupScheduler: `t_max` must be in the unit of `t_warmup`, which is "
            "'sp', got '1dur'",
        ),
        (
            lambda: composer.ConstantWithWarmupScheduler(
                "1ba", scale_warmup=True, lr=1, steps=10, scale_schedule_ratio=0.5
            ),
            "ConstantWithWarmupScheduler: `t_warmup` must come to 1ba or more when scaled, got "
            "'1ba'",
        ),
        (
            lambda: composer.StepScheduler("1ba", lr=1, scale_schedule_ratio=0),
            "StepScheduler: `scale_schedule_ratio` must be above 0, got 0",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(gl.ScheduleError) as caught:
        call()
    assert str(caught.value) == f"composer.{message}"


def test_factors_above_1_grow():
    assert first(composer.StepScheduler("2ba", 2.0, lr=1.0), 5) == [1, 1, 2, 2, 4]
    assert first(composer.ExponentialScheduler(4.0, "2ba", lr=1.0), 4) == [1, 2, 4, 8]
    assert first(composer.StepScheduler("2ba", 0.0, lr=1.0), 4) == [1, 1, 0, 0]
    assert first(composer.ExponentialScheduler(0.0, "2ba", lr=1.0), 3) == [1, 0, 0]


def test_saved_as_json():
    rate = composer.CosineAnnealingWithWarmupScheduler(
        "1000tok", alpha_f=0.1, lr=0.1, steps="50000tok", tokens_per_batch=512
    )
    assert gl.loads(gl.dumps(rate)) == rate
