"""LitGPT's files, against its `get_lr` and PyTorch's schedulers."""

import math
import warnings

import pytest
import torch

from glissando.errors import ScheduleError

TINY = """
model_name: tiny-llama-1.1b
out_dir: out/pretrain/tiny-llama
data: TinyLlama
train:
  save_interval: 1000
  log_interval: 1
  global_batch_size: 512
  micro_batch_size: 4
  lr_warmup_steps: 2000
  epochs:
  max_tokens: 3000000000000
  max_steps:
  max_seq_length: 2048
  max_norm: 1.0
  min_lr: 4.0e-05
optimizer:
  class_path: torch.optim.AdamW
  init_args:
    lr: 4e-4
    weight_decay: 0.1
devices: auto
num_nodes: 1
"""

LORA = """
checkpoint_dir: checkpoints/meta-llama/Llama-2-7b-hf
data: {class_path: litgpt.data.Alpaca2k}
train:
  global_batch_size: 8
  micro_batch_size: 1
  lr_warmup_steps: 10
  epochs: 4
  max_steps:
  min_lr: 6.0e-05
optimizer:
  class_path: torch.optim.AdamW
  init_args: {lr: 0.0002}
"""


def pretraining(it, warmup, end, peak=4e-4, floor=4e-5):
    if it < warmup:
        return peak * it / warmup
    if it > end:
        return floor
    done = (it - warmup) / (end - warmup)
    return floor + 0.5 * (1.0 + math.cos(math.pi * done)) * (peak - floor)


def test_pretraining_counts_micro_batches(used, agree):
    with pytest.raises(ScheduleError, match="litgpt: the file does not say `world_size`"):
        used("tinyllama.yaml", TINY)
    rate = used("tinyllama.yaml", TINY, world_size=64)
    accumulated = 512 // 64 // 4
    end = (3 * 10**12 // 64) // (4 * 2048)
    steps = [*range(0, 2100, 7), 1_000_000, end // 2 - 1]
    agree(rate, lambda k: pretraining(2 * k + 1, 2000 * accumulated, end), steps)
    assert rate(0) == pytest.approx(4e-4 / 4000)


def test_devices_may_be_in_the_file_and_the_length_of_a_sample_not(used):
    text = TINY.replace("devices: auto", "devices: 8").replace("num_nodes: 1", "num_nodes: 8")
    whole = used("a.yaml", TINY, world_size=64)
    assert used("b.yaml", text) == whole
    text = text.replace("max_seq_length: 2048", "max_seq_length:")
    with pytest.raises(ScheduleError, match="litgpt: the file does not say `tokens_per_step`"):
        used("c.yaml", text)
    assert used("c.yaml", text, tokens_per_step=512 * 2048) == whole


def test_finetuning_counts_updates_and_forgets_the_floor(used, agree):
    with pytest.raises(ScheduleError, match="litgpt: the file does not say `steps_per_epoch`"):
        used("lora.yaml", LORA)
    rate = used("lora.yaml", LORA, steps_per_epoch=50)
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=2e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rise = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 10)
        fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=190)
        both = torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[10])
        found = []
        for _ in range(200):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            both.step()
    agree(rate, found.__getitem__, range(200), rel=1e-9)
    assert rate(200) < 1e-12
    assert rate.steps == 200  # which no cosine rises after


def test_most_updates(used):
    text = LORA.replace("max_steps:", "max_steps: 120")
    assert used("a.yaml", text, steps_per_epoch=50)(120) < 1e-12


def test_a_fraction_of_warmup_is_refused(used):
    with pytest.raises(ScheduleError, match="say it as `lr_warmup_steps`"):
        used("a.yaml", LORA.replace("lr_warmup_steps: 10", "lr_warmup_fraction: 0.1"))


def test_a_run_that_is_shorter_than_its_warmup_only_rises(used):
    rate = used("a.yaml", LORA.replace("lr_warmup_steps: 10", "lr_warmup_steps: 1000"), steps=100)
    assert rate(99) == pytest.approx(2e-4 * 0.099)


def test_pretraining_has_defaults_of_its_own(used):
    text = "".join(
        line + "\n"
        for line in TINY.splitlines()
        if not line.strip().startswith(("global_batch", "micro_batch", "lr_warmup", "min_lr"))
    )
    given = {"framework": "litgpt", "world_size": 64}
    assert used("a.yaml", text, **given) == used("b.yaml", TINY, **given)


def test_an_empty_warmup_is_none_and_a_missing_one_the_default(used):
    rate = used("a.yaml", TINY.replace("lr_warmup_steps: 2000", "lr_warmup_steps:"), world_size=64)
    assert rate(0) == pytest.approx(4e-4)
    with pytest.raises(ScheduleError, match="LitGPT divides by it"):
        used("b.yaml", LORA.replace("lr_warmup_steps: 10", "lr_warmup_steps:"), steps=100)
    text = LORA.replace("  lr_warmup_steps: 10\n", "")
    assert used("c.yaml", text, steps=200)(50) == pytest.approx(1e-4)
