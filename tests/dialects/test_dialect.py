"""What every dialect owes its user: checked arguments, plain words, and no framework."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import glissando as gl
from glissando.dialects import PEERS, NotRepresentable

DIALECTS = gl.dialects


def functions(peer):
    module = getattr(DIALECTS, peer)
    return {
        name: value
        for name, value in vars(module).items()
        if name[0] != "_"
        and value.__class__.__name__ == "function"
        and hasattr(value, "__wrapped__")
    }


@pytest.mark.parametrize("peer", PEERS)
def test_every_function_says_what_it_is_and_takes(peer):
    found = functions(peer)
    assert found
    for name, function in found.items():
        assert inspect.getdoc(function), name
        assert "Annotated" not in str(inspect.signature(function)), name


@pytest.mark.parametrize("peer", PEERS)
def test_none_needs_its_framework(peer):
    frameworks = ["torch", "keras", "jax", "optax", "tensorflow", "transformers", "ignite", "numpy"]
    code = (
        f"import glissando as gl, sys; gl.dialects.{peer}\n"
        f"assert not set({frameworks}) & set(sys.modules), set({frameworks}) & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: DIALECTS.torch.CosineAnnealingLR(lr=0.1, T_max=0),
            "torch.CosineAnnealingLR: `T_max` must be 1 or more, got 0",
        ),
        (
            lambda: DIALECTS.keras.ExponentialDecay(-0.1, 10, 0.9),
            "keras.ExponentialDecay: `initial_learning_rate` must be 0 or more, got -0.1",
        ),
        (
            lambda: DIALECTS.ignite.CosineAnnealingScheduler(0.1, 0.0, 1),
            "ignite.CosineAnnealingScheduler: `cycle_size` must be 2 or more, got 1",
        ),
        (
            lambda: DIALECTS.ignite.LinearCyclicalScheduler(0.1, 0.0, 10, warmup_duration=3),
            "ignite.LinearCyclicalScheduler: `warmup_duration` must be 0 without `monotonic`, "
            "got 3",
        ),
        (
            lambda: DIALECTS.ignite.PiecewiseLinear([(5, 0.1), (3, 0.2)]),
            "ignite.PiecewiseLinear: `milestones_values` must have increasing milestones of 0 or "
            "more, got [(5, 0.1), (3, 0.2)]",
        ),
        (
            lambda: DIALECTS.lrsched.warmup_stable_decay(
                base_lr=1,
                warmup_steps=5,
                decay_steps=6,
                total_steps=10,
                final_lr=0,
                warmup_start=0,
                decay_shape="linear",
            ),
            "lrsched.warmup_stable_decay: `warmup_steps` + `decay_steps` must be at most "
            "`total_steps`, got 5 + 6 and 10",
        ),
        (
            lambda: DIALECTS.megatron.OptimizerParamScheduler(0.2, 0.1, 0.0, 0, 10, "cosine"),
            "megatron.OptimizerParamScheduler: `max_lr` must be at least `init_lr` and `min_lr`, "
            "got 0.1, 0.2 and 0.0",
        ),
        (
            lambda: DIALECTS.megatron.OptimizerParamScheduler(0.0, 0.1, 0.0, 10, 10, "cosine"),
            "megatron.OptimizerParamScheduler: `lr_warmup_steps` must be below `lr_decay_steps`, "
            "got 10 and 10",
        ),
        (
            lambda: DIALECTS.torchtitan.LRSchedulersContainer(
                decay_type="step", lr=1, training_steps=10
            ),
            "torchtitan.LRSchedulersContainer: `decay_type` must be one of 'linear', 'sqrt', "
            "'cosine', got 'step'",
        ),
        (
            lambda: DIALECTS.fastai.combine_scheds([0.5, 0.4], [gl.Constant(1)] * 2, steps=10),
            "fastai.combine_scheds: `pcts` must be a fraction of 0 or more for each of `scheds`, "
            "1.0 in all, got [0.5, 0.4] for 2",
        ),
        (
            lambda: DIALECTS.transformers.get_scheduler("linear", lr=0.1, num_warmup_steps=3),
            "transformers.get_scheduler: `num_training_steps` must be given for 'linear', got None",
        ),
        (
            lambda: DIALECTS.torch_schedule_anything.constant_schedule(float("nan"), lr=1),
            "torch_schedule_anything.constant_schedule: `value` must be a number, got nan",
        ),
    ],
)
def test_a_bad_argument_is_named_as_the_peer_names_it(call, message):
    with pytest.raises(gl.ScheduleError) as caught:
        call()
    assert str(caught.value) == message


def test_an_argument_that_is_not_there():
    with pytest.raises(TypeError, match=r"^lrsched.cosine: .*; write lrsched.cosine\(\*, base_lr"):
        DIALECTS.lrsched.cosine(base_lr=0.1, min_lr=0.0, steps=10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda optimizer: DIALECTS.torch.CosineAnnealingLR(optimizer, T_max=10),
            "torch.CosineAnnealingLR: takes no optimizer: leave it out; give its rate as `lr`",
        ),
        (
            lambda optimizer: DIALECTS.torch.StepLR(optimizer=optimizer, step_size=10),
            "torch.StepLR: takes no optimizer: leave it out; give its rate as `lr`",
        ),
        (
            lambda optimizer: DIALECTS.torch.OneCycleLR(optimizer, 0.1, 10),
            "torch.OneCycleLR: takes no optimizer: leave it out",
        ),
        (
            lambda optimizer: DIALECTS.transformers.get_scheduler("linear", optimizer, 1, 10),
            "transformers.get_scheduler: ",
        ),
    ],
)
def test_a_call_as_the_peer_takes_it_says_that_the_optimizer_is_left_out(call, message):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    with pytest.raises((TypeError, gl.ScheduleError), match=re.escape(message)):
        call(optimizer)
    with pytest.raises(NotRepresentable, match=r"use gl\.Plateau"):
        DIALECTS.torch.ReduceLROnPlateau(optimizer, "min")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: DIALECTS.fastai.fit_one_cycle(1, 0.1, moms=(1, "a", 3), steps_per_epoch=9),
            "fastai.fit_one_cycle: `moms`[1] must be a number, got 'a'",
        ),
        (
            lambda: DIALECTS.fastai.fit_one_cycle(1, 0.1, moms=(1, 2), steps_per_epoch=9),
            "fastai.fit_one_cycle: `moms` must be three momenta, got (1.0, 2.0)",
        ),
        (
            lambda: DIALECTS.pytorch_scheduler.create_scheduler(
                "wsd", lr=0.1, total_steps=10, warmup_steps=20, stable_steps=0
            ),
            "pytorch_scheduler.create_scheduler: WSDScheduler: `warmup_steps` + `stable_steps` "
            "must be below `total_steps`, got 20 + 0 and 10",
        ),
        (
            lambda: DIALECTS.ignite.PiecewiseLinear([]),
            "ignite.PiecewiseLinear: `milestones_values` must be a list of pairs such as (10, 0.5)"
            ", 1 or more, got []",
        ),
        (
            lambda: DIALECTS.ignite.ConcatScheduler([0.1, 0.2], [4]),
            "ignite.ConcatScheduler: `schedulers`[0] must be a schedule, got 0.1",
        ),
        (
            lambda: DIALECTS.torch.LambdaLR(DIALECTS.torch.OneCycleLR(0.1, 10), lr=1.0),
            "torch.LambdaLR: `lr_lambda` must be one function, got schedules of lr and momentum; "
            "take one of them, as in made['lr']",
        ),
    ],
)
def test_what_is_wrong_inside_is_told_by_the_name_that_was_called(call, message):
    with pytest.raises(gl.ScheduleError) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_a_long_list_is_cut_in_a_message():
    with pytest.raises(gl.ScheduleError, match=r", got \[0\.0, 1\.0, .*… \(list\) for 1$"):
        DIALECTS.fastai.combine_scheds(list(range(100)), [gl.Constant(1.0)], steps=3)


def test_what_cannot_be_said_names_its_reason():
    with pytest.raises(
        NotRepresentable, match=r"^torch.ReduceLROnPlateau: it follows a metric; use gl"
    ):
        DIALECTS.torch.ReduceLROnPlateau(factor=0.5)
    assert issubclass(NotRepresentable, gl.ScheduleError)


def test_a_dialect_is_a_file_and_a_line():
    source = Path(DIALECTS.__file__)
    assert {path.stem for path in source.parent.glob("*.py")} == {*PEERS, "__init__"}
    imports = [
        node
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "glissando.dialects"
    ]  # which only type checkers follow
    assert [name.asname for node in imports for name in node.names] == [*PEERS]
    assert dir(DIALECTS) == sorted([*PEERS, "PEERS", "NotRepresentable"])


def test_a_dialect_that_is_not_there():
    with pytest.raises(AttributeError, match=r"'glissando\.dialects' has no attribute 'caffe'"):
        DIALECTS.caffe  # noqa: B018  # the look is the test


@pytest.mark.parametrize(
    ("function", "signature", "documentation"),
    [
        (
            DIALECTS.torch_schedule_anything.sqrt_schedule_with_inverse_warmup,
            "(warmup_to_value, anneal_to_value, num_warmup_steps, num_training_steps, "
            "warmup_multiplier=20.0, *, lr)",
            "`polynomial_schedule_with_inverse_warmup` with the exponent 0.5.",
        ),
        (
            DIALECTS.mmengine.StepMomentum,
            "(step_size, gamma=0.1, begin=0, end=1000000000, by_epoch=True, *, momentum)",
            "The rate times `gamma` after every `step_size` steps of the window.",
        ),
        (
            DIALECTS.composer.ConstantScheduler,
            "(alpha=1.0, t_max='1dur', *, lr, steps=None, steps_per_epoch=None, "
            "samples_per_batch=None, tokens_per_batch=None, scale_schedule_ratio=1.0)",
            "`alpha` times `lr` before `t_max`, and `lr` itself from there on.",
        ),
        (
            DIALECTS.composer.CosineAnnealingWithWarmupScheduler,
            "(t_warmup, t_max='1dur', alpha_f=0.0, scale_warmup=False, *, lr, steps, "
            "steps_per_epoch=None, samples_per_batch=None, tokens_per_batch=None, "
            "scale_schedule_ratio=1.0)",
            "A line up from 0, then half a cosine wave to `alpha_f` times `lr`, which holds.\n\n"
            "The ramp is as in `LinearWithWarmupScheduler`, and so is what is held against "
            "`t_max`.",
        ),
        (
            DIALECTS.timm.PlateauLRScheduler,
            "(*_arguments, **_named)",
            'No schedule: it follows a metric; use gl.Plateau("torch", ...).',
        ),
    ],
)
def test_a_function_made_from_another_looks_like_any_other(function, signature, documentation):
    parameters = inspect.signature(function).parameters.values()
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    assert str(inspect.Signature(plain)) == signature
    assert inspect.getdoc(function) == documentation
    module = sys.modules[function.__module__]
    assert module.__name__.startswith("glissando.dialects.")
    assert getattr(module, function.__name__) is function
    assert function.__qualname__ == function.__name__


@pytest.mark.parametrize(
    "build",
    [
        lambda: DIALECTS.keras.CosineDecayRestarts(0.1, 10, t_mul=1.00001),
        lambda: DIALECTS.composer.CosineAnnealingWarmRestartsScheduler("99999ba", 1.0001, lr=1.0),
        lambda: DIALECTS.ignite.CosineAnnealingScheduler(1.0, 0.0, 99999, cycle_mult=1.0001),
        lambda: DIALECTS.pytorch_scheduler.CosineAnnealingWarmupRestarts(10, cycle_mult=1.00001),
        lambda: DIALECTS.pytorch_optimizer.CosineAnnealingWarmupRestarts(10**6, cycle_mult=1.00001),
        lambda: DIALECTS.timm.CosineLRScheduler(10, cycle_mul=1.00001, cycle_limit=10**6, lr=1.0),
    ],
)
def test_one_limit_holds_for_cycles_of_other_lengths(build):
    with pytest.raises(NotRepresentable, match="it has more than 10,000 different cycles"):
        build()


def test_saved_as_json_like_any_other():
    for rate in (
        DIALECTS.torch.OneCycleLR(0.1, 100, of="lr"),
        DIALECTS.megatron.OptimizerParamScheduler(
            0.0,
            0.1,
            0.01,
            100,
            1000,
            "WSD",
            wsd_decay_steps=200,
            lr_wsd_decay_style="exponential",
            increment=7,
        ),
        DIALECTS.fastai.fine_tune(3, steps_per_epoch=10, of="lr"),
        DIALECTS.ignite.CosineAnnealingScheduler(0.1, 0.01, 10, cycle_mult=2, start_value_mult=0.5),
        DIALECTS.paddle.CyclicLR(1.0, 0.2, 3, 5, mode="triangular2"),
    ):
        again = gl.loads(gl.dumps(rate))
        assert again == rate
        assert [again(t) for t in range(60)] == [rate(t) for t in range(60)]
