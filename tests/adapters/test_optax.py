"""JAX: the rate that counts is the one an optimizer used, shown by how far a weight moves.

The probe is one weight at 0 under a gradient of 1 and plain SGD: it moves by exactly the rate.
"""

import io

import flax.serialization
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import glissando as gl

UPDATES = 60
RATE = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50)
EXACT = np.array([np.float32(RATE(k)) for k in range(UPDATES)])
"""What `inject` must use: the true rate, rounded once."""

IN_GRAPH = np.asarray(jax.jit(RATE)(jnp.arange(UPDATES)))
"""What an optimizer that calls the schedule itself must use: the same formula in float32."""

FORMS = {
    "direct": (lambda rate=RATE: optax.sgd(rate), IN_GRAPH),
    "inject": (lambda rate=RATE: gl.optax.inject(optax.sgd, learning_rate=rate), EXACT),
}
EACH_FORM = pytest.mark.parametrize(("make", "used"), FORMS.values(), ids=FORMS)


class Probe:
    """A compiled update of one weight that stands at 0; it counts how often it is traced."""

    def __init__(self, optimizer, kind=jnp.float32):
        self.optimizer, self.kind, self.traces = optimizer, kind, 0
        self.update = jax.jit(self._update)

    def init(self):
        return self.optimizer.init(jnp.zeros((), self.kind))

    def _update(self, gradient, state):
        self.traces += 1
        weight = jnp.zeros((), self.kind)
        change, state = self.optimizer.update(gradient.astype(self.kind), state, weight)
        return -optax.apply_updates(weight, change), state

    def run(self, updates=UPDATES, state=None, gradients=None):
        """Return how far the weight moved at each update, and the last state."""
        state = self.init() if state is None else state
        moves = []
        for k in range(updates):
            move, state = self.update(np.float32(1 if gradients is None else gradients[k]), state)
            moves.append(np.asarray(move))
        return np.array(moves), state


def only(values):
    """Return the one value of a report."""
    (value,) = values.values()
    return value


def test_in_graph_the_rate_is_within_4_float32_ulp_of_full_scale():
    assert np.abs(IN_GRAPH - EXACT).max() <= 4 * np.spacing(np.float32(0.1))


@EACH_FORM
def test_update_k_uses_the_rate_of_k(make, used):
    moves, state = Probe(make()).run()
    assert (moves == used).all()
    assert set(map(int, gl.optax.counts(state).values())) == {UPDATES}


@EACH_FORM
def test_under_scan_and_what_was_used_is_logged(make, used):
    optimizer = make()

    def body(state, _):
        change, state = optimizer.update(jnp.float32(1), state, jnp.float32(0))
        return state, (-change, only(gl.optax.rates(state, RATE)))

    _, (moves, logged) = jax.lax.scan(body, optimizer.init(jnp.float32(0)), length=UPDATES)
    assert (np.asarray(moves) == used).all()
    assert (np.asarray(logged) == used).all()


def test_without_jit_inject_is_as_exact():
    optimizer = gl.optax.inject(optax.sgd, learning_rate=RATE)
    state = optimizer.init(jnp.float32(0))
    for k in range(UPDATES):
        change, state = optimizer.update(jnp.float32(1), state)
        assert -change == EXACT[k]


@EACH_FORM
def test_in_nnx_training(make, used):
    class Weight(nnx.Module):
        def __init__(self):
            self.w = nnx.Param(jnp.zeros(()))

    @nnx.jit
    def train(model, optimizer):
        model.w[...] = 0.0
        optimizer.update(model, nnx.grad(lambda model: model.w[...] * 1.0)(model))
        return -model.w[...]

    model = Weight()
    optimizer = nnx.Optimizer(model, make(), wrt=nnx.Param)
    assert (np.array([train(model, optimizer) for _ in range(UPDATES)]) == used).all()
    assert int(only(gl.optax.counts(optimizer.opt_state))) == UPDATES
    assert only(gl.optax.rates(optimizer.opt_state, RATE)) == used[-1]


@EACH_FORM
def test_sharded_over_devices_named_by_a_mesh(make, used):
    mesh = jax.make_mesh((1,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))
    everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    probe = Probe(make())
    moves, _ = probe.run(state=jax.device_put(probe.init(), everywhere))
    assert (moves == used).all()


@pytest.mark.parametrize("kind", [jnp.float32, jnp.bfloat16, jnp.float16])
@EACH_FORM
def test_one_trace_in_1000_updates(make, used, kind):
    probe = Probe(make(), kind)
    probe.run(1000)
    assert probe.traces == 1


def test_a_schedule_is_an_optax_schedule():
    by_schedule, _ = Probe(optax.chain(optax.scale_by_schedule(RATE), optax.scale(-1.0))).run()
    assert (by_schedule == IN_GRAPH).all()
    steps = jnp.arange(UPDATES)
    joined = optax.join_schedules(
        [gl.Linear(0.0, 0.1, steps=10), gl.Cosine(0.1, 0.001, steps=50)], [10]
    )
    np.testing.assert_allclose(
        jax.vmap(joined)(steps), IN_GRAPH, atol=4 * np.spacing(0.1, dtype="f")
    )
    weight, gradient = jnp.float32(1.0), jnp.float32(0.5)
    for maker in (optax.adam, optax.adamw, optax.lion, optax.adafactor):
        ours, theirs = maker(RATE), maker(lambda step: jnp.asarray(IN_GRAPH)[step])
        a, b = ours.init(weight), theirs.init(weight)
        for _ in range(20):
            x, a = ours.update(gradient, a, weight)
            y, b = theirs.update(gradient, b, weight)
            assert x == pytest.approx(float(y), rel=1e-6)  # eager: no operations are fused


def test_inject_equals_optax_with_constants_of_the_moment():
    """Every scheduled hyperparameter has at update k its own value at k."""
    decay, b1 = gl.Linear(0.1, 0.0, steps=30), gl.Linear(0.9, 0.95, steps=40)
    optimizer = gl.optax.inject(optax.adamw, learning_rate=RATE, weight_decay=decay, b1=b1, b2=0.95)
    weights, gradients = jnp.arange(3.0), jnp.array([1.0, -2.0, 0.5])
    state = optimizer.init(weights)
    inner = state.inner_state
    for k in range(UPDATES):
        now = {"learning_rate": RATE(k), "weight_decay": decay(k), "b1": b1(k)}
        constant = optax.adamw(**{n: jnp.float32(v) for n, v in now.items()}, b2=0.95)
        expected, inner = constant.update(gradients, inner, weights)
        change, state = optimizer.update(gradients, state, weights)
        np.testing.assert_allclose(change, expected, rtol=1e-5, atol=1e-9)
        assert {n: float(v) for n, v in state.hyperparams.items()} == {
            n: float(np.float32(v)) for n, v in now.items()
        }
        assert optax.tree.get(state, "learning_rate") == np.float32(RATE(k))


WRAPPERS = {
    "chain": lambda tx: optax.chain(optax.clip_by_global_norm(9.0), tx),
    "named_chain": lambda tx: optax.named_chain(("inner", tx)),
    "masked": lambda tx: optax.masked(tx, True),
    "multi_transform": lambda tx: optax.multi_transform({"all": tx}, "all"),
    "optax.inject_hyperparams": lambda tx: optax.inject_hyperparams(
        lambda factor: optax.chain(tx, optax.scale(factor))
    )(factor=1.0),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
@EACH_FORM
def test_wrapped(make, used, wrap):
    moves, state = Probe(wrap(make())).run()
    assert (moves == used).all()
    assert set(map(int, gl.optax.counts(state).values())) == {UPDATES}
    assert used[-1] in list(gl.optax.rates(state, RATE).values())


@pytest.mark.parametrize("kind", [jnp.float32, jnp.bfloat16])
@EACH_FORM
def test_micro_batches_are_no_updates(make, used, kind):
    probe = Probe(optax.MultiSteps(make(), 3), kind)
    moves, state = probe.run(3 * 20)
    assert (moves[2::3] == used[:20].astype(kind)).all()
    assert not moves[0::3].any()
    assert not moves[1::3].any()
    assert set(map(int, gl.optax.counts(state).values())) == {20}
    assert probe.traces == 1


@pytest.mark.parametrize("kind", [jnp.float32, jnp.bfloat16])
@EACH_FORM
def test_skipped_updates_do_not_count(make, used, kind):
    gradients = np.where(np.arange(UPDATES) % 4 == 1, np.nan, 1.0)
    moves, state = Probe(optax.apply_if_finite(make(), 3), kind).run(gradients=gradients)
    done = moves[np.isfinite(gradients)]
    assert (done == used[: len(done)].astype(kind)).all()
    assert int(only(gl.optax.counts(state))) == len(done)


def saved(form, state):
    """Return the state as text or bytes, and what brings it back."""
    if form == "msgpack":
        data = flax.serialization.to_bytes(state)
        return lambda like: flax.serialization.from_bytes(like, data)
    file = io.BytesIO()
    np.savez(file, *jax.tree.leaves(state))
    data = file.getvalue()

    def back(like):
        with np.load(io.BytesIO(data)) as leaves:
            return jax.tree.unflatten(jax.tree.structure(like), list(leaves.values()))

    return back


@pytest.mark.parametrize("form", ["msgpack", "savez"])
@EACH_FORM
def test_interrupted_at_every_update(make, used, form):
    probe = Probe(make())
    state, moves = probe.init(), []
    for k in range(UPDATES):
        rest, _ = probe.run(UPDATES - k, saved(form, state)(probe.init()))
        assert (np.array([*moves, *rest]) == used).all()
        move, state = probe.run(1, state)
        moves.extend(move)


@EACH_FORM
def test_pain_12_a_new_optimizer_goes_on_by_offset(make, used):
    for k in [0, 1, 9, 10, 11, 37, UPDATES - 1]:
        moves, _ = Probe(make(gl.optax.offset(RATE, k))).run(UPDATES - k)
        assert (moves == used[k:]).all()
    past, _ = Probe(make(gl.optax.offset(RATE, 1000))).run(3)
    assert (past == np.float32(RATE(60))).all()


@EACH_FORM
def test_pain_12_a_loaded_count_begins_a_schedule_anew_by_offset(make, used):
    _, state = Probe(make(gl.Constant(0.5))).run(25)
    (count,) = {int(count) for count in gl.optax.counts(state).values()}
    moves, _ = Probe(make(gl.optax.offset(RATE, -count))).run(UPDATES, state)
    assert (moves == used).all()


def test_pain_12_every_count_in_a_state_is_reported():
    optimizer = optax.multi_transform(
        {
            "a": optax.adam(RATE),
            "b": optax.MultiSteps(
                optax.inject_hyperparams(optax.sgd)(RATE), 2
            ).gradient_transformation(),
        },
        {"x": "a", "count": "b"},
    )
    weights = {"x": jnp.float32(0), "count": jnp.float32(0)}
    state = optimizer.init(weights)
    for _ in range(4):
        _, state = optimizer.update(weights, state, weights)
    group = "PartitionState.inner_states/{}/MaskedState.inner_state/"
    inner = group.format("b") + "MultiStepsState.inner_opt_state/InjectStatefulHyperparamsState."
    assert {path: int(count) for path, count in gl.optax.counts(state).items()} == {
        group.format("a") + "0/ScaleByAdamState.count": 4,
        group.format("a") + "1/ScaleByScheduleState.count": 4,
        group.format("b") + "MultiStepsState.gradient_step": 2,
        inner + "count": 2,
        inner + "hyperparams_states/learning_rate/WrappedScheduleState.count": 2,
    }
    rates = gl.optax.rates(state, RATE)
    assert rates == {
        group.format("a") + "1/ScaleByScheduleState.count": IN_GRAPH[3],
        inner + "hyperparams/learning_rate": IN_GRAPH[1],
    }
    # the count of metrics that a plateau has averaged is none of updates
    plateau = optax.contrib.reduce_on_plateau(patience=2)
    assert gl.optax.counts(plateau.init(weights)) == {}


def test_pain_26_decay_steps_has_two_meanings_and_durations_have_one():
    import keras

    # optax: 100 in all, the warm-up's 10 among them; Keras: 90 after the warm-up's 10
    rate = gl.Linear(0.0, 1.0, steps=10) >> gl.Cosine(1.0, 0.1, steps=90)
    of_optax = optax.warmup_cosine_decay_schedule(0.0, 1.0, 10, decay_steps=100, end_value=0.1)
    of_keras = keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=90, alpha=0.1, warmup_target=1.0, warmup_steps=10
    )
    for k in range(111):
        assert float(of_optax(k)) == pytest.approx(rate(k), abs=5e-7)
        assert float(of_keras(k)) == pytest.approx(rate(k), abs=5e-7)
    assert rate.steps == 100


def test_pain_28_every_part_counts_from_its_own_zero():
    parts = [
        gl.Linear(0.0, 1.0, steps=7),
        gl.Linear(1.0, 0.5, steps=9),
        gl.Cosine(0.5, 0.0, steps=4),
    ]
    rate = parts[0] >> parts[1] >> parts[2]
    joined = optax.join_schedules(parts, [7, 16])
    for k in range(25):
        i, start = (0, 0) if k < 7 else (1, 7) if k < 16 else (2, 16)
        assert rate(k) == parts[i](k - start)
        assert jax.jit(rate)(k) == pytest.approx(float(joined(jnp.int32(k))), abs=5e-7)
        after_resume = gl.optax.offset(rate, k)  # no boundary has to be moved
        assert [after_resume(j) for j in range(25)] == [rate(k + j) for j in range(25)]


@pytest.mark.parametrize("kind", [jnp.bfloat16, jnp.float16])
def test_pain_41_the_rate_is_not_rounded_to_the_parameters_type(kind):
    slow = gl.Linear(1e-3, 9e-4, steps=1000)
    exact = np.array([np.float32(slow(k)) for k in range(1000)])

    def used(optimizer):
        state = optimizer.init(jnp.zeros((), kind))

        def body(state, _):
            _, state = optimizer.update(jnp.ones((), kind), state, jnp.zeros((), kind))
            return state, state.hyperparams["learning_rate"]

        return np.asarray(jax.lax.scan(body, state, length=1000)[1])

    ours = used(gl.optax.inject(optax.sgd, learning_rate=slow))
    assert ours.dtype == np.float32
    assert (ours == exact).all()


def test_pain_41_constants_stay_what_they_are():
    """b2=0.999 in bfloat16 is 1, and Adam would divide by nothing."""
    weight = jnp.zeros((), jnp.bfloat16)
    ours = gl.optax.inject(optax.adam, learning_rate=RATE)
    _, state = ours.update(weight + 1, ours.init(weight), weight)
    assert float(optax.tree.get(state, "nu")) == pytest.approx(1e-3, rel=2**-8)


def test_pain_41_the_update_takes_the_rate_in_float32():
    """1.5 times the rate, rounded once, and not 1.5 times the rounded rate."""
    rate = gl.Linear(1e-3, 9e-4, steps=1000)
    moves, _ = Probe(gl.optax.inject(optax.sgd, learning_rate=rate), jnp.bfloat16).run(
        1000, gradients=np.full(1000, 1.5)
    )
    exact = np.array([np.float32(rate(k)) for k in range(1000)])
    once = (np.float32(1.5) * exact).astype(jnp.bfloat16)
    twice = np.float32(1.5) * exact.astype(jnp.bfloat16).astype("f")
    assert (moves == once).all()
    assert (once != twice.astype(jnp.bfloat16)).any()


@pytest.mark.parametrize(
    ("weight", "gradient"),
    [("bfloat16", "bfloat16"), ("float32", "bfloat16"), ("float32", "float32")],
)
@pytest.mark.parametrize("factory", [optax.sgd, optax.adamw])
def test_the_types_are_those_the_optimizer_has_with_constants(factory, weight, gradient):
    w, g = jnp.ones(2, weight), jnp.ones(2, gradient)
    others = {} if factory is optax.sgd else {"b1": gl.Linear(0.9, 0.95, steps=9)}
    ours = gl.optax.inject(factory, learning_rate=RATE, **others)
    plain = factory(0.1)
    change, state = ours.update(g, ours.init(w), w)
    expected, inner = plain.update(g, plain.init(w), w)
    assert change.dtype == expected.dtype
    assert jax.tree.map(lambda x: x.dtype, state.inner_state) == jax.tree.map(
        lambda x: x.dtype, inner
    )


def test_float64_where_jax_is_told_so():
    with jax.enable_x64(True):
        optimizer = gl.optax.inject(optax.sgd, learning_rate=RATE)
        weight = jnp.zeros((), "float64")
        state = optimizer.init(weight)
        for k in range(UPDATES):
            change, state = optimizer.update(weight + 1, state, weight)
            assert float(-change) == pytest.approx(RATE(k), rel=1e-14)


def test_extra_arguments_reach_the_optimizer():
    optimizer = gl.optax.inject(optax.polyak_sgd, max_learning_rate=gl.Constant(0.5))
    change, _ = optimizer.update(jnp.float32(1), optimizer.init(0.0), jnp.float32(0), value=9.0)
    assert change == -0.5


def test_refusals():
    with pytest.raises(gl.ScheduleError, match="inject: `factory` must be what makes the opt"):
        gl.optax.inject(optax.adamw(0.1), learning_rate=RATE)
    with pytest.raises(gl.ScheduleError, match="inject: at least one hyperparameter must be a gl"):
        gl.optax.inject(optax.adamw, learning_rate=0.1)
    with pytest.raises(TypeError, match="'lr'"):
        gl.optax.inject(optax.adamw, lr=RATE)
    for steps in (1.5, "3", None, True):
        with pytest.raises(gl.ScheduleError, match="offset: `steps` must be a whole number, got"):
            gl.optax.offset(RATE, steps)
    with pytest.raises(gl.ScheduleError, match="offset: `schedule` must be a schedule, got 1"):
        gl.optax.offset(1, 3)


def test_offset_is_a_value():
    for steps in (-3, 0, 3, 300, jnp.int32(3)):
        rate = gl.optax.offset(RATE, steps)
        assert gl.loads(gl.dumps(rate)) == rate
    assert gl.optax.offset(RATE, 0) == RATE
