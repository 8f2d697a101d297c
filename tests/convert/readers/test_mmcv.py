"""The files of mmcv 1, against its hook's arithmetic."""

import math

import pytest

from glissando.errors import ScheduleError

ONE_X = """
optimizer = dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=0.0001)
optimizer_config = dict(grad_clip=None)
# learning policy
lr_config = dict(
    policy='step',
    warmup='linear',
    warmup_iters=500,
    warmup_ratio=0.001,
    step=[8, 11])
runner = dict(type='EpochBasedRunner', max_epochs=12)
"""

SEGFORMER = """
optimizer = dict(type='AdamW', lr=0.00006)
lr_config = dict(
    _delete_=True, policy='poly', warmup='KIND', warmup_iters=150, warmup_ratio=1e-6, power=1.0,
    min_lr=0.0, by_epoch=False)
runner = dict(type='IterBasedRunner', max_iters=1600)
"""


def warmed(regular, kind, k, length, ratio):
    if k >= length:
        return regular
    if kind == "linear":
        return regular * (1 - (1 - k / length) * (1 - ratio))
    return regular * (ratio if kind == "constant" else ratio ** (1 - k / length))


def test_steps_by_epochs(used, agree):
    with pytest.raises(ScheduleError, match="the file does not say `steps_per_epoch`"):
        used("schedule_1x.py", ONE_X)
    rate = used("schedule_1x.py", ONE_X, steps_per_epoch=60)

    def steps(k):
        regular = 0.02 * 0.1 ** sum(k // 60 >= m for m in (8, 11))
        return warmed(regular, "linear", k, 500, 0.001)

    agree(rate, steps, range(720), rel=1e-10)


@pytest.mark.parametrize("kind", ["linear", "constant", "exp"])
def test_a_polynomial_by_iterations_that_does_not_wait_for_its_warmup(used, agree, kind):
    rate = used("segformer.py", SEGFORMER.replace("KIND", kind))
    agree(rate, lambda k: warmed(6e-5 * (1 - k / 1600), kind, k, 150, 1e-6), range(1600), rel=1e-9)


def test_a_cosine_by_epochs_with_a_base(used, agree):
    used("base.py", ONE_X, steps_per_epoch=60)
    text = (
        "_base_ = 'base.py'\nlr_config = dict(_delete_=True, policy='CosineAnnealing', "
        "min_lr_ratio=0.01)\ntotal_epochs = 20\n"
    )
    rate = used("x.py", text, steps_per_epoch=60)

    def cosine(k):
        return 0.0002 + 0.5 * 0.0198 * (math.cos(math.pi * (k // 60) / 12) + 1)

    agree(rate, cosine, range(720))


def test_others_are_refused(used):
    with pytest.raises(ScheduleError, match=r"`lr_config.policy` is 'own': poly, CosineAnnealing"):
        used("x.py", ONE_X.replace("policy='step'", "policy='own'"), steps_per_epoch=9)


def half(start, end, fraction, weight=1.0):
    return end + 0.5 * weight * (start - end) * (math.cos(math.pi * fraction) + 1)


@pytest.mark.parametrize(
    ("policy", "formula"),
    [
        (
            "policy='cyclic', target_ratio=(10, 1e-4), cyclic_times=2, step_ratio_up=0.4",
            lambda k: (
                half(0.02, 0.2, k % 60 / 24) if k % 60 < 24 else half(0.2, 2e-6, (k % 60 - 24) / 36)
            ),
        ),
        (
            "policy='CosineRestart', periods=[50, 70], restart_weights=[1, 0.5], min_lr=1e-3, "
            "by_epoch=False",
            lambda k: half(0.02, 1e-3, k / 50) if k < 50 else half(0.02, 1e-3, (k - 50) / 70, 0.5),
        ),
        (
            "policy='FlatCosineAnnealing', min_lr_ratio=0.1",
            lambda k: 0.02 if k < 90 else half(0.02, 0.002, (k // 10 - 9) / 3),
        ),
        (
            "policy='OneCycle', max_lr=0.1, div_factor=10",
            lambda k: half(0.01, 0.1, k / 35) if k <= 35 else half(0.1, 1e-6, (k - 35) / 84),
        ),
        (
            "policy='YOLOX', warmup='exp', by_epoch=False, warmup_by_epoch=True, warmup_ratio=1, "
            "warmup_iters=2, num_last_epochs=3, min_lr_ratio=0.05",
            lambda k: (
                0.02 * ((k + 1) / 20) ** 2 if k < 20 else half(0.02, 0.001, min(1.0, (k - 19) / 70))
            ),
        ),
    ],
)
def test_policies_of_three_dimensions_and_yolox(used, agree, policy, formula):
    text = f"""
optimizer = dict(type='SGD', lr=0.02)
lr_config = dict({policy})
runner = dict(type='EpochBasedRunner', max_epochs=12)
"""
    agree(used("x.py", text, steps_per_epoch=10), formula, range(120), rel=1e-9)
