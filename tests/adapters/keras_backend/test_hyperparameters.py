"""Weight decay, momentum and the other floats of an optimizer, seen in how the weight moves."""

import json

import keras
import numpy as np
import pytest
from probe import BACKEND, WARM_UP, Probe, fit, network, rates, weight

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler

FALL = gl.Linear(0.5, 0.0, steps=32)  # multiples of 1/64, which float32 holds exactly
MODES = [{}, {"run_eagerly": True}] + ([] if BACKEND == "torch" else [{"jit_compile": True}])
modes = pytest.mark.parametrize("options", MODES)


class FromOne(Probe):
    """Set the weight to 1 before each batch, so that weight decay moves it."""

    def on_train_batch_begin(self, batch, logs=None):
        self.model.trainable_weights[0].assign([[1.0]])

    def on_train_batch_end(self, batch, logs=None):
        self.moves.append(1.0 - weight(self.model))


def decays(model, *callbacks, epochs=3, **options):
    """Train on inputs of 0, so that only the decay moves the weight; return its moves."""
    probe, zeros = FromOne(), np.zeros((4, 1))
    history = model.fit(
        zeros, zeros, batch_size=1, epochs=epochs, callbacks=[*callbacks, probe],
        **{"verbose": 0, **options},
    )  # fmt: skip
    return probe.moves, history.history


@modes
@pytest.mark.parametrize("unit", ["epoch", "step"])
def test_pain_35_weight_decay_moves_the_weight(unit, options):
    model = network(keras.optimizers.SGD(1.0, weight_decay=0.25), **options)
    callback = LearningRateScheduler({"weight_decay": FALL}, unit=unit)
    moves, history = decays(model, callback)
    steps = range(12) if unit == "step" else np.repeat(range(3), 4).tolist()
    assert moves == [FALL(step) for step in steps]
    assert history["weight_decay"] == moves[3::4]
    assert "learning_rate" not in history


@modes
def test_pain_35_momentum_and_rate_move_the_weight(options):
    rate, momentum = gl.Linear(0.5, 0.25, steps=16), gl.Linear(0.875, 0.5, steps=12)
    model = network(keras.optimizers.SGD(0.1, momentum=0.9), **options)
    callback = LearningRateScheduler({"learning_rate": rate, "momentum": momentum}, unit="step")
    moves, history = fit(model, callback, epochs=3)
    velocity, expected = np.float32(0), []
    for step in range(12):
        velocity = np.float32(velocity * np.float32(momentum(step)) + np.float32(rate(step)))
        expected.append(float(velocity))
    assert moves == pytest.approx(expected, rel=1e-6)
    assert history["momentum"] == [momentum(3), momentum(7), momentum(11)]
    assert history["learning_rate"] == rates(rate, [3, 7, 11])


OTHERS = [
    (keras.optimizers.Adam, {"beta_1": gl.Linear(0.5, 0.9, steps=9)}),
    (keras.optimizers.AdamW, {"weight_decay": FALL, "epsilon": gl.Linear(1e-3, 0.5, steps=9)}),
    (keras.optimizers.RMSprop, {"rho": gl.Linear(0.2, 0.9, steps=9)}),
    (keras.optimizers.Ftrl, {"l2_regularization_strength": gl.Linear(0.1, 0.9, steps=9)}),
    (keras.optimizers.SGD, {"clipnorm": gl.Linear(0.9, 0.1, steps=9)}),
    (keras.optimizers.SGD, {"ema_momentum": gl.Linear(0.9, 0.1, steps=9)}),
]
BUILT = {"clipnorm": 0.9, "l2_regularization_strength": 0.1}


@pytest.mark.parametrize(("kind", "schedules"), OTHERS)
def test_other_floats_move_the_weight_as_they_do_where_python_reads_them(kind, schedules):
    class ByHand(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            optimizer = self.model.optimizer
            for name, schedule in schedules.items():
                setattr(optimizer, name, schedule(int(optimizer.iterations)))

    def train(callback, **options):
        named = {name: BUILT[name] for name in schedules if name in BUILT}
        ema = {"use_ema": True, "ema_overwrite_frequency": 2} if "ema_momentum" in schedules else {}
        model = network(kind(0.5, **named, **ema), **options)
        model.trainable_weights[0].assign([[1.0]])
        inputs = np.array([1.0, -2.0, 0.5, 1.5]).reshape(-1, 1)
        callbacks = [callback] if callback else []
        model.fit(
            inputs, inputs, batch_size=1, epochs=2, verbose=0, shuffle=False, callbacks=callbacks
        )
        return weight(model)

    moved = train(LearningRateScheduler(schedules, unit="step"))
    assert moved == pytest.approx(train(ByHand(), run_eagerly=True), rel=1e-5)
    assert moved != pytest.approx(train(None), rel=1e-4)


def test_the_optimizer_is_what_it_was_but_for_the_last_values(tmp_path):
    optimizer = keras.optimizers.SGD(1.0, weight_decay=0.25)
    model = network(optimizer)
    fit(model, epochs=1)
    config, variables = optimizer.get_config(), list(map(id, optimizer.variables))

    class Check(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert json.loads(json.dumps(self.model.optimizer.get_config())) == {
                **config, "weight_decay": FALL(7 + 4 * epoch)
            }  # fmt: skip

    path = str(tmp_path / "{epoch}.keras")
    saver = keras.callbacks.ModelCheckpoint(path)
    callback = LearningRateScheduler({"weight_decay": FALL}, unit="step")
    decays(model, callback, Check(), saver, epochs=2)
    assert list(map(id, optimizer.variables)) == variables
    assert optimizer.get_config() == {**config, "weight_decay": FALL(11)}
    assert "apply" not in vars(optimizer)
    loaded = keras.models.load_model(tmp_path / "1.keras")  # saved in the middle of the fit
    assert int(loaded.optimizer.iterations) == 8
    assert loaded.optimizer.weight_decay == FALL(7)
    moves, _ = decays(loaded, LearningRateScheduler({"weight_decay": FALL}, unit="step"), epochs=1)
    assert moves == [FALL(step) for step in range(8, 12)]


def test_a_later_fit_without_the_callback_holds_the_last_value():
    model = network(keras.optimizers.SGD(1.0, weight_decay=0.25))
    decays(model, LearningRateScheduler({"weight_decay": FALL}, unit="step"), epochs=1)
    assert decays(model, epochs=1)[0] == [FALL(3)] * 4
    model.optimizer.weight_decay = 0.125
    model.compile(model.optimizer, model.loss)
    assert decays(model, epochs=1)[0] == [0.125] * 4
    callback = LearningRateScheduler({"weight_decay": FALL}, unit="step")
    assert decays(model, callback, epochs=1)[0] == [FALL(step) for step in range(12, 16)]


def test_another_float_in_the_next_fit():
    model = network(keras.optimizers.SGD(1.0, weight_decay=0.25, clipnorm=0.5))
    decays(model, LearningRateScheduler({"clipnorm": FALL}, unit="step"), epochs=1)
    moves, _ = decays(model, LearningRateScheduler({"weight_decay": FALL}, unit="step"), epochs=1)
    assert moves == [FALL(step) for step in range(4, 8)]


def test_after_a_fit_that_broke_off(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                raise KeyboardInterrupt

    model = network(keras.optimizers.SGD(1.0, weight_decay=0.25))
    with pytest.raises(KeyboardInterrupt):
        decays(model, LearningRateScheduler({"weight_decay": FALL}, unit="step"), Stop(), epochs=1)
    model.save(tmp_path / "model.keras")
    for again in (model, keras.models.load_model(tmp_path / "model.keras")):
        callback = LearningRateScheduler({"weight_decay": FALL}, unit="step")
        assert decays(again, callback, epochs=1)[0] == [FALL(step) for step in range(2, 6)]


@pytest.mark.parametrize("unit", ["epoch", "step"])
def test_backup_and_restore(unit, tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def train(*more):
        model = network(keras.optimizers.SGD(1.0, weight_decay=0.25))
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        callback = LearningRateScheduler({"weight_decay": FALL}, unit=unit)
        return decays(model, callback, backup, *more)[0]

    with pytest.raises(KeyboardInterrupt):
        train(Stop())
    steps = range(8, 12) if unit == "step" else [2] * 4
    assert train() == [FALL(step) for step in steps]


def test_in_a_loss_scale_optimizer_and_with_a_schedule_in_graph(tmp_path):
    sgd = keras.optimizers.SGD(LearningRateSchedule(gl.Constant(1.0)), weight_decay=0.25)
    model = network(keras.optimizers.LossScaleOptimizer(sgd))
    callback = LearningRateScheduler({"weight_decay": FALL}, unit="step")
    saver = keras.callbacks.ModelCheckpoint(tmp_path / "model.keras")
    moves, _ = decays(model, callback, saver)
    assert moves == [FALL(step) for step in range(12)]
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert int(loaded.optimizer.iterations) == 12


@pytest.mark.skipif(BACKEND == "torch", reason="Keras runs one update an execution there")
def test_steps_per_execution():
    model = network(keras.optimizers.SGD(1.0, weight_decay=0.25), steps_per_execution=2)
    moves, _ = decays(model, LearningRateScheduler({"weight_decay": FALL}), epochs=2)
    # two updates, from 1: what is left after both
    expected = [1 - (1 - FALL(epoch)) ** 2 for epoch in (0, 0, 1, 1)]
    assert moves == pytest.approx(expected, rel=1e-6)


SGD = keras.optimizers.SGD


@pytest.mark.parametrize(
    ("optimizer", "name", "words"),
    [
        (SGD(), "weight_decay", r"not in use: build .*keras\.optimizers\.SGD\(weight_decay=0\.01"),
        (SGD(), "momentum", "built with a momentum of 0 and keeps no velocities"),
        (SGD(), "ema_momentum", "use_ema=True"),
        (SGD(), "nesterov", "a float of SGD, got False; known are .*momentum"),
        (SGD(), "lr", "a float of SGD, got none of its arguments"),
        (SGD(momentum=0.5), "momentums", "got none of its arguments; did you mean .*momentum"),
        (SGD(gradient_accumulation_steps=2), "gradient_accumulation_steps", "got 2"),
        (SGD(loss_scale_factor=2.0), "loss_scale_factor", "scales the loss outside"),
        (keras.optimizers.Adagrad(), "initial_accumulator_value", "only when the optimizer's var"),
        (keras.optimizers.LossScaleOptimizer(SGD()), "initial_scale", "none of its arguments"),
    ],
)
def test_what_cannot_change_is_refused_by_name(optimizer, name, words):
    model = network(optimizer)
    callback = LearningRateScheduler({"learning_rate": WARM_UP, name: FALL})
    with pytest.raises(gl.ScheduleError, match=f"`{name}` .*{words}"):
        fit(model, callback)
    assert fit(model, epochs=1)


@pytest.mark.skipif(BACKEND != "jax", reason="Keras gives it to JAX as it is")
def test_the_clip_value_is_refused_on_jax():
    model = network(keras.optimizers.SGD(clipvalue=0.5))
    with pytest.raises(gl.ScheduleError, match=r"`clipvalue` cannot change.*clipnorm"):
        fit(model, LearningRateScheduler({"clipvalue": FALL}))


@pytest.mark.skipif(BACKEND == "jax", reason="refused there")
def test_the_clip_value_elsewhere():
    model = network(keras.optimizers.SGD(1.0, clipvalue=0.5))
    moves, _ = fit(model, LearningRateScheduler({"clipvalue": FALL}, unit="step"), epochs=2)
    assert moves == [FALL(step) for step in range(8)]


def test_momentum_and_betas_stay_below_one():
    rise = gl.Linear(0.5, 1.5, steps=4)
    with pytest.raises(gl.ScheduleError, match=r"`beta_1` must stay below 1, got 1 at step 2"):
        fit(
            network(keras.optimizers.Adam(0.5)),
            LearningRateScheduler({"beta_1": rise}, unit="step"),
        )


def test_bad_schedules():
    for bad in ({}, {"momentum": 0.9}, {"momentum": lambda step: 0.9}):
        with pytest.raises(gl.ScheduleError, match="LearningRateScheduler: `"):
            LearningRateScheduler(bad)


def test_a_foreign_write_is_reported():
    class Meddler(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.optimizer.weight_decay = 0.75

    model = network(keras.optimizers.SGD(1.0, weight_decay=0.25))
    callback = LearningRateScheduler({"weight_decay": FALL}, unit="step")
    with pytest.warns(UserWarning, match="before step 4 `weight_decay` is 0.75, but .*Meddler"):
        moves, _ = decays(model, callback, Meddler())
    assert moves == [FALL(step) for step in range(12)]


def test_two_callbacks_of_different_names_are_no_conflict():
    model = network(keras.optimizers.SGD(0.5, weight_decay=0.25))
    rate, decay = gl.Constant(1.0), {"weight_decay": FALL}
    both = [LearningRateScheduler(rate), LearningRateScheduler(decay, unit="step")]
    moves, history = decays(model, *both)
    assert moves == [FALL(step) for step in range(12)]
    assert history["learning_rate"] == [1.0] * 3
