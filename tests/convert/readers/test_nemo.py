"""NeMo's files, against its schedulers' `get_lr`."""

import math

import pytest

from glissando.errors import ScheduleError

CONFORMER = """
name: "Conformer-CTC-BPE"
model:
  sample_rate: 16000
  encoder:
    d_model: 512
  optim:
    name: adamw
    lr: 2.0
    betas: [0.9, 0.98]
    weight_decay: 1e-3
    sched:
      name: NoamAnnealing
      d_model: ${model.encoder.d_model}
      # scheduler config override
      warmup_steps: 10000
      warmup_ratio: null
      min_lr: 1e-6
trainer:
  devices: -1
  max_epochs: 500
  max_steps: -1
  accumulate_grad_batches: 1
"""

GPT = """
trainer:
  max_epochs: -1
  max_steps: 1000
model:
  micro_batch_size: 4
  optim:
    name: fused_adam
    lr: 2e-4
    sched:
      name: CosineAnnealing
      warmup_steps: 50
      constant_steps: CONSTANT
      min_lr: 2e-5
"""


def noam(k, lr=2.0, d=512, warmup=10_000, floor=1e-6):
    step = max(1, k)
    found = lr * d**-0.5 * min(step**-0.5, step * warmup**-1.5)
    return max(found, floor) if step > warmup else found


def test_noam_with_a_reference_and_no_updates(used, agree):
    rate = used("conformer_ctc_bpe.yaml", CONFORMER)
    agree(rate, noam, [0, 1, 2, 9_999, 10_000, 10_001, 100_000, 10**9, 10**13])
    assert rate(0) == rate(1)


def test_a_cosine_with_steps_at_the_floor_warms_up_as_megatron(used, agree):
    def megatron(k):
        if k <= 50:
            return 2e-4 * k / 50
        ratio = min(1.0, (k - 50) / 850)
        return 2e-5 + 0.5 * (math.cos(math.pi * ratio) + 1) * 1.8e-4

    agree(used("gpt.yaml", GPT.replace("CONSTANT", "100")), megatron, range(1100))


def test_a_cosine_without_them_begins_above_zero(used, agree):
    def own(k):
        if k <= 50:
            return 2e-4 * (k + 1) / 51
        return 2e-5 + 1.8e-4 * 0.5 * (1 + math.cos(math.pi * min(1.0, (k - 50) / 950)))

    agree(used("gpt.yaml", GPT.replace("CONSTANT", "0")), own, range(1100))


def test_the_trainer_has_the_last_word_on_the_updates(used):
    text = GPT.replace("CONSTANT", "0").replace("min_lr: 2e-5", "min_lr: 2e-5\n      max_steps: 77")
    assert used("a.yaml", text) == used("b.yaml", GPT.replace("CONSTANT", "0"))
    alone = used("c.yaml", text.replace("max_steps: 1000", "max_steps: -1"))
    assert alone(77) == pytest.approx(2e-5)


def test_epochs_ask_for_their_updates(used):
    text = GPT.replace("max_epochs: -1\n  max_steps: 1000", "max_epochs: 10").replace(
        "CONSTANT", "0"
    )
    with pytest.raises(ScheduleError, match="nemo: the file does not say `steps_per_epoch`"):
        used("a.yaml", text)
    assert used("a.yaml", text, steps_per_epoch=100) == used("b.yaml", GPT.replace("CONSTANT", "0"))


def test_a_ratio_is_cut_and_a_hold_follows(used, agree):
    text = """
model:
  optim:
    lr: 1e-3
    sched:
      {name: NoamHoldAnnealing, warmup_ratio: 0.0199, hold_ratio: 0.1, decay_rate: 1, min_lr: 1e-5}
trainer: {max_steps: 500}
"""

    def held(k):
        if k <= 9:
            return 1e-3 * (k + 1) / 10
        if k < 59:
            return 1e-3
        return max(1e-3 * 9 / (k - 50), 1e-5) if k <= 500 else 1e-5

    agree(used("squeezeformer.yaml", text), held, range(600))


def test_an_unknown_scheduler_is_told(used):
    with pytest.raises(
        ScheduleError,
        match=r"`model.optim.sched.name` must be one that is .*did you mean 'CosineAnnealing'",
    ):
        used("a.yaml", GPT.replace("CosineAnnealing", "CosineAnealing"))


def test_schedulers_of_pytorch(used, agree):
    text = GPT.replace("name: CosineAnnealing", "NAME")
    steps = text.replace("NAME", "name: StepLR\n      step_size: 3\n      gamma: 0.999")
    agree(used("codec.yaml", steps), lambda k: 2e-4 * 0.999 ** (k // 3))
    epochs = text.replace("NAME", "name: ExponentialLR\n      lr_decay: 0.99")
    with pytest.raises(ScheduleError, match="nemo: the file does not say `steps_per_epoch`"):
        used("vits.yaml", epochs)
    rate = used("vits.yaml", epochs, steps_per_epoch=50)
    agree(rate, lambda k: 2e-4 * 0.99 ** (k // 50))
    assert used("hifigan.yaml", epochs.replace("lr_decay", "gamma"), steps_per_epoch=50) == rate


def test_without_any_length_nemo_makes_no_scheduler(used):
    text = GPT.replace("CONSTANT", "0\n      max_steps: -1").replace(
        "max_steps: 1000", "devices: 1"
    )
    rate = used("a.yaml", text)
    assert rate(0) == rate(10_000) == 2e-4
