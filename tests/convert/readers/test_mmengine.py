"""mmengine's files, against its schedulers' recurrences, run step by step."""

import math

import pytest

from glissando.errors import ScheduleError

ONE_X = """
# training schedule for 1x
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=12, val_interval=1)
val_cfg = dict(type='ValLoop')

# learning rate
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(type='MultiStepLR', begin=0, end=12, by_epoch=True, milestones=[8, 11], gamma=0.1)
]

# optimizer
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=0.0001))

# Default setting for scaling LR automatically
auto_scale_lr = dict(enable=False, base_batch_size=16)
"""

RTMDET = """
max_epochs = 10
base_lr = 0.004
interval = 10
train_dataloader = dict(batch_size=32, num_workers=10)
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='AdamW', lr=base_lr, weight_decay=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=1.0e-5, by_epoch=False, begin=0, end=40),
    dict(
        # use cosine lr from 150 to 300 epoch
        type='CosineAnnealingLR',
        eta_min=base_lr * 0.05,
        begin=max_epochs // 2,
        end=max_epochs,
        T_max=max_epochs // 2,
        by_epoch=True,
        convert_to_iter_based=True),
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs)
"""

SEGMENTATION = """
optimizer = dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=0.0005)
optim_wrapper = dict(type='OptimWrapper', optimizer=optimizer, ACCUMULATE)
param_scheduler = [
    dict(type='PolyLR', eta_min=1e-4, power=0.9, begin=0, end=400, by_epoch=False)
]
train_cfg = dict(type='IterBasedTrainLoop', max_iters=400, val_interval=100)
"""


class Windowed:
    """A scheduler of mmengine: what it makes of the rate it finds, at each of its steps."""

    def __init__(self, kind, begin, end, epoch, **options):
        self.kind, self.begin, self.end, self.epoch, self.o = kind, begin, end, epoch, options

    def step(self, value, at):
        """Return the rate at a step, counted as the scheduler counts, from the one before."""
        if not self.begin <= at < self.end:
            return value
        k, total = at - self.begin, self.end - self.begin - 1
        if self.kind == "linear":
            first, last = self.o["start"], 1.0
            if k == 0:
                return value * first
            return value * (1 + (last - first) / (total * first + (k - 1) * (last - first)))
        if self.kind == "stairs":
            return value * 0.1 ** self.o["milestones"].count(k)
        if k == 0:
            return value
        low = self.o["low"]
        if self.kind == "cosine":
            period = self.o["period"]
            ratio = (1 + math.cos(math.pi * k / period)) / (
                1 + math.cos(math.pi * (k - 1) / period)
            )
            return (value - low) * ratio + low
        return (value - low) * (1 - 1 / (total - k + 1)) ** 0.9 + low


def simulated(rate, schedulers, steps, length):
    """The rate of each iteration: those of iterations step after each, the others after epochs."""
    for one in schedulers:
        rate = one.step(rate, 0)
    found = []
    for iteration in range(steps):
        found.append(rate)
        for one in schedulers:
            if not one.epoch:
                rate = one.step(rate, iteration + 1)
        if (iteration + 1) % length == 0:
            for one in schedulers:
                if one.epoch:
                    rate = one.step(rate, (iteration + 1) // length)
    return found


def test_a_warmup_by_iterations_and_milestones_by_epochs(used, agree):
    rate = used("schedule_1x.py", ONE_X, steps_per_epoch=60)
    made = [
        Windowed("linear", 0, 500, False, start=0.001),
        Windowed("stairs", 0, 12, True, milestones=[8, 11]),
    ]
    agree(rate, simulated(0.02, made, 720, 60).__getitem__, range(720), rel=1e-10)


def test_the_warmup_is_over_one_iteration_before_its_end(used):
    rate = used("schedule_1x.py", ONE_X, steps_per_epoch=1000)
    assert rate(498) < rate(499) == rate(500) == 0.02


def test_epochs_turned_into_iterations_and_arithmetic_of_names(used, agree):
    rate = used("rtmdet.py", RTMDET, steps_per_epoch=20)
    made = [
        Windowed("linear", 0, 40, False, start=1e-5),
        Windowed("cosine", 100, 200, False, period=100, low=0.0002),
    ]
    agree(rate, simulated(0.004, made, 260, 20).__getitem__, range(260), rel=1e-9)


def test_iterations_that_are_accumulated(used, agree):
    made = [Windowed("poly", 0, 400, False, low=1e-4)]
    found = simulated(0.01, made, 400, 100)
    plain = used("pspnet.py", SEGMENTATION.replace(", ACCUMULATE", ""))
    agree(plain, found.__getitem__, range(400), rel=1e-9)
    four = used("pspnet.py", SEGMENTATION.replace("ACCUMULATE", "accumulative_counts=4"))
    agree(four, lambda k: found[4 * k + 3], range(100), rel=1e-9)


def test_scaling_by_the_batch(used):
    text = ONE_X.replace("enable=False", "enable=True") + "train_dataloader = dict(batch_size=2)\n"
    with pytest.raises(ScheduleError, match="mmengine: the file does not say `world_size`"):
        used("x.py", text, steps_per_epoch=1000)
    assert used("x.py", text, steps_per_epoch=1000, world_size=4)(600) == pytest.approx(0.01)


def test_the_iterations_of_an_epoch_are_asked_for(used):
    with pytest.raises(ScheduleError, match="mmengine: the file does not say `steps_per_epoch`"):
        used("schedule_1x.py", ONE_X)


def test_bases_are_read_where_they_are(used):
    child = (
        "_base_ = ['../_base_/schedules/schedule_1x.py']\n"
        "optim_wrapper = dict(optimizer=dict(lr=0.01))\n"
    )
    with pytest.raises(ScheduleError, match=r"`_base_` names .* which is no file beside this one"):
        used("faster_rcnn/x.py", child, steps_per_epoch=60)
    used("_base_/schedules/schedule_1x.py", ONE_X, steps_per_epoch=60)
    rate = used("faster_rcnn/x.py", child, steps_per_epoch=60)
    assert (rate(60 * 7), rate(60 * 9)) == (
        pytest.approx(0.01 * 420 / 499 + 1e-5 * 79 / 499),
        0.001,
    )


def test_a_part_that_deletes_what_the_base_has(used):
    used("base.py", ONE_X, steps_per_epoch=60)
    child = (
        "_base_ = './base.py'\nparam_scheduler = dict(type='ConstantLR', factor=0.5, "
        "by_epoch=False, begin=0, end=10)\n"
        "optim_wrapper = dict(_delete_=True, optimizer=dict(type='Adam', lr=1.0))\n"
    )
    rate = used("x.py", child, steps_per_epoch=60)
    assert (rate(0), rate(8), rate(9)) == (0.5, 0.5, 1.0)


def test_floors_that_another_scheduler_would_move_are_refused(used):
    text = RTMDET.replace("begin=max_epochs // 2", "begin=0")
    with pytest.raises(ScheduleError, match="CosineAnnealingLR with a floor must not run while"):
        used("x.py", text, steps_per_epoch=20)


def test_a_scheduler_of_a_metric_is_refused(used):
    with pytest.raises(ScheduleError, match="it follows a metric"):
        used(
            "x.py",
            "param_scheduler = dict(type='ReduceOnPlateauLR')\n"
            "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))\n"
            "train_cfg = dict(by_epoch=True, max_epochs=3)\n",
            steps_per_epoch=5,
        )


def test_a_hook_of_a_project_that_sets_the_rate_is_refused(used):
    text = (
        "param_scheduler = None\noptim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01))\n"
        "default_hooks = dict(param_scheduler=dict(type='OwnHook'))"
    )
    with pytest.raises(ScheduleError, match="what this hook does to the rate is not read"):
        used("yolov5.py", text)


def test_the_square_of_yolox(used, agree):
    text = """
base_lr = 0.01
optim_wrapper = dict(optimizer=dict(type='SGD', lr=base_lr))
param_scheduler = [
    dict(type='mmdet.QuadraticWarmupLR', by_epoch=True, begin=0, end=5, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min=base_lr * 0.05, begin=5, T_max=10, end=15,
         by_epoch=True, convert_to_iter_based=True),
    dict(type='ConstantLR', by_epoch=True, factor=1, begin=15, end=20)
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=20)
"""

    def yolox(k):
        if k < 50:
            return 0.01 * ((k + 1) / 50) ** 2
        done = min(99, k - 50) / 100
        return 0.0005 + 0.0095 * (1 + math.cos(math.pi * done)) / 2

    agree(used("yolox_s.py", text, steps_per_epoch=10), yolox, range(200), rel=1e-9)


def test_bases_that_are_imported_are_refused(used):
    text = "with read_base():\n    from .._base_.schedule_1x import *\n"
    with pytest.raises(ScheduleError, match=r"what read_base\(\) imports is not read"):
        used("x.py", text + "optim_wrapper = dict(optimizer=dict(lr=0.1))\n", steps_per_epoch=9)
