"""Greedy counts as Transformers' GreedyLR does, and can be stopped and resumed anywhere."""

import inspect
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.optimization import GreedyLR, get_greedy_schedule

import glissando as gl
from strategies import examples, schedules


def original_at(greedy, rate, **limits):
    """The peer at a rate, with the settings of ours as its docstring maps them."""
    weight = torch.zeros(1, requires_grad=True)
    limits = limits or {
        "min_lr": greedy.floor * rate,
        "max_lr": greedy.ceiling * rate,
        "eps": greedy.eps * rate,
    }
    return get_greedy_schedule(
        torch.optim.SGD([weight], lr=rate),
        mode=greedy.mode,
        factor=greedy.factor,
        patience=greedy.patience,
        threshold=greedy.threshold,
        threshold_mode=greedy.threshold_mode,
        cooldown=greedy.cooldown,
        warmup=greedy.warmup,
        smooth=greedy.window > 1,
        window_size=greedy.window,
        reset_start=greedy.reset,
        **limits,
    )


def original_states(greedy, metrics, rate=1.0):
    original = original_at(greedy, rate)
    for metric in metrics:
        original.step(metric)
        window = original._streaming_avg.values if greedy.window > 1 else []
        yield (
            original.optimizer.param_groups[0]["lr"] / rate,
            original.best,
            original.num_bad_epochs,
            original.cooldown_counter + original.warmup_counter,
            original.num_good_epochs,
            original.reset_start_original - original.reset_start,
            # the metric that leaves the window next is still in it there
            tuple(window[1:] if len(window) == greedy.window else window),
        )


def our_states(greedy, metrics):
    state = greedy.init()
    worst = math.inf if greedy.mode == "min" else -math.inf
    for metric in metrics:
        state = greedy.update(state, metric)
        values = tuple(getattr(state, name) for name in state.fields)
        yield (values[0], worst if state.best is None else state.best, *values[2:])


@st.composite
def greedies(draw):
    relative = draw(st.booleans())
    return gl.Greedy(
        factor=draw(st.sampled_from([0.1, 0.5, 0.75, 0.95])),
        patience=draw(st.integers(0, 3)),
        mode=draw(st.sampled_from(["min", "max"])),
        threshold=draw(st.sampled_from([0.0, 1e-6, 0.25])),
        threshold_mode="rel" if relative else "abs",
        cooldown=draw(st.integers(0, 3)),
        warmup=draw(st.integers(0, 3)),
        floor=draw(st.sampled_from([0.0, 0.01, 0.25, 0.3, 1.0])),
        ceiling=draw(st.sampled_from([1.0, 1.3, 4.0, 10.0])),
        eps=draw(st.sampled_from([0.0, 1e-8, 0.1])),
        window=draw(st.sampled_from([1, 1, 2, 3, 5])),
        reset=draw(st.integers(1, 4)),
    )


@st.composite
def cases(draw, sick=True):
    """Settings that the original can have, and metrics for them: runs that rise, fall and stand."""
    greedy = draw(greedies())
    relative = greedy.threshold_mode == "rel"
    value, metrics = draw(st.sampled_from([0, 1, 64] if relative else [-3, 0, 64])), []
    moves = st.sampled_from([-1, -0.25, -0.125, 0, 0.125, 1])
    for move, count in draw(st.lists(st.tuples(moves, st.integers(1, 8)), max_size=12)):
        for _ in range(count):
            value += move
            metrics.append(max(value, 0) if relative else value)
    bad = math.inf if greedy.mode == "min" else -math.inf
    # in its window they would stay for ever
    for place in draw(st.lists(st.integers(0, 100), max_size=3)) if sick and metrics else ():
        if greedy.window == 1:
            wide = draw(st.floats(0, 100)) if relative else draw(st.floats(-100, 100))
            metrics[place % len(metrics)] = draw(st.sampled_from([math.nan, bad, wide]))
    return greedy, metrics


@pytest.mark.parametrize("rate", [1.0, 2**-10, 8.0])
def test_every_count_of_the_original(rate):
    seen = set()

    @examples(250)
    @given(cases())
    def check(case):
        greedy, metrics = case
        states = list(our_states(greedy, metrics))
        assert states == list(original_states(greedy, metrics, rate))
        factors = [1.0, *(state[0] for state in states)]
        seen.update(np.sign(np.diff(factors)))

    check()
    assert seen == {-1, 0, 1}


@examples(120)
@given(cases(), st.floats(1e-6, 10))
def test_at_any_rate_the_counts_of_the_original_and_its_rate_but_for_roundings(case, rate):
    # without a floor: whether a rate that came back to it is at it is a matter of the last bit
    greedy, metrics = case[0].replace(floor=0.0), case[1]
    for mine, theirs in zip(
        our_states(greedy, metrics), original_states(greedy, metrics, rate), strict=True
    ):
        assert mine[0] == pytest.approx(theirs[0], rel=1e-13)
        assert mine[1:] == theirs[1:]


def test_the_defaults_are_those_of_the_original_at_a_rate_of_a_tenth():
    usual = {name: p.default for name, p in inspect.signature(GreedyLR).parameters.items()}
    lr = 0.1
    assert gl.Greedy() == gl.Greedy(
        factor=usual["factor"],
        patience=usual["patience"],
        mode=usual["mode"],
        threshold=usual["threshold"],
        threshold_mode=usual["threshold_mode"],
        cooldown=usual["cooldown"],
        warmup=usual["warmup"],
        floor=usual["min_lr"] / lr,
        ceiling=usual["max_lr"] / lr,
        reset=usual["reset_start"],
    )
    assert (usual["smooth"], usual["eps"]) == (False, 1e-8)
    # it improves for long, and then stands still
    noise = np.random.default_rng(0).normal(1.0, 0.1, 4000)
    noise += np.maximum(1000 - np.arange(4000), 0) / 10
    greedy = gl.Greedy(eps=1e-8 / lr, window=usual["window_size"])
    theirs = original_at(greedy, lr, min_lr=1e-3, max_lr=1.0, eps=1e-8)
    state, factors = greedy.init(), set()
    for metric in noise:
        state = greedy.update(state, metric)
        theirs.step(metric)
        assert lr * state.factor == pytest.approx(theirs.get_last_lr()[0], rel=1e-12)
        factors.add(state.factor)
    assert min(factors) < 0.5
    assert max(factors) > 1


def worst_first(greedy, metrics):
    """The last factors of ours and of the original."""
    return list(our_states(greedy, metrics))[-1][0], list(original_states(greedy, metrics))[-1][0]


@pytest.mark.parametrize("window", [1, 3])
@pytest.mark.parametrize("sick", [math.nan, math.inf, -math.inf])
def test_a_sick_metric_is_a_bad_one_and_no_more(window, sick):
    greedy = gl.Greedy(factor=0.5, patience=1, window=window, floor=0.0, ceiling=1e9)
    *_, before = our_states(greedy, [3.0, 3.0, 3.0])
    *_, after = our_states(greedy, [3.0, 3.0, 3.0, sick])
    assert after[1] == before[1]
    assert after[6] == before[6]  # no mean has it
    falling = [1 / n for n in range(1, 30)]
    ours, theirs = worst_first(greedy, [sick, *falling])
    assert ours > 1000
    # in the original's window it stays for ever, and nothing is better than -inf
    assert (theirs < 1e-3) == (window == 3 or sick == -math.inf)


def test_a_negative_metric_that_stands_still_is_no_improvement():
    greedy = gl.Greedy(threshold=0.01, threshold_mode="rel", patience=0, factor=0.5)
    # for the original -1.0 is below -1.0 * (1 - 0.01): an improvement for ever
    assert worst_first(greedy, [-1.0] * 20) == (0.01, 10.0)


def test_a_mean_is_of_its_window_alone():
    greedy = gl.Greedy(window=2)
    metrics = [1e17, 1e17, 3.0, 3.0]
    assert list(our_states(greedy, metrics))[-1][1] == 3.0
    # the original's running sum has lost what was added to a large one
    assert list(original_states(greedy, metrics))[-1][1] == 0.0


def test_a_mean_beyond_floats_is_a_bad_metric():
    greedy = gl.Greedy(factor=0.5, patience=0, window=2)
    *_, last = our_states(greedy, [1e308, 1.7e308, 1.7e308])
    assert last[:3] == (0.5, 1e308, 0)  # a rise, then two falls
    *_, last = our_states(greedy, [1e308, 1.7e308, 1.7e308, 1.0, 1.0])
    assert last[1] == 1.0


@given(cases())
def test_the_factor_stays_between_its_limits(case):
    greedy, metrics = case
    factors = [state[0] for state in our_states(greedy, metrics * 3)]
    assert all(greedy.floor <= factor <= greedy.ceiling and factor > 0 for factor in factors)


def test_the_factor_stays_above_zero():
    greedy = gl.Greedy(factor=0.01, patience=0, floor=0.0)
    *_, last = our_states(greedy, [1.0] * 1000)
    assert 0 < last[0] < 1e-300


@given(cases(), schedules, st.integers(0, 30))
def test_interrupted_anywhere_it_goes_on_the_same(case, schedule, after):
    greedy, metrics = case
    rate = greedy.on(schedule if schedule.steps else gl.Constant(1.0), after)
    whole = rate.init()
    again, resumed = gl.OnPlateau.from_data(json.loads(json.dumps(rate.to_data()))), whole
    assert again == rate
    assert hash(again) == hash(rate)
    for step, metric in enumerate(metrics):
        whole = rate.update(whole, metric, step)
        resumed = again.update(resumed, metric, step)
        resumed = gl.GreedyState.from_data(
            json.loads(json.dumps(resumed.to_data(), allow_nan=False))
        )
        assert resumed == whole
        assert again(step, resumed) == rate(step, whole) == rate.schedule(step) * whole.factor


@given(cases())
def test_repr_is_the_code_that_builds_it(case):
    greedy, metrics = case
    assert eval(repr(greedy), {"gl": gl}) == greedy == gl.Greedy.from_data(greedy.to_data())
    state = greedy.init()
    for metric in metrics:
        state = greedy.update(state, metric)
    assert eval(repr(state), {"gl": gl}) == state
    rate = greedy.on(gl.Cosine(1.0, 0.0, steps=100), after=7)
    assert eval(repr(rate), {"gl": gl}) == rate


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: gl.Greedy(factor=1), "Greedy: `factor` must be below 1, got 1.0"),
        (lambda: gl.Greedy(factor=0), "Greedy: `factor` must be above 0, got 0"),
        (lambda: gl.Greedy(patience=-1), "Greedy: `patience` must be 0 or more"),
        (lambda: gl.Greedy(mode="auto"), "Greedy: `mode` must be one of 'min', 'max', got 'auto'"),
        (lambda: gl.Greedy(threshold_mode=None), "Greedy: `threshold_mode` must be one of 'rel'"),
        (lambda: gl.Greedy(threshold=1, threshold_mode="rel"), "Greedy: a relative `threshold`"),
        (lambda: gl.Greedy(warmup=0.5), "Greedy: `warmup` must be a whole number, got 0.5"),
        (lambda: gl.Greedy(floor=1e-3 / 5e-5), "Greedy: `floor` must be at most 1, got 20.0"),
        (lambda: gl.Greedy(ceiling=0.5), "Greedy: `ceiling` must be 1 or more, got 0.5"),
        (lambda: gl.Greedy(eps=-1), "Greedy: `eps` must be 0 or more, got -1"),
        (lambda: gl.Greedy(window=0), "Greedy: `window` must be 1 or more, got 0"),
        (lambda: gl.Greedy(reset=0), "Greedy: `reset` must be 1 or more, got 0"),
        (lambda: gl.Greedy().update(gl.GreedyState(), "0.5"), "Greedy: `metric` must be a number"),
        (lambda: gl.GreedyState(factor=0), "GreedyState: `factor` must be above 0, got 0"),
        (lambda: gl.GreedyState(best=math.nan), "GreedyState: `best` must be finite"),
        (lambda: gl.GreedyState(at_floor=-1), "GreedyState: `at_floor` must be 0 or more"),
        (lambda: gl.GreedyState(recent=[math.nan]), "GreedyState: `recent`[0] must be finite"),
        (lambda: gl.GreedyState(recent="12"), "GreedyState: `recent` must be a list, got '12'"),
        (
            lambda: gl.GreedyState(recent=["1"]),
            "GreedyState: `recent`[0] must be a number, got '1'",
        ),
        (lambda: gl.GreedyState.from_data({"factor": 1}), "GreedyState: `best` is missing"),
        (lambda: gl.Greedy.from_data({"type": "plateau"}), "`type` must be 'greedy'"),
        (
            lambda: gl.Greedy.from_data({"type": "greedy", "ceil": 3}),
            "Greedy: unknown field 'ceil'",
        ),
        (
            lambda: gl.OnPlateau.from_data(
                gl.Greedy().on(gl.Constant(1.0)).to_data() | {"plateau": {"type": "greed"}}
            ),
            "OnPlateau: the `type` of `plateau` must be one of 'greedy', 'plateau', got 'greed'",
        ),
    ],
)
def test_bad_input_is_refused(build, message):
    with pytest.raises(gl.ScheduleError) as error:
        build()
    assert message in str(error.value)
