"""Whatever stands in a configuration is read, or refused with a message: nothing else is raised."""

import random

import pytest

import glissando as gl
from glissando.convert.shared.deepspeed import PARAMETERS

VALUES = (
    None, True, False, 0, 1, 2, -1, 3.5, 0.1, 1e308, -1e308, float("inf"), float("nan"), 10**400,
    "", "x", "1e-4", "-3", "nan", "1" * 500, "10%", "${a.b}", [], [1, 2], ["a"], [1e-3, 1e-4], {},
    {"!tag": "!code", "value": "x"}, {"!tag": "!ref", "value": "<a>"}, "auto", "cosine", "rex",
    "one_cycle", "warmup_stable_decay", 2**53 + 1, '{"num_cycles": 2}', '{"min_lr": []}',
)  # fmt: skip
TRAINER = (
    "learning_rate lr_scheduler_type lr_scheduler_kwargs warmup_steps warmup_ratio max_steps "
    "num_train_epochs per_device_train_batch_size gradient_accumulation_steps deepspeed"
)
KEYS = {
    "transformers": TRAINER,
    "trl": f"{TRAINER} num_generations",
    "llamafactory": f"{TRAINER} stage template",
    "axolotl": "base_model learning_rate lr_scheduler lr_scheduler_kwargs warmup_steps num_epochs "
    "warmup_ratio max_steps micro_batch_size cosine_min_lr_ratio cosine_constant_lr_ratio "
    "jagged_restart_steps jagged_restart_warmup_steps lr_quadratic_warmup batch_size",
    "kohya": "learning_rate unet_lr text_encoder_lr lr_scheduler lr_warmup_steps lr_decay_steps "
    "lr_scheduler_num_cycles lr_scheduler_power lr_scheduler_args max_train_steps "
    "max_train_epochs network_module lr_scheduler_min_lr_ratio",
    "diffusers": "learning_rate scale_lr lr_scheduler lr_warmup_steps max_train_steps lr_power "
    "num_train_epochs lr_num_cycles train_batch_size gradient_accumulation_steps",
    "deepspeed": "warmup_min_lr warmup_max_lr warmup_num_steps warmup_type total_num_steps "
    "warmup_min_ratio cos_min_ratio cycle_min_lr cycle_max_lr cycle_first_step_size "
    "decay_step_size decay_lr_rate lr_range_test_min_lr lr_range_test_step_size",
}
GOOD = {
    "learning_rate": 1e-3, "max_steps": 100, "num_epochs": 2, "num_train_epochs": 2,
    "lr_scheduler": "cosine", "max_train_steps": 100, "total_num_steps": 100,
    "warmup_max_lr": 1e-3, "cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*`deepspeed` names")
@pytest.mark.parametrize("framework", KEYS)
def test_any_value_is_read_or_refused(framework):
    chosen = random.Random(framework)
    keys = KEYS[framework].split()
    read = 0
    for _ in range(120):
        data = {key: GOOD[key] for key in keys if key in GOOD and chosen.random() < 0.8}
        data |= {key: chosen.choice(VALUES) for key in chosen.sample(keys, 2)}
        if framework == "deepspeed":
            kind = chosen.choice(sorted(PARAMETERS))
            data = {key: data[key] for key in data if key in PARAMETERS[kind]}
            scheduler = {"type": kind, "params": data}
            data = {"scheduler": scheduler, "optimizer": {"params": {"lr": 1e-3}}}
        names = ("steps", "steps_per_epoch", "samples", "world_size")
        given = {name: chosen.choice([None, 1, 7, 1000]) for name in names}
        try:
            rate = gl.read(data, framework=framework, **given)
        except gl.ScheduleError:
            continue
        assert rate(0) >= 0 <= rate(5)
        read += 1
    assert read >= 10


NESTED = {
    "composer": {"optimizer": "lr", "scheduler": "name t_warmup alpha_f t_max", "": "max_duration"},
    "espnet": {
        "optim_conf": "lr",
        "scheduler_conf": "warmup_steps gamma step_size max_steps T_max",
        "": "scheduler num_iters_per_epoch accum_grad",
    },
    "fairseq": {
        "optimization": "lr max_update",
        "lr_scheduler": "_name warmup_updates total_num_update lr_shrink lr_period_updates t_mult "
        "max_lr force_anneal phase_ratio decay_steps",
    },
    "litgpt": {"train": "lr_warmup_steps epochs max_steps max_tokens", "": "optimizer devices"},
    "nanogpt": {"": "learning_rate max_iters lr_decay_iters warmup_iters min_lr decay_lr"},
    "olmo": {"optimizer": "learning_rate", "scheduler": "name t_warmup t_max", "": "max_duration"},
    "torchtitan": {
        "optimizer": "lr param_groups",
        "lr_scheduler": "warmup_steps decay_ratio decay_type min_lr_factor total_steps",
        "training": "steps warmup_steps",
    },
    "torchtune": {"optimizer": "lr", "lr_scheduler": "_component_ num_warmup_steps", "": "epochs"},
}
SOUND = {
    "lr": 1e-3, "learning_rate": 1e-3, "max_update": 100, "steps": 100, "max_duration": 100,
    "optimizer": {"init_args": {"lr": 1e-3}}, "epochs": 2, "t_warmup": 10,
    "name": "cosine_with_warmup", "scheduler": "tristagelr",
    "_component_": "get_cosine_schedule_with_warmup", "num_warmup_steps": 9, "max_iters": 100,
}  # fmt: skip
NAMES = ("cosine", "tri_stage", "triangular", "fixed", "step", "steplr", "warmuplr", "10ba", "2ep")


@pytest.mark.parametrize("framework", NESTED)
def test_any_value_in_a_part_is_read_or_refused(framework):
    chosen = random.Random(framework)
    read = 0
    for _ in range(150):
        data = {}
        for part, keys in NESTED[framework].items():
            inside = {key: SOUND[key] for key in keys.split() if key in SOUND}
            if chosen.random() < 0.7:
                inside[chosen.choice(keys.split())] = chosen.choice((*VALUES, *NAMES))
            data |= inside if not part else {part: inside}
        try:
            rate = gl.read(data, framework=framework, steps=100, steps_per_epoch=10, world_size=1)
        except gl.ScheduleError:
            continue
        assert all(0 <= rate(step) < float("inf") for step in (0, 1, 9))
        read += 1
    assert read
