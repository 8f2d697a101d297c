"""torchtune's files."""

import math

import pytest

from glissando.errors import ScheduleError

FULL = """
output_dir: /tmp/torchtune/llama3_8B/full
tokenizer:
  _component_: torchtune.models.llama3.llama3_tokenizer
model:
  _component_: torchtune.models.llama3.llama3_8b
optimizer:
  _component_: torch.optim.AdamW
  fused: True
  lr: 2e-5
epochs: 1
batch_size: 2
max_steps_per_epoch: null
gradient_accumulation_steps: 1
"""

LORA = (
    FULL.replace("2e-5\nepochs: 1", "3e-4\nepochs: 2")
    + """
lr_scheduler:
  _component_: torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup
  num_warmup_steps: 100
"""
)


def test_without_a_scheduler_the_rate_stays(used):
    rate = used("8B_full.yaml", FULL)
    assert {rate(k) for k in range(100)} == {2e-5}


def test_a_cosine_over_the_updates_of_all_epochs(used, agree):
    with pytest.raises(ScheduleError, match="torchtune: the file does not say `steps_per_epoch`"):
        used("8B_lora.yaml", LORA)

    def cosine(k):
        if k < 100:
            return 3e-4 * k / 100
        return max(0.0, 3e-4 * 0.5 * (1 + math.cos(math.pi * (k - 100) / 900)))

    agree(used("8B_lora.yaml", LORA, steps_per_epoch=500), cosine, range(1000))
    text = LORA.replace("max_steps_per_epoch: null", "max_steps_per_epoch: 500")
    agree(used("8B_lora.yaml", text, steps_per_epoch=800), cosine, range(1000))
    assert used("8B_lora.yaml", text, steps_per_epoch=500) == used("x.yaml", LORA, steps=1000)


def test_others_are_refused(used):
    with pytest.raises(ScheduleError, match="get_cosine_schedule_with_warmup is read"):
        used("a.yaml", LORA.replace("get_cosine_schedule_with", "get_rex_scheduler_with"), steps=9)


def test_a_run_that_is_shorter_than_its_warmup_only_rises(used):
    rate = used("a.yaml", LORA, steps=50)
    assert [rate(k) for k in (0, 25, 49)] == pytest.approx([0.0, 7.5e-5, 1.47e-4])
