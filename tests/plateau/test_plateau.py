"""The plateau counts as the originals do, and can be stopped and resumed anywhere."""

import json
import math
from functools import cache
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax.contrib
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
from strategies import examples, schedules

LENGTH = 40


@pytest.fixture(scope="module")
def in_double():
    """JAX compares metrics in single precision by default; ours in double."""
    with jax.enable_x64(True):
        yield


def torch_states(plateau, metrics):
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    original = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        mode=plateau.mode,
        factor=plateau.factor,
        patience=plateau.patience,
        threshold=plateau.threshold,
        threshold_mode=plateau.threshold_mode,
        cooldown=plateau.cooldown,
        min_lr=plateau.floor,
        eps=0,
    )
    for metric in metrics:
        original.step(metric)
        yield (
            optimizer.param_groups[0]["lr"],
            original.best,
            original.num_bad_epochs,
            original.cooldown_counter,
        )


def keras_states(plateau, metrics):
    original = keras.callbacks.ReduceLROnPlateau(
        factor=plateau.factor,
        patience=plateau.patience,
        mode=plateau.mode,
        min_delta=plateau.threshold,
        cooldown=plateau.cooldown,
        min_lr=plateau.floor,
    )
    optimizer = SimpleNamespace(learning_rate=1.0)
    original.set_model(SimpleNamespace(optimizer=optimizer))
    original.on_train_begin()
    for epoch, metric in enumerate(metrics):
        # float64: Keras's TensorFlow and JAX backends round a plain float to single precision
        original.on_epoch_end(epoch, {"val_loss": np.float64(metric)})
        yield optimizer.learning_rate, original.best, original.wait, original.cooldown_counter


@cache
def optax_run(factor, rtol, atol):
    def run(metrics, patience, cooldown, floor):
        original = optax.contrib.reduce_on_plateau(
            factor, patience, rtol, atol, cooldown, min_scale=floor
        )
        params = jnp.zeros((), jnp.float64)

        def step(state, metric):
            _, state = original.update(params, state, value=metric)
            return state, (state.scale, state.best_value, state.plateau_count, state.cooldown_count)

        return jax.lax.scan(step, original.init(params), metrics)[1]

    return jax.jit(run)


def optax_states(plateau, metrics):
    relative = plateau.threshold_mode == "rel"
    tolerances = (plateau.threshold, 0.0) if relative else (0.0, plateau.threshold)
    run = optax_run(plateau.factor, *tolerances)
    padded = np.array([*metrics, *[0.0] * (LENGTH - len(metrics))])
    states = run(padded, plateau.patience, plateau.cooldown, plateau.floor)
    return zip(*(np.asarray(part).tolist()[: len(metrics)] for part in states), strict=True)


ORIGINALS = {"torch": torch_states, "keras": keras_states, "optax": optax_states}


def ours(plateau, metrics):
    state = plateau.init()
    worst = math.inf if plateau.mode == "min" else -math.inf
    for metric in metrics:
        state = plateau.update(state, metric)
        yield state.factor, worst if state.best is None else state.best, state.bad, state.cooldown


@st.composite
def cases(draw, rules):
    """A plateau that an original can be, and metrics for it."""
    relative = rules != "keras" and draw(st.booleans())
    plateau = gl.Plateau(
        rules,
        factor=draw(st.sampled_from([0.1, 0.5, 0.9])),
        patience=draw(st.integers(int(rules == "optax"), 4)),
        mode="min" if rules == "optax" else draw(st.sampled_from(["min", "max"])),
        threshold=draw(st.sampled_from([1e-4, 0.25])),
        threshold_mode="rel" if relative else "abs",
        cooldown=draw(st.integers(0, 4)),
        # no floor that a product of factors meets but for a rounding, which Keras does not see
        floor=draw(st.sampled_from([0.0, 0.03, 0.25])),
    )
    # few values, so that metrics stand still, and return to the bar itself
    few = st.integers(0 if relative else -8, 8).map(lambda n: n / 8)
    # XLA takes what is next to nothing for 0
    wide = st.floats(0 if relative else -100, 100).map(lambda x: x if abs(x) > 1e-200 else 0.0)
    sick = st.sampled_from([math.nan, math.inf if plateau.mode == "min" else -math.inf])
    first = few | wide if rules == "keras" else few | wide | sick
    metrics = [draw(first), *draw(st.lists(few | few | wide | sick, max_size=LENGTH - 1))]
    return plateau, metrics


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("rules", ORIGINALS)
def test_every_count_of_the_original(rules):
    @examples(250)
    @given(cases(rules))
    def check(case):
        plateau, metrics = case
        assert list(ours(plateau, metrics)) == list(ORIGINALS[rules](plateau, metrics))

    check()


FALLS = {
    ("torch", 0): [4, 7, 10],
    ("torch", 2): [4, 9],
    ("keras", 0): [3, 5, 7, 9],
    ("keras", 2): [3, 6, 9],
    ("optax", 0): [3, 5, 7, 9],
    ("optax", 2): [3, 7],
}


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize(("rules", "cooldown"), FALLS)
def test_falls_on_a_metric_that_stands_still(rules, cooldown):
    plateau = gl.Plateau(rules, factor=0.5, patience=2, cooldown=cooldown)
    for states in (ours, ORIGINALS[rules]):
        factors = [1.0, *(state[0] for state in states(plateau, [1.0] * 10))]
        falls = [i for i in range(1, 11) if factors[i] < factors[i - 1]]
        assert falls == FALLS[rules, cooldown]


@pytest.mark.parametrize("rules", ["torch", "optax"])
@pytest.mark.usefixtures("in_double")
def test_a_negative_metric_that_stands_still_is_no_improvement(rules):
    plateau = gl.Plateau(rules, patience=2, threshold=1e-4)
    metrics = [-1.0] * 20
    # for the original -1.0 is below -1.0 * (1 - 1e-4): an improvement for ever
    assert {state[0] for state in ORIGINALS[rules](plateau, metrics)} == {1.0}
    assert list(ours(plateau, metrics))[-1][0] < 1e-5


@given(st.sampled_from(list(ORIGINALS)), st.floats(-10, 10), st.floats(0, 0.9))
def test_a_relative_threshold_asks_for_its_share_on_either_side_of_zero(rules, best, threshold):
    for mode, sign in (("min", -1), ("max", 1)):
        plateau = gl.Plateau(rules, mode=mode, threshold=threshold, threshold_mode="rel")
        far = threshold * abs(best) * 1.01 + 1e-9
        near = threshold * abs(best) * 0.99 - 1e-9
        assert plateau.improves(best + sign * far, best)
        assert not plateau.improves(best + sign * near, best)
        assert not plateau.improves(best, best)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("rules", ORIGINALS)
@pytest.mark.parametrize("sick", [math.nan, math.inf, -math.inf])
def test_a_sick_first_metric_does_not_spoil_the_run(rules, sick):
    plateau = gl.Plateau(rules, factor=0.5, patience=2)
    metrics = [sick, *[1 / n for n in range(1, 30)]]  # a loss that improves all the time
    assert list(ours(plateau, metrics))[-1][0] == 1.0
    # Keras takes NaN for the best metric, and every original does so with -inf: nothing is better
    spoiled = sick == -math.inf or (rules == "keras" and math.isnan(sick))
    assert (list(ORIGINALS[rules](plateau, metrics))[-1][0] < 1.0) == spoiled


@given(st.sampled_from(list(ORIGINALS)), st.floats(-10, 10), st.data())
def test_metrics_that_are_not_finite_are_bad_ones(rules, metric, data):
    plateau = gl.Plateau(rules, patience=100, mode=data.draw(st.sampled_from(["min", "max"])))
    state = plateau.update(plateau.init(), metric)
    for n, sick in enumerate([math.nan, math.inf, -math.inf], 1):
        state = plateau.update(state, sick)
        assert state == gl.PlateauState(1.0, metric, n, 0)


any_case = st.sampled_from(list(ORIGINALS)).flatmap(cases)


@given(any_case)
def test_the_factor_falls_to_the_floor_and_never_rises(case):
    plateau, metrics = case
    factors = [state[0] for state in ours(plateau, metrics * 5)]
    assert factors == sorted(factors, reverse=True)
    assert all(plateau.floor <= factor <= 1 for factor in factors)


@given(any_case, schedules, st.integers(0, 50))
def test_interrupted_anywhere_it_goes_on_the_same(case, schedule, after):
    plateau, metrics = case
    rate = plateau.on(schedule, after) if schedule.steps else plateau.on(gl.Constant(1.0), after)
    whole = rate.init()
    resumed_rate, resumed = gl.OnPlateau.from_data(json.loads(json.dumps(rate.to_data()))), whole
    assert resumed_rate == rate
    assert hash(resumed_rate) == hash(rate)
    for step, metric in enumerate(metrics):
        whole = rate.update(whole, metric, step)
        resumed = resumed_rate.update(resumed, metric, step)
        resumed = gl.PlateauState.from_data(
            json.loads(json.dumps(resumed.to_data(), allow_nan=False))
        )
        assert resumed == whole
        assert resumed_rate(step, resumed) == rate(step, whole)


@given(any_case)
def test_repr_is_the_code_that_builds_it(case):
    plateau, metrics = case
    assert eval(repr(plateau), {"gl": gl}) == plateau == gl.Plateau.from_data(plateau.to_data())
    rate = plateau.on(gl.Cosine(1.0, 0.0, steps=100), after=7)
    assert eval(repr(rate), {"gl": gl}) == rate
    *_, last = ours(plateau, metrics)
    state = gl.PlateauState(last[0], None if math.isinf(last[1]) else last[1], *last[2:])
    assert eval(repr(state), {"gl": gl}) == state


@given(any_case)
def test_states_are_values(case):
    plateau, metrics = case
    states = [plateau.init()]
    for metric in metrics:
        before = repr(states[-1])
        states.append(plateau.update(states[-1], metric))
        assert repr(states[-2]) == before
    for i in reversed(range(len(metrics))):  # in any order, the same
        assert plateau.update(states[i], metrics[i]) == states[i + 1]


@given(any_case, st.integers(0, LENGTH))
def test_it_listens_after_the_warm_up(case, after):
    plateau, metrics = case
    schedule = gl.Linear(0.0, 1.0, steps=10)
    rate, state = plateau.on(schedule, after), plateau.init()
    for step, metric in enumerate(metrics):
        state = rate.update(state, metric, step)
        assert rate(step, state) == schedule(step) * state.factor
    alone = plateau.init()
    for metric in metrics[after:]:
        alone = plateau.update(alone, metric)
    assert state == alone


def test_the_composed_rate_of_arrays_and_tensors():
    rate = gl.Plateau().on(gl.Linear(0.0, 1.0, steps=10))
    state = gl.PlateauState(factor=0.5)
    steps = np.arange(12)
    assert rate(steps, state).tolist() == [rate(int(step), state) for step in steps]
    assert rate(torch.tensor(4), state).item() == pytest.approx(0.2)
    assert (rate.schedule * state.factor)(4) == rate(4, state)


@pytest.mark.parametrize(
    "metric", [1, 1.0, np.float32(1), np.array(1.0), torch.tensor(1.0), jnp.array(1.0)]
)
def test_metrics_of_every_kind(metric):
    assert gl.Plateau().update(gl.PlateauState(), metric).best == 1.0


def test_the_factor_stays_above_zero():
    plateau = gl.Plateau("torch", factor=0.01, patience=0)
    *_, last = ours(plateau, [1.0] * 1000)
    assert last[0] > 0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: gl.Plateau("adam"),
            "`rules` must be one of 'torch', 'keras', 'optax', got 'adam'",
        ),
        (lambda: gl.Plateau(factor=1.0), "`factor` must be below 1, got 1.0"),
        (lambda: gl.Plateau(factor=0), "`factor` must be above 0, got 0"),
        (lambda: gl.Plateau(patience=-1), "`patience` must be 0 or more, got -1"),
        (lambda: gl.Plateau("optax", patience=0), "`patience` must be 1 or more"),
        (lambda: gl.Plateau(mode="auto"), "`mode` must be one of 'min', 'max', got 'auto'"),
        (lambda: gl.Plateau(mode=["min"]), "`mode` must be"),
        (lambda: gl.Plateau(threshold=-1e-4), "`threshold` must be 0 or more"),
        (lambda: gl.Plateau(threshold=1.5), "relative `threshold` must be below 1"),
        (lambda: gl.Plateau(threshold_mode="relative"), "must be one of 'rel', 'abs'"),
        (lambda: gl.Plateau(cooldown=0.5), "`cooldown` must be a whole number"),
        (lambda: gl.Plateau(floor=2), "`floor` must be at most 1"),
        (lambda: gl.Plateau().update(gl.PlateauState(), "0.5"), "`metric` must be a number"),
        (lambda: gl.Plateau().update(gl.PlateauState(), None), "`metric` must be a number"),
        (lambda: gl.Plateau().update(gl.PlateauState(), 10**400), "`metric` must be a number"),
        (lambda: gl.Plateau().update(gl.PlateauState(), [1, 2]), "`metric` must be a number"),
        (lambda: gl.PlateauState(best=math.nan), "`best` must be finite, got nan"),
        (lambda: gl.PlateauState(factor=0), "PlateauState: `factor` must be above 0"),
        (lambda: gl.Plateau().on(0.1), "OnPlateau: `schedule` must be a schedule"),
        (lambda: gl.OnPlateau(gl.Constant(1.0), "torch"), "`plateau` must be a gl.Plateau"),
        (lambda: gl.Plateau().on(gl.Constant(1.0), after=-1), "OnPlateau: `after`"),
        (
            lambda: gl.Plateau().on(gl.Constant(1.0)).update(gl.PlateauState(), 1.0, -1),
            "OnPlateau: `step` must be 0 or more",
        ),
        (lambda: gl.Plateau.from_data([]), "Plateau: the JSON form must be an object"),
        (lambda: gl.Plateau.from_data({"type": "linear"}), "`type` must be 'plateau'"),
        (
            lambda: gl.Plateau.from_data({"type": "plateau", "patient": 3}),
            "unknown field 'patient'; did you mean 'patience'?",
        ),
        (lambda: gl.PlateauState.from_data({"factor": 1.0}), "PlateauState: `best` is missing"),
        (
            lambda: gl.PlateauState.from_data(gl.PlateauState().to_data() | {"type": "state"}),
            "PlateauState: unknown field 'type'",
        ),
        (lambda: gl.OnPlateau.from_data({"type": "on_plateau"}), "OnPlateau: `schedule` is miss"),
    ],
)
def test_bad_input_is_refused(build, message):
    with pytest.raises(gl.ScheduleError) as error:
        build()
    assert message in str(error.value)
