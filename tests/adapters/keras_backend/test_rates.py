"""Update k uses s(k); every update of epoch e uses s(e)."""

import functools
import math

import keras
import numpy as np
import pytest
from probe import BACKEND, COMPILED, TIP, WARM_UP, close, fit, network, per_epoch, rates, weight

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler

tips = pytest.mark.parametrize("name", TIP)


@tips
def test_pain_38_every_update_of_an_epoch_uses_its_rate_and_the_history_has_it(name):
    moves, history = fit(network(), LearningRateScheduler(TIP[name]), epochs=20, batches=3)
    assert moves == per_epoch(TIP[name], range(20), 3)
    assert history["learning_rate"] == rates(TIP[name], range(20))


@tips
def test_pain_18_update_k_uses_the_rate_of_step_k(name):
    moves, history = fit(
        network(), LearningRateScheduler(TIP[name], unit="step"), epochs=2, batches=12
    )
    assert moves == rates(TIP[name], range(24))  # past the end, too
    assert history["learning_rate"] == rates(TIP[name], [11, 23])


@tips
def test_pain_18_in_graph_update_k_uses_the_rate_of_step_k(name):
    schedule = TIP[name]
    moves, _ = fit(network(keras.optimizers.SGD(LearningRateSchedule(schedule))), batches=4)
    assert close(moves, rates(schedule, range(24)), schedule.bound())


@pytest.mark.parametrize("unit", ["epoch", "step"])
def test_pain_39_rates_reach_the_update_with_no_other_callback_in_the_fit(unit):
    # The probe's own look at the model makes JAX bring its state back: here nobody looks.
    model = network()
    ones = np.ones((8, 1))
    callback = LearningRateScheduler(WARM_UP, unit=unit)
    model.fit(ones, ones, batch_size=1, epochs=3, verbose=0, callbacks=[callback])
    steps = range(24) if unit == "step" else np.repeat(range(3), 8).tolist()
    assert -weight(model) == pytest.approx(math.fsum(map(WARM_UP, steps)), rel=2e-6)


@pytest.mark.parametrize("options", [{"run_eagerly": True}, *COMPILED])
@pytest.mark.parametrize("form", ["epoch", "step", "graph"])
def test_pain_39_eager_and_compiled_steps_on_each_backend(form, options):
    if form == "graph":
        optimizer = keras.optimizers.SGD(LearningRateSchedule(WARM_UP))
        moves, _ = fit(network(optimizer, **options))
        assert close(moves, rates(WARM_UP, range(24)), WARM_UP.bound())
    else:
        moves, _ = fit(network(**options), LearningRateScheduler(WARM_UP, unit=form))
        steps = per_epoch(WARM_UP, range(6)) if form == "epoch" else rates(WARM_UP, range(24))
        assert moves == steps


@pytest.mark.parametrize("unit", ["epoch", "step"])
def test_pain_15_gradient_accumulation_counts_updates_not_batches(unit):
    optimizer = keras.optimizers.SGD(0.5, gradient_accumulation_steps=3)
    callback = LearningRateScheduler(WARM_UP, unit=unit)
    moves, history = fit(network(optimizer), callback, epochs=3, batches=7)
    updates = [move for i, move in enumerate(moves) if i % 3 == 2]
    assert len(moves) == 21
    assert sum(map(bool, moves)) <= len(updates) == 7
    epochs = [i // 7 for i in range(2, 21, 3)]
    assert updates == rates(WARM_UP, epochs if unit == "epoch" else range(7))
    assert history["learning_rate"] == rates(WARM_UP, range(3) if unit == "epoch" else [2, 4, 6])


def test_gradient_accumulation_in_graph_by_hold_each():
    schedule = LearningRateSchedule(WARM_UP.hold_each(3))
    moves, _ = fit(network(keras.optimizers.SGD(schedule, gradient_accumulation_steps=3)))
    assert close(moves[2::3], rates(WARM_UP, range(8)), WARM_UP.bound())


@pytest.mark.parametrize("form", ["step", "graph"])
def test_pain_19_a_skipped_update_is_not_counted(form):
    rate = 0.5 if form == "step" else LearningRateSchedule(WARM_UP)
    model = network(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate)))
    callbacks = [LearningRateScheduler(WARM_UP, unit="step")] if form == "step" else []
    inf = math.inf
    moves, _ = fit(model, *callbacks, inputs=[1, inf, 1, 1, inf, inf, 1], epochs=2)
    made = [move for i, move in enumerate(moves) if i % 7 in (0, 2, 3, 6)]
    assert close(made, rates(WARM_UP, range(8)), WARM_UP.bound())
    assert [moves[i] for i in (1, 4, 5, 8, 11, 12)] == [0] * 6
    if form == "step":
        assert made == rates(WARM_UP, range(8))


@pytest.mark.parametrize("form", ["epoch", "step", "graph"])
def test_pain_39_steps_per_execution(form):
    if BACKEND == "torch":
        with pytest.raises(ValueError, match="steps_per_execution"):  # by Keras itself
            fit(network(steps_per_execution=4), LearningRateScheduler(WARM_UP, unit="epoch"))
        return
    if form == "step":
        line = r"optimizer=keras\.optimizers\.SGD\(glissando\.adapters\.keras\.LearningRateSchedule"
        with pytest.raises(gl.ScheduleError, match=rf"steps_per_execution=4 updates\..*{line}"):
            fit(network(steps_per_execution=4), LearningRateScheduler(WARM_UP, unit="step"))
        accumulating = keras.optimizers.SGD(0.5, gradient_accumulation_steps=3)
        model = network(accumulating, steps_per_execution=4)
        with pytest.raises(gl.ScheduleError, match=rf"{line}\(schedule\.hold_each\(3\)\)"):
            fit(model, LearningRateScheduler(WARM_UP, unit="step"))
        with pytest.raises(gl.ScheduleError, match=r"cannot run in graph.*steps_per_execution=1"):
            fit(network(steps_per_execution=4), LearningRateScheduler(lambda k: 1, unit="step"))
        return
    graph = keras.optimizers.SGD(LearningRateSchedule(WARM_UP))
    model = network(graph if form == "graph" else None, steps_per_execution=4)
    callbacks = [LearningRateScheduler(WARM_UP)] if form == "epoch" else []
    moves, _ = fit(model, *callbacks, epochs=3, batches=6)  # executions of 4 and 2 updates
    steps = np.repeat(range(3), 6).tolist() if form == "epoch" else range(18)
    parts = np.split(rates(WARM_UP, steps), [4, 6, 10, 12, 16])
    assert moves == pytest.approx([sum(part) for part in parts], rel=1e-6)


class Halving:
    def __call__(self, epoch, rate):
        return rate / 2


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda step: 0.1 / (1 + step), [0.1, 0.05, 0.1 / 3]),
        (lambda step, scale=3.0: scale * step, [0.0, 3.0, 6.0]),
        (lambda epoch, rate: rate / 2, [0.25, 0.125, 0.0625]),
        (Halving(), [0.25, 0.125, 0.0625]),
        (functools.partial(lambda base, step: base**step, 0.5), [1.0, 0.5, 0.25]),
        (lambda *anything: 0.1 * len(anything), [0.1, 0.1, 0.1]),
        (math.exp, [1.0, math.e, math.e**2]),
        (lambda step: step, [0.0, 1.0, 2.0]),
        (lambda step: np.float32(0.1), [0.1] * 3),
        (lambda step: np.array(0.1), [0.1] * 3),
        (lambda step: keras.ops.convert_to_tensor(0.1), [0.1] * 3),
        (lambda step: keras.Variable(0.1), [0.1] * 3),
        (gl.schedule(lambda step: 0.1 / (1 + step), steps=1), [0.1, 0.05, 0.05]),
        (gl.Linear(0.0, 1.0, steps=2), [0.0, 0.5, 1.0]),
        (keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5), [0.1, 0.05, 0.025]),
    ],
)
@pytest.mark.parametrize("unit", ["epoch", "step"])
def test_functions_of_your_own(function, expected, unit):
    epochs, batches = (3, 1) if unit == "epoch" else (1, 3)
    moves, _ = fit(
        network(), LearningRateScheduler(function, unit=unit), epochs=epochs, batches=batches
    )
    assert moves == [float(np.float32(rate)) for rate in expected]


@tips
def test_a_schedule_in_the_callback_of_keras(name):
    moves, _ = fit(network(), keras.callbacks.LearningRateScheduler(TIP[name]), batches=2)
    assert moves == per_epoch(TIP[name], range(6), 2)


def test_only_the_learning_rate_is_written():
    optimizer = keras.optimizers.AdamW(0.5, weight_decay=0.1, beta_1=0.8)
    model = network(optimizer)
    before = {k: v for k, v in optimizer.get_config().items() if k != "learning_rate"}
    fit(model, LearningRateScheduler(WARM_UP, unit="step"), epochs=1)
    assert before == {k: v for k, v in optimizer.get_config().items() if k != "learning_rate"}
    assert int(optimizer.iterations) == 4
    assert float(optimizer.learning_rate) == rates(WARM_UP, [3])[0]


if BACKEND == "tensorflow":

    @pytest.mark.parametrize("unit", ["epoch", "step"])
    def test_variables_mirrored_on_devices(unit):
        import tensorflow as tf

        with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
            model = network(keras.optimizers.SGD(0.5))
        moves, _ = fit(model, LearningRateScheduler(WARM_UP, unit=unit))
        steps = np.repeat(range(6), 4).tolist() if unit == "epoch" else range(24)
        assert moves == rates(WARM_UP, steps)
