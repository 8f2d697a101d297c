"""What is probably a mistake is found, and what is meant is not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies

RISE = gl.Linear(1e-4, 1e-3, steps=100)
FALL = gl.Cosine(1e-3, 1e-5, steps=900)
ZERO = gl.Linear(0.0, 1e-3, steps=100)


def found(schedule):
    return [(finding.rule, finding.step) for finding in gl.lint(schedule)]


@pytest.mark.parametrize(
    ("schedule", "findings"),
    [
        (ZERO >> FALL, [("zero-start", 0)]),
        ((ZERO >> FALL).slow(3) * 0.1, [("zero-start", 0)]),
        (gl.Linear(0.0, 1.0, steps=1), [("zero-start", 0)]),
        (FALL >> gl.Linear(1e-5, 0.0, steps=9) >> gl.Constant(0.0, steps=1), [("zero-end", 909)]),
        (gl.schedule(lambda step: 0.1 * (step % 5), steps=5), [("zero-start", 0)]),
        (gl.schedule(lambda step: 0.1 * (step != 4), steps=5), [("zero-end", 4)]),
        # the warm-up ends below the peak, above it, and at another one
        (RISE >> FALL * 2.0, [("jump", 100)]),
        (RISE >> FALL * 0.5, [("jump", 100)]),
        (RISE >> ZERO, [("jump", 100)]),
        (RISE >> gl.Constant(2e-3), [("jump", 100)]),
        # a cooldown from elsewhere than the plateau, a floor that is not where the decay ends
        (gl.Constant(1e-3, 50) >> gl.Linear(1e-2, 1e-5, steps=50), [("jump", 50)]),
        (FALL >> gl.Constant(1e-6), [("jump", 900)]),
        (FALL >> gl.Constant(1e-4), [("jump", 900)]),
        (FALL >> gl.Cosine(1e-6, 1e-7, steps=50), [("jump", 900)]),
        (FALL >> gl.Constant(1e-5, 50) >> gl.Constant(1e-4, 50) >> FALL, [("jump", 1000)]),
        (RISE >> gl.Constant(1e-3, 50) >> gl.Linear(1e-2, 1e-5, steps=50), [("jump", 150)]),
        # inside anything
        (((RISE >> FALL * 2.0) * gl.Constant(0.5)).clip(0.0, 1.0).drop(30), [("jump", 70)]),
        ((RISE >> FALL * 2.0).slow(7), [("jump", 700)]),
        ((RISE >> FALL * 2.0).stretch(500), [("jump", 50)]),
        ((RISE >> FALL * 2.0).repeat(2), [("jump", 100), ("jump", 1100)]),
        ((RISE >> FALL * 2.0).repeat(), [("jump", 100 + 1000 * n) for n in range(5)]),
        # clipped long before the end
        (gl.Cosine(1.0, 0.0, steps=1000).clip(floor=0.1), [("early-floor", 796)]),
        (gl.maximum(FALL, gl.Constant(1e-4, 900)), [("early-floor", 725)]),
        (RISE >> gl.Linear(1e-3, 0.0, 100).clip(5e-4) >> FALL * 0.5, [("early-floor", 150)]),
    ],
    ids=str,
)
def test_is_found(schedule, findings):
    assert found(schedule) == findings


@pytest.mark.parametrize(
    "schedule",
    [
        gl.Constant(0.1),
        gl.Constant(0.0),  # a weight decay of 0, say: meant
        gl.Chain(()),
        RISE >> FALL,
        RISE >> gl.Constant(1e-3, steps=50) >> FALL,
        RISE >> FALL * 1.005,  # nobody would see it
        gl.Linear(1e-4, 1e-3, steps=1) >> FALL,
        gl.Linear(1.0, 0.0, steps=1),
        gl.Linear(1.0, 0.0, steps=5).strict(),
        gl.Polynomial(1.0, 0.0, steps=100, power=0.1) >> gl.Constant(1e-20, steps=2),
        # staircases
        gl.Staircase(0.1, ratio=0.1, every=30),
        gl.Piecewise([0.1, 0.01, 0.05], boundaries=[30, 60]),
        gl.Constant(0.1, steps=30) >> gl.Constant(0.01, steps=30) >> gl.Constant(0.1),
        (RISE >> FALL).hold_each(7),
        (RISE >> gl.Piecewise([1e-3, 1e-4], boundaries=[30])) * 0.5,
        # restarts
        gl.Cosine(0.1, 0.01, steps=10).repeat(),
        gl.Cosine(0.1, 0.01, steps=10).repeat(5, scale=0.5) * 0.1,
        RISE.repeat(),
        (RISE >> FALL).repeat(),
        FALL >> FALL >> FALL.stretch(2000),
        FALL.take(400) >> RISE >> FALL,
        FALL >> gl.Constant(1e-5, steps=50) >> FALL,
        (gl.Linear(0.1, 0.01, steps=3) >> gl.Constant(0.01, steps=1)).repeat(),
        (RISE >> gl.Constant(1e-3, steps=50)).repeat(),
        (RISE >> FALL).bounce(),
        # next to nothing long before the end, but not clipped
        gl.Exponential(1e-3, rate=0.1).take(7_000),
        # clipped, but at the end, from the start, or without an end
        gl.Cosine(1.0, 0.0, steps=1000).clip(floor=1e-3),
        gl.Cosine(1.0, 0.5, steps=1000).clip(ceiling=0.7),
        gl.Exponential(1e-3, rate=0.1).clip(floor=1e-4),
        gl.Constant(0.1, steps=10).clip(floor=0.2),
    ],
    ids=str,
)
def test_is_not_found(schedule):
    assert found(schedule) == []


RECIPES = {
    "keras_tip.constant": ({}, []),
    "keras_tip.time_based_decay": ({}, []),
    "keras_tip.exponential_decay": ({}, []),
    "keras_tip.constant_then_exponential": ({}, [("jump", 10)]),  # the tip's own, and documented
    "keras_tip.one_cycle": ({}, []),
    "bert": ({}, [("zero-start", 0)]),  # its jump by 1 % is below what is reported
    "chinchilla": ({}, []),
    "gpt3": ({}, [("zero-start", 0)]),
    "llama": ({}, [("zero-start", 0)]),
    "llama3": ({}, [("zero-start", 0)]),
    "minicpm": ({"warmup": 2000}, [("zero-start", 0)]),
    "nanogpt": ({}, []),
    "noam": ({}, []),
    "olmo": ({}, []),
    "olmo2": ({}, [("zero-start", 0)]),
    "one_cycle": ({"peak": 0.1, "steps": 100}, []),
    "sgdr": ({"peak": 0.1, "first": 10, "cycles": 4, "growth": 2}, []),
    "slanted_triangular": ({"peak": 0.01, "steps": 100}, []),
    "t5": ({}, []),
    "triangular": ({"base": 0.01, "peak": 0.1, "step_size": 4}, []),
    "triangular2": ({"base": 0.01, "peak": 0.1, "step_size": 4}, []),
    "exp_range": ({"base": 0.01, "peak": 0.1, "step_size": 4, "gamma": 0.99}, []),
    "one_cycle_fastai": ({"peak": 0.1, "steps": 101}, []),
    "flat_cosine": ({"peak": 0.1, "steps": 101}, []),
    "one_cycle_torch": ({"peak": 0.1, "steps": 101, "three_phase": True}, []),
    "resnet50_large_batch": ({"steps_per_epoch": 5}, []),
    "resnet_cifar": ({"warmup": 400}, []),
    "resnet_imagenet": ({"steps_per_epoch": 5}, []),
    "wide_resnet_cifar": ({}, []),
    "lars": ({"peak": 9.0, "steps": 100, "warmup": 5}, [("zero-start", 0)]),
    "lamb": ({}, [("zero-start", 0)]),
    "vit": ({"steps": 90_000}, [("zero-start", 0)]),
    "deit": ({"steps_per_epoch": 50}, []),
    "convnext": ({"steps_per_epoch": 50}, [("zero-start", 0)]),
    "budgeted_linear": ({"peak": 0.1, "steps": 100}, []),
    "budgeted_rex": ({"peak": 0.1, "steps": 100}, []),
    "swa": ({"peak": 0.1, "end": 0.05, "steps": 200, "start": 160}, []),
    "swa_cyclical": ({"peak": 0.1, "end": 0.01, "cycle": 4}, []),
    "wsd": ({"peak": 0.1, "steps": 100, "warmup": 10, "cooldown": 20}, [("zero-start", 0)]),
    "warmup": ({"schedule": gl.Cosine(0.1, 0.0, 90), "steps": 10}, [("zero-start", 0)]),
    "warmup_cosine": ({"peak": 0.1, "steps": 100}, [("zero-start", 0)]),
    "warmup_linear": ({"peak": 0.1, "steps": 100}, [("zero-start", 0)]),
}


def test_every_recipe_is_reviewed():
    """A warm-up from 0 is what these papers' readers do: the first update is wasted, and noted."""
    assert set(RECIPES) == set(gl.recipes.RECIPES)
    for name, (arguments, findings) in RECIPES.items():
        assert found(gl.recipes.RECIPES[name](**arguments)) == findings, name


def test_the_messages_have_the_numbers():
    joint, floor = RISE >> FALL * 2.0, gl.Cosine(1.0, 0.0, steps=10_000).clip(0.1)
    messages = [finding.message for s in (joint, floor, ZERO) for finding in gl.lint(s)]
    assert messages == [
        "the rate jumps from 0.001 to 0.002 at step 100",
        "the rate is at its floor, 0.1, from step 7,952, 2,048 steps before the decay ends",
        "update 0 has rate 0 and changes nothing",
    ]


@pytest.mark.parametrize("made", [lambda s: s, lambda s: s * 2, lambda s: s.slow(9)])
def test_a_schedule_without_steps_that_ends_at_0_is_told_to_change_nothing(made):
    (finding,) = gl.lint(made(gl.Cosine(0.1, 0.0, steps=0)))
    assert (finding.rule, finding.step) == ("zero-start", 0)
    assert finding.message.startswith("it has no steps: every update has the rate of its end, 0")
    assert gl.lint(made(gl.Cosine(0.1, 0.01, steps=0))) == []
    assert gl.lint(made(gl.Constant(0.0, steps=0))) == []


@pytest.mark.parametrize("family", [gl.Table, gl.CosineTable, gl.CubicTable])
def test_a_table_in_the_order_of_numpy_interp_is_doubted(family):
    steps, rates = [0, 100, 1000], [1e-5, 1e-4, 1e-3]
    for swapped in (family(steps, rates), family(steps, rates) * 0.1):
        found = [finding.message for finding in gl.lint(swapped)]
        assert any(f"write {family.__name__}(rates, knots)" in message for message in found)
    for meant in (
        family(rates, steps),
        family([0.0, 1.0], [0, 1]),  # a fraction of the run, to be stretched
        family([0.0, 0.5, 0.1], [0, 0.3, 1.0]).stretch(1000),
        family([0.1, 2.5, 3.0], [0, 10, 100]),
        family([1.0, 2.0, 3.0], [0, 10, 100]),
    ):
        assert not any("np.interp" in finding.message for finding in gl.lint(meant))


@strategies.examples(120)
@given(strategies.schedules)
def test_of_any_schedule(schedule):
    for finding in gl.lint(schedule):
        assert 0 <= finding.step <= schedule.steps
        if finding.rule == "zero-start":
            assert schedule(0) == 0
        elif finding.rule == "jump":
            before, after = schedule(finding.step - 1), schedule(finding.step)
            assert abs(before - after) >= 0.009 * max(before, after)
        elif finding.rule == "early-floor":
            assert schedule(finding.step) == schedule(finding.step + 1)
        else:
            assert finding.step == schedule.steps - 1
            assert schedule(finding.step) == 0


@given(strategies.schedules, st.sampled_from([2.0, 1024.0]))
def test_the_scale_of_the_rate_does_not_matter(schedule, factor):
    if schedule.bound() < math.inf:
        assert found(schedule * factor) == found(schedule)


def test_what_is_no_schedule_is_refused():
    with pytest.raises(gl.ScheduleError, match=r"lint: `schedule` must be a schedule, got 0\.1"):
        gl.lint(0.1)
