"""mmyolo's hooks, and values and statements in mmengine's files, as they run."""

import math

import pytest

from glissando.errors import ScheduleError

YOLO = """
max_epochs = 20
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01, momentum=0.937))
param_scheduler = None
default_hooks = dict(param_scheduler=dict(
    type='YOLOv5ParamSchedulerHook', scheduler_type='KIND', lr_factor=0.1, max_epochs=max_epochs,
    warmup_mim_iter=LEAST, warmup_bias_lr=0.1))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs)
"""


def yolo(kind, least, count, epoch=10, bias=0.0):
    """The rates that the hook sets before iterations and after epochs."""
    warmup, rates, rate, ended = max(3 * epoch, least), [], 0.01, False

    def factor(epoch):
        if kind == "linear":
            return (1 - epoch / 20) * 0.9 + 0.1
        return (1 - math.cos(epoch * math.pi / 20)) / 2 * -0.9 + 1

    for k in range(count):
        if k <= warmup:
            rate = bias + (0.01 * factor(k // epoch) - bias) * k / warmup
        else:
            ended = True
        rates.append(rate)
        if (k + 1) % epoch == 0 and ended:
            rate = 0.01 * factor(k // epoch)
    return rates


@pytest.mark.parametrize("kind", ["linear", "cosine"])
@pytest.mark.parametrize("least", [0, 44, 49, 51])
def test_an_epoch_has_the_factor_of_the_one_before_it(used, agree, kind, least):
    text = YOLO.replace("KIND", kind).replace("LEAST", str(least))
    rates = yolo(kind, least, 200)
    agree(used("a.py", text, steps_per_epoch=10), rates.__getitem__, range(200))
    biases = yolo(kind, least, 200, bias=0.1)
    agree(used("a.py", text, steps_per_epoch=10, group="bias"), biases.__getitem__, range(200))


def test_ppyoloe_has_a_cosine_longer_than_the_run(used, agree):
    hook = """dict(type='mmyolo.PPYOLOEParamSchedulerHook', warmup_min_iter=10, start_factor=0.1,
    warmup_epochs=5, min_lr_ratio=0.05, total_epochs=int(max_epochs * 1.2))"""
    head, _, tail = YOLO.partition("dict(\n    type='YOLOv5")
    text = head + hook + ")\n" + tail.partition("))\n")[2]

    def ppyoloe(k):
        if k <= 50:
            return 0.01 * (0.1 + 0.9 * k / 50)
        return 0.0005 + 0.0095 * (math.cos(math.pi * (k - 50) / 190) + 1) / 2

    agree(used("a.py", text, steps_per_epoch=10), ppyoloe, range(260))


def test_a_hook_beside_schedulers_is_refused(used):
    text = YOLO.replace("param_scheduler = None", "param_scheduler = [dict(type='ConstantLR')]")
    with pytest.raises(ScheduleError, match="beside a YOLOv5ParamSchedulerHook it is not read"):
        used("a.py", text.replace("KIND", "linear").replace("LEAST", "9"), steps_per_epoch=10)


BASE = """
max_epochs = 8
base_lr = 0.02
optim_wrapper = dict(optimizer=dict(type='SGD', lr=base_lr))
param_scheduler = [dict(type='MultiStepLR', milestones=[4, 6], gamma=0.1, end=max_epochs)]
train_cfg = dict(max_epochs=max_epochs)
"""


@pytest.mark.parametrize(
    ("child", "rates"),
    [
        ("max_epochs = _base_.max_epochs // 2\nparam_scheduler = None", (0.02, 0.02, 0.02)),
        ("optim_wrapper = dict(optimizer=dict(lr={{_base_.base_lr}} * 2))", (0.04, 0.004, 0.0004)),
        ("optim_wrapper = dict(optimizer=dict(lr='{{ _base_.base_lr }}'))", (0.02, 0.002, 0.0002)),
        ("_base_.param_scheduler[0].milestones = [1, 6]", (0.02, 0.002, 0.0002)),
        ("_base_.param_scheduler[0]['milestones'].pop()", (0.02, 0.002, 0.002)),
        ("_base_.optim_wrapper.optimizer.update(dict(lr=0.2))", (0.2, 0.02, 0.002)),
        ("param_scheduler = _base_.param_scheduler\ndel param_scheduler[0]", (0.02, 0.02, 0.02)),
        ("lr = 0.1\nlr *= 2\noptim_wrapper = dict(optimizer=dict(lr=lr))", (0.2, 0.02, 0.002)),
        ("a, b = 0.1, [3]\noptim_wrapper = dict(optimizer=dict(lr=a))", (0.1, 0.01, 0.001)),
        ("_base_.model.head.num_classes = 3", (0.02, 0.002, 0.0002)),
        ("_base_['test_pipeline'][2]['crop_size'] = 192", (0.02, 0.002, 0.0002)),
        (
            "param_scheduler = [dict(type='ConstantParamScheduler', param_name='weight_decay', "
            "factor=0.5, end=8), dict(type='ConstantParamScheduler', param_name='lr', factor=0.5, "
            "end=5)]",
            (0.01, 0.02, 0.02),
        ),
    ],
)
def test_values_of_a_base_and_what_statements_make_of_them(used, child, rates):
    used("base.py", BASE, steps_per_epoch=10)
    rate = used("child.py", f"_base_ = ['base.py']\n{child}\n", steps_per_epoch=10)
    assert [rate(k) for k in (9, 40, 60)] == pytest.approx(rates)


@pytest.mark.parametrize(
    "child",
    [
        "if BIG:\n    optim_wrapper = dict(optimizer=dict(lr=1.0))",
        "for step in [1]:\n    _base_.optim_wrapper.optimizer.lr = 0.1",
        "_base_.optim_wrapper.optimizer.lr = load()",
        "optim_wrapper = dict(optimizer=dict(lr=0.1 if BIG else 0.2))",
        "_base_.param_scheduler.append(_base_.param_scheduler)",
        "_base_.optim_wrapper['optimizer'][LR] = 0.1",
        "a = [1]\na.extend(a)\n" * 20 + "optim_wrapper = dict(optimizer=dict(lr=a))",
    ],
)
def test_what_only_running_it_can_tell_is_refused(used, child):
    used("base.py", BASE, steps_per_epoch=10)
    with pytest.raises(ScheduleError, match=r"is code, .* which is not run|must be a number"):
        used("child.py", f"_base_ = 'base.py'\n{child}\n", steps_per_epoch=10)


def test_classes_as_types_and_fractions_of_an_epoch(used, agree):
    text = """
from mmengine.optim import LinearLR, CosineAnnealingLR
max_epochs = 3
optim_wrapper = dict(type=AmpOptimWrapper, optimizer=dict(type=AdamW, lr=2e-4))
param_scheduler = [
    dict(type=LinearLR, start_factor=1e-5, by_epoch=True, begin=0, end=0.03 * max_epochs,
         convert_to_iter_based=True),
    dict(type=CosineAnnealingLR, eta_min=0.0, by_epoch=True, begin=0.03 * max_epochs,
         end=max_epochs, convert_to_iter_based=True)]
train_cfg = dict(type=TrainLoop, max_epochs=max_epochs)
default_hooks = dict(param_scheduler=dict(type=ParamSchedulerHook))
"""

    def tuned(k):  # 9 of 300 iterations; LinearLR is at its end one before
        if k < 9:
            return 2e-4 * (1e-5 + (1 - 1e-5) * min(k, 8) / 8)
        return 2e-4 * (1 + math.cos(math.pi * (k - 9) / 291)) / 2

    agree(used("xtuner.py", text, steps_per_epoch=100), tuned, range(290), rel=1e-9)


def test_a_gamma_is_the_same_where_epochs_become_iterations(used):
    text = BASE.replace("[dict(type='MultiStepLR', milestones=[4, 6], gamma=0.1, end=max_epochs)]",
        "dict(type='ExponentialLR', gamma=0.9, convert_to_iter_based=True)")  # fmt: skip
    assert used("a.py", text, steps_per_epoch=10)(2) == pytest.approx(0.02 * 0.81)


def test_epochs_do_not_pass_in_a_loop_over_iterations(used):
    text = BASE.replace("train_cfg = dict(max_epochs=max_epochs)",
        "train_cfg = dict(type='IterBasedTrainLoop', by_epoch=False, max_iters=500)")  # fmt: skip
    rate = used("a.py", text, steps_per_epoch=10)
    assert rate(0) == rate(499) == 0.02


def test_parts_that_are_there_again_and_again_are_merged_once(used):
    nested = "a = dict()\n" + "a = dict(x=a, y=a)\n" * 40
    used("base.py", nested + BASE, steps_per_epoch=10)
    assert used("x.py", f"_base_ = 'base.py'\n{nested}", steps_per_epoch=10)(0) == 0.02
    with pytest.raises(ScheduleError, match=r"`optim_wrapper\.optimizer\.lr` must be a number"):
        used("y.py", f"{nested}optim_wrapper = dict(optimizer=dict(lr=a))", steps_per_epoch=10)
