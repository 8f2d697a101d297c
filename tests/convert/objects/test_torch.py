"""Schedulers of PyTorch are read as what a probe of gradient 1 moves by."""

import contextlib
import warnings
from functools import partial

import pytest
import transformers
from torch.optim import lr_scheduler as schedulers
from torch.optim.swa_utils import SWALR

import glissando as gl
from glissando.convert.given import Given
from glissando.convert.objects.torch import is_state, read_scheduler, schedule_of_state
from torch_probe import sgd, update

UPDATES = 300
TYPES = {
    "linear": {},
    "cosine": {},
    "cosine_with_restarts": {"num_cycles": 3},
    "polynomial": {"power": 2.0},
    "constant": {},
    "constant_with_warmup": {},
    "inverse_sqrt": {},
    "cosine_with_min_lr": {"min_lr": 1e-4},
    "cosine_warmup_with_min_lr": {"min_lr_rate": 0.1, "warmup_lr_rate": 0.2},
    "warmup_stable_decay": {"num_decay_steps": 40, "decay_type": "1-sqrt"},
}

still = {"cycle_momentum": False}
STATED = {
    "StepLR": lambda o: schedulers.StepLR(o, 7, 0.5),
    "MultiStepLR": lambda o: schedulers.MultiStepLR(o, [20, 5, 5], 0.3),
    "ConstantLR": lambda o: schedulers.ConstantLR(o, 0.3, 9),
    "LinearLR": lambda o: schedulers.LinearLR(o, 0.1, 0.9, 30),
    "ExponentialLR": lambda o: schedulers.ExponentialLR(o, 0.99),
    "PolynomialLR": lambda o: schedulers.PolynomialLR(o, 100, 2.0),
    "CosineAnnealingLR": lambda o: schedulers.CosineAnnealingLR(o, 50, 0.01),
    "restarts": lambda o: schedulers.CosineAnnealingWarmRestarts(o, 10, 2, 0.01),
    "triangular2": lambda o: schedulers.CyclicLR(o, 0.01, 0.1, 13, 20, "triangular2", **still),
    "exp_range": lambda o: schedulers.CyclicLR(o, 0.01, 0.1, 13, None, "exp_range", 0.99, **still),
    "momentum": lambda o: schedulers.OneCycleLR(o, 0.3, 200),
    "three phases": lambda o: schedulers.OneCycleLR(
        o, 0.3, None, 3, 77, 0.21, "linear", False, 0.85, 0.95, 7.0, 33.0, three_phase=True
    ),
    "SWALR": lambda o: SWALR(o, 0.05, 17),
    "SWALR linear": lambda o: SWALR(o, 0.05, 17, "linear"),
    "SequentialLR": lambda o: schedulers.SequentialLR(
        o, [schedulers.LinearLR(o, 0.1, 1, 20), schedulers.CosineAnnealingLR(o, 100)], [20]
    ),
    "a one-cycle lowers the warm-up": lambda o: schedulers.SequentialLR(
        o, [schedulers.LinearLR(o, 0.1, 1, 20), schedulers.OneCycleLR(o, 0.3, 200, **still)], [20]
    ),
    "ChainedScheduler": lambda o: schedulers.ChainedScheduler(
        [schedulers.LinearLR(o, 0.1, 1, 20), schedulers.ExponentialLR(o, 0.99)]
    ),
}
"""Schedulers whose states hold all that they do."""

LIVE = STATED | {
    **{
        name: partial(
            lambda o, name, own: transformers.get_scheduler(name, o, 20, 250, own),
            name=name,
            own=own,
        )
        for name, own in TYPES.items()
    },
    "a function of Transformers inside": lambda o: schedulers.SequentialLR(
        o,
        [
            schedulers.LinearLR(o, 0.1, 1, 20),
            transformers.get_cosine_schedule_with_warmup(o, 5, 99),
        ],
        [20],
    ),
    "our own": lambda o: gl.torch.Scheduler(o, gl.Cosine(1.0, 0.1, 100)),
    "a schedule as a lambda": lambda o: schedulers.LambdaLR(o, gl.Cosine(1.0, 0.1, 100)),
}


def used(optimizer, scheduler):
    """Return the rates of up to 300 updates: fewer where the scheduler stops."""
    found = []
    for _ in range(UPDATES):
        for group in optimizer.param_groups:
            group["momentum"] = 0.0  # or the probe would gather speed
        found.append(update(optimizer)[0])
        try:
            scheduler.step()
        except ValueError:
            break
    return found


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("make", LIVE.values(), ids=LIVE)
def test_a_live_scheduler_is_read_as_the_rates_that_it_uses_however_far_it_is(make):
    optimizer = sgd(1.0, lr=1e-3, momentum=0.9)
    scheduler = make(optimizer)
    rate = gl_read(scheduler)
    rates = used(optimizer, scheduler)
    assert len(rates) >= 201
    assert [rate(k) for k in range(len(rates))] == pytest.approx(rates, rel=1e-12, abs=1e-15)
    assert gl_read(scheduler) == rate


@pytest.mark.parametrize("make", STATED.values(), ids=STATED)
def test_a_state_is_known_by_its_keys(make):
    optimizer = sgd(1.0, momentum=0.9)
    scheduler = make(optimizer)
    rate = gl_read(scheduler)
    used(optimizer, scheduler)
    state, groups = scheduler.state_dict(), optimizer.state_dict()["param_groups"]
    assert is_state(state)
    assert schedule_of_state(state, groups, Given()) == rate


def gl_read(value, **given):
    return read_scheduler(value, Given(**given))


def message(value, **given):
    with pytest.raises(gl.ScheduleError) as caught:
        gl_read(value, **given)
    return str(caught.value)


def test_a_state_of_a_one_cycle_needs_its_optimizers():
    state = schedulers.OneCycleLR(sgd(1.0, momentum=0.9), 0.3, 200).state_dict()
    assert "does not hold `initial_lr`, which it keeps in the optimizer" in message(state)


def test_a_state_of_a_function_does_not_hold_it():
    scheduler = transformers.get_cosine_schedule_with_warmup(sgd(1.0), 5, 100)
    assert "the function is not in its state" in message(scheduler.state_dict())


def halved(step):
    return 0.5**step


def test_a_function_of_the_users_own_is_refused_by_name():
    assert "halved, a function of your own" in message(schedulers.LambdaLR(sgd(1.0), halved))
    assert "MultiplicativeLR: what it does is a function" in message(
        schedulers.MultiplicativeLR(sgd(1.0), halved)
    )


def test_a_class_of_the_users_own_is_refused_by_name():
    class Odd(schedulers.StepLR):
        def get_lr(self):
            return [1.0]

    assert "Odd is none of PyTorch's own schedulers" in message(Odd(sgd(1.0), 3))


def test_what_follows_a_metric_is_refused_and_told_what_there_is():
    plateau = schedulers.ReduceLROnPlateau(sgd(1.0))
    assert "follows a metric" in message(plateau)
    assert "follows a metric" in message(plateau.state_dict())


def test_groups_of_different_rates_are_asked_for():
    optimizer = sgd(1.0, 0.5)
    optimizer.param_groups[1]["name"] = "head"
    scheduler = schedulers.StepLR(optimizer, 5, 0.5)
    assert "say which by `group` (--group), from 0 to 1" in message(scheduler)
    assert gl_read(scheduler, group=1) == gl_read(scheduler, group="head")
    assert gl_read(scheduler, group="1")(5) == 0.25
    assert "must be from 0 to 1 or one of head, got 7" in message(scheduler, group=7)


def test_groups_of_one_rate_are_one_schedule():
    assert gl_read(schedulers.StepLR(sgd(1.0, 1.0), 5, 0.5))(5) == 0.5


def test_schedulers_built_in_another_order_are_refused():
    optimizer = sgd(1.0, momentum=0.9)
    line = schedulers.LinearLR(optimizer, 0.1, 1, 20)
    cycle = schedulers.OneCycleLR(optimizer, 0.3, 200)  # lowers what the line would begin with
    both = schedulers.SequentialLR(optimizer, [cycle, line], [20])
    assert "built in another order" in message(both)


@pytest.mark.parametrize("state", [{"base_lrs": 3, "last_epoch": 0, "gamma": 0.5}, {}])
def test_a_state_that_is_none_is_refused(state):
    with pytest.raises(gl.ScheduleError, match="torch"):
        schedule_of_state(state, (), Given())


@pytest.mark.parametrize("junk", [None, "x", [], {}, -1, 1e308, float("nan"), {"x": 1}, [[1]]])
def test_a_state_with_anything_in_it_is_read_or_refused(junk):
    for make in STATED.values():
        optimizer = sgd(1.0, momentum=0.9)
        scheduler = make(optimizer)
        groups = optimizer.state_dict()["param_groups"]
        for key in scheduler.state_dict():
            state = scheduler.state_dict() | {key: junk}
            with contextlib.suppress(gl.ScheduleError):
                assert isinstance(schedule_of_state(state, groups, Given()), gl.Schedule)
