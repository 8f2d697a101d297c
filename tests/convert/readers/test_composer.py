"""Composer's and llm-foundry's files: every update but the first has the rate of the one before."""

import math

import pytest

from glissando.errors import ScheduleError

MPT = """
variables:
  global_seed: 17
  max_seq_len: 2048
  run_name: # If left blank, will be read from env var $RUN_NAME
max_seq_len: ${variables.max_seq_len}
model:
  name: mpt_causal_lm
# Optimization
scheduler:
  name: cosine_with_warmup
  t_warmup: 100ba
  alpha_f: 0.1
optimizer:
  name: decoupled_adamw
  lr: 6.0e-4
  betas: [0.9, 0.95]
max_duration: 4800ba # ~ 2.5B tokens
eval_interval: 500ba
global_train_batch_size: 256
"""


def cosine(k, warmup=100, end=4800, lr=6e-4, alpha=0.1):
    k = max(0, k - 1)
    if k < warmup:
        return lr * k / warmup
    ratio = min(1.0, (k - warmup) / (end - warmup))
    return lr * (alpha + (1 - alpha) * 0.5 * (1 + math.cos(math.pi * ratio)))


def test_a_warmup_one_update_late(used, agree):
    rate = used("mpt-125m.yaml", MPT)
    agree(rate, cosine, [*range(150), 2000, 4799, 4800, 4801, 5000])
    assert rate(0) == rate(1) == 0 < rate(2)


def test_tokens_ask_for_those_of_an_update(used, agree):
    text = MPT.replace("100ba", "52428800tok").replace("4800ba", "2516582400tok")
    with pytest.raises(ScheduleError, match="composer: the file does not say `tokens_per_step`"):
        used("a.yaml", text)
    rate = used("a.yaml", text, tokens_per_step=256 * 2048)
    agree(rate, cosine, [*range(150), 2000, 4799, 4800, 4801])


def test_epochs_ask_for_their_updates(used, agree):
    text = MPT.replace("4800ba", "3ep")
    with pytest.raises(ScheduleError, match="composer: the file does not say `steps_per_epoch`"):
        used("a.yaml", text)
    # Composer wants the warm-up and the run in one unit only of what is no epoch
    rate = used("a.yaml", text, steps_per_epoch=1600)
    agree(rate, cosine, [*range(150), 4799, 4800])


def test_the_inverse_square_root_of_llm_foundry(used, agree):
    text = MPT.replace(
        "name: cosine_with_warmup\n  t_warmup: 100ba\n  alpha_f: 0.1",
        "name: inv_sqrt_with_warmup\n  t_warmup: 100ba\n  t_scale: 80ba\n  t_cooldown: 800ba\n"
        "  alpha_f_decay: 0.05\n  alpha_f_cooldown: 0.01",
    )

    def inverse(k):
        t = max(0, k - 1)
        if t < 100:
            return 6e-4 * t / 100

        def decay(t):
            return 0.05 + 0.95 / math.sqrt((t - 20) / 80)

        if t < 4000:
            return 6e-4 * decay(t)
        part = min(1.0, (t - 4000) / 800)
        return 6e-4 * (decay(4000) + part * (0.01 - decay(4000)))

    agree(used("a.yaml", text), inverse, range(0, 5000, 7))


def test_a_scaled_run(used, agree):
    text = MPT + "scale_schedule_ratio: 0.5\n"
    agree(used("a.yaml", text), lambda k: cosine(k, end=2400), [*range(150), 2399, 2400, 2401])


def test_constant_and_linear(used, agree):
    constant = used(
        "a.yaml",
        MPT.replace("cosine_with_warmup", "constant_with_warmup").replace(
            "alpha_f: 0.1", "alpha: 1.0"
        ),
    )
    agree(constant, lambda k: 6e-4 * min(1.0, max(0, k - 1) / 100))
    linear = used("a.yaml", MPT.replace("cosine_with_warmup", "linear_decay_with_warmup"))

    def line(k):
        k = max(0, k - 1)
        return 6e-4 * (k / 100 if k < 100 else 1 - 0.9 * min(1.0, (k - 100) / 4700))

    agree(linear, line, range(0, 4900, 11))


def test_composers_own_name(used):
    text = MPT.replace(
        "name: cosine_with_warmup", "_target_: composer.optim.CosineAnnealingWithWarmupScheduler"
    )
    assert used("a.yaml", text) == used("b.yaml", MPT)


def test_the_file_that_starts_a_run_on_a_cluster(used):
    inside = "".join(f"  {line}\n" for line in MPT.strip().splitlines())
    text = f"integrations: []\nname: mpt-1b\nimage: mosaicml/llm-foundry\nparameters:\n{inside}"
    text = text.replace("${variables.max_seq_len}", "2048")
    assert used("mcli.yaml", text) == used("mpt.yaml", MPT)


def test_what_a_scheduler_needs_is_told(used):
    with pytest.raises(ScheduleError, match=r"composer: .*missing a required argument: 't_warmup'"):
        used("a.yaml", MPT.replace("  t_warmup: 100ba\n", ""))
    with pytest.raises(ScheduleError, match=r"composer: `scheduler\.name` must be a text"):
        used("a.yaml", MPT.replace("  name: cosine_with_warmup\n", ""))
