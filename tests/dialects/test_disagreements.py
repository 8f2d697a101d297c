"""One name, and other curves: the numbers that the frameworks themselves train with."""

import math
import sys
from pathlib import Path

import pytest
import torch
import transformers

import glissando as gl

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCS = Path(__file__).parents[2] / "docs"
TOPICS = tomllib.loads((DOCS / "disagreements.toml").read_text())
CURVES = {
    f"{name}-{i}": curve
    for name, topic in TOPICS.items()
    for i, curve in enumerate(topic["curves"])
}


sys.path.insert(0, str(DOCS))
from generate.proofs import called  # noqa: E402  # the page shows what is tested here


def rate_at(schedule, step):
    try:
        return schedule(step)
    except gl.ScheduleError:
        return math.nan


def rates(call, steps):
    schedule = called(call)
    return [rate_at(schedule, step) for step in range(steps)]


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_the_rates_are_the_frameworks(curve):
    call, row = curve
    expected = [math.nan if rate == "-" else float(rate) for rate in row.split()]
    assert rates(call, len(expected)) == pytest.approx(expected, rel=5e-3, abs=0, nan_ok=True)


@pytest.mark.parametrize("name", TOPICS)
def test_no_topic_has_only_one_opinion(name):
    curves = [rates(call, 5) for call, _ in TOPICS[name]["curves"]]
    assert any(curve != pytest.approx(curves[0], rel=1e-3, nan_ok=True) for curve in curves[1:])


def test_a_floor_of_transformers_is_a_share_of_the_optimizers_default_rate():
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in (0.01, 1.0)]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    scheduler = transformers.get_polynomial_decay_schedule_with_warmup(optimizer, 0, 4, lr_end=0.1)
    for _ in range(4):
        optimizer.step()
        scheduler.step()
    ends = [group["lr"] for group in optimizer.param_groups]
    assert ends == pytest.approx([0.001, 0.1])
    dialect = gl.dialects.transformers.get_polynomial_decay_schedule_with_warmup
    rate = dialect(0, 4, lr_end=0.1, lr=1.0)  # of the default, of which the groups have a share
    assert [0.01 * rate(4), rate(4)] == pytest.approx(ends)


def test_the_steps_of_megatron_are_samples():
    made = gl.dialects.megatron.OptimizerParamScheduler
    lengths = {"lr_warmup_steps": 8, "lr_decay_steps": 24, "lr_decay_style": "linear"}
    rate = made(0.0, 1.0, 0.0, **lengths, increment=4)
    assert [rate(k) for k in range(7)] == pytest.approx([0, 0.5, 1, 0.75, 0.5, 0.25, 0])


def test_a_one_cycle_of_pytorch_lowers_what_another_scheduler_begins_with():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    line = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=3)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=10)
    both = torch.optim.lr_scheduler.SequentialLR(optimizer, [line, cycle], [3])
    own = gl.dialects.torch
    whole = own.SequentialLR(
        [own.LinearLR(0.1, total_iters=3, lr=1.0), own.OneCycleLR(1.0, 10)], [3]
    )
    for step in range(8):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(whole(step))
        optimizer.step()
        both.step()
    assert whole(0) == pytest.approx(0.004)


def test_a_last_epoch_given_to_pytorch_moves_the_count_and_not_the_rate():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    optimizer.param_groups[0]["initial_lr"] = 1.0
    torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5, last_epoch=4)
    assert optimizer.param_groups[0]["lr"] == 1.0  # after five updates
    rate = gl.dialects.torch.ExponentialLR(0.5, lr=1.0)
    ours = gl.torch.Scheduler(optimizer, rate)
    ours.load_state_dict(gl.torch.Scheduler(fresh(), rate).state_dict() | {"last_epoch": 5})
    assert optimizer.param_groups[0]["lr"] == rate(5) == 1 / 32


def fresh():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
