"""Parameter groups that were built to differ stay so, or are refused; none is made equal unsaid."""

import copy
from itertools import permutations

import pytest
import torch

import glissando as gl
from torch_probe import parameter, sgd, update

WARM = gl.Linear(0.0, 0.5, steps=4) >> gl.Cosine(0.5, 0.1, steps=40)


def groups_of(*values, **common):
    return [{"params": [parameter()], **common, **own} for own in values]


def followed(optimizer, scheduler, updates):
    """Return what all groups used, by update."""
    used = []
    for _ in range(updates):
        used.append(update(optimizer))
        scheduler.step()
    return used


def table(factors, updates, start=0):
    return [[WARM(k) * factor for factor in factors] for k in range(start, start + updates)]


def test_groups_built_with_other_rates_are_refused_with_the_values_and_both_ways():
    optimizer = sgd(1e-5, 1e-3, 1e-5)
    optimizer.param_groups[0]["name"] = "backbone"
    with pytest.raises(gl.ScheduleError) as caught:
        gl.torch.Scheduler(optimizer, WARM)
    message = str(caught.value)
    assert "differ in `lr`: 1e-05 in group 0 ('backbone'), 0.001 in group 1;" in message
    assert "groups='relative'" in message
    assert "groups='same'" in message
    assert [group["lr"] for group in optimizer.param_groups] == [1e-5, 1e-3, 1e-5]
    gl.torch.Scheduler(optimizer, {"weight_decay": WARM})  # where it does not differ


@pytest.mark.parametrize("tensor", [False, True])
def test_relative_keeps_the_proportions_and_the_largest_follows_the_schedule(tensor):
    lrs = [1e-5, 1e-3, 5e-4]
    own = [torch.tensor(lr, dtype=torch.float64) for lr in lrs] if tensor else lrs
    optimizer = sgd(*own)
    scheduler = gl.torch.Scheduler(optimizer, WARM, groups="relative")
    factors = [1e-5 / 1e-3, 1.0, 5e-4 / 1e-3]
    assert followed(optimizer, scheduler, 30) == table(factors, 30)
    assert scheduler.get_last_lr() == table(factors, 1, 29)[0]


def test_same_makes_them_equal_and_a_mapping_or_function_speaks_for_its_groups():
    optimizer = sgd(1e-5, 1e-3)
    scheduler = gl.torch.Scheduler(optimizer, WARM, "same")
    assert followed(optimizer, scheduler, 9) == table([1, 1], 9)
    optimizer = sgd(1e-5, 1e-3, 1e-3)
    optimizer.param_groups[0]["name"] = "backbone"
    scheduler = gl.torch.Scheduler(optimizer, WARM, {"backbone": 0.25})
    assert followed(optimizer, scheduler, 9) == table([0.25, 1, 1], 9)
    optimizer = sgd(1e-5, 1e-3, 1e-4)
    with pytest.raises(gl.ScheduleError, match=r"0\.001 in group 1, 0\.0001 in group 2"):
        gl.torch.Scheduler(optimizer, WARM, lambda g: 0.25 if g["lr"] == 1e-5 else None)


def test_decay_and_no_decay_are_not_made_equal_by_a_schedule_of_weight_decay():
    own = {"weight_decay": 0.1}, {"weight_decay": 0.0}
    knobs = {"lr": WARM, "weight_decay": gl.Linear(0.2, 0.1, steps=10)}
    optimizer = torch.optim.AdamW(groups_of(*own), lr=1e-3)
    with pytest.raises(gl.ScheduleError, match=r"differ in `weight_decay`: 0\.1 in group 0, 0 in"):
        gl.torch.Scheduler(optimizer, knobs)
    gl.torch.Scheduler(optimizer, WARM)  # the rate alone is the same in both
    optimizer = torch.optim.AdamW(groups_of(*own), lr=1e-3)
    scheduler = gl.torch.Scheduler(optimizer, knobs, "relative")
    for k in range(12):
        assert [group["weight_decay"] for group in optimizer.param_groups] == [
            knobs["weight_decay"](k),
            0.0,
        ]
        assert [group["lr"] for group in optimizer.param_groups] == [WARM(k), WARM(k)]
        optimizer.step()
        scheduler.step()


def test_betas_that_differ_are_refused_too():
    own = {"betas": (0.9, 0.99)}, {"betas": (0.95, 0.99)}
    optimizer = torch.optim.Adam(groups_of(*own))
    with pytest.raises(gl.ScheduleError, match=r"differ in `betas\[0\]`: 0.9 in group 0, 0.95"):
        gl.torch.Scheduler(optimizer, {"betas[0]": gl.Constant(0.9)})
    gl.torch.Scheduler(optimizer, {"betas[1]": gl.Constant(0.9)})


ACTIONS = list(permutations(["build", "optimizer", "scheduler"]))
ACTIONS = [order for order in ACTIONS if order.index("build") < order.index("scheduler")]


@pytest.mark.parametrize("order", ACTIONS, ids="-".join)
@pytest.mark.parametrize(
    ("lrs", "rule", "factors"),
    [
        ((1e-5, 1e-3, 3e-4), "relative", [1e-5 / 1e-3, 1.0, 3e-4 / 1e-3]),
        ((1e-5, 1e-3, 3e-4), "same", [1, 1, 1]),
        ((9.0, 9.0, 9.0), None, [1, 1, 1]),
    ],
)
def test_resumed_in_any_order_at_any_step_the_proportions_are_bit_equal(order, lrs, rule, factors):
    for k in range(12):  # at update 0 all rates are 0
        optimizer = sgd(*lrs)
        scheduler = gl.torch.Scheduler(optimizer, WARM, rule)
        followed(optimizer, scheduler, k)
        saved = copy.deepcopy([optimizer.state_dict(), scheduler.state_dict()])
        optimizer = sgd(*lrs)
        for action in order:
            if action == "build":
                scheduler = gl.torch.Scheduler(optimizer, WARM, rule)
            elif action == "optimizer":
                optimizer.load_state_dict(saved[0])
            else:
                scheduler.load_state_dict(saved[1])
        assert followed(optimizer, scheduler, 3) == table(factors, 3, k)


def test_relative_asks_for_rates_above_0():
    with pytest.raises(gl.ScheduleError, match="all of them are 0"):
        gl.torch.Scheduler(sgd(0.0, 0.0), WARM, "relative")


# timm's `lr_scale`


@pytest.mark.parametrize("scaled", [False, True], ids=["as built", "scaled when built"])
@pytest.mark.parametrize("rule", [None, "relative", "same"])
def test_lr_scale_counts_as_a_factor(scaled, rule):
    scales = [0.25, 0.5, 1.0]
    optimizer = sgd(*(0.1 * (scale if scaled else 1) for scale in scales))
    for group, scale in zip(optimizer.param_groups, scales, strict=True):
        group["lr_scale"] = scale
    scheduler = gl.torch.Scheduler(optimizer, WARM, rule)
    assert followed(optimizer, scheduler, 9) == table(scales, 9)
    loaded = copy.deepcopy(optimizer.state_dict())
    again = sgd(0.1, 0.1, 0.1)
    again.load_state_dict(loaded)
    scheduler = gl.torch.Scheduler(again, WARM, rule)
    assert followed(again, scheduler, 3) == table(scales, 3)


def test_lr_scale_multiplies_a_mapping_and_is_counted_once_by_a_function_that_reads_it():
    def made():
        optimizer = sgd(0.1, 0.1)
        for group, name in zip(optimizer.param_groups, "ab", strict=True):
            group |= {"lr_scale": 0.5, "name": name}
        return optimizer

    half = WARM * 0.5
    for rule, factors in (
        ({"a": 0.1}, [0.1 * 0.5, 0.5]),
        (lambda group: 0.1 if group["name"] == "a" else None, [0.1 * 0.5, 0.5]),
        (lambda group: group["lr_scale"], [0.5, 0.5]),
        (lambda group: 0.1 * group.get("lr_scale", 1), [0.1 * 0.5, 0.1 * 0.5]),
        ({"b": half}, [0.5, 0.25]),
    ):
        optimizer = made()
        scheduler = gl.torch.Scheduler(optimizer, WARM, rule)
        assert followed(optimizer, scheduler, 5) == table(factors, 5)
    optimizer = made()
    optimizer.param_groups[1]["lr_scale"] = "half"
    with pytest.raises(gl.ScheduleError, match=r"`lr_scale` must be a number .* group 1 \('b'\)"):
        gl.torch.Scheduler(optimizer, WARM)


# Groups that are added later


@pytest.mark.parametrize("done", [0, 3])
def test_a_group_added_with_a_rate_of_its_own_is_told(done):
    optimizer = sgd(9.0)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    followed(optimizer, scheduler, done)
    optimizer.add_param_group({"params": [parameter()], "lr": 0.02})
    with pytest.warns(UserWarning, match=r"group 1 was added with lr=0\.02 of its own") as told:
        assert followed(optimizer, scheduler, 2) == table([1, 1], 2, done)
    assert len(told) == 1
    optimizer.load_state_dict(optimizer.state_dict())
    followed(optimizer, scheduler, 1)  # it was said already

    strict = sgd(9.0)
    scheduler = gl.torch.Scheduler(strict, WARM, on_conflict="raise")
    strict.add_param_group({"params": [parameter()], "lr": 0.02})
    for _ in range(2):
        with pytest.raises(gl.ScheduleError, match="of its own"):
            strict.step()


@pytest.mark.parametrize("own", [{}, {"lr": "now"}, {"lr": 9.0}])
def test_a_group_added_with_the_default_or_the_present_rate_is_not_told(own):
    optimizer = torch.optim.SGD([parameter()], lr=9.0)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    followed(optimizer, scheduler, 3)
    if own.get("lr") == "now":
        own = {"lr": optimizer.param_groups[0]["lr"]}
    optimizer.add_param_group({"params": [parameter()], **own})
    assert followed(optimizer, scheduler, 3) == table([1, 1], 3, 3)


def test_relative_keeps_the_proportion_of_a_group_added_later():
    optimizer = torch.optim.SGD(groups_of({}, {"lr": 1e-4}), lr=1e-3)
    scheduler = gl.torch.Scheduler(optimizer, WARM, "relative")
    followed(optimizer, scheduler, 3)
    optimizer.add_param_group({"params": [parameter()], "lr": 1e-5})
    optimizer.add_param_group({"params": [parameter()]})
    factors = [1.0, 1e-4 / 1e-3, 1e-5 / 1e-3, 1.0]
    assert followed(optimizer, scheduler, 3) == table(factors, 3, 3)
    again = torch.optim.SGD(groups_of({}, {}, {}, {}), lr=1e-3)
    again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    resumed = gl.torch.Scheduler(again, WARM, "relative")
    resumed.load_state_dict(scheduler.state_dict())
    assert followed(again, resumed, 3) == table(factors, 3, 6)
    optimizer.add_param_group({"params": [parameter()], "lr": 1e-2})
    with pytest.raises(gl.ScheduleError, match=r"lr=0.01, above the 0.001"):
        optimizer.step()
