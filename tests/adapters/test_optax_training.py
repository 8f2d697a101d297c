"""A JAX training that is tried at many rates: one compilation, and all as it was afterwards."""

import random

import flax.linen as linen
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import glissando as gl

RATES = (0.01, 0.1, 1.0)
ONES = [jnp.ones(4)] * 3
DRAWN = np.random.default_rng(0)
PAIRS = [(DRAWN.normal(size=(8, 3)), DRAWN.normal(size=8)) for _ in range(20)]


def mean(weight, batch):
    """A loss whose gradient by the weight is 1 for batches of ones."""
    return (weight * batch).mean()


def squares(params, batch):
    x, y = batch
    return jnp.mean((jnp.tanh(x @ params["a"]) @ params["b"] - y) ** 2)


def params():
    return {"a": jnp.linspace(-1, 1, 12).reshape(3, 4), "b": jnp.linspace(1, 2, 4)}


def moves(training, rates=RATES):
    """Return how far the weight moves down at each rate."""
    places = [training.save()[0]]
    for rate in rates:
        training.step(rate)
        places.append(training.save()[0])
    return -np.diff([float(place) for place in places])


FORMS = {
    "a function": (lambda rate: optax.sgd(rate), None),
    "a chain": (lambda rate: optax.chain(optax.clip(2.0), optax.sgd(rate)), None),
    "inject_hyperparams": (optax.inject_hyperparams(optax.sgd)(learning_rate=0.3), None),
    "gl.optax.inject": (
        lambda rate: gl.optax.inject(
            optax.sgd, learning_rate=rate, momentum=gl.Constant(0.0), on_length="raise"
        ),
        None,
    ),
    "a state": (optax.adam, optax.adam(1.0).init(0.0)),
}


@pytest.mark.parametrize(("optimizer", "state"), FORMS.values(), ids=FORMS)
def test_the_rate_is_used(optimizer, state):
    training = gl.optax.Training(mean, 0.0, optimizer, ONES, opt_state=state)
    assert moves(training) == pytest.approx(RATES, rel=1e-4)


def test_one_compilation_for_all_rates():
    traces = []

    def loss(weight, batch, key):
        traces.append(1)
        return mean(weight, batch) + 0 * jax.random.uniform(key)

    made = []
    training = gl.optax.Training(
        loss, 0.0, lambda rate: made.append(1) or optax.adamw(rate), ONES, key=jax.random.key(0)
    )
    state = training.save()
    training.step(1e-6)
    before = len(traces), len(made)
    for seed in range(3):
        training.reseed(seed)
        for rate in (1e-5, 1.0, 1, 10.0):
            training.step(rate)
        training.restore(state)
    assert (len(traces), len(made)) == before
    assert len(traces) == 1


@pytest.mark.parametrize("make", [lambda rate: optax.sgd(rate, 0.9), optax.adam, optax.adamw])
def test_nothing_is_left_behind(make):
    given = params()
    optimizer = make(0.05)
    given_state = optimizer.init(given)

    def trained():
        weights, state = given, given_state
        for batch in PAIRS[:3]:
            gradient = jax.grad(squares)(weights, batch)
            updates, state = optimizer.update(gradient, state, weights)
            weights = optax.apply_updates(weights, updates)
        return [leaf.tobytes() for leaf in map(np.asarray, jax.tree.leaves((weights, state)))]

    expected = trained()
    training = gl.optax.Training(squares, given, make, PAIRS, opt_state=given_state)
    state, losses = training.save(), []
    for seed in (1, 2, 1):
        training.reseed(seed)
        losses.append([training.step(rate) for rate in RATES])
        training.restore(state)
    assert losses[0] == losses[2] != losses[1]
    first = [float(squares(given, batch)) for batch in PAIRS[:2]]
    assert [training.step(0.0) for _ in first] == pytest.approx(first)
    assert trained() == expected


def test_what_breaks_off_is_put_back():
    left = [0]

    def batches():
        for batch in PAIRS:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            yield batch

    training = gl.optax.Training(squares, params(), optax.adam, batches)
    state = training.save()
    for update in range(1, 4):
        left[0] = update
        with pytest.raises(KeyboardInterrupt):
            [training.step(rate) for rate in RATES]
        training.restore(state)
    found = training.save()
    for before, after in zip(jax.tree.leaves(state[:2]), jax.tree.leaves(found[:2]), strict=True):
        assert before is after
    assert training.step(0.1) == pytest.approx(float(squares(params(), PAIRS[0])))


def test_a_key_for_each_batch():
    def loss(weight, batch, key):
        return jax.random.uniform(key) + 0 * mean(weight, batch)

    training = gl.optax.Training(loss, 0.0, optax.sgd, ONES, key=jax.random.key(0))
    state, losses = training.save(), []
    for seed in (1, 2, 1):
        training.reseed(seed)
        losses.append([training.step(0.1) for _ in range(3)])
        training.restore(state)
    assert losses[0] == losses[2]
    assert len({*losses[0], *losses[1]}) == 6


def test_accumulation():
    values = [jnp.full(4, value) for value in (1.0, 2.0, 6.0)]
    training = gl.optax.Training(mean, 1.0, optax.sgd, values, accumulate=3)
    assert training.step(0.5) == pytest.approx(3)
    assert float(training.save()[0]) == pytest.approx(1 - 0.5 * 3)


def test_multi_steps_make_one_update():
    def optimizer(rate):
        return optax.MultiSteps(optax.sgd(rate), every_k_schedule=3)

    training = gl.optax.Training(mean, 0.0, optimizer, ONES)
    assert moves(training) == pytest.approx(RATES)
    update = optimizer(0.5).update
    _, begun = update(jnp.float32(1), optimizer(0.5).init(jnp.float32(0)), jnp.float32(0))
    training = gl.optax.Training(mean, jnp.float32(0), optimizer, ONES, opt_state=begun)
    reads = training.save()[-1][0][1]
    training.step(0.25)
    assert training.save()[-1][0][1] - reads == 2
    assert float(training.save()[0]) == pytest.approx(-0.25)


def test_parts_keep_their_proportion():
    parts = {
        name: optax.inject_hyperparams(optax.sgd)(learning_rate=rate)
        for name, rate in {"a": 0.1, "b": 0.4}.items()
    }
    optimizer = optax.multi_transform(parts, {"a": "a", "b": "b"})
    weights = {"a": jnp.zeros(()), "b": jnp.zeros(())}
    training = gl.optax.Training(lambda w, x: mean(w["a"] + w["b"], x), weights, optimizer, ONES)
    training.step(0.8)
    moved = training.save()[0]
    assert [float(moved[name]) for name in "ab"] == pytest.approx([-0.2, -0.8])


def test_validation_and_more_than_a_loss():
    def loss(weight, batch):
        return mean(weight, batch), {"more": batch}

    held_out = [jnp.full(4, 1.0), jnp.full(2, 4.0)]
    training = gl.optax.Training(loss, 1.0, optax.sgd, ONES, has_aux=True, validation=held_out)
    assert training.validate() == pytest.approx(2)
    assert training.step(0.5) == 1
    assert training.validate() == pytest.approx(1)
    assert gl.optax.Training(mean, 1.0, optax.sgd, ONES).validate() is None


def test_bfloat16_parameters_stay_what_they_are():
    weight = jnp.ones((), jnp.bfloat16)
    training = gl.optax.Training(mean, weight, optax.adamw, [jnp.ones(4, jnp.bfloat16)])
    training.step(0.5)
    assert training.save()[0].dtype == jnp.bfloat16


def test_modules_of_flax():
    rows = [(np.ones((2, 3), np.float32), np.ones((2, 1), np.float32))]
    module = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    graph, weights = nnx.split(module)

    def loss(weights, batch):
        x, y = batch
        return jnp.mean((nnx.merge(graph, weights)(x) - y) ** 2)

    training = gl.optax.Training(loss, weights, optax.sgd, rows)
    assert training.step(0.1) > training.step(0.1)

    dense = linen.Dense(1)
    weights = dense.init(jax.random.key(0), rows[0][0])

    def of_linen(weights, batch):
        return jnp.mean((dense.apply(weights, batch[0]) - batch[1]) ** 2)

    training = gl.optax.Training(of_linen, weights, optax.sgd, rows)
    assert training.step(0.1) > training.step(0.1)


def test_generators_of_the_data_are_put_back():
    class Loader:
        def __init__(self):
            self.generator, self.own, self.read = np.random.default_rng(1), random.Random(2), 0

        def __iter__(self):
            for _ in range(4):
                self.read += 1
                yield jnp.full(4, self.generator.random() + self.own.random())

    loader = Loader()
    training = gl.optax.Training(mean, 1.0, optax.sgd, loader)
    state = training.save()
    training.reseed(3)
    training.step(0.1)
    training.restore(state)
    assert [float(b[0]) for b in loader] == [float(b[0]) for b in Loader()]
    assert loader.read == 4


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"loss": 3}, "`loss` must be a function"),
        ({"optimizer": 0.1}, "`optimizer` must be a function of a rate"),
        ({"optimizer": optax.sgd(0.1)}, "the rate of `optimizer` is fixed"),
        ({"optimizer": lambda _: optax.sgd(0.1)}, "do not depend on the rate"),
        (
            {"optimizer": optax.inject_hyperparams(optax.sgd)(learning_rate=lambda step: 0.1)},
            "do not depend on the rate, as where a schedule sets it",
        ),
        (
            {"optimizer": gl.optax.inject(optax.sgd, learning_rate=gl.Constant(0.1))},
            "do not depend on the rate, as where a schedule sets it",
        ),
        ({"opt_state": optax.adam(0.1).init(0.0)}, "`opt_state` must be of the optimizer"),
        ({"batches": iter(ONES)}, "give the function that makes the generator"),
        ({"batches": 3}, "`batches` must be what yields batches"),
        ({"accumulate": 0}, "`accumulate` must be 1 or more, got 0"),
    ],
)
def test_what_is_refused(changed, words):
    arguments = {"loss": mean, "params": 0.0, "optimizer": optax.sgd, "batches": ONES}
    with pytest.raises(gl.ScheduleError, match=words):
        gl.optax.Training(**arguments | changed)


def test_no_batches():
    with pytest.raises(gl.ScheduleError, match="`batches` must have a batch or more, got none"):
        gl.optax.Training(mean, 0.0, optax.sgd, []).step(0.1)
