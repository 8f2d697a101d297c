"""SpeechBrain's files, against its schedulers' arithmetic."""

import math

import pytest
import torch

from glissando.errors import ScheduleError

SMALL = """
# Feature parameters
seed: 7775
output_folder: !ref results/conformer_small_ctc/<seed>
number_of_epochs: 110
lr_adam: 0.001
d_model: 144
Adam: !name:torch.optim.AdamW
    lr: !ref <lr_adam>
    betas: (0.9, 0.98)
noam_annealing: !new:speechbrain.nnet.schedulers.NoamScheduler
    lr_initial: !ref <lr_adam>
    n_warmup_steps: 25000
evil: !apply:os.system ["touch /tmp/evil"]
"""


def brain(k, own=0.001, size=None):
    if k == 0:
        return own
    scale = 25_000**0.5 if size is None else size**-0.5
    return 0.001 * scale * min(k**-0.5, k * 25_000**-1.5)


def test_speechbrain_has_the_optimizers_rate_first(used, agree):
    rate = used("conformer_small.yaml", SMALL)
    agree(rate, brain, [0, 1, 2, 24_999, 25_000, 25_001, 10**6])
    assert rate(0) == 0.001 > 1000 * rate(1)


def test_speechbrain_with_the_size_of_the_model(used, agree):
    text = SMALL.replace("n_warmup_steps", "model_size: !ref <d_model>\n    n_warmup_steps")
    agree(used("a.yaml", text), lambda k: brain(k, size=144), [0, 1, 24_999, 25_000, 10**6])


def test_tags_are_data(used, tmp_path):
    used("a.yaml", SMALL.replace("/tmp/evil", str(tmp_path / "evil")))
    assert not (tmp_path / "evil").exists()


def test_a_reference_may_be_arithmetic_of_numbers(used, agree):
    text = SMALL.replace("lr_initial: !ref <lr_adam>", "lr_initial: !ref {}")
    for bad in ("<lr_adam> * x", "<nothing>", "<lr_adam>.exit()", "<Adam> + 1"):
        with pytest.raises(ScheduleError, match=r"`!ref <.*` must be a value of this file"):
            used("a.yaml", text.format(bad))
    agree(used("a.yaml", text.format("(<lr_adam> * 4) / 2")), lambda k: brain(k) * (1 + (k > 0)))


def test_two_schedulers_ask_which(used):
    text = SMALL + (
        "other: !new:speechbrain.nnet.schedulers.NoamIntervalScheduler\n    lr_initial: 0.001\n"
        "    n_warmup_steps: 3\n    anneal_steps: [6, 9]\n    anneal_rates: [0.5, 0.1]\n"
    )
    with pytest.raises(ScheduleError, match="`group` must name the scheduler, one of noam_anneal"):
        used("a.yaml", text)
    rate = used("a.yaml", text, group="other")
    steps = {
        1: 1 / 3,
        3: 1,
        4: 0.8660254,
        6: 0.70710678,
        7: 0.32732683,
        9: 0.28867513,
        10: 0.02738612,
    }
    assert [rate(k) for k in steps] == pytest.approx([0.001 * v for v in steps.values()], rel=1e-6)


def test_a_scheduler_of_a_metric_is_refused(used):
    with pytest.raises(ScheduleError, match="NewBobScheduler is not read, since it follows a met"):
        used("a.yaml", SMALL.replace("NoamScheduler", "NewBobScheduler"))
    with pytest.raises(ScheduleError, match="CyclicLRScheduler is not read, since the recipes' co"):
        used("a.yaml", SMALL.replace("NoamScheduler", "CyclicLRScheduler"))


def speechbrain(kind, **arguments):
    start = SMALL.index("noam_annealing")
    made = "".join(f"    {name}: {value}\n" for name, value in arguments.items())
    return SMALL[:start] + f"lr: !new:speechbrain.nnet.schedulers.{kind}\n{made}"


def kept(k):
    return 1e-3 * (k / 20 if k < 20 else 1 if k < 70 else 20 / (k - 50))


def line(k):
    return 1e-3 * (k / 20 if k < 20 else max(0.0, (200 - k) / 180))


def exponential(k):
    t = k - 1
    return 1e-3 * (t / 20 if t < 20 else 0.05 ** ((t - 20) / 180))


def stages(k):
    if k < 20:
        return 1e-5 + (1e-3 - 1e-5) / 20 * k
    return 1e-3 * math.exp(math.log(0.05) / 90 * max(0, k - 70))


def cooled(k):
    power = math.log(0.5) / 60
    if k > 160:
        return 1e-3 * math.exp(power * 160) * max(0, 1 - (k - 160) / 40)
    return 1e-3 * (k / 20 if k < 20 else math.exp(power * (k - 20)))


@pytest.mark.parametrize(
    ("kind", "arguments", "formula"),
    [
        (
            "LinearNoamScheduler",
            {"lr_initial": 1e-3, "n_warmup_steps": 20, "n_keep_steps": 50},
            kept,
        ),
        (
            "LinearWarmupScheduler",
            {"initial_value": 1e-3, "num_warmup_steps": 20, "num_training_steps": 200},
            line,
        ),
        (
            "WarmAndExpDecayLRSchedule",
            {"lr": 1e-3, "n_warmup_steps": 20, "total_steps": 200, "decay_factor": 0.05},
            exponential,
        ),
        (
            "TriStageLRSchedule",
            {"lr": 1e-3, "warmup_steps": 20, "hold_steps": 50, "decay_steps": 90},
            stages,
        ),
        (
            "WarmCoolDecayLRSchedule",
            {
                "lr": 1e-3,
                "warmup": 20,
                "cooldown": 40,
                "total_steps": 200,
                "decay_factor": 0.5,
                "decay_every": 60,
            },
            cooled,
        ),
    ],
)
def test_speechbrains_schedulers_are_asked_after_the_update(used, agree, kind, arguments, formula):
    rate = used("train.yaml", speechbrain(kind, **arguments))
    agree(rate, lambda k: formula(k) if k else 1e-3)


def test_speechbrains_line_over_epochs(used, agree):
    text = speechbrain("LinearScheduler", initial_value=1e-3, final_value=1e-4, epoch_count=10)
    with pytest.raises(ScheduleError, match="speechbrain: the file does not say `steps_per_epoch`"):
        used("train.yaml", text)
    values = torch.linspace(1e-3, 1e-4, 10).tolist()
    rate = used("train.yaml", text, steps_per_epoch=7)
    agree(rate, lambda k: values[min(9, k // 7)], range(90), rel=4 * 2**-23)


def test_of_two_optimizers_the_schedulers_has_its_rate(used):
    other = "wav2vec: !name:torch.optim.Adam\n    lr: 0.00005\n"
    assert used("a.yaml", SMALL + other) == used("b.yaml", SMALL)
    with pytest.raises(ScheduleError, match="must be there once, or be the scheduler's, got 0"):
        used("a.yaml", SMALL.replace("<lr_adam>", "0.002", 1).replace("!ref 0.002", "2e-3") + other)
