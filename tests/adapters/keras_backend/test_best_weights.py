"""When a plateau lowers the rate, the model goes back to the weights of its best epoch."""

import json
import math

import keras
import numpy as np
import pytest
from probe import BACKEND, COMPILED, network, prediction

import glissando as gl
from glissando.adapters.keras import LearningRateScheduler

pytestmark = pytest.mark.filterwarnings("error:LearningRate")

ON = gl.Plateau("keras", factor=0.5, patience=2).on(gl.Constant(0.01))
METRICS = [3.0, 1.0, 2.0, 2.0, 0.5, math.nan, 2.0, 2.0, 2.0]
"""It is best after epochs 1 and 4, and the rate falls after epochs 3, 6 and 8."""

GONE_BACK = {3: 1, 6: 4, 8: 4}


class Metric(keras.callbacks.Callback):
    def __init__(self, metrics=METRICS):
        super().__init__()
        self.metrics = metrics

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = self.metrics[epoch]


class Weights(keras.callbacks.Callback):
    """Take down all weights when an epoch begins and when its last batch is over."""

    def __init__(self, stop=None):
        super().__init__()
        self.first, self.last, self.stop = {}, {}, stop

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.stop:
            raise KeyboardInterrupt
        self.first[epoch] = self.model.get_weights()

    def on_train_batch_end(self, batch, logs=None):
        self.last[len(self.first) - 1 + min(self.first)] = self.model.get_weights()


def normalized(**options):
    """Return a model that has weights which are not trained by gradients."""
    keras.utils.set_random_seed(0)
    layers = [keras.Input((2,)), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.SGD(0.5, momentum=0.5), "mse", **options)
    return model


def train(model, *callbacks, epochs=9, **options):
    rows = np.linspace(-1, 1, 16).reshape(8, 2)
    data = {"x": rows, "y": rows[:, :1], "batch_size": 2}
    if BACKEND == "tensorflow":  # which takes ten times as long to begin an epoch of arrays
        from tensorflow.data import Dataset

        data = {"x": Dataset.from_tensor_slices((rows, rows[:, :1])).batch(2)}
    model.fit(**data, epochs=epochs, shuffle=False, verbose=0, callbacks=list(callbacks), **options)


def same(some, others):
    return all(np.array_equal(a, b) for a, b in zip(some, others, strict=True))


def expect(first, last, epochs=9):
    for epoch in range(1, epochs):
        best = GONE_BACK.get(epoch - 1)
        assert same(first[epoch], last[epoch - 1 if best is None else best]), epoch
        assert best is None or not same(first[epoch], last[epoch - 1])


@pytest.mark.parametrize("unit", ["epoch", "step"])
@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, *COMPILED])
def test_the_weights_of_the_best_epoch_come_back_exactly(unit, options):
    follow = LearningRateScheduler(ON, unit=unit, restore_best=True)
    weights, model = Weights(), normalized(**options)
    train(model, Metric(), follow, weights)
    expect(weights.first, weights.last)
    assert same(model.get_weights(), weights.last[4])  # it fell after the last epoch, too
    velocity = [keras.ops.convert_to_numpy(v.value) for v in model.optimizer.variables[2:]]
    assert any(np.any(v) for v in velocity)  # the optimizer's own stay


def test_without_it_the_weights_stay():
    weights = Weights()
    train(normalized(), Metric(), LearningRateScheduler(ON), weights)
    assert all(same(weights.first[e], weights.last[e - 1]) for e in range(1, 9))


@pytest.mark.parametrize("stop", [1, 3, 6])
def test_the_best_weights_survive_a_crash(stop, tmp_path):
    def run(stop=None):
        weights = Weights(stop)
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        follow = LearningRateScheduler(ON, restore_best=True)
        train(normalized(), Metric(), follow, backup, weights)
        return weights

    with pytest.raises(KeyboardInterrupt):
        run(stop)
    again = run()
    whole = Weights()
    train(normalized(), Metric(), LearningRateScheduler(ON, restore_best=True), whole)
    assert min(again.first) == stop
    for epoch in range(stop, 9):
        assert same(again.last[epoch], whole.last[epoch]), epoch


def test_another_fit_goes_on_with_the_best_weights():
    for again in (True, False):
        model, follow, weights = normalized(), LearningRateScheduler(ON, restore_best=True), []
        for first, last in [(0, 3), (3, 9)]:
            weights.append(Weights())
            follow = follow if again else LearningRateScheduler(ON, restore_best=True)
            train(model, Metric(), follow, weights[-1], initial_epoch=first, epochs=last)
        one, two = weights
        expect({**one.first, **two.first}, {**one.last, **two.last})


def test_a_state_loaded_by_hand_lacks_the_weights_and_says_so():
    follow = LearningRateScheduler(ON, restore_best=True)
    train(normalized(), Metric(), follow, epochs=3)
    state = json.loads(json.dumps(follow.state_dict()))
    again, weights = LearningRateScheduler(ON, restore_best=True), Weights()
    again.load_state_dict(state)
    with pytest.warns(UserWarning, match="a best metric of 1, but the weights .*BackupAndRestore"):
        train(normalized(), Metric(), again, weights, initial_epoch=3, epochs=5)
    assert same(weights.first[4], weights.last[3])


def test_several_plateaus_keep_weights_of_their_own(tmp_path):
    rate = gl.Plateau("keras", factor=0.5, patience=2, mode="min").on(gl.Constant(0.01))
    decay = gl.Plateau("keras", factor=0.5, patience=1, mode="max").on(gl.Constant(0.01))
    both = {"learning_rate": rate, "weight_decay": decay}
    model = network(keras.optimizers.SGD(0.5, weight_decay=0.5))
    weights = Weights()
    ones = np.ones((2, 1))
    model.fit(
        ones, ones, epochs=4, verbose=0,
        callbacks=[Metric(), LearningRateScheduler(both, restore_best=True), weights],
    )  # fmt: skip
    # the highest metric was that of epoch 0, and the second one was lower already
    assert same(weights.first[2], weights.last[0])
    assert same(weights.first[3], weights.last[0])


def test_one_of_several_optimizers():
    inputs = keras.Input((1,))
    parts = [keras.layers.Dense(1, use_bias=False, name=name)(inputs) for name in "ab"]
    model = keras.Model(inputs, keras.layers.Add()(parts))
    a, b = keras.optimizers.SGD(0.5, name="of_a"), keras.optimizers.SGD(0.5, name="of_b")
    optimizers = keras.optimizers.OptimizerMap(b, {"a/.*": a})
    model.compile(keras.optimizers.MultiOptimizer(optimizers), prediction)
    weights, ones = Weights(), np.ones((2, 1))
    follow = LearningRateScheduler(ON, optimizer="of_a", restore_best=True)
    model.fit(ones, ones, epochs=9, verbose=0, callbacks=[Metric(), follow, weights])
    expect(weights.first, weights.last)


def test_weights_in_half_precision_are_saved_and_come_back(tmp_path):
    def model():
        made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, dtype="bfloat16")])
        made.compile(keras.optimizers.SGD(0.5), "mse")
        return made

    def run(weights):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        follow = LearningRateScheduler(ON, restore_best=True)
        train(model(), Metric(), follow, backup, weights, epochs=5)

    before, after = Weights(stop=3), Weights()
    with pytest.raises(KeyboardInterrupt):
        run(before)
    run(after)
    assert str(after.first[4][0].dtype) == "bfloat16"
    assert same(after.first[4], before.last[1])


def test_it_needs_a_plateau():
    with pytest.raises(gl.ScheduleError, match=r"`restore_best` goes by a plateau.*\.on\(schedule"):
        LearningRateScheduler(gl.Constant(0.1), restore_best=True)
    with pytest.raises(gl.ScheduleError, match="`restore_best` must be True or False, got 'loss'"):
        LearningRateScheduler(ON, restore_best="loss")


def test_it_is_printed(capsys):
    follow = LearningRateScheduler(ON, restore_best=True, verbose=1)
    train(normalized(), Metric(), follow, epochs=4)
    assert "Epoch 4: the weights of the best epoch are back" in capsys.readouterr().out


@pytest.mark.skipif(BACKEND == "torch", reason="Keras runs one update an execution there")
def test_inside_executions_of_several_updates():
    weights = Weights()
    follow = LearningRateScheduler(ON, restore_best=True)
    train(normalized(steps_per_execution=2), Metric(), follow, weights)
    expect(weights.first, weights.last)
