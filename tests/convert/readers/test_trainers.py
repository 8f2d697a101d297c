"""DeepSpeed and Axolotl against the rates that their own schedulers gave, and their rules."""

import json
import re
from pathlib import Path

import pytest

import glissando as gl

RECORDED = json.loads((Path(__file__).parents[2] / "data/convert/trainer_rates.json").read_text())
CASES = {f"{case['framework']} {number}": case for number, case in enumerate(RECORDED["cases"])}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_used_rate_is_that_of_the_trainer(tmp_path, case):
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps(case["configuration"]))  # which is YAML as well
    rate = gl.read(file, **case["given"])
    found = [rate(step) for step in range(len(case["rates"]))]
    assert found == pytest.approx(case["rates"], rel=1e-13, abs=1e-19)


def ds(kind="WarmupLR", **parameters):
    optimizer = {"type": "Adam", "params": {"lr": 1e-3}}
    return {"optimizer": optimizer, "scheduler": {"type": kind, "params": parameters}}


def test_deepspeed_makes_its_first_two_updates_at_the_minimum():
    rate = gl.read(ds(warmup_min_lr=1e-6, warmup_max_lr=1e-3, warmup_num_steps=10))
    assert rate(0) == rate(1) == 1e-6 < rate(2)


def test_deepspeed_warms_up_along_the_logarithm_by_default():
    rate = gl.read(ds(warmup_max_lr=1.0, warmup_num_steps=100))
    assert rate(1 + 9) == pytest.approx(0.5)  # ln 10 / ln 100
    line = gl.read(ds(warmup_max_lr=1.0, warmup_num_steps=100, warmup_type="linear"))
    assert line(1 + 9) == pytest.approx(0.09)


def test_deepspeed_asks_for_what_is_auto():
    decay = ds("WarmupDecayLR", warmup_max_lr="auto", warmup_num_steps=10, total_num_steps="auto")
    with pytest.raises(gl.ScheduleError, match=r'warmup_max_lr` is "auto", which the Trainer'):
        gl.read(decay)
    decay["scheduler"]["params"] |= {"warmup_max_lr": 1e-3, "warmup_min_lr": "auto"}
    assert gl.read(decay, steps=50).steps == 51
    with pytest.raises(gl.ScheduleError, match="there is no `scheduler` in it"):
        gl.read({"train_batch_size": 8, "zero_optimization": {"stage": 2}})


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("WarmupCosineLR", "warmup_max_lr", "`scheduler.params.warmup_max_lr` is no parameter of"),
        ("WarmupLR", "last_batch_iteration", "`scheduler.params.last_batch_iteration` must be -1"),
    ],
)
def test_deepspeed_refuses_what_its_scheduler_does_not_take(kind, name, message):
    with pytest.raises(gl.ScheduleError, match=message):
        deepspeed(kind, {"warmup_num_steps": 10, name: 1})


def test_deepspeed_has_the_optimizers_peak_since_0_17_2():
    parameters = {"warmup_num_steps": 10}
    assert deepspeed("WarmupLR", parameters, framework_version="0.17.1")(50) == 0.001
    assert deepspeed("WarmupLR", parameters, framework_version="0.17.2")(50) == 0.01
    with pytest.raises(gl.ScheduleError, match="framework_version"):
        deepspeed("WarmupLR", parameters)


def test_deepspeed_makes_stairs_of_its_cycle_since_0_19_4():
    cycle = {"cycle_min_lr": 0.1, "cycle_max_lr": 0.5, "cycle_first_step_size": 8}
    parameters = cycle | {"cycle_first_stair_count": 4}
    line = deepspeed("OneCycle", cycle)
    assert deepspeed("OneCycle", parameters, framework_version="0.19.2") == line
    stairs = deepspeed("OneCycle", parameters, framework_version="0.19.4")
    assert [stairs(k) for k in (0, 1, 2, 7, 8, 9, 10, 11, 16)] == pytest.approx(
        [0.1, 0.1, 0.2, 0.4, 0.5, 0.4, 0.4, 0.3, 0.1]
    )
    with pytest.raises(gl.ScheduleError, match="`cycle_first_stair_count` must divide"):
        deepspeed("OneCycle", cycle | {"cycle_first_stair_count": 3}, framework_version="0.19.4")


def deepspeed(kind, parameters, **given):
    optimizer = {"params": {"lr": 0.01}}
    return gl.read(ds(kind, **parameters) | {"optimizer": optimizer}, **given)


def test_deepspeed_groups_are_asked_for_by_number():
    groups = ds(warmup_max_lr=[1e-3, 1e-4], warmup_num_steps=4)
    with pytest.raises(gl.ScheduleError, match="give the number of one as `group`"):
        gl.read(groups)
    assert gl.read(groups, group=1)(10) == 1e-4


def axolotl(**options):
    return {"base_model": "m", "datasets": [], "learning_rate": 1e-3, "max_steps": 101} | options


@pytest.mark.parametrize(
    ("options", "warmup"),
    [
        ({"warmup_ratio": 0.1}, 10),  # rounded down; Transformers rounds up
        ({"warmup_ratio": 0.01}, 2),  # 1 becomes 2
        ({"warmup_steps": 1}, 2),
        ({}, 3),
        ({"max_steps": 100_000}, 100),
        ({"warmup_steps": 0.101}, 11),  # which Transformers rounds up
        ({"warmup_steps": 0}, 0),
    ],
)
def test_the_warmup_of_axolotl(options, warmup):
    rate = gl.read(axolotl(**options))
    assert rate(warmup) == 1e-3
    assert all(rate(step) < 1e-3 for step in range(warmup))


def test_a_cosine_of_axolotl_whose_floor_is_its_peak_is_constant():
    rate = gl.read(axolotl(warmup_ratio=0.1, cosine_min_lr_ratio=1.0, cosine_constant_lr_ratio=0))
    assert rate(5) == 5e-4
    assert rate(50) == rate(100) == 1e-3


def test_axolotl_counts_the_updates_of_its_samples():
    options = axolotl(micro_batch_size=2, gradient_accumulation_steps=4, num_epochs=3)
    del options["max_steps"]
    # ceil(1000 * 3 / 16): an epoch may end within an update
    rate = gl.read(options | {"lr_scheduler": "linear"}, samples=1000, world_size=2)
    assert rate.steps == 188
    with pytest.raises(gl.ScheduleError, match=re.escape("give `steps` (--steps)")):
        gl.read(options | {"sample_packing": True}, samples=1000, world_size=2)
    with pytest.raises(gl.ScheduleError, match="`world_size`"):
        gl.read(options, samples=1000)


def test_a_scheduler_of_deepspeed_takes_the_place_of_axolotls(tmp_path):
    auto = dict.fromkeys(("warmup_max_lr", "warmup_num_steps", "total_num_steps"), "auto")
    (tmp_path / "zero2.json").write_text(json.dumps(ds("WarmupDecayLR", **auto)))
    options = axolotl(warmup_ratio=0.1, max_steps=100, deepspeed="zero2.json")
    (tmp_path / "run.yaml").write_text(json.dumps(options))
    numbers = {"warmup_max_lr": 1e-3, "warmup_num_steps": 10, "total_num_steps": 100}
    assert gl.read(tmp_path / "run.yaml") == gl.read(ds("WarmupDecayLR", **numbers))


def test_axolotls_old_restarts_are_refused():
    with pytest.raises(gl.ScheduleError, match=r"`relora_steps` is 150: axolotl before 0\.12 r"):
        gl.read(axolotl(relora_steps=150))
    assert gl.read(axolotl(relora_steps=None)) == gl.read(axolotl())


def test_axolotls_groups_have_peaks_of_their_own():
    options = axolotl(lr_scheduler="linear", warmup_steps=0, embedding_lr_scale=0.5)
    options |= {"lr_groups": [{"name": "vision", "modules": ["visual"], "lr": 1e-5}]}
    plain = gl.read(options)
    assert gl.read(options, group="vision")(0) == 1e-5
    assert gl.read(options, group="embeddings")(3) == plain(3) / 2
    with pytest.raises(
        gl.ScheduleError, match="`group` must be one of vision, embeddings, got 'x'"
    ):
        gl.read(options, group="x")


def test_axolotl_takes_a_ratio_of_the_fewer_updates():
    options = axolotl(lr_scheduler="linear", warmup_ratio=0.5, max_steps=1000, micro_batch_size=1)
    rate = gl.read(options, samples=100, world_size=1)
    assert (rate(50), rate.steps) == (1e-3, 1000)


LLAMA = {"stage": "sft", "template": "qwen", "finetuning_type": "lora", "learning_rate": 1e-3}


def test_llamafactory_keeps_a_third_stable():
    rate = gl.read(
        LLAMA | {"lr_scheduler_type": "warmup_stable_decay", "warmup_steps": 10, "max_steps": 110}
    )
    assert rate == gl.Linear(0.0, 1e-3, 10) >> gl.Constant(1e-3, 33) >> gl.Cosine(
        1e-3, 0.0, 67
    ) >> gl.Constant(0.0)
    own = {"num_stable_steps": 60, "num_decay_steps": 40}
    rate = gl.read(
        LLAMA
        | {"lr_scheduler_type": "warmup_stable_decay", "max_steps": 100, "lr_scheduler_kwargs": own}
    )
    assert rate(59) == 1e-3 > rate(61)


def test_llamafactory_1_has_a_constant_rate_or_a_plugin():
    options = {"model": "m", "train_dataset": "d", "micro_batch_size": 1, "learning_rate": 1e-4}
    assert gl.read(options) == gl.Constant(1e-4)
    with pytest.raises(gl.ScheduleError, match="names a plugin"):
        gl.read(options | {"lr_scheduler_config": {"name": "mine"}})


def test_trl_has_defaults_of_its_own(tmp_path):
    file = tmp_path / "train.py"
    for call, peak in {"SFTConfig": 2e-5, "DPOConfig": 1e-6, "RewardConfig": 1e-4}.items():
        file.write_text(f"args = trl.{call}(max_steps=10, lr_scheduler_type='constant')")
        assert gl.read(file) == gl.Constant(peak)
    file = tmp_path / "sft.yaml"
    file.write_text("max_steps: 9\nlr_scheduler_type: linear\ndataset_text_field: text\n")
    with pytest.raises(gl.ScheduleError, match="does not say `learning_rate`, whose default is"):
        gl.read(file)


def test_a_command_in_a_comment_is_none(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(
        "# trl sft --config config.yaml\nlearning_rate: 1e-4\nlr_scheduler_type: cosine\n"
    )
    assert gl.read(file, steps=100)(50) == pytest.approx(5e-5)
    file.write_text("# trl sft --config config.yaml\nlr_scheduler_type: cosine\n")
    with pytest.raises(gl.ScheduleError, match="does not say `learning_rate`, whose default"):
        gl.read(file, steps=100)


def test_a_class_of_another_library_is_not_trls(tmp_path):
    file = tmp_path / "sft.py"
    file.write_text("from trlx import SFTConfig\nmethod = SFTConfig(name='sftconfig')\n")
    with pytest.raises(gl.ScheduleError, match="no framework is known"):
        gl.read(file)


def test_an_epoch_of_generations_is_not_counted_by_samples():
    options = {"num_generations": 8, "per_device_train_batch_size": 8, "learning_rate": 1e-6}
    with pytest.raises(gl.ScheduleError, match=r"give `steps` \(--steps\)"):
        gl.read(options, samples=100, world_size=1)
