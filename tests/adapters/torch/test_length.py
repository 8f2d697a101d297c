"""A schedule whose length or unit does not fit the run is told, and one in epochs is followed."""

import copy
import io
import pickle
import re

import pytest
import torch

import glissando as gl
from torch_probe import epoch, parameter, sgd, update

EPOCHS = gl.Linear(0.5, 0.25, steps=4)  # ends high: nothing is told past its end
ENDS = gl.Cosine(0.5, 0.0, steps=10)


def trained(scheduler, optimizer, epochs, updates=5):
    used = []
    for _ in range(epochs):
        used.append(epoch(optimizer, updates))
        scheduler.step()
    return used


def flat(epochs):
    return [rate for rates in epochs for rate in rates]


# unit="epoch"


def test_with_unit_epoch_all_updates_of_epoch_e_use_the_rate_of_step_e():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, EPOCHS, unit="epoch")
    for e in range(6):
        for _ in range(7):
            assert update(optimizer) == [EPOCHS(e)]
            assert scheduler.get_last_lr() == [EPOCHS(e)]
        scheduler.step()
        assert scheduler.get_last_lr() == [EPOCHS(e)]
        assert scheduler.get_lr() == [optimizer.param_groups[0]["lr"]] == [EPOCHS(e + 1)]
        assert scheduler.last_epoch == e + 1


@pytest.mark.parametrize("where", ["start", "middle", "end"])
@pytest.mark.parametrize("order", ["scheduler last", "scheduler first", "no optimizer"])
def test_with_unit_epoch_it_resumes_exactly_from_any_place_in_an_epoch(where, order):
    for e in range(5):
        optimizer = sgd()
        scheduler = gl.torch.Scheduler(optimizer, EPOCHS, unit="epoch")
        trained(scheduler, optimizer, e)
        done = {"start": 0, "middle": 3, "end": 5}[where]
        epoch(optimizer, done)
        file = io.BytesIO()
        torch.save([optimizer.state_dict(), scheduler.state_dict()], file)
        file.seek(0)
        saved, state = torch.load(file, weights_only=True)

        again = sgd()
        resumed = gl.torch.Scheduler(again, EPOCHS, unit="epoch")
        if order == "scheduler first":
            resumed.load_state_dict(state)
        if order != "no optimizer":
            again.load_state_dict(saved)
        if order != "scheduler first":
            resumed.load_state_dict(state)
        assert epoch(again, 5 - done) == [EPOCHS(e)] * (5 - done)
        resumed.step()
        assert update(again) == [EPOCHS(e + 1)]


def test_a_state_of_another_unit_is_refused_and_changes_nothing():
    states = {}
    for unit in ("step", "epoch"):
        optimizer = sgd()
        scheduler = gl.torch.Scheduler(optimizer, EPOCHS, unit=unit)
        update(optimizer)
        scheduler.step()
        states[unit] = scheduler.state_dict()
    for unit, other in (("step", "epoch"), ("epoch", "step")):
        optimizer = sgd()
        scheduler = gl.torch.Scheduler(optimizer, EPOCHS, unit=unit)
        for policy in ("raise", "keep", "replace"):
            with pytest.raises(gl.ScheduleError, match=f"counts in unit='{other}'"):
                scheduler.load_state_dict(states[other], policy)
        assert update(optimizer) == [EPOCHS(0)]
        scheduler.load_state_dict(states[unit])
        assert update(optimizer) == [EPOCHS(1)]
    with pytest.raises(gl.ScheduleError, match="`unit` must be one of 'step', 'epoch', got 'ep"):
        gl.torch.Scheduler(sgd(), EPOCHS, unit="epochs")


@pytest.mark.parametrize("how", ["metric alone", "both", "metric first"])
def test_with_unit_epoch_a_metric_ends_the_epoch_once(how):
    rate = gl.Plateau("torch", factor=0.5, patience=0).on(EPOCHS)
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, rate, unit="epoch")
    used = []
    for _ in range(4):
        used.append(epoch(optimizer, 3))
        if how == "both":
            scheduler.step()
        scheduler.step(1.0)
        if how == "metric first":
            scheduler.step()
    factors = [1, 1, 0.5, 0.25]
    assert used == [[EPOCHS(e) * factors[e]] * 3 for e in range(4)]


def test_with_unit_epoch_more_calls_and_calls_before_the_epoch_end_none():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, EPOCHS, unit="epoch")
    for e in range(4):
        scheduler.step()  # as one did before PyTorch 1.1
        assert epoch(optimizer, 2) == [EPOCHS(e)] * 2
        for _ in range(4):  # as Accelerate does with four processes
            scheduler.step()


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_with_unit_epoch_copies_groups_and_finish_work(clone):
    rate = gl.Constant(0.5).open_ended() >> gl.Linear(0.5, 0.0, steps=2)
    optimizer = sgd(9.0, 9.0)
    optimizer.param_groups[1]["name"] = "slow"
    scheduler = gl.torch.Scheduler(optimizer, rate, {"slow": 0.5}, unit="epoch")
    for _ in range(3):
        assert update(optimizer) == [0.5, 0.25]
        scheduler.step()
    update(optimizer)
    with pytest.raises(gl.ScheduleError, match="4 updates are done"):
        scheduler.finish(at=3)  # the fourth epoch has begun
    scheduler.finish(at=4)
    optimizer, scheduler = clone((optimizer, scheduler))
    assert update(optimizer) == [0.5, 0.25]
    scheduler.step()
    assert update(optimizer) == [0.5, 0.25]
    scheduler.step()
    assert update(optimizer) == [0.25, 0.125]


# What is told


def test_stepping_once_an_epoch_with_a_schedule_in_epochs_is_told():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, gl.Cosine(0.5, 0.0, steps=100))
    for _ in range(2):
        epoch(optimizer, 8)
        scheduler.step()
    epoch(optimizer, 8)
    with pytest.warns(UserWarning, match="after 8, 8 and 8 updates") as caught:
        scheduler.step()
    message = str(caught[0].message)
    for line in ("unit='epoch'", "schedule.hold_each(8)", "schedule.slow(8)", "on_length='ignore'"):
        assert line in message
    trained(scheduler, optimizer, 5, 8)  # once


@pytest.mark.parametrize(
    "schedule",
    [
        gl.Cosine(0.5, 0.1, steps=10).hold_each(5),
        gl.Linear(0.1, 0.5, steps=5) >> gl.Cosine(0.5, 0.1, steps=10).slow(5),
        gl.Constant(0.5),
    ],
    ids=str,
)
def test_once_an_epoch_with_a_schedule_over_updates_is_no_mistake(schedule):
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, schedule)
    assert flat(trained(scheduler, optimizer, 8)) == [schedule(k) for k in range(40)]


def test_a_metric_once_an_epoch_and_a_partial_accumulation_are_no_mistakes():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, gl.Plateau().on(gl.Constant(0.5)))
    for _ in range(5):
        epoch(optimizer, 9)
        scheduler.step(1.0)
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, ENDS.stretch(100))
    for _ in range(5):  # twice two in a row, now and then
        for n in (1, 2, 2, 1, 0, 1, 2, 2):
            epoch(optimizer, n)
            scheduler.step()


def test_the_first_update_past_an_end_at_zero_is_told_with_the_numbers():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, ENDS)
    for _ in range(11):  # the last one uses the end, as in a OneCycleLR of 11 steps
        update(optimizer)
        scheduler.step()
    with pytest.warns(UserWarning, match=r"10 steps, but this is update 11, .* rate is 0") as told:
        update(optimizer)
    message = str(told[0].message)
    assert len(told) == 1
    for line in ("schedule.stretch(n)", "unit='epoch'", "hold_each", "on_length='ignore'"):
        assert line in message
    scheduler.step()
    update(optimizer)  # once


@pytest.mark.parametrize("calls", ["none", "each"])
def test_past_the_end_it_can_be_refused_or_ignored(calls):
    for reaction in ("raise", "ignore"):
        optimizer = sgd()
        scheduler = gl.torch.Scheduler(optimizer, ENDS, on_length=reaction)

        def go(scheduler=scheduler, optimizer=optimizer):
            used = update(optimizer)
            if calls == "each":
                scheduler.step()
            return used

        for _ in range(11):
            go()
        if reaction == "ignore":
            assert [go() for _ in range(3)] == [[0.0]] * 3
            continue
        for _ in range(2):
            with pytest.raises(gl.ScheduleError, match="update 11"):
                go()
        assert scheduler.last_epoch == 11
    with pytest.raises(gl.ScheduleError, match="on_length"):
        gl.torch.Scheduler(sgd(), ENDS, on_length="shout")


def test_calling_step_for_each_batch_with_unit_epoch_is_told():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, ENDS, unit="epoch")
    trained(scheduler, optimizer, 11, 1)
    with pytest.warns(UserWarning, match="this is epoch 11") as told:
        update(optimizer)
    assert "call it once an epoch" in str(told[0].message)


def test_an_end_that_still_learns_another_training_and_groups_that_stop_are_not_told():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, gl.Linear(0.0, 0.5, steps=3) >> gl.Constant(0.5))
    trained(scheduler, optimizer, 20, 1)
    scheduler = gl.torch.Scheduler(optimizer, ENDS)  # a second training
    assert flat(trained(scheduler, optimizer, 10, 1)) == [ENDS(k) for k in range(10)]

    optimizer = sgd(9.0, 9.0)
    optimizer.param_groups[1]["name"] = "frozen soon"
    scheduler = gl.torch.Scheduler(optimizer, gl.Constant(0.5), {"frozen soon": ENDS})
    trained(scheduler, optimizer, 20, 1)
    scheduler = gl.torch.Scheduler(optimizer, {"weight_decay": ENDS})
    trained(scheduler, optimizer, 20, 1)


def test_a_resume_past_the_end_is_told_and_finish_moves_the_end():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, ENDS)
    scheduler.load_state_dict({"step": 30, "schedule": ENDS.to_data()})
    with pytest.warns(UserWarning, match="this is update 30"):
        update(optimizer)
    rate = gl.Constant(0.5).open_ended() >> gl.Linear(0.5, 0.0, steps=5)
    scheduler = gl.torch.Scheduler(optimizer, rate)
    trained(scheduler, optimizer, 35, 1)
    scheduler.finish(steps=40)
    trained(scheduler, optimizer, 6, 1)
    with pytest.warns(UserWarning, match="40 steps, but this is update 41"):
        update(optimizer)


# importing torch's compiler uses what torch itself deprecates
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_past_the_end_in_a_compiled_step_is_told():
    torch._dynamo.reset()
    weight = parameter()
    optimizer = torch.optim.SGD([weight], lr=torch.tensor(9.0, dtype=torch.float64))
    scheduler = gl.torch.Scheduler(optimizer, gl.Cosine(0.5, 0.0, steps=3))
    step = torch.compile(optimizer.step, backend="eager")
    for _ in range(4):
        update(optimizer, step)
        scheduler.step()
    update(optimizer, step)
    with pytest.warns(UserWarning, match="this is update 4"):
        scheduler.step()


def test_its_text_says_the_schedule_and_the_step():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, ENDS)
    trained(scheduler, optimizer, 3, 1)
    assert repr(scheduler) == "Scheduler(gl.Cosine(0.5, 0.0, steps=10), step=3)"
    scheduler = gl.torch.Scheduler(optimizer, {"lr": ENDS}, unit="epoch")
    assert repr(scheduler) == (
        "Scheduler({'lr': gl.Cosine(0.5, 0.0, steps=10)}, step=0, unit='epoch')"
    )


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("beta1", "betas[0]"),
        ("momentum", "betas[0]"),
        ("beta2", "betas[1]"),
        ("wd", "weight_decay"),
        ("learning_rate", "lr"),
    ],
)
def test_the_name_that_others_use_is_answered_with_the_one_here(name, here):
    optimizer = torch.optim.Adam([parameter()])
    with pytest.raises(gl.ScheduleError, match=re.escape(f"here it is called {here!r}")):
        gl.torch.Scheduler(optimizer, {"lr": EPOCHS, name: gl.Constant(0.9)})
