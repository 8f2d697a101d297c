"""What every dialect owes its user: checked arguments, plain words, and no framework."""

import inspect
import subprocess
import sys

import pytest

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
            "fastai.combine_scheds: `pcts` must be a share of 0 or more for each of `scheds`, 1.0 "
            "in all, got [0.5, 0.4] for 2",
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


def test_what_cannot_be_said_names_its_reason():
    with pytest.raises(
        NotRepresentable, match=r"^torch.ReduceLROnPlateau: it follows a metric; gl"
    ):
        DIALECTS.torch.ReduceLROnPlateau(factor=0.5)
    assert issubclass(NotRepresentable, gl.ScheduleError)


def test_a_dialect_that_is_not_there():
    assert set(PEERS) <= set(dir(DIALECTS))
    with pytest.raises(AttributeError, match=r"'glissando\.dialects' has no attribute 'caffe'"):
        DIALECTS.caffe  # noqa: B018  # the look is the test


def test_saved_as_json_like_any_other():
    for rate in (
        DIALECTS.torch.OneCycleLR(0.1, 100),
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
        DIALECTS.fastai.fine_tune(3, steps_per_epoch=10),
        DIALECTS.ignite.CosineAnnealingScheduler(0.1, 0.01, 10, cycle_mult=2, start_value_mult=0.5),
    ):
        again = gl.loads(gl.dumps(rate))
        assert again == rate
        assert [again(t) for t in range(60)] == [rate(t) for t in range(60)]
