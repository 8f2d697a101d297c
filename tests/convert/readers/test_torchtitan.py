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


def test_the_oldest_files_are_refused(used):
    with pytest.raises(ScheduleError, match=r"torchtitan: `training.warmup_steps` is 200"):
        used("a.toml", LLAMA.replace("steps = 1000", "steps = 1000\nwarmup_steps = 200"))
