"""torchtitan's files, against the arithmetic of its `linear_warmup_stable_decay`."""

import json
import math

import pytest

from glissando.errors import ScheduleError

LLAMA = """# NOTE: this toml config is a preset for 64 A100 GPUs.
[job]
dump_folder = "./outputs"

[metrics]
log_freq = 10

[model]
name = "llama3"
flavor = "8B"

[optimizer]
name = "AdamW"
lr = 3e-4
eps = 1e-8

[lr_scheduler]
warmup_steps = 200  # lr scheduler warm up

[training]
local_batch_size = 1
seq_len = 8192
steps = 1000
dataset = "c4"
"""

STABLE = {
    "model": {"name": "llama4"},
    "optimizer": {"name": "AdamW", "lr": 4e-3},
    "lr_scheduler": {
        "warmup_steps": 60,
        "total_steps": None,
        "decay_ratio": 0.3,
        "decay_type": "cosine",
        "min_lr_factor": 0.1,
    },
    "training": {"seq_len": 8192, "steps": 300},
}


def reference(lr, steps, warmup, ratio, shape, floor):
    decay = steps - warmup if ratio is None else min(round(steps * ratio), steps - warmup)
    stable = steps + 1 - warmup - decay

    def rate(k):
        if k < warmup:
            return lr * (k + 1) / warmup
        if k < warmup + stable:
            return lr
        progress = (k + 1 - warmup - stable) / decay
        left = {"linear": 1 - progress, "cosine": 0.5 * (1 + math.cos(math.pi * progress))}[shape]
        return lr * (floor + (1 - floor) * left)

    return rate


def test_toml(used, agree):
    rate = used("llama3_8b.toml", LLAMA)
    agree(rate, reference(3e-4, 1000, 200, None, "linear", 0.0), range(1000))


def test_json_of_the_dataclass(used, agree):
    rate = used("config.json", json.dumps(STABLE))
    agree(rate, reference(4e-3, 300, 60, 0.3, "cosine", 0.1), range(300))


def test_the_floor_had_another_name(used):
    text = json.dumps(STABLE).replace("min_lr_factor", "lr_min")
    assert used("a.json", text) == used("b.json", json.dumps(STABLE))


def test_the_oldest_files_have_the_warmup_in_training(used, agree):
    text = LLAMA.replace("[lr_scheduler]\nwarmup_steps = 200  # lr scheduler warm up\n", "")
    rate = used("a.toml", text.replace("steps = 1000", "steps = 1000\nwarmup_steps = 200"))
    agree(rate, lambda k: 3e-4 * ((k + 1) / 201 if k < 200 else 1 - (k - 200) / 800), range(1000))


@pytest.mark.parametrize("shape", ["linear", "sqrt", "cosine"])
def test_before_june_2025_a_warmup_had_one_part_more(used, agree, shape):
    text = json.dumps(STABLE).replace("cosine", shape).replace("min_lr_factor", "lr_min")

    def before(k):
        if k < 60:
            return 4e-3 * (k + 1) / 61
        done = max(0, (k + 1 - 210) / 91)
        left = {"linear": 1 - done, "sqrt": 1 - done**0.5}
        left["cosine"] = 0.5 * (1 + math.cos(math.pi * done))
        return 4e-3 * (0.1 + 0.9 * left[shape])

    for version in ("2025.5", "0.0.2"):
        agree(used("config.json", text, framework_version=version), before, range(300))
    assert used("config.json", text, framework_version="0.1.0") == used("config.json", text)
    with pytest.raises(ScheduleError, match="in March 2025 the decay changed"):
        used("config.json", text, framework_version="2025.3")


REGISTRY = """
from torchtitan.components.optimizer import default_adamw, LRSchedulersContainer

def debugmodel() -> Trainer.Config:
    packed = Packing(dataset=DATASETS["c4_test"])
    return Trainer.Config(
        loss=Loss.Config(vocab=size(model_spec)),
        optimizer=default_adamw(lr=8e-4),
        lr_scheduler=LRSchedulersContainer.Config(warmup_steps=2, decay_ratio=0.8),
        training=TrainingConfig(max_context_length=8 * 2048, steps=10),
    )

def large() -> Trainer.Config:
    return Trainer.Config(
        optimizer=default_adamw(lr=3e-4),
        lr_scheduler=LRSchedulersContainer.Config(warmup_steps=20, decay_type="cosine"),
        training=TrainingConfig(steps=300),
    )

def other() -> Trainer.Config:
    config = large()
    config.training.steps = 5
    return config
"""


def test_functions_that_return_configurations(used, agree):
    with pytest.raises(ScheduleError, match=r"`group` must name .*, one of debugmodel, large, got"):
        used("config_registry.py", REGISTRY)
    with pytest.raises(ScheduleError, match="got 'other'"):
        used("config_registry.py", REGISTRY, group="other")
    small = used("config_registry.py", REGISTRY, group="debugmodel")
    agree(small, reference(8e-4, 10, 2, 0.8, "linear", 0.0), range(10))
    large = used("config_registry.py", REGISTRY, group="large")
    agree(large, reference(3e-4, 300, 20, None, "cosine", 0.0), range(300))


def test_the_text_of_a_configuration(used):
    parts = ", ".join(
        f"{name}={kind}({', '.join(f'{k}={v!r}' for k, v in STABLE[name].items())})"
        for name, kind in [
            ("optimizer", "Optimizer"),
            ("lr_scheduler", "LRScheduler"),
            ("training", "Training"),
        ]
    )
    text = f"JobConfig(job=Job(config_file='x', dump_folder='./outputs'), {parts})\n"
    whole = used("config.json", json.dumps(STABLE))
    assert used("config.txt", text) == whole
    assert used("config.py", text) == whole


def test_groups_of_parameters_have_rates_of_their_own(used):
    groups = [
        {"pattern": r".*\.bias$", "optimizer_name": "AdamW", "optimizer_kwargs": {"lr": 1e-3}},
        {"pattern": ".*", "optimizer_name": "Muon", "optimizer_kwargs": {"lr": 4e-3}},
    ]
    text = json.dumps(STABLE | {"optimizer": {"param_groups": groups}})
    with pytest.raises(ScheduleError, match=r"`group` must name one of `optimizer.param_groups`"):
        used("config.json", text)
    whole = used("b.json", json.dumps(STABLE))
    assert used("config.json", text, group="Muon") == whole
    assert used("config.json", text, group=1) == whole
    assert used("config.json", text, group=".*") == whole
    one = json.dumps(STABLE | {"optimizer": {"param_groups": groups[1:]}})
    assert used("config.json", one) == whole
