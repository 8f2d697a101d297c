"""JAX: runs that do not fit their schedule, values that are traced, names that are optax's."""

import warnings
from functools import partial

import jax
import jax.numpy as jnp
import optax
import pytest

import glissando as gl

SHORT = gl.Cosine(0.1, 0.0, steps=3)
TEXT = "linear(0, 0.1, steps=10%) >> cosine(0.1, 0, steps=rest)"
WHOLE = gl.Linear(0.0, 0.1, steps=4) >> gl.Cosine(0.1, 0.0, steps=36)
ONE = jnp.ones(())


def told(call, *arguments, **options):
    """Return what a call warns of."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        call(*arguments, **options)
    return [str(warning.message) for warning in seen]


def updated(optimizer, updates, compiled=False):
    """Return an optimizer's state after so many updates."""
    state = optimizer.init(ONE)
    update = jax.jit(optimizer.update) if compiled else optimizer.update
    for _ in range(updates):
        _, state = update(ONE, state, ONE)
        jax.block_until_ready(state)
    return state


def test_a_length_that_does_not_fit_the_run_is_told_before_it_begins():
    (message,) = told(gl.optax.for_run, SHORT, 10)
    assert "has 3 steps, but the run makes 10 updates: the last 7 updates are past" in message
    assert "or write .stretch(10) after the schedule" in message
    (message,) = told(gl.optax.for_run, WHOLE.stretch(1000), 40)
    assert "training stops 960 steps before the schedule's end" in message
    assert len(told(gl.optax.for_run, gl.Plateau().on(SHORT), 10)) == 1
    assert len(told(gl.optax.for_run, {"lr": SHORT}, 10)) == 1  # whatever the factory calls it
    with pytest.raises(gl.ScheduleError, match="has 3 steps, but the run makes 10 updates"):
        gl.optax.for_run(SHORT, 10, on_length="raise")
    assert told(gl.optax.for_run, SHORT, 10, on_length="ignore") == []


def test_what_fits_the_run_comes_back_as_it_is():
    for rate in (
        WHOLE,
        gl.Constant(0.1),
        gl.Linear(0.0, 0.1, steps=4),
        gl.Geometric(0.1, 0.9),
        gl.Plateau().on(WHOLE),
        {"learning_rate": WHOLE, "b1": gl.Linear(0.9, 0.1, steps=5)},
    ):
        assert gl.optax.for_run(rate, steps=40) == rate


def test_lengths_in_percent_of_the_run():
    assert gl.optax.for_run(TEXT, steps=40) == WHOLE
    assert gl.optax.for_run(lambda steps: gl.Linear(0.1, 0.0, steps), 7) == gl.Linear(0.1, 0.0, 7)
    both = gl.optax.for_run({"learning_rate": TEXT, "weight_decay": gl.Constant(0.1)}, steps=40)
    assert both == {"learning_rate": WHOLE, "weight_decay": gl.Constant(0.1)}
    state = updated(gl.optax.inject(optax.adamw, **both), 3, compiled=True)
    assert float(optax.tree.get(state, "learning_rate")) == pytest.approx(WHOLE(2))
    for bad in ("linear(0,", "", "cosin(0.1, 0, steps=rest)", 0.1, None, lambda steps: 0.1, {}):
        with pytest.raises(gl.ScheduleError):
            gl.optax.for_run(bad, steps=40)
    for steps in (0, -1, 1.5, "3", None, True):
        with pytest.raises(gl.ScheduleError, match="for_run: `steps` must be"):
            gl.optax.for_run(TEXT, steps=steps)
    with pytest.raises(gl.ScheduleError, match=r"becomes one by gl\.optax\.for_run\(text"):
        gl.optax.inject(optax.adamw, learning_rate=TEXT)


def test_updates_past_the_end_at_a_rate_of_0_are_told_when_the_state_is_saved():
    state = updated(optax.adam(SHORT), 10, compiled=True)
    (message,) = told(gl.optax.state_dict, SHORT, state)
    assert "has 3 steps, but 10 updates are done, and the rate stays at 0" in message
    saved = gl.optax.state_dict(SHORT, state, on_length="ignore")
    (message,) = told(gl.optax.resume, SHORT, saved)
    assert message.startswith("resume: the schedule of `learning_rate` has 3 steps")
    for use in (partial(gl.optax.state_dict, SHORT, state), partial(gl.optax.resume, SHORT, saved)):
        with pytest.raises(gl.ScheduleError, match="10 updates are done"):
            use(on_length="raise")
        with pytest.raises(gl.ScheduleError, match="`on_length` must be one of"):
            use(on_length="never")
    for done in range(5):  # a run that is finished, or a line from 0 to 3
        gl.optax.resume(SHORT, gl.optax.state_dict(SHORT, done))
    gl.optax.resume(SHORT + 0.1, gl.optax.state_dict(SHORT + 0.1, 10))


def test_another_run_that_begins_past_the_schedules_end_is_told():
    """The state of an optimizer that was trained before has counted already."""
    before = gl.optax.state_dict(WHOLE, 40)
    (message,) = told(gl.optax.resume, SHORT, before, on_mismatch="replace")
    assert "see gl.optax.offset" in message
    assert gl.optax.resume(SHORT, before, on_mismatch="rewarm")(40) == SHORT(0)


def test_without_jit_inject_tells_it_at_the_update_where_it_is_seen():
    optimizer = gl.optax.inject(optax.sgd, learning_rate=SHORT)
    assert told(updated, optimizer, 4) == []
    (message,) = told(updated, optimizer, 10)
    assert "inject: the schedule of `learning_rate` has 3 steps, but 5 updates are done" in message
    assert told(updated, optimizer, 10) == []  # it was told
    with pytest.raises(gl.ScheduleError, match="5 updates are done"):
        updated(gl.optax.inject(optax.sgd, learning_rate=SHORT, on_length="raise"), 10)
    quiet = gl.optax.inject(optax.sgd, learning_rate=SHORT, on_length="ignore")
    decay = gl.optax.inject(optax.adamw, learning_rate=WHOLE, weight_decay=SHORT)
    assert told(updated, quiet, 10) == told(updated, decay, 10) == []


def test_in_a_compiled_step_nothing_is_told_and_nothing_is_called_back():
    optimizer = gl.optax.inject(optax.sgd, learning_rate=SHORT)
    state = optimizer.init(ONE)
    assert "callback" not in str(jax.make_jaxpr(optimizer.update)(ONE, state, ONE))
    with jax.transfer_guard_device_to_host("disallow_explicit"):
        assert told(updated, optimizer, 10, compiled=True) == []


# What is traced or learned


def test_a_number_that_is_traced_is_refused_and_does_not_become_a_constant():
    rate, state = WHOLE, optax.adam(WHOLE).init(ONE)
    for function, value in (
        (lambda n: gl.optax.offset(rate, n)(10), 3.0),
        (lambda n: gl.optax.for_run(TEXT, n)(10), 40.0),
        (lambda n: gl.optax.state_dict(rate, n)["step"], 3.0),
    ):
        with pytest.raises(gl.ScheduleError, match=r"is traced by JAX, .* become a constant"):
            jax.grad(function)(value)
        with pytest.raises(gl.ScheduleError, match="is traced by JAX"):
            jax.jit(function)(int(value))
    with pytest.raises(gl.ScheduleError, match="the count in `state` is traced by JAX"):
        jax.jit(lambda state: gl.optax.state_dict(rate, state)["step"])(state)


def test_a_learned_factor_and_a_learned_constant_keep_their_gradients():
    """What is written instead of a learned peak, and what `inject` hands on."""

    def by_peak(peak):
        optimizer = optax.sgd(lambda step: peak * WHOLE(step))
        state = optimizer.init(ONE)
        for _ in range(3):
            change, state = optimizer.update(ONE, state)
        return -change

    assert jax.grad(by_peak)(2.0) == pytest.approx(WHOLE(2), rel=1e-6)
    assert jax.grad(lambda peak: jax.jit(by_peak)(peak))(2.0) == pytest.approx(WHOLE(2), rel=1e-6)

    def by_decay(decay):
        optimizer = gl.optax.inject(optax.adamw, learning_rate=gl.Constant(0.5), weight_decay=decay)
        return -optimizer.update(ONE, optimizer.init(ONE), ONE)[0]

    assert jax.grad(by_decay)(0.1) == 0.5


# Names


@pytest.mark.parametrize(
    ("factory", "name", "right"),
    [
        (optax.adamw, "lr", "learning_rate"),
        (optax.adamw, "beta1", "b1"),
        (optax.adamw, "beta_2", "b2"),
        (optax.adamw, "betas[1]", "b2"),
        (optax.adamw, "wd", "weight_decay"),
        (optax.adamw, "epsilon", "eps"),
        (optax.sgd, "mom", "momentum"),
        (optax.sgd, "learning_rat", "learning_rate"),
        (lambda learning_rate: optax.sgd(learning_rate), "lr", "learning_rate"),
        (partial(optax.sgd, nesterov=True), "lr", "learning_rate"),
    ],
)
def test_another_frameworks_name_is_answered_with_optaxs(factory, name, right):
    with pytest.raises(
        TypeError, match=f"has no argument {name!r}.* {right!r}".replace("[", r"\[")
    ):
        gl.optax.inject(factory, **{"learning_rate": WHOLE, name: gl.Constant(0.1)})


def test_a_factory_that_takes_any_name_is_asked_itself():
    def factory(**named):
        return optax.sgd(named["rate_of_mine"])

    gl.optax.inject(factory, rate_of_mine=WHOLE)


# A greedy rate


def test_a_greedy_rate_is_refused_with_what_to_do_and_that_works():
    rate = gl.Greedy(factor=0.5, patience=1).on(gl.Constant(0.1))
    for refused in (
        lambda: gl.optax.inject(optax.sgd, learning_rate=rate),
        lambda: gl.optax.plateau(rate),
        lambda: gl.optax.plateau(gl.Greedy()),
    ):
        with pytest.raises(gl.ScheduleError, match=r"optax\.inject_hyperparams, and write rate\(s"):
            refused()
    optimizer = optax.inject_hyperparams(optax.sgd)(learning_rate=0.0)
    update = jax.jit(optimizer.update)
    state, memory, moves = optimizer.init(ONE), rate.init(), []
    for step, loss in enumerate([1.0, 0.9, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7]):
        state.hyperparams["learning_rate"] = jnp.float32(rate(step, memory))
        change, state = update(ONE, state)
        moves.append(round(-float(change), 6))
        memory = rate.update(memory, loss, step + 1)
    assert moves == [0.1, 0.1, 0.2, 0.2, 0.4, 0.4, 0.2, 0.2]
