"""Warm-up and a decay over the rest: the curves of Transformers, and its rounding."""

import pytest
import torch
import transformers

import glissando as gl
from glissando.recipes import warmup_cosine, warmup_linear

PEERS = {
    warmup_cosine: transformers.get_cosine_schedule_with_warmup,
    warmup_linear: transformers.get_linear_schedule_with_warmup,
}


@pytest.mark.parametrize("recipe", PEERS, ids=["cosine", "linear"])
@pytest.mark.parametrize("warmup", [0, 1, 7, 40])
def test_the_rates_are_those_that_transformers_trains_with(recipe, warmup):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    scheduler = PEERS[recipe](optimizer, num_warmup_steps=warmup, num_training_steps=40)
    rate = recipe(0.3, 40, warmup)
    for step in range(40):
        assert rate(step) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-15)
        optimizer.step()
        scheduler.step()
    assert rate.steps == 40
    assert rate(10**6) == rate(40) == (0.3 if warmup == 40 else 0.0)


@pytest.mark.parametrize("recipe", PEERS, ids=["cosine", "linear"])
def test_the_warm_up_is_3_percent_unless_it_is_said_and_the_end_is_held(recipe):
    assert recipe(0.1, 1000) == recipe(0.1, 1000, warmup=30) == recipe(0.1, 1000, warmup="3%")
    assert recipe(0.1, 1000, "50 steps", end=0.01)(5000) == 0.01
    text = f"{recipe.__name__}(0.1, steps=1000, warmup=10%)"
    assert gl.parse(text) == recipe(0.1, 1000, warmup=100)


@pytest.mark.parametrize("steps", [1, 33, 100, 850, 1234, 99_999])
@pytest.mark.parametrize("percent", ["3%", "7%", "10%", "12.5%", "0.1%", "29%"])
def test_a_percentage_is_rounded_up_as_the_trainer_does_where_that_is_asked(
    steps, percent, tmp_path
):
    ratio = float(percent[:-1]) / 100
    arguments = transformers.TrainingArguments(str(tmp_path), warmup_steps=ratio)
    theirs = arguments.get_warmup_steps(steps)
    assert warmup_cosine(1.0, steps, percent, rounding="up") == warmup_cosine(1.0, steps, theirs)
    assert warmup_linear(1.0, steps, percent, rounding="up") == warmup_linear(1.0, steps, theirs)


@pytest.mark.parametrize("steps", [100, 850, 1234, 99_999])
@pytest.mark.parametrize("percent", ["3%", "7%", "12.5%", "29%"])
def test_a_percentage_is_rounded_to_the_nearest_as_by_a_plan(steps, percent):
    counted = gl.plan(steps=steps).steps_in(percent)
    assert warmup_cosine(1.0, steps, percent) == warmup_cosine(1.0, steps, counted)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"warmup": 11},
            "warmup_cosine: Cosine: `steps` must be 0 or more, got -1; is the warm-up longer than "
            "the run?",
        ),
        ({"warmup": "3%"}, "warmup_cosine: `warmup`: Plan: '3%' of 10 steps is less than half a "),
        ({"warmup": "half"}, "warmup_cosine: `warmup`: cannot read 'half'; write it with its "),
        ({"rounding": "down"}, "warmup_cosine: `rounding` must be one of 'nearest', 'up', got "),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        warmup_cosine(**{"peak": 0.1, "steps": 10, "warmup": 1} | arguments)
    assert str(caught.value).startswith(message)
