"""ESPnet's and SpeechBrain's files, against their schedulers' arithmetic."""

import pytest

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
    with pytest.raises(ScheduleError, match="of ESPnet's schedulers warmuplr and noamlr are read"):
        used("c.yaml", CONFORMER.replace("warmuplr", "steplr"))


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


def test_a_reference_to_arithmetic_is_refused(used):
    with pytest.raises(ScheduleError, match="`!ref <lr_adam> \\* 2` must be a value of this file"):
        used(
            "a.yaml", SMALL.replace("lr_initial: !ref <lr_adam>", "lr_initial: !ref <lr_adam> * 2")
        )


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
    with pytest.raises(ScheduleError, match="speechbrain: NewBobScheduler is not read"):
        used("a.yaml", SMALL.replace("NoamScheduler", "NewBobScheduler"))
