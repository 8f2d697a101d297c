"""PyTorch on real optimizers: a rate is what a weight under gradient 1 moves by."""

import copy
import gc
import io
import json
import pickle
import weakref
from itertools import permutations
from unittest.mock import patch

import pytest
import torch
from torch.optim import lr_scheduler
from transformers.optimization import GreedyLR

import glissando as gl

WARM = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
TIP = {
    name: getattr(gl.recipes.keras_tip, name)()
    for name in (
        "constant",
        "time_based_decay",
        "exponential_decay",
        "constant_then_exponential",
        "one_cycle",
    )
}
CURVES = {**TIP, "warm-up cosine": WARM}


def parameter(value=0.0):
    return torch.nn.Parameter(torch.tensor(value, dtype=torch.float64))


def sgd(*weights, lr=9.0, **options):
    """Return plain SGD, one group a weight, with a rate that no schedule here has."""
    weights = weights or (parameter(),)
    return torch.optim.SGD([{"params": [w]} for w in weights], lr=lr, **options)


def update(optimizer, apply=None):
    """Do one update and return by how much each group's weight moved."""
    weights = [group["params"][0] for group in optimizer.param_groups]
    for weight in weights:
        weight.data.zero_()  # so that the move is the rate to the last bit
        weight.grad = torch.ones_like(weight)
    (apply or optimizer.step)()
    return [-weight.item() for weight in weights]


def train(optimizer, scheduler, n):
    """Return the rates that `n` updates used, of the first group."""
    rates = []
    for _ in range(n):
        rates.append(update(optimizer)[0])
        scheduler.step()
    return rates


def table(schedule, n=60, start=0):
    return [schedule(k) for k in range(start, start + n)]


def stored(state):
    """Return a state as it comes back from a file that is loaded safely."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)


# The contract


@pytest.mark.parametrize("schedule", CURVES.values(), ids=list(CURVES))
def test_update_k_uses_the_rate_of_step_k(schedule):
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, schedule)
    assert optimizer.param_groups[0]["lr"] == schedule(0)
    assert train(optimizer, scheduler, 60) == table(schedule)


def test_the_type_is_what_frameworks_ask_for_and_the_optimizer_is_left_alone():
    optimizer = sgd()
    before = {k: v for k, v in optimizer.param_groups[0].items() if k != "lr"}
    before["initial_lr"] = optimizer.param_groups[0]["lr"]
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    assert isinstance(scheduler, lr_scheduler.LRScheduler)
    train(optimizer, scheduler, 3)
    assert {k: v for k, v in optimizer.param_groups[0].items() if k != "lr"} == before
    assert "step" not in vars(optimizer)  # not patched
    assert scheduler.optimizer is optimizer
    assert scheduler.schedule == WARM


ORDERS = list(permutations(["build", "optimizer", "scheduler"]))
ORDERS = [order for order in ORDERS if order.index("build") < order.index("scheduler")]


@pytest.mark.parametrize("schedule", CURVES.values(), ids=list(CURVES))
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("when", ["before", "after"])
def test_pain_01_resumed_in_any_order_at_every_step_it_goes_on_bit_equal(schedule, order, when):
    """The rate is 100 times too low after a resume, without an error."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, schedule)
    whole = table(schedule)
    for k in range(60):
        if when == "before" and k:
            scheduler.step()  # else the checkpoint is written between update and step()
        saved = stored({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()})
        if when == "after" and k:
            scheduler.step()
        again = sgd()
        resumed = None
        for action in order:
            if action == "build":
                resumed = gl.torch.Scheduler(again, schedule, on_length="ignore")
            elif action == "optimizer":
                again.load_state_dict(saved["optimizer"])
            else:
                resumed.load_state_dict(saved["scheduler"])
        assert again.param_groups[0]["lr"] == whole[k]  # also before the first update
        assert train(again, resumed, 3) == table(schedule, 3, k)
        assert update(optimizer) == [whole[k]]


@pytest.mark.parametrize("k", range(60))
def test_interrupted_at_every_step_the_rest_is_bit_equal(k):
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    rates = train(optimizer, scheduler, k)
    state = stored(scheduler.state_dict())
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    scheduler.load_state_dict(state)
    assert rates + train(optimizer, scheduler, 60 - k) == table(WARM)


# The pains, by their number


def test_pain_02_restoring_only_the_scheduler_sets_the_rate_at_once():
    """Restoring only the scheduler leaves the old rate for one step."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    scheduler.load_state_dict({"step": 30, "schedule": WARM.to_data()})
    assert optimizer.param_groups[0]["lr"] == WARM(30)
    assert update(optimizer) == [WARM(30)]


def test_pain_03_a_composition_resumes_on_the_right_curve():
    """SequentialLR with last_epoch=N resumes on the wrong curve."""
    parts = gl.Constant(0.1, 4) >> gl.Linear(0.9, 0.5, steps=3) >> gl.Exponential(0.3, 0.1)
    for k in (3, 4, 5, 6, 7, 8):
        optimizer = sgd()
        scheduler = gl.torch.Scheduler(optimizer, parts)
        scheduler.load_state_dict({"step": k, "schedule": parts.to_data()})
        assert train(optimizer, scheduler, 8) == table(parts, 8, k)


LONGER = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=113)


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        ("keep", WARM(30), WARM(31)),
        ("replace", LONGER(30), LONGER(31)),
        ("continue", WARM(30), LONGER(31) * WARM(30) / LONGER(30)),
        ("rewarm", LONGER(0), LONGER(1)),
    ],
)
@pytest.mark.parametrize("how", ["argument", "built"])
def test_pain_04_another_schedule_is_refused_or_follows_a_named_policy(policy, first, second, how):
    """Extending a run: the checkpoint silently overwrites the new length, the rate climbs back."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    train(optimizer, scheduler, 30)
    state = stored(scheduler.state_dict())

    fresh = sgd()
    extended = gl.torch.Scheduler(fresh, LONGER)
    used = train(fresh, extended, 2)
    with pytest.raises(gl.ScheduleMismatch, match="first differ at step 8"):
        extended.load_state_dict(state)
    used += train(fresh, extended, 2)
    assert used == table(LONGER, 4)  # the refused load changed nothing

    fresh = sgd()
    options = {"on_mismatch": policy}
    extended = gl.torch.Scheduler(fresh, LONGER, **(options if how == "built" else {}))
    extended.load_state_dict(state, **(options if how == "argument" else {}))
    used = train(fresh, extended, 2)
    assert used == pytest.approx([first, second], rel=1e-14)

    # interrupted again, the same program goes on as the uninterrupted one
    state = stored(extended.state_dict())
    rest = train(fresh, extended, 5)
    fresh = sgd()
    extended = gl.torch.Scheduler(fresh, LONGER)
    extended.load_state_dict(state, policy)
    assert train(fresh, extended, 5) == rest
    extended.load_state_dict(state, policy)  # and back, in the same process
    extended.load_state_dict(stored(extended.state_dict()))
    assert train(fresh, extended, 5) == rest


def test_pain_05_past_the_end_the_end_holds():
    """Cosine past T_max rises back to the peak."""
    optimizer = sgd()
    schedule = gl.Cosine(0.5, 0.01, steps=6)
    scheduler = gl.torch.Scheduler(optimizer, schedule, on_length="ignore")
    assert train(optimizer, scheduler, 60)[6:] == [0.01] * 54


def test_pain_06_no_run_is_killed_at_its_end():
    """ "Tried to step N+1 times" kills a run at its end."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, gl.Linear(0.5, 0.25, steps=4))
    scheduler.load_state_dict({"step": 1004, "schedule": scheduler.schedule.to_data()})
    assert train(optimizer, scheduler, 2) == [0.25, 0.25]
    with pytest.raises(gl.ScheduleError):
        gl.Linear(0.5, 0.25, steps=-1)


@pytest.mark.parametrize("missing", [["initial_lr"], ["lr"], ["initial_lr", "lr"]])
@pytest.mark.parametrize("tensor", [False, True])
def test_pain_10_a_loaded_state_may_lack_the_rates(missing, tensor):
    """KeyError: initial_lr; a distributed checkpoint drops initial_lr or lr."""
    lr = torch.tensor(9.0, dtype=torch.float64) if tensor else 9.0
    optimizer = sgd(lr=lr)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    rates = train(optimizer, scheduler, 20)
    state = optimizer.state_dict()
    for group in state["param_groups"]:
        for key in missing:
            group.pop(key, None)
    optimizer.load_state_dict(state)
    assert isinstance(optimizer.param_groups[0]["lr"], torch.Tensor) is tensor
    assert rates + train(optimizer, scheduler, 40) == table(WARM)


def test_pain_13_loading_twice_is_loading_once():
    """Double counting on resume: the framework's load also steps."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    state = {"step": 20, "schedule": WARM.to_data()}
    for _ in range(3):
        scheduler.load_state_dict(state)
        scheduler.step()
    assert scheduler.last_epoch == 20
    assert train(optimizer, scheduler, 5) == table(WARM, 5, 20)


@pytest.mark.parametrize("calls", [0, 1, 2, 8])
def test_pain_14_calls_of_step_are_not_counted(calls):
    """Accelerate steps the scheduler num_processes times."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    rates = []
    for _ in range(60):
        rates += update(optimizer)
        for _ in range(calls):
            scheduler.step()
    assert rates == table(WARM)


def test_pain_15_micro_batches_are_not_counted():
    """Gradient accumulation: stepped per micro-batch."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    rates = []
    for batch in range(80):
        if batch % 4 == 3:
            rates += update(optimizer)
        scheduler.step()
    assert rates == table(WARM, 20)


def test_pain_17_a_second_writer_is_reported_at_its_first_write():
    """Two owners both step."""
    optimizer = sgd()
    optimizer.param_groups[0]["name"] = "head"
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    rates = train(optimizer, scheduler, 3)
    other = lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=99)
    with pytest.warns(UserWarning, match=r"before update 3 `lr` of group 0 \('head'\) is 0\.1071"):
        rates += update(optimizer)
    scheduler.step()
    other.step()  # from now on it writes what it found
    rates += train(optimizer, scheduler, 5)  # told once
    assert rates == table(WARM, 9)


def test_pain_17_a_second_writer_can_be_refused_or_ignored():
    """Two owners both step."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM, on_conflict="raise")
    train(optimizer, scheduler, 3)
    optimizer.param_groups[0]["lr"] = 7.0
    weight = optimizer.param_groups[0]["params"][0]
    before = weight.item()
    with pytest.raises(gl.ScheduleError, match="Keep one owner"):
        optimizer.step()
    with pytest.raises(gl.ScheduleError, match="Keep one owner"):
        scheduler.step()
    assert weight.item() == before  # nothing was trained at a foreign rate
    assert scheduler.last_epoch == 3
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM, on_conflict="ignore")
    optimizer.param_groups[0]["lr"] = 7.0
    assert train(optimizer, scheduler, 3) == table(WARM, 3)


def test_pain_17_two_schedulers_of_ours_find_each_other():
    """Two owners both step."""
    optimizer = sgd()
    first = gl.torch.Scheduler(optimizer, WARM, on_conflict="raise")
    second = gl.torch.Scheduler(optimizer, gl.Constant(0.3))
    with pytest.raises(gl.ScheduleError, match="something else writes"):
        optimizer.step()
    del first
    assert train(optimizer, second, 2) == [0.3, 0.3]  # the first is gone, with its hooks


@pytest.mark.parametrize("place", ["before", "after", "both", "nowhere"])
def test_pain_18_the_first_update_uses_the_first_rate_wherever_step_is_called(place):
    """Off-by-one at batch level: hook choice."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    rates = []
    for _ in range(60):
        if place in ("before", "both"):
            scheduler.step()
        rates += update(optimizer)
        if place in ("after", "both"):
            scheduler.step()
    assert rates == table(WARM)


@pytest.mark.parametrize("fused", [False, True])
def test_pain_19_an_update_that_the_scaler_skipped_does_not_count(fused):
    """GradScaler skips the update, the scheduler moves on, the warning is unavoidable."""
    weight = torch.nn.Parameter(torch.zeros(()))
    optimizer = torch.optim.SGD([weight], lr=9.0, fused=fused)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    moves = []
    for batch in range(20):
        weight.data.zero_()
        optimizer.zero_grad()
        scaler.scale(weight * (float("inf") if batch in (0, 3, 4, 11) else 1.0)).backward()
        scaler.step(optimizer)
        scaler.update()
        scheduler.step()
        if batch not in (0, 3, 4, 11):
            moves.append(-weight.item())
        else:
            assert weight.item() == 0.0
    assert moves == pytest.approx(table(WARM, 16), rel=1e-6)
    assert scheduler.last_epoch == 16


def test_pain_20_each_optimizer_has_its_own_count():
    """Several optimizers inflate global_step."""
    generator, critic = sgd(), sgd()
    one, two = gl.torch.Scheduler(generator, WARM), gl.torch.Scheduler(critic, LONGER)
    rates, others = [], []
    for k in range(40):
        others += update(critic)
        if k % 2:
            rates += update(generator)
        one.step()
        two.step()
    assert rates == table(WARM, 20)
    assert others == table(LONGER, 40)


def test_pain_31_a_product_is_a_product_and_a_manual_edit_is_reported_and_passes():
    """ChainedScheduler is not a product; a manual edit is baked in for ever."""
    steps, decay = gl.Staircase(0.5, 0.5, every=5), gl.Exponential(1.0, 0.1)
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, steps * decay)
    rates = train(optimizer, scheduler, 10)
    optimizer.param_groups[0]["lr"] = 0.001
    with pytest.warns(UserWarning, match="before update 10 `lr` of group 0 is 0.001"):
        rates += train(optimizer, scheduler, 10)
    assert rates == [steps(k) * decay(k) for k in range(20)]


@pytest.mark.parametrize("before_step", [False, True])
def test_pain_33_a_group_added_at_any_step_follows_at_once(before_step):
    """Unfreezing: add_param_group breaks the schedulers or gives the group another rate."""
    for k in range(12):
        optimizer = sgd()
        scheduler = gl.torch.Scheduler(
            optimizer, WARM, groups=lambda group: 0.1 if group.get("name") == "late" else None
        )
        for _ in range(k):
            update(optimizer)
            scheduler.step()
        optimizer.add_param_group({"params": [parameter()], "lr": 3.0, "name": "late"})
        if before_step:
            scheduler.step()
        assert update(optimizer) == [WARM(k), WARM(k) * 0.1]
        scheduler.step()
        assert update(optimizer) == [WARM(k + 1), WARM(k + 1) * 0.1]
        assert scheduler.get_last_lr() == [WARM(k + 1), WARM(k + 1) * 0.1]


def test_pain_34_layers_keep_their_ratio():
    """layer_decay had no effect: lr_scale was ignored."""
    optimizer = sgd(parameter(), parameter(), parameter())
    for i, group in enumerate(optimizer.param_groups):
        group["lr_scale"] = 0.75**i
    scheduler = gl.torch.Scheduler(optimizer, WARM, groups=lambda group: group["lr_scale"])
    for k in range(60):
        assert update(optimizer) == [WARM(k) * 0.75**i for i in range(3)]
        scheduler.step()


def test_pain_35_any_number_is_scheduled_and_the_others_are_untouched():
    """Momentum, weight decay, betas: other betas overwritten, beta1 above 1."""
    weight = parameter(1.0)
    optimizer = torch.optim.AdamW([weight], lr=9.0, betas=(0.8, 0.95))
    kept = {k: v for k, v in optimizer.param_groups[0].items() if k in ("eps", "amsgrad")}
    knobs = {
        "lr": WARM,
        "betas[0]": gl.Linear(0.95, 0.85, steps=30),
        "weight_decay": gl.Linear(0.0, 0.1, steps=60),
    }
    scheduler = gl.torch.Scheduler(optimizer, knobs)
    reference = torch.optim.AdamW([copied := parameter(1.0)])
    for k in range(60):
        weight.grad = torch.full_like(weight, 0.3 + k)
        copied.grad = weight.grad.clone()
        reference.param_groups[0].update(
            lr=WARM(k), betas=(knobs["betas[0]"](k), 0.95), weight_decay=knobs["weight_decay"](k)
        )
        reference.step()
        optimizer.step()
        scheduler.step()
        assert weight.item() == copied.item()
    assert {k: v for k, v in optimizer.param_groups[0].items() if k in kept} == kept
    state = stored(scheduler.state_dict())
    assert state["last_epoch"] == 60
    scheduler.load_state_dict(state)
    alone = gl.torch.Scheduler(optimizer, WARM)
    with pytest.raises(gl.ScheduleMismatch, match="lr, betas"):
        alone.load_state_dict(state)
    alone.load_state_dict(state, "keep")
    assert alone.state_dict() == state


def test_pain_35_momentum_moves_the_weight_as_it_should():
    """Momentum could not be scheduled."""
    weight, momentum = parameter(), gl.Linear(0.5, 0.9, steps=20)
    optimizer = torch.optim.SGD([weight], lr=9.0)
    scheduler = gl.torch.Scheduler(optimizer, {"lr": WARM, "momentum": momentum})
    expected, velocity = 0.0, None
    for k in range(30):
        weight.grad = torch.ones_like(weight)
        optimizer.step()
        scheduler.step()
        velocity = 1.0 if velocity is None else momentum(k) * velocity + 1.0
        expected -= WARM(k) * velocity
        assert weight.item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("knob", ["momentum", "betas[0]"])
def test_pain_35_what_must_stay_below_one_is_refused_by_name(knob):
    """DeepSpeed's OneCycle let beta1 above 1."""
    make = torch.optim.SGD if knob == "momentum" else torch.optim.Adam
    optimizer = make([parameter()])
    rising = gl.Linear(0.5, 1.0, steps=9)
    with pytest.raises(gl.ScheduleError, match="must stay below 1, got 1 at step 9") as caught:
        gl.torch.Scheduler(optimizer, {knob: rising})
    assert f"`{knob}`" in str(caught.value)
    scheduler = gl.torch.Scheduler(optimizer, {knob: gl.schedule(lambda k: rising(k))})
    with pytest.raises(gl.ScheduleError, match="must stay below 1"):
        train(optimizer, scheduler, 12)


# importing torch's compiler uses what torch itself deprecates
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_pain_42_a_tensor_is_written_in_place_and_the_step_compiled_once():
    """torch.compile compiles anew at each rate; a tensor rate is replaced or shared."""
    from torch._dynamo.testing import CompileCounter

    lr = torch.tensor(9.0, dtype=torch.float64)
    optimizer = sgd(lr=lr)
    scheduler = gl.torch.Scheduler(optimizer, WARM, on_length="ignore")
    torch._dynamo.reset()
    counter = CompileCounter()
    step = torch.compile(optimizer.step, backend=counter)
    rates = []
    for k in range(1000):
        rates += update(optimizer, step)
        scheduler.step()
        if k == 500:
            scheduler.load_state_dict(stored(scheduler.state_dict()))
    assert counter.frame_count == 1
    assert rates == table(WARM, 1000)
    assert optimizer.param_groups[0]["lr"] is lr
    assert scheduler.last_epoch == 1000
    assert scheduler.get_last_lr() == [WARM(999)]
    assert type(scheduler.get_last_lr()[0]) is float


def test_pain_42_capturable_adam_with_tensor_rate_and_betas():
    """A tensor rate or beta is replaced or shared."""
    lr = torch.tensor(9.0)
    options = {"capturable": True, "foreach": False}
    weight = torch.nn.Parameter(torch.zeros(()))
    optimizer = torch.optim.Adam(
        [weight], lr=lr, betas=(torch.tensor(0.9), torch.tensor(0.999)), **options
    )
    beta = optimizer.param_groups[0]["betas"][0]
    scheduler = gl.torch.Scheduler(optimizer, {"lr": WARM, "betas[0]": gl.Linear(0.5, 0.9, 60)})
    for k in range(60):
        assert lr.item() == pytest.approx(WARM(k), rel=1e-7)
        assert beta.item() == pytest.approx(0.5 + 0.4 * k / 60, rel=1e-6)
        # in a graph on the CPU, capturable is refused: the values are what can be held against
        scheduler._driver.before(optimizer, (), {})
        scheduler._driver.after(optimizer, (), {})
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] is lr
    assert optimizer.param_groups[0]["betas"][0] is beta
    assert optimizer.param_groups[0]["betas"][1].item() == pytest.approx(0.999)


def test_pain_42_a_default_tensor_that_groups_share_is_not_shared_in_the_end():
    """Aliased tensor rates."""
    optimizer = sgd(parameter(), parameter(), lr=torch.tensor(9.0, dtype=torch.float64))
    optimizer.param_groups[1]["name"] = "slow"
    scheduler = gl.torch.Scheduler(optimizer, WARM, groups={"slow": 0.5})
    for k in range(9):
        assert update(optimizer) == [WARM(k), WARM(k) * 0.5]
        scheduler.step()


def test_pain_42_a_foreign_write_into_a_tensor_is_found_by_its_version():
    """Manual edits of a tensor rate go unseen."""
    lr = torch.tensor(9.0, dtype=torch.float64)
    optimizer = sgd(lr=lr)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    rates = train(optimizer, scheduler, 3)
    lr.mul_(1.0)  # written, and the same
    rates += train(optimizer, scheduler, 3)
    lr.fill_(7.0)
    with pytest.warns(UserWarning, match="before update 6"):
        rates += train(optimizer, scheduler, 3)
    assert rates == table(WARM, 9)


def test_pain_43_updates_that_a_cuda_graph_replays_are_counted_by_step():
    """CUDA graphs replay a frozen rate."""
    optimizer = sgd(lr=torch.tensor(9.0, dtype=torch.float64))
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    train(optimizer, scheduler, 3)
    scheduler._driver.on_cuda = True
    with patch("torch.cuda.is_current_stream_capturing", lambda: True):
        optimizer.step()  # captured, not done
    assert scheduler.last_epoch == 3
    for k in range(3, 9):
        assert optimizer.param_groups[0]["lr"].item() == WARM(k)
        scheduler.step()


def test_pain_44_the_state_is_plain_data_and_another_function_is_refused():
    """Lambdas are lost or unpicklable; a different lambda loads silently."""
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    train(optimizer, scheduler, 5)
    state = stored(scheduler.state_dict())
    assert json.loads(state["glissando"]) == {"schedule": WARM.to_data()}
    assert state["last_epoch"] == 5
    scheduler = gl.torch.Scheduler(optimizer, gl.schedule(lambda k: 0.5 / (1 + k)))
    train(optimizer, scheduler, 5)
    state = stored(scheduler.state_dict())
    scheduler.load_state_dict(state)
    other = gl.torch.Scheduler(sgd(), gl.schedule(lambda k: 0.4 / (1 + k)))
    with pytest.raises(gl.ScheduleMismatch, match="first differ at step 0"):
        other.load_state_dict(state)


@pytest.mark.parametrize(
    "clone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"]
)
@pytest.mark.parametrize("tensor", [False, True])
def test_pain_44_a_copy_goes_on_by_itself(clone, tensor):
    """Schedulers cannot be pickled or copied."""
    optimizer = sgd(lr=torch.tensor(9.0, dtype=torch.float64) if tensor else 9.0)
    scheduler = gl.torch.Scheduler(optimizer, {"lr": WARM, "weight_decay": gl.Constant(0.0)})
    train(optimizer, scheduler, 5)
    other, copied = clone((optimizer, scheduler))
    assert copied.optimizer is other
    assert train(other, copied, 5) == table(WARM, 5, 5)
    assert train(optimizer, scheduler, 5) == table(WARM, 5, 5)


# What is left


def test_the_rate_that_was_used_is_told_before_and_after_step():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    assert scheduler.get_last_lr() == [WARM(0)]
    for _ in range(9):
        used = update(optimizer)
        assert scheduler.get_last_lr() == used
        scheduler.step()
        assert scheduler.get_last_lr() == used
    assert scheduler.get_lr() == [optimizer.param_groups[0]["lr"]] == [WARM(9)]
    assert scheduler.last_epoch == 9
    scheduler.last_epoch += 1  # as Ignite's handler does
    assert train(optimizer, scheduler, 3) == table(WARM, 3, 9)


def test_groups_by_name_take_a_number_a_schedule_or_a_mapping():
    own = gl.Linear(0.25, 0.0, steps=50)
    optimizer = sgd(*(parameter() for _ in range(4)))
    for group, name in zip(optimizer.param_groups, "abcd", strict=True):
        group["name"] = name
    groups = {"a": 0.1, "b": own, "c": {"lr": 2, "weight_decay": gl.Constant(0.5)}}
    scheduler = gl.torch.Scheduler(optimizer, WARM, groups)
    for k in range(20):
        assert update(optimizer) == [WARM(k) * 0.1, own(k), WARM(k) * 2, WARM(k)]
        scheduler.step()
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0, 0, 0.5, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.1,), "`lr` must be a schedule, got 0.1"),
        (({"lr": WARM, "momentom": WARM},), "did you mean 'momentum'"),
        (({"nesterov": WARM},), "must name a number"),
        (({"betas[0]": WARM},), "must name a number"),
        (({"lr]": WARM},), "must be like 'lr' or"),
        (({},), "must name something"),
        ((WARM, {"backbone": 0.1}), "no parameter group has the name 'backbone'"),
        ((WARM, [0.1]), "`groups` must be a mapping or a function, 'relative' or 'same'"),
        ((WARM, lambda group: -1), "a number of 0 or more or a schedule"),
        ((WARM, lambda group: {"momentum": 0.5}), "only lr has a schedule"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    optimizer = sgd()
    with pytest.raises(gl.ScheduleError, match=message.replace("[", r"\[")):
        gl.torch.Scheduler(optimizer, *arguments)


def test_what_is_no_optimizer_policy_or_state_is_refused():
    with pytest.raises(gl.ScheduleError, match=r"must be a torch\.optim\.Optimizer"):
        gl.torch.Scheduler(None, WARM)
    with pytest.raises(gl.ScheduleError, match="on_conflict"):
        gl.torch.Scheduler(sgd(), WARM, on_conflict="shout")
    with pytest.raises(gl.ScheduleError, match="on_mismatch"):
        gl.torch.Scheduler(sgd(), WARM, on_mismatch="extend")
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    theirs = lr_scheduler.StepLR(sgd(), 5).state_dict()
    for state in (
        theirs,
        3,
        {"step": -1, "schedule": WARM.to_data()},
        {"step": 3, "schedule": 1},
    ):
        with pytest.raises(gl.ScheduleError, match="saved state"):
            scheduler.load_state_dict(state)
    with pytest.raises(gl.ScheduleError, match=r"takes a metric .* no position"):
        scheduler.step(5)
    assert train(optimizer, scheduler, 3) == table(WARM, 3)


def test_a_step_that_calls_the_step_of_its_base_class_is_one_update():
    torch.optim.SGD([parameter()])  # from now on the base class tells of its steps as well

    class Mine(torch.optim.SGD):
        def step(self, closure=None):
            return super().step(closure)

    optimizer = Mine([parameter()], lr=9.0)
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    assert train(optimizer, scheduler, 20) == table(WARM, 20)


def test_an_update_that_failed_does_not_count():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    rates = train(optimizer, scheduler, 3)

    def closure():
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        optimizer.step(closure)
    assert rates + train(optimizer, scheduler, 3) == table(WARM, 6)


def test_a_wrapped_optimizer_is_driven_through_its_wrapper():
    class Wrapper(torch.optim.Optimizer):
        def __init__(self, optimizer):
            self.optimizer = optimizer

        param_groups = property(lambda self: self.optimizer.param_groups)

        def step(self, closure=None):
            self.optimizer.step(closure)

    optimizer = Wrapper(sgd())
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    assert scheduler.optimizer is optimizer
    assert train(optimizer, scheduler, 9) == table(WARM, 9)


def test_nothing_is_kept_alive():
    optimizer = sgd()
    scheduler = gl.torch.Scheduler(optimizer, WARM)
    train(optimizer, scheduler, 2)
    ghosts = weakref.ref(optimizer), weakref.ref(scheduler)
    gc.disable()  # so that only counting references can free them
    try:
        del scheduler
        assert ghosts[1]() is None
        assert not optimizer._optimizer_step_pre_hooks
        assert not optimizer._optimizer_step_post_hooks
        scheduler = gl.torch.Scheduler(optimizer, WARM)
        del optimizer, scheduler
        assert ghosts[0]() is None
    finally:
        gc.enable()


def test_pain_36_a_plateau_lowers_a_schedule_after_its_warm_up():
    rate = gl.Plateau("torch", factor=0.5, patience=1).on(WARM, after=10)

    def run(losses, state=None):
        optimizer = sgd()
        scheduler = gl.torch.Scheduler(optimizer, rate)
        if state is not None:
            scheduler.load_state_dict(state)
        used = []
        for loss in losses:
            used += train(optimizer, scheduler, 1)
            scheduler.step(loss)
            assert scheduler.get_last_lr() == used[-1:]
        return used, scheduler.state_dict()

    losses = [1.0] * 20
    used, end = run(losses)
    factors = [1.0] * 12 + [0.5] * 2 + [0.25] * 2 + [0.125] * 2 + [0.0625] * 2
    assert used == [WARM(k) * factor for k, factor in enumerate(factors)]
    for k in range(20):  # interrupted at each step, its memory is not lost
        head, state = run(losses[:k])
        tail, last = run(losses[k:], state)
        assert head + tail == used
        assert last == end
    with pytest.raises(gl.ScheduleMismatch, match="plateau"):
        gl.torch.Scheduler(sgd(), WARM).load_state_dict(end)


def test_pain_36_a_greedy_rate_on_a_schedule_is_the_peers_times_it():
    rate = gl.Greedy(factor=0.5, patience=1, warmup=1, cooldown=2, window=3, reset=2, floor=0.25)
    losses = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, *[3.0] * 30, 2.0, 1.0, 0.5, 0.25]

    def run(losses, state=None):
        optimizer = sgd()
        scheduler = gl.torch.Scheduler(optimizer, rate.on(WARM))
        if state is not None:
            scheduler.load_state_dict(json.loads(json.dumps(state)))
        used = []
        for loss in losses:
            used += train(optimizer, scheduler, 1)
            scheduler.step(loss)
            assert scheduler.get_last_lr() == used[-1:]
        return used, scheduler.state_dict()

    peer = GreedyLR(
        sgd(lr=1.0),
        factor=0.5,
        patience=1,
        warmup=1,
        cooldown=2,
        smooth=True,
        window_size=3,
        reset_start=2,
        min_lr=0.25,
        max_lr=10.0,
    )
    factors = []
    for loss in losses:
        factors.append(peer.get_last_lr()[0])
        peer.step(loss)
    assert {0.25, 0.5, 1.0, 2.0} <= set(factors)
    used, end = run(losses)
    assert used == [WARM(k) * factor for k, factor in enumerate(factors)]
    for k in range(len(losses)):  # interrupted at each step, its memory is not lost
        head, state = run(losses[:k])
        tail, last = run(losses[k:], state)
        assert head + tail == used
        assert last == end
