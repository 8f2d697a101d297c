"""GPT-NeoX's files, against the arithmetic of its scheduler."""

import math

import pytest

from glissando.errors import ScheduleError

SMALL = """# GPT-2 pretraining setup
{
   "pipe_parallel_size": 1,
   "num_layers": 12,
   # optimizer settings
   "optimizer": {
     "type": "Adam",
     "params": {
       "lr": 0.0006,
       "betas": [0.9, 0.95],
       "eps": 1.0e-8,
     }
   },
   "min_lr": 0.00006,
   "zero_optimization": {"stage": 1, "allgather_partitions": True,},
   "train_micro_batch_size_per_gpu": 4,
   "train_iters": 320000,
   "lr_decay_iters": 320000,
   "lr_decay_style": "cosine",
   "warmup": 0.01,
}
"""

LINEAR = """
pipe-parallel-size: 1
optimizer:
  type: adam
  params: {lr: 9.7e-5}
train_micro_batch_size_per_gpu: 4
train-iters: 1234
lr-decay-style: STYLE
warmup: 0.015
min-lr: 9.7e-6
"""


def reference(style, peak, floor, steps, fraction):
    warmup = fraction * steps

    def rate(k):
        if warmup > 0 and k <= warmup:
            return peak * max(1, k) / warmup
        done, length = k - warmup, steps - warmup
        if style == "linear":
            found = peak * (length - done) / length
        elif style == "cosine":
            return floor + (peak - floor) / 2 * (math.cos(math.pi * done / length) + 1)
        elif style == "exponential":
            found = peak * math.exp(-0.693 * done / length)
        else:
            found = peak
        return max(found, floor)

    return rate


def test_json_with_comments_and_one_percent_of_warmup(used, agree):
    rate = used("125M.yml", SMALL)
    formula = reference("cosine", 6e-4, 6e-5, 320_000, 0.01)
    agree(rate, formula, [*range(20), 3199, 3200, 3201, 160_000, 319_999, 320_001])


def test_the_first_two_updates_have_the_same_rate(used):
    rate = used("125M.yml", SMALL)
    assert rate(0) == rate(1) == pytest.approx(6e-4 / 3200)


def test_before_april_2026_the_first_update_had_none(used):
    rate = used("125M.yml", SMALL, framework_version="2025.12")
    assert (rate(0), rate(1)) == (0.0, pytest.approx(6e-4 / 3200))
    assert used("125M.yml", SMALL, framework_version="2026.5")(0) > 0


@pytest.mark.parametrize("style", ["linear", "cosine", "exponential", "constant"])
def test_a_warmup_may_end_between_two_updates(used, agree, style):
    rate = used("pythia.yml", LINEAR.replace("STYLE", style))
    agree(rate, reference(style, 9.7e-5, 9.7e-6, 1234, 0.015), range(1300))


def test_a_cosine_turns_up_again_past_its_end(used):
    rate = used("125M.yml", SMALL.replace('"lr_decay_iters": 320000', '"lr_decay_iters": 1000'))
    assert rate(1000) == pytest.approx(6e-5)
    assert rate(1300) > 1e-4


def test_the_updates_are_asked_for(used):
    text = LINEAR.replace("train-iters: 1234", "").replace("STYLE", "linear")
    with pytest.raises(ScheduleError, match="gpt-neox: the file does not say `steps`"):
        used("pythia.yml", text)
    assert used("pythia.yml", text, steps=1234) == used("x.yml", LINEAR.replace("STYLE", "linear"))
