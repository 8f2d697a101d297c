"""nanoGPT's files, against its `get_lr`."""

import math

import pytest

from glissando.errors import ScheduleError

GPT2 = """# config for training GPT-2 (124M) down to very nice loss of ~2.85
wandb_log = True
wandb_project = 'owt'
wandb_run_name='gpt2-124M'

# 12 batch size * 1024 block size * 5 gradaccum * 8 GPUs = 491,520
batch_size = 12
block_size = 1024
gradient_accumulation_steps = 5 * 8

# this makes total number of tokens be 300B
max_iters = 600000
lr_decay_iters = 600000
eval_interval = 1000
weight_decay = 1e-1
"""

SHAKESPEARE = """
out_dir = 'out-shakespeare-char'
always_save_checkpoint = False
block_size = 256
n_layer = 6
learning_rate = 1e-3 # with baby networks can afford to go a bit higher
max_iters = 5000
lr_decay_iters = 5000 # make equal to max_iters usually
min_lr = 1e-4 # learning_rate / 10 usually
warmup_iters = 100 # not super necessary potentially
"""


def reference(peak, warmup, end, floor, old=False):
    def rate(it):
        if it < warmup:
            return peak * it / warmup if old else peak * (it + 1) / (warmup + 1)
        if it > end:
            return floor
        ratio = (it - warmup) / (end - warmup)
        return floor + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (peak - floor)

    return rate


def test_what_the_file_leaves_out_is_as_in_train_py(used, agree):
    rate = used("train_gpt2.py", GPT2)
    steps = [0, 1, 1999, 2000, 2001, 300_000, 600_000, 600_001]
    agree(rate, reference(6e-4, 2000, 600_000, 6e-5), steps)


def test_a_small_run(used, agree):
    rate = used("train_shakespeare_char.py", SHAKESPEARE)
    agree(rate, reference(1e-3, 100, 5000, 1e-4), [*range(200), 2500, 4999, 5000, 6000])


def test_older_copies_begin_their_warmup_at_zero(used, agree):
    rate = used("train_shakespeare_char.py", SHAKESPEARE, framework_version="2024.6")
    agree(rate, reference(1e-3, 100, 5000, 1e-4, old=True), range(200))


def test_flags(used, agree):
    rate = used(
        "run.sh",
        "python train.py --n_layer=4 --max_iters=200 --lr_decay_iters=200 --learning_rate=3e-4 "
        "--min_lr=3e-5 --warmup_iters=10",
    )
    agree(rate, reference(3e-4, 10, 200, 3e-5), range(210))


def test_a_run_that_does_not_decay_has_no_warmup_either(used):
    rate = used(
        "finetune.py",
        "init_from = 'gpt2-xl'\nmax_iters = 20\nlearning_rate = 3e-5\ndecay_lr = False\n",
    )
    assert {rate(k) for k in range(30)} == {3e-5}


def test_code_in_a_configuration_is_not_run(used):
    with pytest.raises(ValueError, match=r"nanogpt: `learning_rate` is code, .* which is"):
        used("evil.py", SHAKESPEARE + "learning_rate = __import__('os').system('true')\n")


def test_a_copy_with_another_schedule_is_refused(used):
    text = SHAKESPEARE + "decay_profile = 'wsd'\ncooldown_iters = 2000\n"
    with pytest.raises(ScheduleError, match="nanogpt: `decay_profile` is 'wsd': nanoGPT has no su"):
        used("train.py", text)
    assert used("a.py", text.replace("'wsd'", "'cosine'")) == used("b.py", SHAKESPEARE)
