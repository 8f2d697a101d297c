"""Diffusers and Kohya: Accelerate advances a schedule once for each process."""

import pytest
import torch
from transformers import get_scheduler

import glissando as gl


def advanced(kind, warmup, length, processes, updates, **options):
    """Return the used rates of a scheduler that each update advances once a process."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
    scheduler = get_scheduler(kind, optimizer, warmup, length, options)
    rates = []
    for _ in range(updates):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        for _ in range(processes):
            scheduler.step()
    return rates


def read(file, text, updates, **given):
    file.write_text(text)
    rate = gl.read(file, **given)
    return [rate(step) for step in range(updates)]


KOHYA = 'network_module = "n"\nunet_lr = 1e-3\ntext_encoder_lr = 1e-3\nmax_train_steps = 40\n'


@pytest.mark.parametrize("kind", ["linear", "cosine", "constant_with_warmup"])
@pytest.mark.parametrize("warmup", [0, 5, 8])
def test_kohya_multiplies_the_length_and_not_the_warmup(tmp_path, kind, warmup):
    text = f'{KOHYA}lr_scheduler = "{kind}"\nlr_warmup_steps = {warmup}\n'
    found = read(tmp_path / "kohya.toml", text, 40, world_size=2)
    assert found == pytest.approx(advanced(kind, warmup, 80, 2, 40), rel=1e-12, abs=1e-19)


def test_kohya_advances_what_has_no_length_once_for_each_process(tmp_path):
    text = f'{KOHYA}lr_scheduler = "inverse_sqrt"\nlr_scheduler_timescale = 30\n'
    found = read(tmp_path / "kohya.toml", text, 40, world_size=2)
    expected = advanced("inverse_sqrt", 0, 80, 2, 40, timescale=30)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-19)


def test_kohya_multiplies_a_fraction(tmp_path):
    text = f'{KOHYA}lr_scheduler = "linear"\nlr_warmup_steps = 0.1\n'
    found = read(tmp_path / "kohya.toml", text, 40, world_size=2)
    assert found == pytest.approx(advanced("linear", 8, 80, 2, 40), rel=1e-12, abs=1e-19)


def test_kohya_needs_the_processes_for_a_warmup_alone(tmp_path):
    file = tmp_path / "kohya.toml"
    assert read(file, f'{KOHYA}lr_scheduler = "linear"\n', 1) == [1e-3]
    with pytest.raises(gl.ScheduleError, match="`world_size`"):
        read(file, f'{KOHYA}lr_scheduler = "linear"\nlr_warmup_steps = 10\n', 1)
    with pytest.raises(gl.ScheduleError, match="give `steps_per_epoch`"):
        read(file, f'{KOHYA}lr_scheduler = "linear"\nmax_train_epochs = 10\n', 1)


def test_kohya_has_the_cycles_of_its_own_flag(tmp_path):
    text = (
        "accelerate launch train_network.py --network_module=networks.lora --learning_rate=1e-3 "
        "--optimizer_type AdamW --max_train_steps=40 --lr_scheduler=cosine_with_restarts "
        "--lr_scheduler_num_cycles=3"
    )
    found = read(tmp_path / "train.sh", text, 40)
    expected = advanced("cosine_with_restarts", 0, 40, 1, 40, num_cycles=3)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-19)


def test_kohya_asks_for_the_group(tmp_path):
    text = KOHYA.replace("text_encoder_lr = 1e-3", "text_encoder_lr = 1e-4")
    file = tmp_path / "kohya.toml"
    with pytest.raises(gl.ScheduleError, match="give `group`"):
        read(file, text, 1)
    assert read(file, text, 1, group="unet") == [1e-3]
    assert read(file, text, 1, group="text_encoder") == [1e-4]


def flags(**options):
    own = {"pretrained_model_name_or_path": "m", "instance_prompt": "'a dog'", **options}
    return "python train.py " + " \\\n  ".join(f"--{name} {own[name]}" for name in own)


NETWORK = {"network_module": "networks.lora", "network_dim": 8, "learning_rate": 1e-3}


def test_kohya_steps_a_class_of_pytorch_once_a_process():
    options = NETWORK | {"lr_scheduler_type": "CosineAnnealingLR"}
    options |= {"lr_scheduler_args": ["T_max=100", "eta_min=1e-5"]}
    rate = gl.read(options, world_size=2)
    assert rate(25) == pytest.approx((1e-3 + 1e-5) / 2)
    with pytest.raises(gl.ScheduleError, match=r"`lr_warmup_steps` .* must be 0 for Cosine"):
        gl.read(options | {"lr_warmup_steps": 5}, world_size=2)
    with pytest.raises(gl.ScheduleError, match="`lr_scheduler_type` must be one of"):
        gl.read(options | {"lr_scheduler_type": "mine.Rex"})


def test_kohyas_optimizers_may_leave_no_schedule():
    cosine = NETWORK | {"lr_scheduler": "cosine", "max_train_steps": 100}
    free = cosine | {"optimizer_type": "AdamWScheduleFree"}
    assert gl.read(free) == gl.Constant(1e-3)
    adafactor = cosine | {"optimizer_type": "Adafactor"}
    with pytest.raises(gl.ScheduleError, match="`optimizer_type` Adafactor makes its own rate"):
        gl.read(adafactor)
    fixed = ["scale_parameter=False", "relative_step=False"]
    assert gl.read(adafactor | {"optimizer_args": fixed}) == gl.read(cosine)


def test_kohyas_text_encoders_may_have_rates_of_their_own():
    options = NETWORK | {"text_encoder_lr": [1e-4, 1e-5], "unet_lr": 2e-3}
    groups = ("unet", "text_encoder1", "text_encoder2")
    assert [gl.read(options, group=group)(0) for group in groups] == [2e-3, 1e-4, 1e-5]
    with pytest.raises(gl.ScheduleError, match=r"`group` .* unet or text_encoder1 or text_enc"):
        gl.read(options)
    assert gl.read(options | {"network_train_unet_only": True})(0) == 2e-3


def test_kohyas_text_encoders_may_be_trained_whole():
    whole = {"learning_rate": 1e-5, "learning_rate_te1": 1e-6, "learning_rate_te2": 2e-6}
    whole |= {"save_model_as": "safetensors", "mixed_precision": "bf16"}
    groups = ("unet", "text_encoder1", "text_encoder2")
    assert [gl.read(whole, group=group)(0) for group in groups] == [1e-5, 1e-6, 2e-6]
    with pytest.raises(gl.ScheduleError, match="`group`"):
        gl.read(whole)
    assert gl.read(whole | {"network_dim": 8}) == gl.Constant(1e-5)


def test_kohyas_interface_has_a_warmup_in_percent():
    preset = {"network_dim": 8, "unet_lr": 1e-3, "text_encoder_lr": 0}
    preset |= {"lr_scheduler": "linear", "lr_warmup": 10, "max_train_epochs": "", "optimizer": "A"}
    preset |= {"lr_scheduler_power": "", "dataset_config": "d", "learning_rate": 1e-3}
    rate = gl.read(preset, steps=200, world_size=1)
    assert rate == gl.Linear(0.0, 1e-3, 20) >> gl.Linear(1e-3, 0.0, 180)
    with pytest.raises(gl.ScheduleError, match=r"`lr_warmup` of 10 % is 20.5 updates"):
        gl.read(preset, steps=205, world_size=1)
    with pytest.raises(gl.ScheduleError, match="`steps`"):
        gl.read(preset, world_size=1)


def test_diffusers_multiplies_both_so_that_the_processes_do_not_matter(tmp_path):
    text = flags(learning_rate=1e-3, lr_scheduler="cosine", lr_warmup_steps=10, max_train_steps=40)
    found = read(tmp_path / "train.sh", text, 40)
    for processes in (1, 4):
        expected = advanced("cosine", 10 * processes, 40 * processes, processes, 40)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-19)


def test_diffusers_multiplied_both_by_the_accumulation_before_0_19(tmp_path):
    text = flags(learning_rate=1e-3, lr_scheduler="linear", lr_warmup_steps=4, max_train_steps=40)
    text += " --gradient_accumulation_steps=3"
    given = {"world_size": 2, "framework_version": "0.18.2"}
    found = read(tmp_path / "train.sh", text, 40, **given)
    assert found == pytest.approx(advanced("linear", 12, 120, 2, 40), rel=1e-12, abs=1e-19)


def test_whose_script_it_is_is_told_by_what_only_one_has(tmp_path):
    file = tmp_path / "train.sh"
    run = "accelerate launch train.py --pretrained_model_name_or_path m --cache_latents "
    run += "--mixed_precision fp16 --learning_rate 1e-3 --lr_scheduler cosine --max_train_steps 900"
    file.write_text(f"{run} --train_data_dir d")
    assert gl.read(file)(0) == 1e-3  # Kohya's have no warm-up by default, and Diffusers' 500
    file.write_text(f"{run} --instance_prompt 'a dog'")
    assert gl.read(file)(250) == 5e-4


def test_diffusers_has_a_warmup_of_500_unless_it_is_constant(tmp_path):
    file = tmp_path / "train.sh"
    assert read(file, flags(learning_rate=1e-4), 2) == [1e-4, 1e-4]
    text = flags(learning_rate=1e-4, lr_scheduler="constant_with_warmup")
    assert read(file, text, 251)[-1] == 5e-5


def test_diffusers_scales_the_rate_by_the_samples_of_an_update(tmp_path):
    file = tmp_path / "train.sh"
    text = flags(learning_rate=1e-4, train_batch_size=4, gradient_accumulation_steps=2, scale_lr="")
    assert read(file, text, 1, world_size=8) == [64 * 1e-4]
    with pytest.raises(gl.ScheduleError, match="`world_size`"):
        read(file, text, 1)


def test_diffusers_counts_the_updates_of_its_epochs(tmp_path):
    file = tmp_path / "train.sh"
    file.write_text(
        flags(
            learning_rate=1e-3,
            lr_scheduler="linear",
            lr_warmup_steps=0,
            num_train_epochs=2,
            train_batch_size=4,
            gradient_accumulation_steps=2,
        )
    )
    # 26 batches, 13 of each process, 7 updates an epoch
    assert gl.read(file, samples=101, world_size=2).steps == 14
