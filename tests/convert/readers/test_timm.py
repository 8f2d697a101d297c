"""timm's arguments are read as its train.py uses them."""

from pathlib import Path

import pytest

import glissando as gl
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.readers import timm as _registered  # noqa: F401
from glissando.convert.registry import READERS

READER = READERS["timm"]
ARGS = {
    "batch_size": 128,
    "grad_accum_steps": 1,
    "opt": "sgd",
    "lr": None,
    "lr_base": 0.1,
    "lr_base_size": 256,
    "lr_base_scale": "",
    "sched": "cosine",
    "sched_on_updates": False,
    "epochs": 300,
    "warmup_epochs": 5,
    "warmup_lr": 1e-5,
    "warmup_prefix": False,
    "min_lr": 0.0,
    "decay_rate": 0.1,
    "decay_epochs": 90,
    "decay_milestones": [90, 180, 270],
    "lr_cycle_mul": 1.0,
    "lr_cycle_decay": 0.5,
    "lr_cycle_limit": 1,
    "lr_k_decay": 1.0,
    "lr_noise": None,
}
dialect = gl.dialects.timm


def read(args, **given):
    document = Document(Path("args.yaml"), b"", "", ARGS | args, {})
    assert READER.knows(document) == 1
    return READER.read(document, Given(**given))


def refused(args, **given):
    with pytest.raises(gl.ScheduleError) as caught:
        read(args, **given)
    return str(caught.value)


def test_an_epoch_has_one_rate_and_the_warm_up_is_under_the_cosine():
    rate = read({"lr": 0.5}, steps_per_epoch=10)
    bare = dialect.CosineLRScheduler(300, warmup_t=5, warmup_lr_init=1e-5, lr=0.5)
    assert [rate(k) for k in range(300)] == [bare(k // 10) for k in range(300)]


def test_by_updates_the_rate_moves_at_each():
    rate = read({"lr": 0.5, "sched_on_updates": True}, steps_per_epoch=10)
    bare = dialect.CosineLRScheduler(3000, warmup_t=50, warmup_lr_init=1e-5, lr=0.5)
    assert [rate(k) for k in range(300)] == [bare(k) for k in range(300)]


def test_without_lr_the_base_is_scaled_by_the_samples_of_an_update():
    given = {"steps_per_epoch": 10, "world_size": 4}
    assert read({"warmup_epochs": 0, "grad_accum_steps": 2}, **given)(0) == pytest.approx(0.4)


@pytest.mark.parametrize("optimizer", ["adamw", "lamb", "adafactor", "nadamw"])
def test_of_adaptive_optimizers_the_base_is_scaled_by_a_root(optimizer):
    args = {"warmup_epochs": 0, "opt": optimizer, "batch_size": 256}
    assert read(args, steps_per_epoch=10, world_size=4)(0) == pytest.approx(0.2)
    linear = args | {"lr_base_scale": "linear"}
    assert read(linear, steps_per_epoch=10, world_size=4)(0) == pytest.approx(0.4)


def test_what_the_file_does_not_say_is_asked_for():
    assert "`steps_per_epoch` (--steps-per-epoch)" in refused({"lr": 0.5})
    assert "`world_size` (--world-size)" in refused({})


def test_noise_and_a_metric_are_refused():
    noisy = {"lr": 0.5, "lr_noise": [0.4, 0.9]}
    assert "PyTorch draws the noise" in refused(noisy, steps_per_epoch=10)
    assert "follows a metric" in refused({"lr": 0.5, "sched": "plateau"}, steps_per_epoch=10)


@pytest.mark.parametrize("value", ["fast", True, -1.0, [1], float("nan")])
def test_a_rate_that_is_none_is_refused(value):
    assert "timm: `lr` must be a number" in refused({"lr": value}, steps_per_epoch=10)
