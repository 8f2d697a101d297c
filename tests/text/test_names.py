"""Recipes and other frameworks' schedules in texts and in files, and names that are meant."""

import json
import subprocess
import sys

import jsonschema
import pytest

import glissando as gl
from glissando.text import from_data, json_schema
from glissando.text.names import dialects

torch = gl.dialects.torch


def error(read, *arguments):
    with pytest.raises(gl.ScheduleError) as caught:
        read(*arguments)
    return str(caught.value)


def rate_of(made):
    return made if isinstance(made, gl.Schedule) else made["lr"]


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("torch.StepLR(30, lr=0.1)", torch.StepLR(30, lr=0.1)),
        ("torch.CosineAnnealingLR(lr=0.1, T_max=10)", torch.CosineAnnealingLR(10, lr=0.1)),
        ("torch.OneCycleLR(max_lr=1e-3, total_steps=9)", rate_of(torch.OneCycleLR(1e-3, 9))),
        ("dialects.torch.StepLR(30, lr=0.1)", torch.StepLR(30, lr=0.1)),
        ("gl.dialects.torch.StepLR(30, lr=0.1)", torch.StepLR(30, lr=0.1)),
        (
            "torch.OneCycleLR(1e-3, None, epochs=3, steps_per_epoch=3, cycle_momentum=False)",
            torch.OneCycleLR(1e-3, 9, cycle_momentum=False),
        ),
        (
            "torch.SequentialLR([torch.LinearLR(lr=1), torch.StepLR(3, lr=1)], milestones=[5])",
            torch.SequentialLR([torch.LinearLR(lr=1), torch.StepLR(3, lr=1)], [5]),
        ),
        (
            "torch.SequentialLR([torch.LinearLR(lr=1), torch.OneCycleLR(0.1, 9)], milestones=[5])",
            rate_of(torch.SequentialLR([torch.LinearLR(lr=1), torch.OneCycleLR(0.1, 9)], [5])),
        ),
        (
            "torch.OneCycleLR(1e-3, 9) * 2 + constant(1)",
            rate_of(torch.OneCycleLR(1e-3, 9)) * 2 + gl.Constant(1),
        ),
        (
            "repeat(torch.CyclicLR(0.1, 1).take(9))",
            rate_of(torch.CyclicLR(0.1, 1)).take(9).repeat(),
        ),
        ("torch.LambdaLR(linear(0, 1, 5), lr=0.1)", gl.Linear(0, 1, 5) * 0.1),
        (
            "linear(0, 1, 5) >> keras.CosineDecay(1.0, 95) * 2",
            gl.Linear(0, 1, 5) >> gl.dialects.keras.CosineDecay(1.0, 95) * 2,
        ),
        ("recipes.wsd(1, 10, 2, 4)", gl.recipes.wsd(1, 10, 2, 4)),
        ("gl.recipes.keras_tip.one_cycle", gl.recipes.keras_tip.one_cycle()),
        ("gl.Linear(0.0, 1.0, steps=5) >> gl.Constant(1.0)", gl.Linear(0, 1, 5) >> gl.Constant(1)),
    ],
)
def test_other_names_in_a_text_are_schedules(text, schedule):
    assert gl.parse(text) == schedule
    assert from_data({"type": "chain", "parts": [text]}) == gl.Chain([schedule])


@pytest.mark.parametrize(
    ("data", "schedule"),
    [
        (
            {"type": "wsd", "peak": 1, "steps": 10, "warmup": "20%", "cooldown": 4},
            gl.recipes.wsd(1, 10, 2, 4),
        ),
        (
            {"type": "recipes.warmup", "steps": 5, "schedule": {"type": "constant", "value": 1}},
            gl.Linear(0, 1, 5) >> gl.Constant(1),
        ),
        ({"type": "keras_tip.one_cycle"}, gl.recipes.keras_tip.one_cycle()),
        ({"type": "torch.StepLR", "step_size": 3, "lr": 0.1}, torch.StepLR(3, lr=0.1)),
        ({"type": "dialects.torch.StepLR", "step_size": 3, "lr": 1}, torch.StepLR(3, lr=1)),
        (
            {
                "type": "torch.SequentialLR",
                "milestones": [5],
                "schedulers": ["torch.LinearLR(lr=1)", {"type": "torch.ConstantLR", "lr": 1}],
            },
            torch.SequentialLR([torch.LinearLR(lr=1), torch.ConstantLR(lr=1)], [5]),
        ),
        (
            {"type": "torch.LambdaLR", "lr": 2, "lr_lambda": gl.Linear(0, 1, 5).to_data()},
            gl.Linear(0, 1, 5) * 2,
        ),
        (
            {"type": "chain", "parts": ["linear(0, 1, 5)", {"type": "constant", "value": 1}]},
            gl.Linear(0, 1, 5) >> gl.Constant(1),
        ),
    ],
)
def test_recipes_and_dialects_in_data(tmp_path, data, schedule):
    assert from_data(data) == gl.loads(json.dumps(data)) == schedule
    (tmp_path / "a.json").write_text(json.dumps(data))
    assert gl.load(tmp_path / "a.json") == schedule
    jsonschema.validate(data, json_schema())


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        (
            "torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-3, total_steps=100)",
            rate_of(torch.OneCycleLR(max_lr=1e-3, total_steps=100)),
        ),
        ("torch.StepLR(self.optimizer, 30, lr=1)", torch.StepLR(30, lr=1)),
        ("torch.StepLR(step_size=30, optimizer=opt, lr=1)", torch.StepLR(30, lr=1)),
        ("torch.optim.swa_utils.SWALR(optim, swa_lr=0.1, lr=1)", torch.SWALR(0.1, lr=1)),
        (
            "torch.optim.lr_scheduler.SequentialLR(optimizer, schedulers=["
            "torch.optim.lr_scheduler.LinearLR(optimizer, lr=1), "
            "torch.optim.lr_scheduler.StepLR(optimizer, 3, lr=1)], milestones=[5])",
            torch.SequentialLR([torch.LinearLR(lr=1), torch.StepLR(3, lr=1)], [5]),
        ),
        (
            "keras.optimizers.schedules.CosineDecay(1e-3, 1000)",
            gl.dialects.keras.CosineDecay(1e-3, 1000),
        ),
        (
            "tf.keras.optimizers.schedules.CosineDecay(1e-3, decay_steps=1000)",
            gl.dialects.keras.CosineDecay(1e-3, 1000),
        ),
        (
            "optax.piecewise_constant_schedule(1.0, {10: 0.1})",
            gl.dialects.optax.piecewise_constant_schedule(1.0, {10: 0.1}),
        ),
        (
            "transformers.get_scheduler('cosine', optimizer, 5, 10, lr=1)",
            gl.dialects.transformers.get_scheduler("cosine", 5, 10, lr=1),
        ),
    ],
)
def test_a_frameworks_own_code_is_read(text, schedule):
    assert gl.parse(text) == schedule


def test_what_a_frameworks_own_code_lacks_is_told():
    assert "'lr'; write torch.StepLR(" in error(gl.parse, "torch.StepLR(optimizer, 30)")
    assert "got 'optimizer'" in error(gl.parse, "linear(optimizer, 0, 1, 5)")
    assert "got 'optimizer'" in error(gl.parse, "torch.StepLR(optimizer, optimizer, lr=1)")
    for name in ("torch.optim.SGD", "tf.constant", "optim.lr_scheduler.StepLR"):
        assert "must be a known schedule" in error(gl.parse, f"{name}(1)")
    made = from_data({"type": "torch.optim.lr_scheduler.StepLR", "step_size": 3, "lr": 1})
    assert made == torch.StepLR(3, lr=1)


def test_lengths_in_a_dialect_are_counted_by_the_plan():
    text = "linear(0, 1, 10%) >> torch.StepLR(step_size='5%', lr=1.0)"
    run = gl.plan(steps=100)
    assert gl.parse(text, run) == gl.Linear(0, 1, 10) >> torch.StepLR(5, lr=1)


def test_every_dialect_can_be_named_and_none_runs_anything_else():
    names = dialects()
    assert {"torch.OneCycleLR", "keras.CosineDecay", "timm.CosineLRScheduler"} <= set(names)
    for name in ("torch.math", "torch.Callable", "torch._which", "torch.schedule", "shared.curves"):
        assert name not in names
        assert "must be a known schedule" in error(gl.parse, f"{name}(1)")
    for name in names:  # what it lacks, or why it cannot be, is told by its name
        assert outcome(name).startswith(f"{name}: ") or isinstance(gl.parse(name), gl.Schedule)


def outcome(name):
    try:
        return str(gl.parse(name))
    except gl.ScheduleError as told:
        return str(told)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("StepLR(30)", "torch.StepLR"),
        ("cosine_annealing(1)", "nemo.CosineAnnealing"),
        ("CosineAnnealingLR(T_max=5)", "torch.CosineAnnealingLR"),
        ("optim.lr_scheduler.StepLR(3)", "torch.StepLR"),
        ("onecycle(1)", "one_cycle"),
        ("OneCycle(1)", "one_cycle"),
        ("get_cosine_schedule_with_warmup(5)", "transformers.get_cosine_schedule_with_warmup"),
        ("keras_tip.onecycle", "keras_tip.one_cycle"),
        ("time_based_decay()", "keras_tip.time_based_decay"),
        ("Cosin(1, 0, 5)", "cosine"),
        ("torch.StepLr(3)", "torch.StepLR"),
    ],
)
def test_a_name_of_another_room_is_told(text, meant):
    assert f"did you mean '{meant}'?" in error(gl.parse, text)
    assert f"did you mean '{meant}'?" in error(from_data, {"type": text.partition("(")[0]})


def test_what_a_metric_moves_is_told_in_a_text():
    assert "gl.Plateau" in error(gl.parse, "torch.ReduceLROnPlateau(patience=3)")
    assert "gl.Plateau" in error(from_data, {"type": "torch.ReduceLROnPlateau", "patience": 3})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type": "constant", "value": 1}', "gl.loads reads"),
        ("configs/rate.yaml", "gl.load reads"),
        ("0.001", "expected a schedule, got 0.001"),
    ],
)
def test_another_form_than_a_text_is_told(text, reason):
    assert reason in error(gl.parse, text)


def test_no_dialect_is_loaded_before_one_is_named():
    code = (
        "import sys, glissando as gl; gl.parse('wsd(1, 10, 2, 4) >> cosine(1, 0, 5)'); "
        "assert 'glissando.dialects.torch' not in sys.modules; "
        "gl.parse('torch.StepLR(3, lr=1.0)'); assert 'glissando.dialects.timm' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
