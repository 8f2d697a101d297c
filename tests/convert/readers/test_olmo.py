"""OLMo's files: update k has the rate of step k + 1, or of the tokens of k + 1 batches."""

import math

import pytest

from glissando.errors import ScheduleError

STAGE1 = """
run_name: OLMo2-1B-stage1
model:
  d_model: 2048
  max_sequence_length: 4096
optimizer:
  name: adamw
  learning_rate: 4.0e-4
  weight_decay: 0.1
scheduler:
  name: cosine_with_warmup
  units: tokens
  t_warmup: 8388608000
  t_max: 5e12
  alpha_f: 0.1
  warmup_min_lr: 0.0
max_duration: 4e12T  # 4T tokens
global_train_batch_size: 512
device_train_microbatch_size: 4
"""

STEPS = """
optimizer: {name: lionw, learning_rate: 1e-3}
scheduler: {name: NAME, t_warmup: 40}
max_duration: 500
global_train_batch_size: 8
model: {max_sequence_length: 128}
"""


def reference(name, t, peak, warmup, end, alpha=0.1, first=None):
    first = peak * 0.1 if first is None else first
    floor = peak * alpha
    if t < warmup and name != "constant":
        return first + (peak - first) * min(t, warmup) / warmup
    if name in ("constant", "constant_with_warmup"):
        return peak
    if name == "inverse_sqrt_with_warmup":
        return peak * math.sqrt(warmup / max(warmup, t))
    if t >= end:
        return floor
    done = (t - warmup) / (end - warmup)
    if name == "linear_with_warmup":
        return peak - (peak - floor) * done
    wave = (peak - floor) * (1 + math.cos(math.pi * done)) / 2
    return floor + wave * (1 - done if name == "cosine_linear_envelope" else 1)


def test_a_clock_of_tokens_that_stops_before_its_end(used, agree):
    rate = used("OLMo2-1B-stage1.yaml", STAGE1)
    tokens = 512 * 4096
    steps = [*range(0, 4100, 41), 1_000_000, 1_907_348, 2_384_185, 2_384_186]
    agree(
        rate,
        lambda k: reference("", (k + 1) * tokens, 4e-4, 8_388_608_000, 5 * 10**12, first=0.0),
        steps,
    )


@pytest.mark.parametrize(
    "name",
    [
        "cosine_with_warmup",
        "linear_with_warmup",
        "inverse_sqrt_with_warmup",
        "constant",
        "constant_with_warmup",
        "cosine_linear_envelope",
    ],
)
def test_steps_begin_at_one_and_the_warmup_at_a_tenth(used, agree, name):
    rate = used("x.yaml", STEPS.replace("NAME", name))
    agree(rate, lambda k: reference(name, k + 1, 1e-3, 40, 500), range(520))


def test_tokens_or_epochs_as_the_length(used):
    text = STEPS.replace("NAME", "linear_with_warmup")
    whole = used("a.yaml", text)
    assert used("b.yaml", text.replace("500", f"{500 * 1024}T")) == whole
    with pytest.raises(ScheduleError, match="olmo: the file does not say `steps_per_epoch`"):
        used("c.yaml", text.replace("500", "2ep"))
    assert used("c.yaml", text.replace("500", "2ep"), steps_per_epoch=250) == whole


def test_the_larger_of_a_cosine_and_a_root(used, agree):
    rate = used("x.yaml", STEPS.replace("NAME", "max_scheduler"))

    def larger(k):
        names = "cosine_with_warmup", "inverse_sqrt_with_warmup"
        return max(reference(name, k + 1, 1e-3, 40, 500) for name in names)

    agree(rate, larger, range(900))


def test_others_are_refused(used):
    with pytest.raises(ScheduleError, match=r"olmo: `scheduler.name` is 'bolt_on'"):
        used("x.yaml", STEPS.replace("NAME", "bolt_on"))
