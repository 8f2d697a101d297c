"""Megatron's flags, against what its scheduler computes of the samples consumed."""

import math

import pytest

from glissando.errors import ScheduleError

BIGSCIENCE = """#!/bin/bash
GLOBAL_BATCH_SIZE=2048
TRAIN_ITER=220_000_000
LR_DECAY_SAMPLES=200_000_000  # Decay for the first 410B tokens then continue at fixed --min-lr
LR_WARMUP_SAMPLES=183_105
OPTIMIZER_ARGS=" \\
    --optimizer adam \\
    --adam-beta1 0.9 \\
    --lr 6e-5 \\
    --min-lr 6e-6 \\
    --lr-decay-style cosine \\
    --lr-decay-samples $LR_DECAY_SAMPLES \\
    --lr-warmup-samples 183_105 \\
    --clip-grad 1.0 \\
    "
GPT_ARGS=" \\
    --pp-partition-method 'type:transformer|embedding' \\
    --num-layers 70 \\
    --micro-batch-size 2 \\
    --rampup-batch-size 192 16 9_765_625 \\
    --global-batch-size $GLOBAL_BATCH_SIZE \\
    --train-samples $TRAIN_ITER \\
    $OPTIMIZER_ARGS \\
    "
"""

GPT3 = """
python pretrain_gpt.py --num-layers 96 --micro-batch-size 1 --global-batch-size 1536 \\
    --train-iters 500000 --lr 6.0e-5 --min-lr 6.0e-6 --lr-decay-style cosine \\
    --lr-warmup-fraction .001 --lr-decay-iters 430000
"""


def cosine(samples, top, floor, warmup, decay):
    if warmup > 0 and samples <= warmup:
        return top * samples / warmup
    if samples > decay:
        return floor
    ratio = (samples - warmup) / (decay - warmup)
    return floor + 0.5 * (math.cos(math.pi * ratio) + 1.0) * (top - floor)


def consumed(steps):
    """The samples before each update of BigScience's run, batch by batch as Megatron ramps it."""
    start, increment, ramp, batch = 192, 16, 9_765_625, 2048
    per = ramp / ((batch - start) // increment)
    found, samples = [], 0
    for _ in range(steps):
        found.append(samples)
        size = batch if samples > ramp else start + int(samples / per) * increment
        samples += size
    return found


def test_the_clock_is_samples_and_the_batch_ramps(used, agree):
    rate = used("tr11-176B-ml.slurm", BIGSCIENCE)
    samples = consumed(120_000)
    updates = [*range(0, 2000, 7), *range(9000, 12_000, 97), *range(40_000, 120_000, 9999)]
    agree(rate, lambda k: cosine(samples[k], 6e-5, 6e-6, 183_105, 200_000_000), updates)


def test_updates_without_a_ramp(used, agree):
    rate = used("pretrain.sh", GPT3)
    steps = [*range(0, 900, 13), 1000, 200_000, 429_999, 430_000, 430_001, 499_999]
    agree(rate, lambda k: cosine(k, 6e-5, 6e-6, 430.0, 430_000), steps)


def test_a_warmup_fraction_may_end_between_two_samples(used, agree):
    rate = used(
        "run.sh",
        "train --lr 1e-3 --lr-warmup-fraction 0.0105 --train-iters 1000 --micro-batch-size 1",
    )

    def linear(k):
        return 1e-3 * (k / 10.5 if k <= 10.5 else 1 - (k - 10.5) / (1000 - 10.5))

    agree(rate, linear, range(0, 1000, 3))


def test_the_decay_style_is_linear_to_zero_where_nothing_is_said(used):
    rate = used("run.sh", "train --lr 0.1 --train-iters 100 --micro-batch-size 4")
    assert [rate(k) for k in (0, 50, 100)] == pytest.approx([0.1, 0.05, 0.0])


def test_wsd_falls_exponentially_by_default(used, agree):
    rate = used(
        "run.sh",
        "train --lr 1e-2 --train-samples 10000 --global-batch-size 100 --lr-decay-style WSD "
        "--lr-wsd-decay-samples 2000 --lr-warmup-samples 500 --lr-warmup-init 1e-3",
    )

    def wsd(k):
        s = 100 * k
        if s <= 500:
            return 1e-3 + 9e-3 * s / 500
        if s <= 8000:
            return 1e-2
        return 1e-2 * (2 * 0.5 ** ((s - 8000) / 2000) - 1) if s <= 10_000 else 0.0

    agree(rate, wsd, range(120))


def test_an_inverse_root_without_a_warmup_counts_samples_from_the_first_batch(used, agree):
    text = (
        "train --lr 0.1 --train-iters 100 --lr-decay-style inverse-square-root --micro-batch-size 2"
    )
    with pytest.raises(ScheduleError, match=r"megatron: the file does not say `world_size`"):
        used("run.sh", text)
    rate = used("run.sh", text, world_size=4)
    agree(rate, lambda k: 0.1 / math.sqrt(max(8 * k, 1)), range(100))


def test_the_decoupled_rate_is_that_of_a_group(used):
    text = "train --lr 1e-3 --decoupled-lr 2e-3 --train-iters 100 --micro-batch-size 1"
    assert used("run.sh", text)(0) == 1e-3
    assert used("run.sh", text, group="decoupled")(0) == 2e-3


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--train-samples 1000 --rampup-batch-size 2 2", "must be three numbers"),
        ("--train-samples 1000 --lr-decay-tokens 5", "a clock of tokens is not read"),
        ("--train-iters 10 --rampup-batch-size 2 2 10", "goes with `train_samples`"),
        ("--train-samples 1000 --train-iters 10", "leave out one of them"),
        ("--lr-decay-style linear", "does not say `steps` "),
        ("--train-iters 5\ntrain --lr 2e-3", r"must be one value, got 1e-3 \| 2e-3 in several"),
        ("--train-samples $N", "megatron: `train_samples` must be a number, got '\\$N'"),
    ],
)
def test_what_is_not_said_or_makes_no_sense_is_refused(used, flags, message):
    with pytest.raises(ScheduleError, match=message):
        used("run.sh", f"train --lr 1e-3 --global-batch-size 8 {flags}")


SHELL = r"""
GLOBAL_BATCH=${GLOBAL_BATCH:-8}
SEQ_LEN=4096
TRAIN_TOKENS=32_768_000
ITERS=$(( ${TRAIN_TOKENS} / (GLOBAL_BATCH * SEQ_LEN) ))
WARMUP=$((ITERS/100))
LR=${1:-6e-5}
# --no-load-optim \
# --reset-progress \
ARGS=" \
    --lr $LR --lr-decay-style cosine \
    --train-iters $ITERS --lr-warmup-iters ${WARMUP} \
    "
ARGS="$ARGS --min-lr 6e-6"
python pretrain_gpt.py --global-batch-size $GLOBAL_BATCH $ARGS
"""


def test_the_shells_defaults_and_arithmetic_and_a_comment_that_ends_with_a_backslash(used, agree):
    rate = used("run.sh", SHELL)
    agree(rate, lambda k: cosine(k, 6e-5, 6e-6, 10, 1000), range(0, 1100, 7))


@pytest.mark.parametrize("value", ["$((A+$B))", "$A", "$((1/0))", "$((08))", "$((9**9**9))"])
def test_what_the_shell_alone_can_say_is_told_as_it_stands(used, value):
    text = f"A=$A\nB=$((A+$B))\ntrain --lr 1e-3 --global-batch-size 8 --train-iters {value}"
    with pytest.raises(ScheduleError, match=r"megatron: `train_iters` must be a number, got .*\$"):
        used("run.sh", text)


@pytest.mark.parametrize("flag", ["min-lr", "lr-warmup-iters", "global-batch-size"])
def test_a_variable_that_the_file_does_not_have_is_no_default(used, flag):
    text = f"train --lr 1e-3 --train-iters 9 --micro-batch-size 1 --{flag} ${{UNKNOWN}}"
    with pytest.raises(ScheduleError, match=r"is '\$\{UNKNOWN\}', which the file does not have"):
        used("run.sh", text + " --lr-decay-style inverse-square-root", world_size=2)
