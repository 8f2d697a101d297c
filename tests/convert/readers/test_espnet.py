"""ESPnet's files, against its schedulers' arithmetic and PyTorch's classes."""

import math

import numpy as np
import pytest
import torch
import yaml

from glissando.errors import ScheduleError

CONFORMER = """
encoder: conformer
encoder_conf: {output_size: 512}
max_epoch: 50
accum_grad: 4
optim: adam
optim_conf:
    lr: 0.0025
    weight_decay: 0.000001
scheduler: warmuplr
scheduler_conf:
    warmup_steps: 40000
"""


def test_espnet_counts_from_one(used, agree):
    rate = used("train_asr_conformer10.yaml", CONFORMER)

    def warmup(k):
        n = k + 1
        return 0.0025 * 40_000**0.5 * min(n**-0.5, n * 40_000**-1.5)

    agree(rate, warmup, [0, 1, 39_998, 39_999, 40_000, 10**6])
    assert rate(0) > 0


def test_espnet_noam_and_none(used, agree):
    text = CONFORMER.replace("warmuplr", "noamlr").replace("0.0025", "10.0")
    text = text.replace("scheduler_conf:", "scheduler_conf:\n    model_size: 256")

    def noam(k):
        n = k + 1
        return 10.0 * 256**-0.5 * min(n**-0.5, n * 40_000**-1.5)

    agree(used("a.yaml", text), noam, [0, 1, 39_999, 40_000, 10**6])
    assert used("b.yaml", CONFORMER.replace("scheduler: warmuplr", ""))(5) == 0.0025
    for name in ("reducelronplateau", "lambdalr"):
        with pytest.raises(ScheduleError, match="of ESPnet's schedulers these are read: cosinean"):
            used("c.yaml", CONFORMER.replace("warmuplr", name))


def espnet(name, lr=0.01, **conf):
    return yaml.safe_dump({"optim_conf": {"lr": lr}, "scheduler": name, "scheduler_conf": conf})


def stairs_of_espnet(k):
    n = k + 1
    return 0.01 * (n / 25 if n <= 25 else 0.5 ** ((n // 10 - 25 // 10) // 2))


def lines_of_espnet(k):
    n = k + 1
    if n > 60:
        return 0.01 * 60**0.5 * n**-0.5
    return np.interp(n, [0, 20, 60], [0.0, 0.001, 0.02])


def stages_of_espnet(k):
    n = min(k + 1, 205)
    rise, hold, fall = int(205 * 0.1), int(205 * 0.4), int(205 * 0.5)
    if n < rise:
        return 1e-4 + (0.01 - 1e-4) / rise * n
    return 0.01 * math.exp(math.log(0.05) / fall * max(0, n - rise - hold))


def exponential_of_espnet(k):
    if k < 20:
        return 0.02 * ((k + 1) / 20 if k else 0)
    return 0.02 * (1e-4 / 0.02) ** ((k - 20) / 180)


def line_of_espnet(k):
    if k < 20:
        return 0.01 * (1e-8 + (1 - 1e-8) * k / 20)
    return 0.01 * (1 + (1e-8 - 1) * min(1, (k - 20) / 180))


def restarts_of_espnet(growth, gamma, warmup):
    def rate(k):
        length, peak = 50, 0.02
        at = k
        while at >= length:
            at, length = at - length, int((length - warmup) * growth) + warmup
            peak *= gamma
        if at < warmup or k == 0:
            return 1e-3 + (peak - 1e-3) * at / max(1, warmup)
        done = (at - warmup) / (length - warmup)
        return 1e-3 + (peak - 1e-3) * (1 + math.cos(math.pi * done)) / 2

    return rate


RESTARTS = {"first_cycle_steps": 50, "max_lr": 0.02, "min_lr": 1e-3}


@pytest.mark.parametrize(
    ("name", "conf", "formula"),
    [
        (
            "WarmupStepLR",
            {"warmup_steps": 25, "steps_per_epoch": 10, "step_size": 2, "gamma": 0.5},
            stairs_of_espnet,
        ),
        (
            "PiecewiseLinearWarmupLR",
            {"warmup_steps_list": [0, 20, 60], "warmup_lr_list": [0.0, 0.001, 0.02]},
            lines_of_espnet,
        ),
        ("tristagelr", {"max_steps": 205, "final_lr_scale": 0.05}, stages_of_espnet),
        (
            "exponentialdecaywarmup",
            {
                "max_lr": 0.02,
                "min_lr": 1e-4,
                "total_steps": 200,
                "warmup_steps": 20,
                "warm_from_zero": True,
            },
            exponential_of_espnet,
        ),
        ("linearwarmupdecaylr", {"warmup_steps": 20, "total_steps": 200}, line_of_espnet),
        *(
            (
                "CosineAnnealingWarmupRestarts",
                RESTARTS | {"cycle_mult": growth, "gamma": gamma, "warmup_steps": warmup},
                restarts_of_espnet(growth, gamma, warmup),
            )
            for growth, gamma, warmup in [(1.0, 1.0, 10), (1.0, 0.5, 0), (1.5, 0.8, 7)]
        ),
    ],
)
def test_espnets_own_schedulers(used, agree, name, conf, formula):
    agree(used("train.yaml", espnet(name, **conf)), formula)


@pytest.mark.parametrize(
    ("name", "conf", "epochs"),
    [
        ("exponentiallr", {"gamma": 0.9}, 5),
        ("StepLR", {"step_size": 3, "gamma": 0.5}, 5),
        ("multisteplr", {"milestones": [3, 7]}, 5),
        ("CosineAnnealingLR", {"T_max": 20, "eta_min": 1e-4}, 5),
        ("CosineAnnealingWarmRestarts", {"T_0": 20, "T_mult": 2}, 1),
        ("OneCycleLR", {"max_lr": 0.02, "total_steps": 100}, 1),
        ("cycliclr", {"base_lr": 1e-4, "max_lr": 0.02, "step_size_up": 20}, 1),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_espnet_steps_pytorchs_schedulers_by_epoch_or_update(used, agree, name, conf, epochs):
    text = espnet(name, **conf) + "num_iters_per_epoch: 11\naccum_grad: 2\n"
    kinds = {each.lower(): each for each in dir(torch.optim.lr_scheduler)}
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.01, momentum=0.9)
    scheduler = getattr(torch.optim.lr_scheduler, kinds[name.lower()])(optimizer, **conf)
    found = []
    for k in range(100):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if (k + 1) % epochs == 0:
            scheduler.step()
    agree(used("train.yaml", text), found.__getitem__, range(100), rel=1e-11)


def test_two_optimizers_of_espnet(used):
    text = espnet("warmuplr", warmup_steps=9)
    same = text + "optim2_conf: {lr: 0.01}\nscheduler2: warmuplr\nscheduler2_conf: "
    one = used("a.yaml", text)
    assert used("b.yaml", same + "{warmup_steps: 9}") == one
    with pytest.raises(ScheduleError, match="espnet: `group` must be 1 or 2, since two optimizers"):
        used("c.yaml", same + "{warmup_steps: 5}")
    assert used("c.yaml", same + "{warmup_steps: 5}", group=1) == one
    assert used("c.yaml", same + "{warmup_steps: 5}", group="2")(4) == pytest.approx(0.01)


def test_an_epoch_of_espnet_is_asked_for_and_keys_are_known(used):
    with pytest.raises(ScheduleError, match="espnet: the file does not say `steps_per_epoch`"):
        used("a.yaml", espnet("exponentiallr", gamma=0.9))
    with pytest.raises(ScheduleError, match=r"`scheduler_conf.gama` is 0.9: it must be one of ga"):
        used("a.yaml", espnet("exponentiallr", gama=0.9), steps_per_epoch=3)
