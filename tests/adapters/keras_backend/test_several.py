"""Several optimizers: one callback for each, each with its own clock."""

import keras
import numpy as np
import pytest
from probe import BACKEND, WARM_UP, Probe, fit, network, prediction, rates

import glissando as gl
from glissando.adapters.keras import LearningRateLogger, LearningRateSchedule, LearningRateScheduler

FALL = gl.Linear(0.5, 0.1, steps=20)


def value(variable):
    return keras.ops.convert_to_numpy(variable.value).item()


class Pair(keras.Model):
    """A GAN as far as optimizers go: `d` is updated by every batch, `g` by every second one."""

    def __init__(self, d_rate=0.9, g_rate=0.9):
        super().__init__()
        self.d = self.add_weight(shape=(), initializer="zeros", name="d")
        self.g = self.add_weight(shape=(), initializer="zeros", name="g")
        self.d_optimizer = keras.optimizers.SGD(d_rate, name="first")
        self.g_optimizer = keras.optimizers.SGD(g_rate, name="second")
        self.d_optimizer.build([self.d])
        self.g_optimizer.build([self.g])
        self.built = True
        self.batches = 0

    def call(self, inputs):
        return inputs

    def train_step(self, data):
        one = keras.ops.ones(())
        self.d_optimizer.apply([one], [self.d])
        if self.batches % 2 == 1:
            self.g_optimizer.apply([one], [self.g])
        self.batches += 1
        return {"loss": one}


class Moves(keras.callbacks.Callback):
    """Record how far each weight moves down in each batch."""

    def __init__(self):
        super().__init__()
        self.d, self.g = [], []

    def on_train_batch_begin(self, batch, logs=None):
        self.model.d.assign(0.0)
        self.model.g.assign(0.0)

    def on_train_batch_end(self, batch, logs=None):
        self.d.append(-value(self.model.d))
        self.g.append(-value(self.model.g))


def play(model, *callbacks, epochs=3):
    moves = Moves()
    model.compile(run_eagerly=True)
    model.optimizer = None
    ones = np.ones((8, 1))
    history = model.fit(
        ones, ones, batch_size=1, epochs=epochs, verbose=0, callbacks=[*callbacks, moves]
    )
    return moves, history.history


jax_has_one = pytest.mark.skipif(
    BACKEND == "jax", reason="there `fit` takes into a step what model.optimizer lists, and no more"
)


@jax_has_one
@pytest.mark.parametrize("by", ["attribute", "name", "object"])
def test_pain_20_each_optimizer_has_its_own_clock(by):
    model = Pair()
    first, second = {
        "attribute": ("d_optimizer", "g_optimizer"),
        "name": ("first", "second"),
        "object": (model.d_optimizer, model.g_optimizer),
    }[by]
    moves, history = play(
        model,
        LearningRateScheduler(WARM_UP, unit="step", optimizer=first, on_conflict="raise"),
        LearningRateScheduler(FALL, unit="step", optimizer=second, on_conflict="raise"),
    )
    assert moves.d == rates(WARM_UP, range(24))
    assert moves.g[1::2] == rates(FALL, range(12))
    assert moves.g[::2] == [0] * 12
    names = ("first", "second") if by == "name" else ("d_optimizer", "g_optimizer")
    assert history[f"{names[0]}_learning_rate"] == rates(WARM_UP, [7, 15, 23])
    assert history[f"{names[1]}_learning_rate"] == rates(FALL, [3, 7, 11])


@jax_has_one
def test_one_in_graph_and_one_by_epochs():
    model = Pair(d_rate=LearningRateSchedule(FALL))
    moves, history = play(
        model,
        LearningRateScheduler(WARM_UP, optimizer="g_optimizer"),
        LearningRateLogger(optimizer="d_optimizer"),
    )
    assert moves.d == pytest.approx(rates(FALL, range(24)), rel=1e-6)
    assert moves.g[1::2] == rates(WARM_UP, np.repeat(range(3), 4).tolist())
    assert history["d_optimizer_learning_rate"] == pytest.approx(moves.d[7::8], rel=1e-6)


@jax_has_one
def test_a_second_fit_goes_on_for_each():
    model = Pair()
    both = [
        LearningRateScheduler(WARM_UP, unit="step", optimizer="d_optimizer"),
        LearningRateScheduler(FALL, unit="step", optimizer="g_optimizer"),
    ]
    moves = [play(model, *both, epochs=1)[0], play(model, *both, epochs=2)[0]]
    assert moves[0].d + moves[1].d == rates(WARM_UP, range(24))
    assert moves[0].g[1::2] + moves[1].g[1::2] == rates(FALL, range(12))


def two():
    """Return a model with two weights, each with an optimizer of its own."""
    inputs = keras.Input((1,))
    options = {"use_bias": False, "kernel_initializer": "zeros"}
    a = keras.layers.Dense(1, name="a", **options)(inputs)
    b = keras.layers.Dense(1, name="b", **options)(inputs)
    model = keras.Model(inputs, keras.layers.Add()([a, b]))
    a, b = keras.optimizers.SGD(0.9, name="of_a"), keras.optimizers.SGD(0.9, name="of_b")
    model.compile(
        keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(b, {"a/.*": a})), prediction
    )
    return model


class Both(Probe):
    def on_train_batch_begin(self, batch, logs=None):
        for weight in self.model.trainable_weights:
            weight.assign([[0.0]])

    def on_train_batch_end(self, batch, logs=None):
        self.moves.append([-value(weight) for weight in self.model.trainable_weights])


def run(model, *callbacks):
    moves, ones = Both(), np.ones((4, 1))
    model.fit(ones, ones, batch_size=1, epochs=3, verbose=0, callbacks=[*callbacks, moves])
    return [list(each) for each in zip(*moves.moves, strict=True)]


def test_pain_20_the_parts_of_a_multi_optimizer():
    a, b = run(
        two(),
        LearningRateScheduler(WARM_UP, unit="step", optimizer="of_a"),
        LearningRateScheduler(FALL, optimizer="of_b"),
    )
    assert a == rates(WARM_UP, range(12))
    assert b == rates(FALL, np.repeat(range(3), 4).tolist())


def test_a_multi_optimizer_has_no_rate_of_its_own():
    with pytest.raises(gl.ScheduleError, match=r"several optimizers, .*optimizer='of_"):
        run(two(), LearningRateScheduler(WARM_UP))


def test_two_callbacks_for_the_same_optimizer():
    both = [LearningRateScheduler(WARM_UP, optimizer=of) for of in ("of_a", "of_a")]
    with pytest.raises(gl.ScheduleError, match="two callbacks own"):
        run(two(), *both)


@pytest.mark.parametrize("wanted", ["of_c", "learning_rate", 3])
def test_no_such_optimizer(wanted):
    words = r"`optimizer` must be one of the model's optimizers \(of_a, of_b\) or its name, got"
    with pytest.raises(gl.ScheduleError, match=words):
        run(two(), LearningRateScheduler(WARM_UP, optimizer=wanted))


def test_the_only_one_by_its_name_or_itself():
    for name in ("optimizer", "mine"):
        model = network(keras.optimizers.SGD(0.5, name="mine"))
        moves, history = fit(model, LearningRateScheduler(WARM_UP, unit="step", optimizer=name))
        assert moves == rates(WARM_UP, range(24))
        assert f"{name}_learning_rate" in history
