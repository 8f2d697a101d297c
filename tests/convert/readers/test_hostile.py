"""Every value of a configuration replaced by what nobody expects: a schedule or a clear refusal."""

import copy
from contextlib import suppress

import pytest

import glissando as gl

WARMUP = {"lr_warmup_steps": 3, "micro_batch_size": 1, "global_batch_size": 8}
SMALL = {
    "gpt-neox": {"optimizer": {"params": {"lr": 1e-3}}, "train_iters": 90, "warmup": 0.1},
    "nemo": {
        "model": {"optim": {"lr": 1.0, "sched": {"name": "NoamAnnealing", "d_model": 8}}},
        "trainer": {"max_steps": 90},
    },
    "mmengine": {
        "optim_wrapper": {"optimizer": {"lr": 0.1}, "accumulative_counts": 2},
        "param_scheduler": [{"type": "MultiStepLR", "milestones": [2], "gamma": 0.1, "end": 9}],
        "train_cfg": {"max_epochs": 9},
        "auto_scale_lr": {"enable": True, "base_batch_size": 8},
        "train_dataloader": {"batch_size": 4},
    },
    "mmengine of mmcv": {
        "optimizer": {"lr": 0.1},
        "lr_config": {"policy": "poly", "warmup": "exp", "warmup_iters": 3, "power": 2.0},
        "runner": {"max_epochs": 9},
    },
    "detectron2": {"SOLVER": {"BASE_LR": 0.1, "STEPS": "(5, 7)", "MAX_ITER": 9, "WARMUP_ITERS": 2}},
    "torchtitan": {
        "optimizer": {"lr": 0.1},
        "training": {"steps": 9},
        "lr_scheduler": {"lr_min": 0},
    },
    "torchtune": {"optimizer": {"_component_": "SGD", "lr": 0.1}},
    "composer": {
        "optimizer": {"lr": 0.1},
        "scheduler": {"name": "cosine_with_warmup", "t_warmup": "2ba"},
        "max_duration": "9ba",
    },
    "olmo": {
        "optimizer": {"learning_rate": 0.1},
        "scheduler": {"units": "tokens", "t_warmup": 9},
        "max_duration": "900T",
        "global_train_batch_size": 2,
        "model": {"max_sequence_length": 8},
    },
    "olmo-core": {
        "train_module": {"optim": {"lr": 0.1}, "scheduler": {"_CLASS_": "x.WSD", "warmup": 3}},
        "trainer": {"max_duration": {"value": 90, "unit": "steps"}},
    },
    "nanogpt": {"learning_rate": 0.1, "max_iters": 9, "lr_decay_iters": 9, "warmup_iters": 2},
    "litgpt": {
        "train": {**WARMUP, "max_tokens": 9000, "max_seq_length": 8},
        "optimizer": {"init_args": {"lr": 0.1}},
    },
    "fairseq": {
        "optimization": {"lr": [0.1], "max_update": 90},
        "lr_scheduler": {"_name": "cosine", "warmup_updates": 3, "t_mult": 2, "lr_shrink": 0.5},
    },
    "espnet": {"optim_conf": {"lr": 0.1}, "scheduler": "warmuplr", "scheduler_conf": {}},
    "speechbrain": {
        "lr": 0.1,
        "opt": {
            "!tag": "!name:torch.optim.SGD",
            "value": {"lr": {"!tag": "!ref", "value": "<lr>"}},
        },
        "noam": {
            "!tag": "!new:speechbrain.nnet.schedulers.NoamScheduler",
            "value": {"lr_initial": 0.1, "n_warmup_steps": 3},
        },
    },
    "paddle": {
        "LearningRate": {
            "base_lr": 0.1,
            "schedulers": [
                {"!tag": "!PiecewiseDecay", "value": {"gamma": [0.1], "milestones": [3]}},
                {"name": "LinearWarmup", "steps": 5},
            ],
        }
    },
}

ODD = [
    None, "x", "", -1, 0, 1e308, float("inf"), float("nan"), 2**70, 10**4000, [], {}, [[]], True,
    "1e400", "-3", "${a.b}", "???", 0.5, "9" * 90, 10**15, "1 | 2",
    {"!tag": "!new:os.system", "value": ["false"]},
]  # fmt: skip

GIVEN = {"steps": 200, "steps_per_epoch": 50, "world_size": 4, "tokens_per_step": 1024}


def places(data, before=()):
    """Yield the keys that lead to each value."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*before, key)
        if isinstance(value, dict | list):
            yield from places(value, (*before, key))


@pytest.mark.parametrize("name", SMALL)
def test_an_odd_value_is_read_or_refused(name):
    framework = name.split()[0]
    gl.read(SMALL[name], framework=framework, **GIVEN)
    for place in places(SMALL[name]):
        for odd in ODD:
            data = copy.deepcopy(SMALL[name])
            part = data
            for key in place[:-1]:
                part = part[key]
            part[place[-1]] = copy.deepcopy(odd)
            with suppress(gl.ScheduleError):
                gl.read(data, framework=framework, **GIVEN)(30)
