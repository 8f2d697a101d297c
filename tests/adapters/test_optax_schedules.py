"""A schedule among optax's own: joined, wrapped, and at every kind of step."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import glissando as gl

WARM, DOWN = gl.Linear(0.0, 0.1, steps=10), gl.Cosine(0.1, 0.01, steps=50)
RATE = WARM >> DOWN
STEPS = np.arange(70)
CLOSE = {"rtol": 0, "atol": 4 * float(np.spacing(np.float32(0.1)))}

JOINED = {
    "two": optax.join_schedules([WARM, DOWN], [10]),
    "with theirs": optax.join_schedules([optax.linear_schedule(0.0, 0.1, 10), DOWN], [10]),
    "in one another": optax.join_schedules(
        [WARM, optax.join_schedules([DOWN, gl.Constant(0.01)], [50])], [10]
    ),
    "in a function": optax.join_schedules([WARM, lambda step: DOWN(step) * 1.0], [10]),
    "a function of one's own": optax.join_schedules([WARM, gl.schedule(lambda k: DOWN(k))], [10]),
    "a long chain": optax.join_schedules(
        [WARM, gl.Chain([DOWN, *[gl.Constant(0.01, 2)] * 9])], [10]
    ),
}


@pytest.mark.parametrize("kind", [int, float, np.int64, np.int32, np.float32, np.array])
@pytest.mark.parametrize("joined", JOINED.values(), ids=JOINED)
def test_join_schedules_at_a_step_that_is_no_jax_array(joined, kind):
    """optax asks each part at steps before its own step 0, and throws the rates away."""
    found = [float(joined(kind(k))) for k in STEPS]
    np.testing.assert_allclose(found, RATE(STEPS), **CLOSE)


@pytest.mark.parametrize("name", ["two", "with theirs", "in one another", "in a function"])
def test_join_schedules_at_arrays_and_in_graphs(name):
    joined, steps = JOINED[name], jnp.asarray(STEPS)
    for found in (
        joined(STEPS),
        joined(steps),
        jax.jit(joined)(steps),
        jax.vmap(joined)(steps),
        [jax.jit(joined)(int(k)) for k in STEPS],
    ):
        np.testing.assert_allclose(found, RATE(STEPS), **CLOSE)


def test_a_negative_step_is_still_refused_everywhere_else():
    for step in (-1, -0.5, np.int64(-3), np.arange(-3, 3)):
        with pytest.raises(gl.ScheduleError, match="`step` must be from 0 to"):
            DOWN(step)
        assert np.isfinite(JOINED["two"](step)).all()
        with pytest.raises(gl.ScheduleError, match="`step` must be from 0 to"):
            DOWN(step)
    with pytest.raises(gl.ScheduleError, match="`step` must be from 0 to"):
        JOINED["two"](2**53 + 1)


LOOPS = {
    "vmap": lambda rate: jax.vmap(rate)(jnp.arange(70)),
    "pmap": lambda rate: jnp.concatenate(
        [jax.pmap(rate)(jnp.full(1, k)) for k in range(0, 70, 10)] + [jnp.zeros(0)]
    ),
    "scan": lambda rate: jax.lax.scan(lambda c, k: (c, rate(k)), 0, jnp.arange(70))[1],
    "scan over a count": lambda rate: jax.lax.scan(
        lambda k, _: (k + 1, rate(k)), jnp.int32(0), length=70
    )[1],
    "fori_loop": lambda rate: jax.lax.fori_loop(
        0, 70, lambda k, out: out.at[k].set(rate(k).astype(out.dtype)), jnp.zeros(70)
    ),
    "map": lambda rate: jax.lax.map(rate, jnp.arange(70)),
}


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
@pytest.mark.parametrize("loop", LOOPS)
def test_every_way_that_jax_goes_over_steps(loop, x64):
    with jax.enable_x64(x64):
        found = np.asarray(LOOPS[loop](RATE))
    steps = STEPS[::10] if loop == "pmap" else STEPS
    np.testing.assert_allclose(found, RATE(steps), rtol=0, atol=1e-16 if x64 else CLOSE["atol"])


def moves(optimizer, updates=70):
    """Return how far a weight at 0 moves at each update under a gradient of 1."""

    def body(state, _):
        change, state = optimizer.update({"w": jnp.ones(())}, state, {"w": jnp.zeros(())})
        return state, -change["w"]

    return jax.lax.scan(body, optimizer.init({"w": jnp.zeros(())}), length=updates)[1]


SGD = {
    "sgd": lambda: optax.sgd(RATE),
    "inject_hyperparams": lambda: optax.inject_hyperparams(optax.sgd)(RATE),
    "inject_hyperparams by name": lambda: optax.inject_hyperparams(optax.sgd)(learning_rate=RATE),
    "scale_by_schedule": lambda: optax.chain(optax.scale_by_schedule(RATE), optax.scale(-1.0)),
    "scale_by_learning_rate": lambda: optax.scale_by_learning_rate(RATE),
    "multi_transform": lambda: optax.multi_transform(
        {"a": optax.sgd(RATE), "b": optax.sgd(0.0)}, {"w": "a"}
    ),
    "partition": lambda: optax.partition({"a": optax.sgd(RATE)}, {"w": "a"}),
    "gl.optax.inject": lambda: gl.optax.inject(optax.sgd, learning_rate=RATE),
    "joined": lambda: optax.sgd(JOINED["two"]),
}


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
@pytest.mark.parametrize("form", SGD)
def test_every_way_that_optax_takes_a_schedule(form, x64):
    with jax.enable_x64(x64):
        found = np.asarray(moves(SGD[form]()))
    np.testing.assert_allclose(found, RATE(STEPS), rtol=0, atol=1e-15 if x64 else CLOSE["atol"])


def test_optax_compositions_of_its_own_take_ours():
    """Those that take peaks and lengths are optax's; what takes a schedule takes ours."""
    sgdr = optax.sgdr_schedule(
        [{"init_value": 0.0, "peak_value": 0.1, "decay_steps": 60, "warmup_steps": 10}]
    )
    warm = optax.warmup_constant_schedule(0.0, 0.1, 10)
    for k in (0, 5, 10, 35, 60):
        joined = optax.join_schedules([sgdr, RATE, warm], [60, 120])
        assert float(joined(k)) == pytest.approx(float(sgdr(k)) if k < 60 else 0.0, abs=1e-8)
        assert float(joined(60 + k)) == pytest.approx(RATE(k) if k < 60 else 0.0, abs=1e-8)
    both = optax.inject_hyperparams(optax.adam)(learning_rate=RATE, b1=gl.Linear(0.95, 0.85, 70))
    state = both.init(jnp.zeros(2))
    for _ in range(6):
        _, state = both.update(jnp.ones(2), state)
    assert float(state.hyperparams["learning_rate"]) == pytest.approx(RATE(5), rel=1e-6)
    assert float(state.hyperparams["b1"]) == pytest.approx(0.95 - 0.1 * 5 / 70, rel=1e-6)
