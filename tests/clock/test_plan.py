"""Plans against loops that count."""

import math
from fractions import Fraction
from itertools import accumulate, pairwise, product

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, DistributedSampler

import glissando as gl
from strategies import RATES, leaves


def one_epoch(samples, batch, accumulate, world, drop_last):
    """The data set's samples in each update of an epoch, counted batch by batch."""
    updates, left, pending, micro = [], samples, 0, 0
    while left >= batch * world or (left and not drop_last):
        taken = min(left, batch * world)  # a batch in each process
        left -= taken
        pending += taken
        micro += 1
        if micro == accumulate:
            updates.append(pending)
            pending = micro = 0
    return updates + [pending] * (micro > 0)


GRID = list(product([1, 7, 40, 64, 65], [1, 3, 8], [1, 2, 5], [1, 2, 4], [False, True]))


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_plan_is_what_a_loop_counts(epochs):
    for samples, batch, accumulate_, world, drop_last in GRID:
        updates = one_epoch(samples, batch, accumulate_, world, drop_last) * epochs
        given_ = {
            "samples": samples,
            "batch": batch,
            "accumulate": accumulate_,
            "world_size": world,
            "epochs": epochs,
            "drop_last": drop_last,
        }
        if not updates:
            with pytest.raises(gl.ScheduleError, match="there must be samples for an update"):
                gl.plan(**given_)
            continue
        plan = gl.plan(**given_, tokens_per_sample=3)
        assert plan.steps == len(updates) == epochs * plan.steps_per_epoch
        assert plan.samples == sum(updates) == epochs * plan.samples_per_epoch
        assert plan.tokens == 3 * plan.samples
        assert plan.epochs == epochs
        totals = [0, *accumulate(updates)]
        assert [plan.consumed(n) for n in range(len(totals))] == totals
        complete = [sum(t <= n for t in totals) - 1 for n in range(plan.samples)]
        assert [plan.steps_at(n) for n in range(plan.samples)] == complete
        del given_["epochs"]
        assert gl.plan(**given_, steps=plan.steps, tokens_per_sample=3) == plan


def test_a_plan_is_what_the_loaders_of_torch_give():
    for samples, batch, accumulate_, world, drop_last in GRID:
        if drop_last and samples < batch * world:
            continue
        plan = gl.plan(
            samples=samples,
            batch=batch,
            accumulate=accumulate_,
            world_size=world,
            epochs=1,
            drop_last=drop_last,
        )
        for rank in range(world):
            data = range(samples)
            sampler = DistributedSampler(data, world, rank, drop_last=drop_last)
            loader = DataLoader(data, batch, sampler=sampler, drop_last=drop_last)
            updates = 0
            for i, _ in enumerate(loader, 1):
                updates += i % accumulate_ == 0 or i == len(loader)
            assert updates == plan.steps


@pytest.mark.parametrize(("accumulate_", "samples", "epochs"), [(4, 20, 3), (3, 10, 2), (2, 8, 1)])
def test_accumulation_that_goes_on_over_the_ends_of_epochs(accumulate_, samples, epochs):
    import keras
    import numpy as np
    import optax

    batches = gl.plan(samples=samples, batch=2, epochs=epochs)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(gradient_accumulation_steps=accumulate_), "mse")
    data = np.zeros((samples, 1))
    model.fit(data, data, batch_size=2, epochs=epochs, verbose=0)
    assert int(model.optimizer.iterations) == batches.steps // accumulate_

    optimizer = optax.MultiSteps(optax.sgd(0.1), accumulate_)
    state = optimizer.init(0.0)
    for _ in range(batches.steps):
        _, state = optimizer.update(1.0, state, 0.0)
    assert int(state.gradient_step) == batches.steps // accumulate_


@st.composite
def plans(draw):
    """Plans of every kind: data sets or none, even and uneven, batches fixed or growing."""
    batch = draw(st.integers(1, 9))
    if draw(st.booleans()):
        boundaries = sorted(draw(st.sets(st.integers(1, 60), max_size=3)))
        sizes = st.lists(st.integers(1, 9), min_size=len(boundaries) + 1)
        ends = st.integers(1, 80) | st.just(math.inf)
        batch = gl.Piecewise(draw(sizes)[: len(boundaries) + 1], boundaries, draw(ends))
    samples = draw(st.none() | st.integers(200, 400))
    length = {"steps": draw(st.integers(1, 200))}
    if samples is not None and draw(st.booleans()):
        length = {"epochs": draw(st.integers(1, 4) | st.floats(0.7, 3))}
    return gl.plan(
        batch=batch,
        samples=samples,
        accumulate=draw(st.integers(1, 4)),
        world_size=draw(st.integers(1, 4)),
        drop_last=draw(st.booleans()),
        tokens_per_sample=draw(st.none() | st.integers(1, 9)),
        **length,
    )


@given(plans())
def test_steps_and_samples_are_each_others_inverse(plan):
    assert plan.consumed(0) == plan.steps_at(0) == 0
    for step in range(plan.steps + 50):
        before, after = plan.consumed(step), plan.consumed(step + 1)
        assert before < after
        assert plan.steps_at(before) == plan.steps_at(after - 1) == step


@given(plans())
def test_a_batch_of_a_schedule_is_summed_exactly(plan):
    assume(isinstance(plan.batch, gl.Piecewise))
    total = 0
    for step in range(plan.steps + 20):
        assert plan.consumed(step) == total
        total += int(plan.batch(step)) * plan.accumulate * plan.world_size


@given(st.integers(100, 5000), st.sets(st.integers(1, 300), min_size=2, max_size=2))
def test_a_growing_batch_uses_every_sample_that_fills_an_update(samples, boundaries):
    batch = gl.Piecewise([1, 4, 16], sorted(boundaries))
    plan = gl.plan(samples=samples, batch=batch, epochs=2)
    assert plan.samples <= 2 * samples < plan.consumed(plan.steps + 1)
    assert plan.steps_per_epoch is None


def test_counts_stay_exact_when_they_are_large():
    plan = gl.plan(batch=2**20, world_size=3, steps=2**31)
    assert plan.samples == 3 * 2**51
    assert plan.steps_at(plan.samples - 1) == 2**31 - 1
    batch = gl.Piecewise([1, 10**6], [10**9])
    assert gl.plan(batch=batch, steps=10**9 + 5).samples == 10**9 + 5 * 10**6


@given(plans())
def test_the_line_and_the_repr_of_a_plan(plan):
    assert eval(repr(plan), {"gl": gl}) == plan
    line = str(plan)
    assert "\n" not in line
    for number in (plan.steps, plan.samples, plan.tokens):
        assert number is None or f"{number:,}" in line


def test_the_line_in_full():
    plan = gl.plan(
        samples=50_000, batch=32, accumulate=4, world_size=8, epochs=2.5, tokens_per_sample=2048
    )
    assert str(plan) == (
        "123 steps = 2.51 epochs of 49 steps; 1,024 samples a step = batch 32 × accumulate 4 × "
        "world_size 8; 125,600 samples; 257,228,800 tokens"
    )
    growing = gl.plan(batch=gl.Piecewise([8, 64], [10]), world_size=2, steps=20)
    assert (
        str(growing) == "20 steps; 16 to 128 samples a step = batch × world_size 2; 1,440 samples"
    )


# Durations that a plan counts


@given(st.integers(1, 100), st.integers(1, 10_000))
def test_per_cents_are_rounded_once_and_never_cut(percent, steps):
    plan = gl.plan(batch=1, steps=steps)
    exact = Fraction(percent * steps, 100)
    if exact <= Fraction(1, 2):
        with pytest.raises(gl.ScheduleError, match="less than half a step"):
            plan.steps_in(f"{percent}%")
    else:
        assert plan.steps_in(f"{percent}%") == round(exact)
        assert percent == 100 or plan.steps_in(percent / 100) == round(exact)


@given(plans(), st.integers(0, 300))
def test_durations_in_steps_and_samples(plan, step):
    assert plan.steps_in(f"{step} steps") == step
    samples = plan.consumed(step)
    assert plan.steps_in(f"{samples} samples") == step
    if plan.tokens_per_sample:
        assert plan.steps_in(f"{samples * plan.tokens_per_sample} tokens") == step
    assert plan.steps_in("100%") == plan.steps


@given(plans(), st.integers(1, 20))
def test_whole_epochs_end_where_the_loop_ends_them(plan, epochs):
    if plan.steps_per_epoch is None:
        return
    assert plan.steps_in(f"{epochs} epochs") == epochs * plan.steps_per_epoch
    assert plan.consumed(plan.steps_in(f"{epochs} ep")) == epochs * plan.samples_per_epoch


@given(st.integers(20, 100_000), st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_shares_add_up_to_the_run(steps, weights):
    plan = gl.plan(batch=1, steps=steps)
    # shares in tenths of a per cent that add up to all of it
    bounds = [round(1000 * total / sum(weights)) for total in (0, *accumulate(weights))]
    shares = [Fraction(b - a, 10) for a, b in pairwise(bounds)]
    assume(all(share * steps > 100 for share in shares))
    parts = plan.split(*[f"{float(share)}%" for share in shares])
    assert sum(parts) == steps
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - share * steps / 100) <= 1
    assert plan.split(*[f"{float(share)}%" for share in shares[:-1]], "rest") == parts


def test_a_split():
    plan = gl.plan(batch=1, steps=12)
    assert plan.split(*["12.5%"] * 8) == (2, 1, 2, 1, 2, 1, 2, 1)
    assert plan.split("12.5%", "1 step", "rest", "3 steps") == (2, 1, 6, 3)
    assert plan.split("rest") == (12,)
    assert gl.plan(batch=1, steps=100).split("29%", "rest") == (29, 71)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (["50%"], "must add up to the run's 12 steps, one of them 'rest' to make it so; got 50%"),
        (["rest", "rest"], "got rest, rest"),
        (["100%", "1 step", "rest"], "13 steps"),
        (
            ["100%", "rest"],
            "'rest' of 12 steps is less than half a step: 0; leave 'rest' out, or make another",
        ),
        (
            ["1%", "rest"],
            "'1%' of 12 steps is less than half a step: 0.12; write '1 step', or '0 steps' for no",
        ),
        (["1%", 1.0], "a bare 1.0 could be"),
        ([], "must add up"),
    ],
)
def test_splits_that_do_not_add_up(parts, message):
    with pytest.raises(gl.ScheduleError) as error:
        gl.plan(batch=1, steps=12).split(*parts)
    assert message in str(error.value)


# Schedules over samples


@given(plans(), leaves)
def test_a_schedule_over_samples(plan, schedule):
    rate = plan.over_samples(schedule)
    ends = schedule.steps < math.inf
    for step in {*range(60), *range(max(0, plan.steps - 5), plan.steps + 5 * ends)}:
        if ends or step <= plan.steps:
            # past the last update of an endless one, its samples are those of full updates
            assert rate(step) == schedule(plan.consumed(step)) or step == plan.steps
    if ends:
        assert rate(rate.steps) == rate(rate.steps + 999) == schedule(schedule.steps)
        last = max(0, rate.steps - 1)
        assert plan.consumed(last) < schedule.steps <= plan.consumed(rate.steps) or not rate.steps
        assert gl.from_data(rate.to_data()) == rate


@given(
    st.floats(0, 10, width=16),
    RATES,
    st.sampled_from([gl.Linear, gl.Cosine]),
    st.integers(1, 400),
    st.integers(1, 400),
    st.integers(1, 50),
)
def test_rate_over_samples_when_the_world_changes(start, end, family, first, second, batch):
    """8 processes, then 4, then 8 again: the samples seen tell the rate, and nothing else."""
    schedule = family(start, end, steps=100_000)
    worlds = {world: gl.plan(batch=batch, world_size=world, steps=10_000) for world in (8, 4)}
    seen = rate_steps = 0
    rate = None
    for world, updates in ((8, first), (4, second), (8, 200)):
        if seen >= schedule.steps:
            break
        plan = worlds[world]
        rest = plan.over_samples(schedule.drop(seen) if seen else schedule)
        rate = rest if rate is None else rate.take(rate_steps) >> rest
        for _ in range(updates):
            assert rate(rate_steps) == schedule(seen)
            seen += batch * world
            rate_steps += 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch": 32}, "either `epochs` or `steps` must be given, got none"),
        ({"batch": 32, "epochs": 1, "steps": 1, "samples": 99}, "must be given, got both"),
        ({"batch": 32, "epochs": 1}, "`epochs` need `samples`, the size of the data set"),
        ({"batch": 0, "steps": 1}, "plan: `batch` must be 1 or more, got 0"),
        ({"batch": 1.5, "steps": 1}, "plan: `batch` must be a whole number, got 1.5"),
        ({"batch": gl.Linear(1, 9, steps=8), "steps": 1}, "or a gl.Piecewise of them"),
        ({"batch": gl.Piecewise([1, 2.5], [3]), "steps": 1}, "or a gl.Piecewise of them"),
        ({"batch": gl.Piecewise([1, 0], [3]), "steps": 1}, "or a gl.Piecewise of them"),
        ({"batch": 1, "steps": 0}, "plan: `steps` must be 1 or more"),
        ({"batch": 1, "steps": 1, "world_size": 0}, "plan: `world_size` must be 1 or more"),
        ({"batch": 1, "steps": 1, "accumulate": True}, "plan: `accumulate` must be a whole number"),
        ({"batch": 1, "steps": 1, "drop_last": 1}, "`drop_last` must be True or False, got 1"),
        ({"batch": 1, "steps": 1, "tokens_per_sample": 0}, "`tokens_per_sample` must be 1 or more"),
        ({"batch": 1, "samples": 5, "epochs": 0}, "plan: `epochs` must be above 0"),
        (
            {"batch": 8, "samples": 7, "epochs": 1, "drop_last": True},
            "there must be samples for an update, got 7 samples an epoch, batch 8",
        ),
        (
            {"batch": 8, "samples": 7, "steps": 1, "drop_last": True},
            "there must be samples for an update",
        ),
        (
            {"batch": gl.Piecewise([8], []), "samples": 7, "epochs": 1},
            "there must be samples for an update",
        ),
    ],
)
def test_plans_that_cannot_be(arguments, message):
    with pytest.raises(gl.ScheduleError) as error:
        gl.plan(**arguments)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda plan: plan.steps_in("2 epochs"), "cannot count '2 epochs': the plan lacks `sam"),
        (lambda plan: plan.steps_in("1 token"), "the plan lacks `tokens_per_sample`"),
        (lambda plan: plan.steps_in("0.1%"), "'0.1%' of 10 steps is less than half a step: 0.01"),
        (lambda plan: plan.consumed(-1), "Plan.consumed: `steps` must be 0 or more"),
        (lambda plan: plan.steps_at(0.5), "Plan.steps_at: `samples` must be a whole number"),
        (lambda plan: plan.over_samples(0.1), "`schedule` must be a schedule, got 0.1"),
        (lambda _: gl.Duration(1, "weeks"), "`unit` must be '%', 'steps', 'epochs'"),
        (lambda _: gl.Duration(-1, "steps"), "Duration: `amount` must be 0 or more"),
        (lambda _: gl.Duration(1.5, "samples"), "in samples must be a whole number"),
    ],
)
def test_questions_without_an_answer(ask, message):
    with pytest.raises(gl.ScheduleError) as error:
        ask(gl.plan(batch=1, steps=10))
    assert message in str(error.value)


def test_fractions_of_an_epoch_are_rounded_up_as_they_are_written():
    assert gl.plan(samples=100, batch=10, epochs=1.1).steps == 11  # 1.1 * 10 is above 11 in floats
    assert gl.plan(samples=100, batch=10, epochs=1.11).steps == 12


def test_plans_are_values():
    plan = gl.plan(samples=100, batch=gl.Piecewise([1, 2], [3]), epochs=2)
    assert plan == gl.plan(samples=100, batch=gl.Piecewise([1, 2], [3]), epochs=2)
    assert len({plan, gl.plan(samples=100, batch=1, epochs=2)}) == 2
    with pytest.raises(AttributeError):
        plan.steps = 3


def test_a_plan_of_steps_alone():
    plan = gl.plan(steps=1000)
    assert str(plan) == "1,000 steps"
    assert repr(plan) == "gl.Plan(steps=1000)"
    assert (plan.tokens, plan.epochs) == (None, None)
    assert plan.split("3%", "500 steps", "rest") == (30, 500, 470)
    for ask in (lambda: plan.samples, lambda: plan.steps_in("9 samples"), lambda: plan.consumed(1)):
        with pytest.raises(gl.ScheduleError, match="cannot count samples: the plan lacks `batch`"):
            ask()
    for unit in ({"samples": 99}, {"tokens_per_sample": 9}):
        with pytest.raises(gl.ScheduleError, match="plan: `batch` is missing"):
            gl.plan(steps=9, **unit)


@given(plans(), st.lists(st.integers(1, 400), min_size=1, max_size=6))
def test_parts_in_turn_begin_within_a_step_of_where_they_should(plan, tenths):
    lengths = [f"{tenth / 10}%" for tenth in tenths]
    exact = [Fraction(tenth * plan.steps, 1000) for tenth in tenths]
    assume(all(length > 1 for length in exact))
    parts = plan.in_turn(*lengths)
    for ours, real in zip(accumulate(parts), accumulate(exact), strict=True):
        assert abs(ours - real) < 1
    if sum(tenths) == 1000:
        assert parts == plan.split(*lengths)


# Pains


def used(schedule, first, updates, state=None):
    """Return the rates that a PyTorch optimizer uses, and the state of its scheduler then."""
    weight = torch.nn.Parameter(torch.zeros(()))
    optimizer = torch.optim.SGD([weight], lr=9.0)
    options = {"on_mismatch": "replace", "on_length": "ignore"}  # the rest comes in the next part
    scheduler = gl.torch.Scheduler(optimizer, schedule, **options)
    if state:
        scheduler.load_state_dict(state)
    assert scheduler.last_epoch == first
    rates = []
    for _ in range(updates):
        weight.data.zero_()
        weight.grad = torch.ones(())
        optimizer.step()
        scheduler.step()
        rates.append(-weight.item())
    return rates, scheduler.state_dict()


def float32(rate):
    return float(torch.tensor(rate))


def test_pain_22_another_number_of_processes_is_the_same_curve_over_samples():
    """8 processes, then 4, then 8 again, each time resumed from the checkpoint."""
    curve = gl.Linear(0.0, 0.5, steps=4_000) >> gl.Cosine(0.5, 0.0, steps=36_000)
    worlds = {world: gl.plan(batch=32, world_size=world, steps=999) for world in (8, 4)}
    rate, state, done, seen, moved = None, None, 0, 0, []
    for world, updates in ((8, 30), (4, 77), (8, 90)):
        rest = worlds[world].over_samples(curve.drop(seen) if seen else curve)
        rate = rate.take(done) >> rest if rate else rest
        rates, state = used(rate, done, updates, state)
        moved += [(seen + i * 32 * world, rate) for i, rate in enumerate(rates)]
        done += updates
        seen += worlds[world].consumed(updates)
    assert seen == 32 * (8 * 30 + 4 * 77 + 8 * 90)
    assert [rate for _, rate in moved] == [float32(curve(sample)) for sample, _ in moved]


def test_pain_23_a_growing_batch_does_not_cut_the_cooldown_off():
    batch = gl.Piecewise([8, 16, 64], [50, 120])
    plan = gl.plan(samples=10_000, batch=batch, epochs=1)
    total = 0
    for step in range(plan.steps):
        assert plan.consumed(step) == total
        assert plan.steps_at(total) == plan.steps_at(total + int(batch(step)) - 1) == step
        total += int(batch(step))
    assert plan.samples == total
    wsd = gl.parse(
        "linear(0, 0.5, 5%) >> constant(0.5, 75%) >> linear(0.5, 0.01, 20%)",
        plan=gl.plan(steps=plan.samples),  # shares of the samples
    )
    rate = plan.over_samples(wsd)
    assert rate.steps == plan.steps
    assert rate(plan.steps) == 0.01  # the rate at the last sample is the end
    rates, _ = used(rate, 0, plan.steps)
    assert rates == [float32(wsd(plan.consumed(step))) for step in range(plan.steps)]
    # as many steps as the first batch would need never reach the cooldown
    assert gl.plan(samples=10_000, batch=8, epochs=1).steps > 4 * plan.steps


@pytest.mark.parametrize(
    ("batch", "accumulate_", "world", "linear", "sqrt"),
    [
        (256, 1, 1, 0.1, 0.1),
        (64, 1, 1, 0.025, 0.05),
        (1024, 1, 1, 0.4, 0.2),
        (128, 1, 8, 0.4, 0.2),
        (32, 4, 8, 0.4, 0.2),
        (8192, 1, 1, 3.2, 0.1 * math.sqrt(32)),
    ],
)
def test_pain_24_a_rate_is_scaled_where_it_is_asked_for(batch, accumulate_, world, linear, sqrt):
    plan = gl.plan(batch=batch, accumulate=accumulate_, world_size=world, steps=100)
    for rule, peak in (("linear", linear), ("sqrt", sqrt)):
        scaled = plan.scaled(0.1, base_batch=256, rule=rule)
        assert scaled == pytest.approx(peak, rel=1e-15)
        schedule = plan.scaled(gl.Cosine(0.1, 0.0, 100), base_batch=256, rule=rule)
        assert schedule == gl.Cosine(0.1, 0.0, 100) * (scaled / 0.1)
        assert schedule(0) == pytest.approx(peak, rel=1e-15)
        assert str(schedule).endswith(f" * {schedule.factor}")  # what is scaled says so
    # nothing else scales: the same schedule has the same rates for every plan
    assert plan.over_samples(gl.Constant(0.1))(7) == 0.1


@pytest.mark.parametrize(
    ("plan", "arguments", "message"),
    [
        (gl.plan(steps=9), {}, "the plan's `batch` must be one number, got None"),
        (
            gl.plan(batch=gl.Piecewise([1, 2], [3]), steps=9),
            {},
            "`batch` must be one number, got gl",
        ),
        (
            gl.plan(batch=1, steps=9),
            {"rule": "cubic"},
            "`rule` must be one of 'linear', 'sqrt', got",
        ),
        (gl.plan(batch=1, steps=9), {"base_batch": 0}, "`base_batch` must be 1 or more, got 0"),
        (gl.plan(batch=1, steps=9), {"peak": -1}, "Plan.scaled: `peak` must be 0 or more, got -1"),
    ],
)
def test_what_cannot_be_scaled(plan, arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        plan.scaled(**{"peak": 0.1, "base_batch": 256, "rule": "linear"} | arguments)
    assert message in str(caught.value)
