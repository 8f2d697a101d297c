"""The examples of Keras's documentation, followed by the adapter: nothing is told of any."""

import warnings

import keras
import numpy as np
import pytest
from keras import ops

import glissando as gl
from glissando.adapters.keras import LearningRateLogger, LearningRateSchedule, LearningRateScheduler

peer = gl.dialects.keras

SCHEDULES = {
    "ExponentialDecay": peer.ExponentialDecay(0.1, 100_000, 0.96, staircase=True),
    "PiecewiseConstantDecay": peer.PiecewiseConstantDecay([100_000, 110_000], [1.0, 0.5, 0.1]),
    "PolynomialDecay": peer.PolynomialDecay(0.1, 10_000, 0.01, power=0.5),
    "InverseTimeDecay": peer.InverseTimeDecay(0.1, 1, 0.5),
    "CosineDecay": peer.CosineDecay(0.1, 1000),
    "CosineDecay with warm-up": peer.CosineDecay(0.0, 1000, warmup_target=0.1, warmup_steps=1000),
    "CosineDecayRestarts": peer.CosineDecayRestarts(0.1, 1000),
}
"""As the docstrings of `keras.optimizers.schedules` have them."""


@pytest.fixture(autouse=True)
def nothing_is_told():
    """Let no warning of the package pass."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert not [w for w in caught if str(w.message).startswith(("LearningRate", "resume"))]


def data(rows=80):
    return np.linspace(0, 1, 4 * rows).reshape(rows, 4), np.arange(rows) % 2


def classifier(optimizer):
    layers = [keras.Input((4,)), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential(layers)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("name", SCHEDULES)
def test_each_schedule_in_the_optimizer_and_in_the_callback(name):
    schedule = SCHEDULES[name]
    model = classifier(keras.optimizers.SGD(learning_rate=LearningRateSchedule(schedule)))
    model.fit(*data(), epochs=5, verbose=0, callbacks=[LearningRateLogger()])
    model = classifier(keras.optimizers.SGD())
    callback = LearningRateScheduler(schedule, unit="step")
    model.fit(*data(), epochs=5, verbose=0, callbacks=[callback])


def test_the_learning_rate_scheduler():
    def scheduler(epoch, lr):
        if epoch < 10:
            return lr
        return lr * ops.exp(-0.1)

    model = keras.models.Sequential([keras.layers.Dense(10)])
    model.compile(keras.optimizers.SGD(), loss="mse")
    callback = LearningRateScheduler(scheduler)
    inputs, targets = np.arange(100).reshape(5, 20), np.zeros((5, 10))
    model.fit(inputs, targets, epochs=15, callbacks=[callback], verbose=0)
    assert round(float(model.optimizer.learning_rate), 5) == 0.00607


def test_reduce_lr_on_plateau_and_early_stopping():
    rate = gl.Plateau("keras", factor=0.2, patience=5, floor=0.1).on(gl.Constant(0.01))
    for more in ([], [keras.callbacks.EarlyStopping(patience=10)]):
        callbacks = [LearningRateScheduler(rate, monitor="val_loss"), *more]
        model = classifier(keras.optimizers.SGD())
        model.fit(*data(), validation_split=0.5, epochs=8, verbose=0, callbacks=callbacks)


def test_early_stopping_ends_a_schedule_before_its_end():
    callback = keras.callbacks.EarlyStopping(monitor="loss", patience=3)
    model = keras.models.Sequential([keras.layers.Dense(10)])
    model.compile(keras.optimizers.SGD(), loss="mse")
    inputs = np.arange(100).reshape(5, 20)
    follow = LearningRateScheduler(gl.Cosine(1.0, 0.0, steps=10))
    history = model.fit(
        inputs, np.zeros(5), epochs=10, batch_size=1, callbacks=[callback, follow], verbose=0
    )
    assert len(history.history["loss"]) < 10


def test_backup_and_restore(tmp_path):
    class InterruptingCallback(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 4:
                raise RuntimeError("Interrupting!")

    model = keras.models.Sequential([keras.layers.Dense(10)])
    model.compile(keras.optimizers.SGD(), loss="mse")
    model.build(input_shape=(None, 20))
    callback = keras.callbacks.BackupAndRestore(backup_dir=tmp_path / "backup")
    follow = LearningRateScheduler(gl.Linear(1e-4, 0.0, steps=50), unit="step")
    options = {"epochs": 10, "batch_size": 1, "verbose": 0}
    inputs, targets = np.arange(100).reshape(5, 20), np.zeros(5)
    with pytest.raises(RuntimeError):
        model.fit(inputs, targets, callbacks=[callback, InterruptingCallback(), follow], **options)
    history = model.fit(inputs, targets, callbacks=[callback, follow], **options)
    assert len(history.history["loss"]) == 6


def test_transfer_learning_in_two_phases():
    base = keras.layers.Dense(4, trainable=False)
    model = keras.Sequential([keras.Input((4,)), base, keras.layers.Dense(1)])
    inputs, targets = data()
    for trainable, peak, epochs in [(False, 1e-3, 4), (True, 1e-5, 2)]:
        base.trainable = trainable
        model.compile(keras.optimizers.Adam(peak), "mse")  # "so that your changes are taken"
        for unit, steps in [("epoch", epochs), ("step", 3 * epochs)]:
            model.compile(keras.optimizers.Adam(peak), "mse")
            follow = LearningRateScheduler(gl.Cosine(peak, 0.0, steps=steps), unit=unit)
            model.fit(inputs, targets, epochs=epochs, verbose=0, callbacks=[follow])


def test_one_epoch_at_a_time_with_samples_in_between():
    model = classifier(keras.optimizers.RMSprop(learning_rate=0.01))
    follow = LearningRateScheduler(gl.Linear(0.0, 0.01, 2) >> gl.Cosine(0.01, 0.0, steps=6))
    for _ in range(8):
        model.fit(*data(), batch_size=16, epochs=1, verbose=0, callbacks=[follow])
        model.predict(data()[0][:1], verbose=0)


def test_writing_a_training_loop_from_scratch():
    optimizer = keras.optimizers.SGD(learning_rate=LearningRateSchedule(gl.Cosine(0.1, 0.0, 10)))
    model = classifier(optimizer)
    inputs, targets = data()
    for _ in range(2):
        for step in range(5):
            batch = slice(16 * step, 16 * step + 16)
            model.train_on_batch(inputs[batch], targets[batch])
    assert float(optimizer.learning_rate) == 0.0
