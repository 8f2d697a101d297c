"""fairseq's files and flags, against its schedulers' `step_update`."""

import math

import pytest

from glissando.errors import ScheduleError

WAV2VEC = """# @package _group_

common:
  fp16: true
  log_format: json
optimization:
  max_update: 400000
  lr: [0.0005]
optimizer:
  _name: adam
  adam_betas: (0.9,0.98)
lr_scheduler:
  _name: polynomial_decay
  warmup_updates: 32000
"""

IWSLT = """
CUDA_VISIBLE_DEVICES=0 fairseq-train \\
    data-bin/iwslt14.tokenized.de-en \\
    --arch transformer_iwslt_de_en --share-decoder-input-output-embed \\
    --optimizer adam --adam-betas '(0.9, 0.98)' --clip-norm 0.0 \\
    --lr 5e-4 --lr-scheduler inverse_sqrt --warmup-updates 4000 --warmup-init-lr 1e-07 \\
    --max-tokens 4096
"""


def hydra(scheduler, lr="[0.001]", updates=1000):
    return f"optimization: {{lr: {lr}, max_update: {updates}}}\nlr_scheduler: {scheduler}\n"


def test_wav2vec(used, agree):
    rate = used("wav2vec2_base_librispeech.yaml", WAV2VEC)

    def polynomial(k):
        return 5e-4 * (k / 32_000 if k <= 32_000 else max(0.0, 1 - (k - 32_000) / 368_000))

    agree(rate, polynomial, [0, 1, 31_999, 32_000, 32_001, 200_000, 399_999, 400_000, 500_000])
    assert rate(0) == 0


def test_flags_with_a_first_rate(used, agree):
    rate = used("README.md", f"# Training\n```bash\n{IWSLT}\n```\n")

    def inverse(k):
        if k < 4000:
            return 1e-7 + k * (5e-4 - 1e-7) / 4000
        return 5e-4 * 4000**0.5 * k**-0.5

    agree(rate, inverse, [0, 1, 3999, 4000, 4001, 50_000, 10**6])


def test_a_power_and_an_end(used, agree):
    part = (
        "{_name: polynomial_decay, warmup_updates: 10, total_num_update: 500, power: 2.0,"
        " end_learning_rate: 1e-5}"
    )
    rate = used("a.yaml", hydra(part))

    def polynomial(k):
        if k <= 10:
            return 1e-3 * k / 10
        return 1e-5 if k >= 500 else 9.9e-4 * (1 - (k - 10) / 490) ** 2 + 1e-5

    agree(rate, polynomial, range(600))


@pytest.mark.parametrize("growth", [1.0, 2.0])
def test_cosines_that_shrink(used, agree, growth):
    part = (
        "{_name: cosine, warmup_updates: 20, lr_period_updates: 100, min_lr: 1e-5, lr_shrink: 0.5,"
        f" t_mult: {growth}, warmup_init_lr: 1e-6}}"
    )

    def cosine(k):
        if k < 20:
            return 1e-6 + k * (1e-3 - 1e-6) / 20
        at, i, length = k - 20, 0, 100
        while at >= length:
            at, i, length = at - length, i + 1, length * growth
        low, high = 1e-5 * 0.5**i, 1e-3 * 0.5**i
        return low + 0.5 * (high - low) * (1 + math.cos(math.pi * at / length))

    agree(used("a.yaml", hydra(part)), cosine, range(1000))


def test_one_cosine_over_the_run_begins_its_warmup_at_the_floor(used, agree):
    part = "{_name: cosine, warmup_updates: 20, min_lr: 1e-5}"

    def cosine(k):
        if k < 20:
            return 1e-5 + k * 9.9e-4 / 20
        return 1e-5 + 0.5 * 9.9e-4 * (1 + math.cos(math.pi * (k - 20) / 980))

    agree(used("a.yaml", hydra(part)), cosine, range(1000))


def test_three_stages_by_ratios_that_are_cut(used, agree):
    part = "{_name: tri_stage, phase_ratio: [0.125, 0.375, 0.5], final_lr_scale: 0.05}"
    rate = used("vox.yaml", hydra(part, "[3e-5]", 1001))

    def stages(k):
        if k < 125:
            return 3e-7 + (3e-5 - 3e-7) / 125 * k
        if k < 500:
            return 3e-5
        return 3e-5 * math.exp(math.log(0.05) / 500 * min(500, k - 500))

    agree(rate, stages, range(1100))


def test_a_rate_for_each_epoch_and_a_warmup_that_begins_at_one(used, agree):
    text = hydra("{_name: fixed, warmup_updates: 4}", "[0.1, 0.05, 0.01]")
    with pytest.raises(ScheduleError, match="fairseq: the file does not say `steps_per_epoch`"):
        used("a.yaml", text)
    rate = used("a.yaml", text, steps_per_epoch=10)

    def fixed(k):
        return [0.1, 0.05, 0.01][min(2, k // 10)] * min(1.0, (k + 1) / 4)

    agree(rate, fixed, range(50))


def test_the_updates_are_asked_for(used):
    text = "fairseq-train d --arch x --lr 1e-3 --lr-scheduler polynomial_decay --max-tokens 9"
    with pytest.raises(ScheduleError, match="fairseq: the file does not say `steps`"):
        used("a.sh", text)


@pytest.mark.parametrize(
    ("options", "low", "high", "shrink", "falls"),
    [
        ("--lr 0.002 --max-lr 0.004 --lr-shrink 0.9 --shrink-min", 2e-3, 4e-3, 0.9, True),
        ("--lr=1e-8 --max-lr=2e-4 --lr-shrink=0.5", 1e-8, 2e-4, 0.5, False),
        ("--lr 0.0001 --max-lr 0.0005 --lr-shrink 1", 1e-4, 5e-4, 1.0, False),
        ("--lr 0.004 --max-lr 0.005 --lr-shrink 0.5", 4e-3, 5e-3, 0.5, False),  # ends below `lr`
    ],
)
def test_triangles(used, agree, options, low, high, shrink, falls):
    text = f"train.py d --arch x --lr-scheduler triangular --lr-period-updates 101 {options}"

    def triangles(k):
        cycle = k // 100  # an odd period loses its last update
        top = high * shrink**cycle
        bottom = low * shrink**cycle if falls else low
        return bottom + (top - bottom) * (1 - abs(k / 50 - 2 * (cycle + 1) + 1))

    agree(used("a.sh", text + " --max-tokens 9"), triangles, range(450), rel=1e-11)


def test_stairs_with_a_floor(used, agree):
    part = "{_name: step, warmup_updates: 20, min_lr: 2e-4, lr_deacy_period: 50, lr_decay: 0.5}"

    def stairs(k):
        if k < 20:
            return 2e-4 + k * 8e-4 / 20
        return max(1e-3 * 0.5 ** ((k - 20) // 50), 2e-4)

    agree(used("a.yaml", hydra(part)), stairs)


def test_epochs_are_annealed_from_one_on(used, agree):
    text = "fairseq-train d --arch fconv --lr {} --lr-scheduler fixed --force-anneal {} {}"
    rate = used("a.sh", text.format("0.5", 4, "--max-tokens 4000"), steps_per_epoch=10)
    agree(rate, lambda k: 0.5 * 0.1 ** max(0, k // 10 + 2 - 4), range(80))
    several = text.format("0.5,0.4,0.3", 3, "--lr-shrink 0.9 --max-tokens 1 --warmup-updates 4")
    rate = used("b.sh", several, steps_per_epoch=10)

    def annealed(k):
        epoch = k // 10 + 1
        base = [0.5, 0.4][epoch - 1] if epoch < 3 else 0.3 * 0.9 ** (epoch + 1 - 3)
        return base * min(1.0, (k + 1) / 4)

    agree(rate, annealed, range(80))


def test_a_cosine_of_before_2021_has_its_floor_in_lr(used, agree):
    text = (
        "python train.py d --arch transformer_lm_wiki103 --lr 0.0001 --max-lr 1.0 --t-mult 2 "
        "--lr-period-updates 100 --lr-scheduler cosine --lr-shrink 0.75 --warmup-updates 16 "
        "--warmup-init-lr 1e-07 --min-lr 1e-09 --max-update 1000"
    )

    def cosine(k):
        if k < 16:
            return 1e-7 + k * (1.0 - 1e-7) / 16
        at, i, length = k - 16, 0, 100
        while at >= length:
            at, i, length = at - length, i + 1, length * 2
        return 0.75**i * (1e-4 + 0.5 * (1.0 - 1e-4) * (1 + math.cos(math.pi * at / length)))

    agree(used("a.sh", text), cosine, range(700))


def test_each_group_of_a_composite_optimizer_has_its_own(used, agree):
    text = """
optimization: {max_update: 400, lr: [0.001]}
optimizer:
  _name: composite
  groups:
    default:
      lr_float: 2e-3
      optimizer: {_name: adam}
      lr_scheduler: {_name: cosine, warmup_updates: 40}
    decoder:
      lr_float: null
      optimizer: {_name: adam, lr: [0.0005]}
      lr_scheduler: {_name: fixed, warmup_updates: 10}
lr_scheduler: pass_through
"""
    with pytest.raises(ScheduleError, match=r"`group` must name a group .* default, decoder, got"):
        used("a.yaml", text)

    def cosine(k):
        return 2e-3 * (k / 40 if k < 40 else (1 + math.cos(math.pi * (k - 40) / 360)) / 2)

    agree(used("a.yaml", text, group="default"), cosine)
    agree(used("a.yaml", text, group="decoder"), lambda k: 5e-4 * min(1.0, (k + 1) / 10))


def test_a_ratio_of_warmup_is_of_the_run(used, agree):
    text = (
        "for max_epoch in {4,}; do\n  for lr in 5e-5; do\n    python train.py d --arch ofa_base "
        "--lr-scheduler=polynomial_decay --lr=${lr} --warmup-ratio=0.06 --update-freq=4 "
        "--total-num-update=1000000 --max-epoch=${max_epoch}\n  done\ndone\n"
    )
    with pytest.raises(ScheduleError, match="fairseq: the file does not say `steps`"):
        used("a.sh", text)
    rate = used("a.sh", text, steps=990)
    agree(rate, lambda k: 5e-5 * (k / 59 if k <= 59 else 1 - (k - 59) / 931), range(990))
    two = text.replace("5e-5", "5e-5 1e-5")
    with pytest.raises(ScheduleError, match=r"`lr` must be one value, got 5e-5 \| 1e-5 in several"):
        used("a.sh", two, steps=990)


def test_ratios_of_stages_as_a_flag(used):
    text = "fairseq-train d --arch x --lr 3e-5 --lr-scheduler tri_stage --max-update 1000 {}"
    part = "{_name: tri_stage, phase_ratio: [0.125, 0.375, 0.5], final_lr_scale: 0.05}"
    flags = "--phase-ratio '[0.125, 0.375, 0.5]' --final-lr-scale 0.05"
    assert used("a.sh", text.format(flags)) == used("b.yaml", hydra(part, "[3e-5]"))


@pytest.mark.parametrize("name", ["reduce_lr_on_plateau", "manual"])
def test_others_are_refused(used, name):
    with pytest.raises(ScheduleError, match="fairseq: `lr_scheduler` must be one of fixed"):
        used("a.yaml", hydra(f"{{_name: {name}}}"))


def test_several_rates_where_one_is_meant(used):
    with pytest.raises(ScheduleError, match="`lr` must be one rate for 'cosine', got 2"):
        used("a.yaml", hydra("{_name: cosine}", "[0.1, 0.2]"))
