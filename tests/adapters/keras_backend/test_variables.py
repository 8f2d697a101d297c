"""Any variable follows a schedule: here the weight of a loss, seen in the gradient it makes."""

import keras
import numpy as np
import pytest
from probe import BACKEND, COMPILED, Probe, data, fit, network, rates

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler

pytestmark = pytest.mark.filterwarnings("error:LearningRate")

RISE = gl.Linear(0.0, 1.0, steps=16)  # sixteenths, which float32 holds exactly


@keras.saving.register_keras_serializable(package="probe")
class Weighted(keras.layers.Layer):
    """Adds a loss whose gradient by its one weight is `kl`."""

    def __init__(self, **options):
        super().__init__(**options)
        self.kl = keras.Variable(0.5, trainable=False, name="kl")

    def build(self, _shape):
        self.kernel = self.add_weight(shape=(1, 1), initializer="zeros", name="kernel")

    def call(self, inputs):
        self.add_loss(self.kl * keras.ops.sum(self.kernel))
        return keras.ops.stop_gradient(inputs @ self.kernel)


def weighted(rate=1.0, **options):
    """Return a model whose weight moves by the rate times `kl`, and that variable."""
    layer = Weighted()
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(rate), **options)
    return model, layer.kl


def train(model, *callbacks, epochs=3, **options):
    probe = Probe()
    history = model.fit(
        **data(np.ones((4, 1))),
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[*callbacks, probe],
        **options,
    )
    return probe.moves, history.history


def follow(schedules, variable, **options):
    return LearningRateScheduler(
        schedules, variables={"kl": variable}, on_length="ignore", **options
    )


@pytest.mark.parametrize("unit", ["epoch", "step"])
@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, *COMPILED])
def test_a_loss_s_weight_follows_a_schedule_in_every_update(unit, options):
    model, kl = weighted(**options)
    moves, history = train(model, follow({"kl": RISE}, kl, unit=unit))
    steps = range(12) if unit == "step" else [epoch for epoch in range(3) for _ in range(4)]
    assert moves == [RISE(step) for step in steps]
    assert history["kl"] == moves[3::4]
    assert "learning_rate" not in history


def test_beside_the_learning_rate_and_another_number():
    model, kl = weighted()
    model.optimizer.weight_decay = 0.0
    both = {"learning_rate": gl.Linear(1.0, 0.0, steps=16), "kl": RISE}
    moves, history = train(model, follow(both, kl, unit="step"))
    assert moves == [(1 - step / 16) * step / 16 for step in range(12)]
    assert set(history) >= {"kl", "learning_rate"}


def test_with_a_schedule_in_the_optimizer():
    model, kl = weighted(LearningRateSchedule(gl.Constant(0.5)))
    moves, _ = train(model, follow({"kl": RISE}, kl, unit="step"))
    assert moves == [step / 32 for step in range(12)]


def test_what_is_annealed_to_0_early_is_no_misfit_and_what_never_rises_is_one():
    def run(schedule):
        model, kl = weighted()
        train(model, LearningRateScheduler({"kl": schedule}, variables={"kl": kl}), epochs=4)

    run(gl.Linear(1.0, 0.0, steps=2))
    with pytest.warns(UserWarning, match=r"`kl` has 1000 steps.* makes 16: .*unit='step'"):
        run(gl.Linear(0.0, 1.0, steps=1000))


def test_it_is_resumed(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def run(*more):
        model, kl = weighted()
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        return train(model, follow({"kl": RISE}, kl, unit="step"), backup, *more)

    with pytest.raises(KeyboardInterrupt):
        run(Stop())
    moves, _ = run()
    assert moves == [RISE(step) for step in range(8, 12)]


def test_a_plateau_moves_it_and_best_weights_do_not_take_it_back():
    class Metric(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_loss"] = [1.0, 2.0, 3.0][epoch]

    model, kl = weighted()
    both = {"kl": RISE, "learning_rate": gl.Plateau("keras", factor=0.5, patience=1).on(RISE)}
    callback = follow(both, kl, restore_best=True, on_conflict="raise")
    _, history = train(model, Metric(), callback)
    assert history["kl"] == [0.0, 1 / 16, 2 / 16]


def test_a_foreign_write_is_reported():
    class Meddler(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            kl.assign(0.75)

    model, kl = weighted()
    with pytest.warns(
        UserWarning, match="before step 4 `kl` is 0.75, but .*Meddler, Probe writes it"
    ):
        moves, _ = train(model, follow({"kl": RISE}, kl, unit="step"), Meddler())
    assert moves == [RISE(step) for step in range(12)]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ([0.1], r"must be variables by name, got \[0\.1\]"),
        ({"beta": keras.Variable(0.1)}, r"has 'beta', but there are schedules of kl; .*same name"),
        ({"kl": 0.1}, r"'kl' must be a variable, such as keras\.Variable\(0\.0, .*, got 0\.1"),
        ({"kl": keras.Variable([0.1, 0.2])}, r"must hold a single float, got the shape \(2,\)"),
        (
            {"kl": keras.Variable(1, dtype="int32", trainable=False)},
            "must hold a single float, .* of int32",
        ),
    ],
)
def test_what_is_no_variable_is_refused_by_name(variables, words):
    with pytest.raises(gl.ScheduleError, match=f"LearningRateScheduler: `variables`.*{words}"):
        LearningRateScheduler({"kl": RISE}, variables=variables)


def test_a_name_that_a_file_cannot_have_and_the_rate_s_own_are_refused():
    with pytest.raises(gl.ScheduleError, match="no space and no slash, got 'k/l'"):
        LearningRateScheduler({"k/l": RISE}, variables={"k/l": keras.Variable(0.1)})
    with pytest.raises(gl.ScheduleError, match="has 'learning_rate'"):
        LearningRateScheduler(RISE, variables={"learning_rate": keras.Variable(0.1)})


def test_a_variable_that_is_trained_is_refused():
    class Scale(keras.layers.Layer):
        def build(self, _shape):
            self.scale = self.add_weight(shape=(), name="scale")

        def call(self, inputs):
            return inputs * self.scale

    layer = Scale()
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile("sgd", "mse")
    with pytest.raises(gl.ScheduleError, match=r"`kl` of `variables` is trained.*trainable=False"):
        fit(model, follow({"kl": RISE}, layer.scale))


def test_a_variable_that_a_compiled_step_would_not_read_is_refused_on_jax():
    scale = keras.Variable(0.5, trainable=False)

    def loss(_target, predicted):
        return scale * keras.ops.mean(predicted, axis=-1)

    def run(**options):
        model = network()
        model.compile(keras.optimizers.SGD(1.0), loss, **options)
        return fit(model, follow({"kl": RISE}, scale, unit="step"), epochs=2)[0]

    assert run(run_eagerly=True) == rates(RISE, range(8))
    if BACKEND == "jax":
        with pytest.raises(gl.ScheduleError, match=r"JAX's compiled step.*self\.kl = keras\.Var"):
            run()
    else:
        assert run() == rates(RISE, range(8))
