"""optax: a plateau in a graph counts as `gl.Plateau.update` does, and lowers what updates use."""

import json
import math

import flax.serialization
import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import pytest
from flax import nnx

import glissando as gl

UPDATES = 60
RATE = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50)
PLATEAU = gl.Plateau("torch", factor=0.5, patience=2, cooldown=1)
LOSSES = np.random.default_rng(0).choice([0.5, 0.75, 1.0, 1.25], UPDATES).astype("f")


def expected(followed, metrics):
    """The host's rates and states, the metric of an update observed before it."""
    state, rates, states = followed.init(), [], []
    for k, metric in enumerate(metrics):
        state = state if metric is None else followed.update(state, float(metric), k)
        rate = followed(k, state)
        rates.append(rate if rate >= np.finfo("f").tiny else 0.0)  # so does XLA
        states.append(state)
    return np.array(rates, "f"), states


def as_transformation(followed):
    return optax.chain(optax.sgd(1.0), gl.optax.plateau(followed))


def as_hyperparameter(followed):
    return gl.optax.inject(optax.sgd, learning_rate=followed)


EACH_FORM = pytest.mark.parametrize("make", [as_transformation, as_hyperparameter])


class Probe:
    """A compiled update of one weight that stands at 0; it counts how often it is traced."""

    def __init__(self, optimizer, kind=jnp.float32):
        self.optimizer, self.weight, self.traces = optimizer, jnp.zeros((), kind), 0
        self.update = jax.jit(self._update)

    def _update(self, state, value):
        self.traces += 1
        change, state = self.optimizer.update(self.weight + 1, state, self.weight, value=value)
        return -change, state

    def run(self, metrics, state=None):
        state = self.optimizer.init(self.weight) if state is None else state
        moves = []
        for metric in metrics:
            move, state = self.update(state, metric)
            moves.append(float(move))
        return np.array(moves, "f"), state


def sequences(rules, seed):
    """A plateau, and metrics of every kind for it."""
    draw = np.random.default_rng(seed)
    mode = str(draw.choice(["min", "max"]))
    relative = rules != "keras" and draw.random() < 0.5
    plateau = gl.Plateau(
        rules,
        factor=float(draw.choice([0.1, 0.5, 0.9])),
        patience=int(draw.integers(int(rules == "optax"), 5)),
        mode=mode,
        threshold=float(draw.choice([0.0, 1e-4, 0.25])),
        threshold_mode="rel" if relative else "abs",
        cooldown=int(draw.integers(0, 5)),
        floor=float(draw.choice([0.0, 0.03, 0.25, 1.0])),
    )
    few = draw.integers(-8, 9, UPDATES) / 8
    wide = draw.uniform(-100, 100, UPDATES)
    sick = draw.choice([math.nan, math.inf, -math.inf], UPDATES)
    kinds = draw.choice(3, UPDATES, p=[0.6, 0.3, 0.1])
    return plateau, np.choose(kinds, [few, wide, sick]).astype("f")


@pytest.mark.parametrize("rules", ["torch", "keras", "optax"])
def test_every_count_of_the_host(rules):
    compared = 0
    for seed in range(25):
        plateau, metrics = sequences(rules, seed)
        followed = plateau.on(RATE, after=seed % 3 * 7)
        optimizer = gl.optax.plateau(followed)

        def body(state, value, optimizer=optimizer):
            _, state = optimizer.update(jnp.ones(()), state, value=value)
            return state, state

        _, found = jax.lax.scan(body, optimizer.init(jnp.zeros(())), metrics)
        rates, states = expected(followed, metrics)
        assert (np.asarray(found.rate) == rates).all()
        worst = math.inf if plateau.mode == "min" else -math.inf
        host = [(worst if s.best is None else s.best, s.bad, s.cooldown) for s in states]
        observed = found.observed
        mine = zip(*(np.asarray(x).tolist() for x in observed[1:]), strict=True)
        assert list(mine) == host
        compared += len(host)
    assert compared == 25 * UPDATES


@EACH_FORM
def test_update_k_uses_the_rate_of_k_lowered(make):
    followed = PLATEAU.on(RATE, after=10)
    probe = Probe(make(followed))
    moves, state = probe.run(LOSSES)
    rates, states = expected(followed, LOSSES)
    assert states[-1].factor < 0.1
    assert (moves == rates).all()
    assert probe.traces == 1
    assert set(map(int, gl.optax.counts(state).values())) == {UPDATES}
    (used,) = gl.optax.rates(state).values()
    assert used == rates[-1]
    assert used.dtype == jnp.float32


@EACH_FORM
@pytest.mark.parametrize("kind", [jnp.bfloat16, jnp.float16])
def test_in_half_precision_the_rate_is_rounded_with_the_update_only(make, kind):
    probe = Probe(make(PLATEAU.on(RATE)), kind)
    moves, _ = probe.run(LOSSES)
    rates, _ = expected(PLATEAU.on(RATE), LOSSES)
    assert (moves == rates.astype(kind).astype("f")).all()
    assert probe.traces == 1


@EACH_FORM
def test_under_scan_and_without_jit(make):
    optimizer = make(PLATEAU.on(RATE))
    rates, _ = expected(PLATEAU.on(RATE), LOSSES)

    def body(state, value):
        change, state = optimizer.update(jnp.float32(1), state, jnp.float32(0), value=value)
        return state, -change

    start = optimizer.init(jnp.float32(0))
    assert (np.asarray(jax.lax.scan(body, start, LOSSES)[1]) == rates).all()
    state = start
    for k in range(20):
        state, move = body(state, float(LOSSES[k]))
        assert move == rates[k]


@EACH_FORM
def test_a_metric_an_epoch(make):
    metrics = [LOSSES[k] if k % 5 == 4 else None for k in range(UPDATES)]
    plateau = gl.Plateau(factor=0.5, patience=1)
    probe = Probe(make(plateau.on(RATE)))
    moves, _ = probe.run(metrics)
    rates, states = expected(plateau.on(RATE), metrics)
    assert states[-1].factor < 1
    assert (moves == rates).all()
    assert probe.traces == 2  # with a metric and without


@EACH_FORM
def test_pain_36_interrupted_at_every_update(make):
    probe = Probe(make(PLATEAU.on(RATE, after=5)))
    rates, _ = expected(PLATEAU.on(RATE, after=5), LOSSES)
    like = state = probe.optimizer.init(probe.weight)
    moves = []
    for k in range(UPDATES):
        loaded = flax.serialization.from_bytes(like, flax.serialization.to_bytes(state))
        rest, _ = probe.run(LOSSES[k:], loaded)
        assert (np.array([*moves, *rest], "f") == rates).all()
        move, state = probe.run(LOSSES[k : k + 1], state)
        moves.extend(move)


def test_pain_36_as_a_factor_after_an_optimizer_with_a_schedule():
    weights = jnp.arange(3.0)
    inner = gl.optax.inject(
        optax.adamw, learning_rate=RATE, weight_decay=gl.Linear(0.1, 0.0, steps=30)
    )
    optimizer = optax.chain(inner, gl.optax.plateau(PLATEAU))
    state, alone = optimizer.init(weights), inner.init(weights)
    _, states = expected(PLATEAU.on(RATE), LOSSES)
    for k in range(30):
        change, state = optimizer.update(weights + 1, state, weights, value=LOSSES[k])
        whole, alone = inner.update(weights + 1, alone, weights)
        np.testing.assert_allclose(change, whole * np.float32(states[k].factor), rtol=1e-6)
    found = {path.rpartition("/")[2]: float(rate) for path, rate in gl.optax.rates(state).items()}
    assert found["OnPlateauState.rate"] == states[29].factor < 1
    assert found["learning_rate"] == np.float32(RATE(29))


def test_counts_as_optax_does_where_they_agree():
    """The rules of optax on positive metrics: its own transformation, update by update."""
    theirs = optax.contrib.reduce_on_plateau(factor=0.5, patience=2, cooldown=1)
    ours = gl.optax.plateau(gl.Plateau("optax", factor=0.5, patience=2, cooldown=1))
    scales = []
    for optimizer in (ours, theirs):

        def body(state, value, optimizer=optimizer):
            change, state = optimizer.update(jnp.ones(()), state, value=value)
            return state, change

        scales.append(jax.lax.scan(body, optimizer.init(jnp.ones(())), LOSSES)[1])
    assert (scales[0] == scales[1]).all()
    assert scales[0][-1] < 1


def test_in_nnx_training_and_with_micro_batches():
    class Weight(nnx.Module):
        def __init__(self):
            self.w = nnx.Param(jnp.zeros(()))

    @nnx.jit
    def train(model, optimizer, value):
        model.w[...] = 0.0
        grads = nnx.grad(lambda model: model.w[...] * 1.0)(model)
        optimizer.update(model, grads, value=value)
        return -model.w[...]

    rates, _ = expected(PLATEAU.on(RATE), LOSSES)
    model = Weight()
    optimizer = nnx.Optimizer(model, as_transformation(PLATEAU.on(RATE)), wrt=nnx.Param)
    assert (np.array([train(model, optimizer, loss) for loss in LOSSES]) == rates).all()

    probe = Probe(optax.MultiSteps(as_transformation(PLATEAU.on(RATE)), 3))
    moves, _ = probe.run(np.repeat(LOSSES[:20], 3))
    assert (moves[2::3] == rates[:20]).all()
    assert not moves[0::3].any()


@EACH_FORM
def test_what_it_remembers_is_the_hosts_state(make):
    followed = PLATEAU.on(RATE, after=10)
    _, state = Probe(make(followed)).run(LOSSES)
    saved = json.loads(json.dumps(gl.optax.state_dict(followed, state), allow_nan=False))
    assert saved["step"] == UPDATES
    assert gl.OnPlateau.from_data(saved["schedule"]) == followed
    (memory,) = saved["plateau"].values()
    assert gl.PlateauState.from_data(memory) == expected(followed, LOSSES)[1][-1]


def test_as_deep_as_floats_go():
    """A factor that falls at every metric ends where float32 does, and never becomes NaN."""
    plateau = gl.Plateau(factor=0.1, patience=0)
    _, state = Probe(as_transformation(plateau.on(RATE))).run([1.0] * 500)
    assert gl.optax.rates(state)["1/OnPlateauState.rate"] == 0.0
    saved = gl.optax.state_dict(plateau.on(RATE), state, on_length="ignore")
    memory = saved["plateau"]["learning_rate"]
    host = plateau.init()
    for _ in range(500):
        host = plateau.update(host, 1.0)
    assert gl.PlateauState.from_data(memory) == host


def test_counts_beyond_int32_are_kept_below_it():
    plateau = gl.Plateau(patience=0, cooldown=2**40)
    _, state = Probe(as_transformation(plateau)).run([1.0, 1.0, 1.0])
    observed = state[1].observed
    assert (int(observed.falls), int(observed.cooldown)) == (1, 2**31 - 2)
    far = gl.Plateau(patience=2**40).on(RATE, after=2**40)
    _, state = Probe(as_transformation(far)).run([1.0, 1.0])
    assert int(state[1].observed.falls) == 0


def test_refusals():
    with pytest.raises(gl.ScheduleError, match=r"plateau: `settings` must be a gl\.Plateau"):
        gl.optax.plateau(RATE)
    optimizer = gl.optax.plateau(PLATEAU)
    state = optimizer.init(jnp.zeros(()))
    with pytest.raises(TypeError, match="value"):
        optimizer.update(jnp.ones(()), state)
    with pytest.raises(gl.ScheduleError, match="plateau: `value` must be a scalar"):
        optimizer.update(jnp.ones(()), state, value=jnp.ones(3))
    injected = as_hyperparameter(PLATEAU.on(RATE))
    with pytest.raises(TypeError, match="`learning_rate` is on a plateau, so `update` needs"):
        injected.update(jnp.ones(()), injected.init(jnp.zeros(())))


def test_a_greedy_rate_has_no_form_in_a_graph():
    rate = gl.Greedy().on(gl.Constant(0.1))
    for build in (
        lambda: gl.optax.plateau(rate),
        lambda: gl.optax.inject(optax.sgd, learning_rate=rate),
    ):
        with pytest.raises(gl.ScheduleError, match=r"must be on a gl\.Plateau, .* got gl\.Greedy"):
            build()
