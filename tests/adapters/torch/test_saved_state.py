"""What a scheduler of ours saves, and what it makes of states that others have saved."""

import json

import pytest
import torch
import torch.distributed.checkpoint as dcp
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

import glissando as gl

RATE = gl.Linear(0.0, 0.5, steps=8) >> gl.Cosine(0.5, 0.25, steps=30)
PLATEAU = gl.Plateau("torch", factor=0.5, patience=0)
OTHERS = (
    gl.Cosine(0.1, 0.0, steps=99),
    gl.Table([0.1, 0.2, 0.1], [0, 5, 9]),
    PLATEAU.on(RATE),
    {"lr": RATE, "weight_decay": gl.Constant(0.1)},
)


def sgd(lr=0.1):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def used(optimizer, *schedulers, updates):
    """The rates that the next updates use: the weight moves by them."""
    (weight,) = optimizer.param_groups[0]["params"]
    rates = []
    for _ in range(updates):
        before = weight.item()
        weight.grad = torch.ones(1)
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
        rates.append(before - weight.item())
    return pytest.approx(rates, abs=1e-6)


def trained(schedule=RATE, updates=7):
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, schedule)
    used(optimizer, scheduler, updates=updates)
    return scheduler


PYTORCH = {
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda k: 1 / (1 + k)),
    "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, lambda k: 0.9),
    "StepLR": lambda o: lr_scheduler.StepLR(o, 3),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [3, 6]),
    "ConstantLR": lr_scheduler.ConstantLR,
    "LinearLR": lr_scheduler.LinearLR,
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda o: lr_scheduler.PolynomialLR(o, 20),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 20),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, 20, cycle_momentum=False),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, cycle_momentum=False),
    "ReduceLROnPlateau": lr_scheduler.ReduceLROnPlateau,
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o,
        [lr_scheduler.LinearLR(o, total_iters=5), lr_scheduler.CosineAnnealingLR(o, 15)],
        [5],
    ),
    "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.LinearLR(o), lr_scheduler.ExponentialLR(o, 0.9)]
    ),
}


def state_of(name, calls=7):
    optimizer = sgd()
    scheduler = PYTORCH[name](optimizer)
    for _ in range(calls):
        optimizer.step()
        scheduler.step(*[1.0] * (name == "ReduceLROnPlateau"))
    return scheduler.state_dict()


@pytest.mark.parametrize("name", PYTORCH)
def test_a_state_of_pytorchs_own_scheduler_is_refused_and_says_how_to_go_on(name):
    state = state_of(name)
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, RATE)
    used(optimizer, scheduler, updates=3)
    with pytest.raises(gl.ScheduleMismatch) as raised:
        scheduler.load_state_dict(state)
    message = str(raised.value)
    assert "7 calls" in message
    assert "on_mismatch='replace'" in message
    assert "scheduler.state_dict() | {'last_epoch': k}" in message
    for policy in ("keep", "continue", "rewarm"):
        with pytest.raises(gl.ScheduleError, match="on_mismatch='replace'"):
            scheduler.load_state_dict(state, policy)
    assert used(optimizer, scheduler, updates=2) == [RATE(3), RATE(4)]  # nothing has changed

    scheduler.load_state_dict(state, on_mismatch="replace")
    assert used(optimizer, scheduler, updates=3) == [RATE(7), RATE(8), RATE(9)]
    scheduler.load_state_dict(scheduler.state_dict() | {"last_epoch": 28})  # the calls were epochs
    assert used(optimizer, scheduler, updates=2) == [RATE(28), RATE(29)]


def test_a_state_of_pytorchs_own_scheduler_with_the_same_rates_goes_on_with_a_word():
    optimizer = sgd()
    twin = gl.torch.Scheduler(optimizer, gl.dialects.torch.CosineAnnealingLR(lr=0.1, T_max=20))
    with pytest.warns(UserWarning, match="goes on at step 7, the number of calls"):
        twin.load_state_dict(state_of("CosineAnnealingLR"))
    (theirs,) = state_of("CosineAnnealingLR")["_last_lr"]
    assert used(optimizer, twin, updates=1) == [theirs]


def test_a_plateau_begins_anew_after_a_state_of_pytorchs_own():
    scheduler = trained(PLATEAU.on(RATE))
    for _ in range(3):
        scheduler.step(1.0)
    assert scheduler.get_lr() == [RATE(7) / 4]
    scheduler.load_state_dict(state_of("StepLR"), "replace")
    assert scheduler.get_lr() == [RATE(7)]


NESTED = {"SequentialLR", "ChainedScheduler"}


@pytest.mark.parametrize("name", [name for name in PYTORCH if name not in NESTED])
@pytest.mark.parametrize("schedule", [RATE, *OTHERS], ids=str)
def test_our_state_leaves_pytorchs_step_callable_and_goes_on_at_its_step(name, schedule):
    optimizer = sgd()
    theirs = PYTORCH[name](optimizer)
    theirs.load_state_dict(dict(trained(schedule).state_dict()))
    for k in (8, 9):
        optimizer.step()
        theirs.step(*[1.0] * (name == "ReduceLROnPlateau"))
        assert theirs.last_epoch == k
    assert theirs.get_last_lr()[0] >= 0


@pytest.mark.parametrize("name", sorted(NESTED))
def test_our_state_is_refused_by_pytorchs_schedulers_of_schedulers(name):
    """Their parts would begin at 0 without a word."""
    with pytest.raises(KeyError):
        PYTORCH[name](sgd()).load_state_dict(trained().state_dict())


@pytest.mark.parametrize("schedule", OTHERS, ids=str)
def test_the_keys_of_a_state_are_the_same_for_every_schedule(schedule):
    state = trained(schedule).state_dict()
    assert list(state) == list(trained().state_dict())
    assert not any(isinstance(value, dict) for value in state.values())
    assert not any(callable(getattr(torch.optim.lr_scheduler.LRScheduler, k, 0)) for k in state)


@pytest.mark.parametrize("schedule", [RATE, *OTHERS, gl.schedule(lambda k: 0.1)], ids=str)
def test_a_state_goes_through_json_and_torch_load(schedule, tmp_path):
    scheduler = trained(schedule)
    state = scheduler.state_dict()
    torch.save(state, tmp_path / "state.pt")
    for found in (
        json.loads(json.dumps(state)),
        torch.load(tmp_path / "state.pt", weights_only=True),
    ):
        again = gl.torch.Scheduler(sgd(), schedule)
        again.load_state_dict(found)
        assert again.state_dict() == state
        assert again.get_lr() == scheduler.get_lr()


def old_state(schedule, step, **more):
    return {"step": step, "schedule": schedule.to_data(), **more}


def test_states_of_earlier_versions_load():
    scheduler = gl.torch.Scheduler(sgd(), RATE)
    scheduler.load_state_dict(old_state(RATE, 20))
    assert scheduler.get_lr() == [RATE(20)]
    with pytest.raises(gl.ScheduleMismatch, match="saved after 3 updates"):
        scheduler.load_state_dict(old_state(OTHERS[0], 3))

    scheduler.load_state_dict(scheduler.state_dict() | {"step": 9})  # as code for them sets it
    assert scheduler.get_lr() == [RATE(9)]

    several = gl.torch.Scheduler(sgd(), OTHERS[-1])
    forms = {name: schedule.to_data() for name, schedule in OTHERS[-1].items()}
    several.load_state_dict({"step": 20, "schedule": forms})
    assert several.get_lr() == [RATE(20)]

    lowered = gl.torch.Scheduler(sgd(), PLATEAU.on(RATE))
    memory = {"lr": gl.PlateauState(best=1.0, factor=0.5).to_data()}
    lowered.load_state_dict(old_state(PLATEAU.on(RATE), 20, plateau=memory))
    assert lowered.get_lr() == [RATE(20) / 2]


def test_a_state_of_updates_is_refused_where_epochs_are_counted():
    scheduler = gl.torch.Scheduler(sgd(), RATE, unit="epoch")
    for state in (old_state(RATE, 20), trained().state_dict()):
        with pytest.raises(gl.ScheduleError, match="counts in unit='step'"):
            scheduler.load_state_dict(state)
    assert list(scheduler.state_dict()) == list(trained().state_dict())
    scheduler.load_state_dict(state_of("StepLR"), "replace")
    assert scheduler.last_epoch == 7


def test_best_weights_that_are_none_are_refused_and_change_nothing():
    model = torch.nn.Linear(1, 1)
    scheduler = gl.torch.Scheduler(sgd(), PLATEAU.on(RATE), restore_best=model)
    saved = scheduler.state_dict()
    other = saved | {"last_epoch": 9}
    for best in (3, {}, {"weights": []}, {"weights": [{}, {}]}, {"weights": [{}], "metric": "x"}):
        with pytest.raises(gl.ScheduleError, match=r"in the saved state|restore_best"):
            scheduler.load_state_dict(other | {"glissando_best": best})
        assert str(scheduler.state_dict()) == str(saved)


@pytest.mark.filterwarnings("ignore:torch.distributed is disabled")
@pytest.mark.parametrize("schedule", [RATE, *OTHERS], ids=str)
def test_in_a_distributed_checkpoint_another_schedule_is_a_mismatch(schedule, tmp_path):
    """No missing key, as if the checkpoint were damaged."""
    saved = trained(schedule)
    dcp.save({"scheduler": saved}, checkpoint_id=tmp_path, no_dist=True)

    def loaded(schedule, **options):
        scheduler = gl.torch.Scheduler(sgd(), schedule, **options)
        dcp.load({"scheduler": scheduler}, checkpoint_id=tmp_path, no_dist=True)
        return scheduler

    assert loaded(schedule).get_lr() == saved.get_lr()
    other = gl.Geometric(0.1, 0.9)
    with pytest.raises(gl.ScheduleMismatch):
        loaded(other)
    assert loaded(other, on_mismatch="replace").get_lr() == [other(7)]
    assert loaded(other, on_mismatch="keep").get_lr() == saved.get_lr()


def test_what_code_for_pytorchs_schedulers_reads_is_there():
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(3)]
    optimizer = torch.optim.SGD([{"params": weights[:1]}, {"params": weights[1:2]}], lr=0.3)
    scheduler = gl.torch.Scheduler(optimizer, RATE)
    for k in range(3):
        assert scheduler.base_lrs == [0.3, 0.3]
        assert scheduler._last_lr == scheduler.get_last_lr() == [RATE(max(0, k - 1))] * 2
        assert [group["initial_lr"] for group in optimizer.param_groups] == [0.3, 0.3]
        optimizer.step()
        scheduler.step()
    optimizer.add_param_group({"params": weights[2:]})
    scheduler.step()
    assert scheduler.base_lrs == [group["initial_lr"] for group in optimizer.param_groups]

    # the state of a run that had none
    state = optimizer.state_dict()
    for group in state["param_groups"]:
        del group["initial_lr"]
    optimizer.load_state_dict(state)
    assert [group["initial_lr"] for group in optimizer.param_groups] == [0.3, 0.3, 0.3]
    # and one of PyTorch's own may follow, from the rate that the optimizer was built with
    assert lr_scheduler.LambdaLR(optimizer, lambda k: 0.5).base_lrs == [0.3, 0.3, 0.3]


def test_relative_groups_are_those_of_today_if_they_were_set_anew():
    optimizer = torch.optim.SGD(
        [{"params": [torch.nn.Parameter(torch.zeros(1))]} for _ in range(2)], lr=0.3
    )
    gl.torch.Scheduler(optimizer, RATE)  # leaves 0.3 as what both were built with
    for group, lr in zip(optimizer.param_groups, (0.1, 0.2), strict=True):
        group["lr"] = lr
    ours = gl.torch.Scheduler(optimizer, gl.Constant(0.5), groups="relative")
    assert ours.get_lr() == [0.25, 0.5]
    # and in the next run, whose rates were left where all of them had come to
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    again = gl.torch.Scheduler(optimizer, gl.Constant(0.5), groups="relative")
    assert again.get_lr() == [0.25, 0.5]


def test_an_initial_rate_that_is_there_stays():
    optimizer = sgd()
    lr_scheduler.StepLR(optimizer, 3)
    optimizer.param_groups[0]["initial_lr"] = 0.7
    assert gl.torch.Scheduler(optimizer, RATE).base_lrs == [0.7]
    assert optimizer.param_groups[0]["initial_lr"] == 0.7


def deep(levels, wrap):
    data = 1.0
    for _ in range(levels):
        data = wrap(data)
    return data


INF = float("inf")
DEEP = deep(5_000, lambda data: {"type": "reverse", "schedule": data})
RATES = {"type": "function", "name": "f"}
ODD = [
    {},
    {"last_epoch": 3.5},
    {"last_epoch": INF},
    {"last_epoch": None},
    {"last_epoch": True},
    {"last_epoch": [3]},
    {"_schedulers": []},
    {"_schedulers": [{"last_epoch": -2}]},
    {"_schedulers": 3},
    {"last_epoch": 3, "_last_lr": [None]},
    {"last_epoch": 3, "_last_lr": 3},
    {"last_epoch": 3, "_last_lr": [INF, "x"]},
    {"glissando": "{}"},
    {"last_epoch": 3, "glissando": None},
    {"last_epoch": 3, "glissando": "{}"},
    {"last_epoch": 3, "glissando": "[" * 100_000},
    {"last_epoch": 3, "glissando": "9" * 9_999},
    {"last_epoch": 3, "glissando": '{"schedule": {"type": "constant"}}'},
    {"last_epoch": 3, "glissando": '{"schedule": ' * 5_000 + "1" + "}" * 5_000},
    {"last_epoch": 3, "glissando": '{"schedule": {}}'},
    {"last_epoch": 3, "glissando": json.dumps({"schedule": RATE.to_data()}), "lr": 4},
    {"step": 3, "schedule": {}},
    {"step": 3, "schedule": {3: RATE.to_data()}},
    {"step": 3, "schedule": {"lr": None}},
    {"step": 3, "schedule": {None: 1, "lr": RATE.to_data()}},
    {"step": INF, "schedule": RATE.to_data()},
    {"step": 10**400, "schedule": RATE.to_data()},
    {"step": 3, "schedule": RATE.to_data(), "plateau": {3: 4}},
    {"step": 3, "schedule": PLATEAU.on(RATE).to_data(), "plateau": {"lr": {"factor": INF}}},
    {"step": 3, "schedule": PLATEAU.on(RATE).to_data(), "plateau": {"lr": {3: 4}}},
    {"step": 3, "schedule": PLATEAU.on(RATE).to_data(), "plateau": {"lr": DEEP}},
    {"step": 3, "schedule": RATES},
    {"step": 3, "schedule": RATES | {"rates": [[INF, 0.1]]}},
    {"step": 3, "schedule": RATES | {"rates": [[0, INF]]}},
    {"step": 3, "schedule": RATES | {"rates": [[10**400, 10**400]]}},
    {"step": 3, "schedule": RATES | {"rates": {"a": 1}}},
    {"step": 3, "schedule": RATES | {"rates": DEEP}},
    {"step": 3, "schedule": {"type": []}},
    {"step": 3, "schedule": {"type": {}, "schedule": 3}},
    {"step": 3, "schedule": {"type": "chain", "parts": {}}},
    {"step": 3, "schedule": {"type": "linear", "start": INF, "end": 0.0, "steps": 3}},
    {"step": 3, "schedule": {"type": "on_plateau", "schedule": DEEP, "plateau": {}}},
    {"step": 3, "schedule": {"lr": DEEP}},
    {"step": 3, "schedule": DEEP},
    {"step": 3, "schedule": {"type": "imported", "path": [1]}},
    {"step": 3, "schedule": {"type": "imported", "path": {}}},
    DEEP,
    {"last_epoch": DEEP},
    3,
    None,
    "last_epoch",
    [("last_epoch", 3)],
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "schedule", "plateau", "lr", "parts", "rates", "name", "step", "start"]
            )
            | st.integers(),
            inner
            | st.sampled_from(
                ["constant", "function", "on_plateau", "chain", "imported", "linear"]
            ),
            max_size=4,
        )
    ),
    max_leaves=8,
)


def refused(state):
    scheduler = trained(PLATEAU.on(RATE))
    before = scheduler.state_dict()
    for policy in ("raise", "keep", "continue", "rewarm"):
        with pytest.raises(gl.ScheduleError):
            scheduler.load_state_dict(state, policy)
        assert scheduler.state_dict() == before
    return True


@pytest.mark.parametrize("state", ODD, ids=range(len(ODD)))
def test_odd_states_are_refused_with_our_error_and_change_nothing(state):
    assert refused(state)


@settings(max_examples=150, deadline=None)
@given(step=JSON, rest=JSON, text=st.booleans())
def test_random_states_are_refused_with_our_error_and_change_nothing(step, rest, text):
    assert refused({"last_epoch": step, "glissando": json.dumps(rest) if text else rest})
    rest = rest if isinstance(rest, dict) else {"schedule": rest}
    assert refused({"step": step, **rest})
