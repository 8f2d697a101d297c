"""The rate used is logged: History, TensorBoard, the printed lines; and a schedule is saved."""

import json
import re
import sys

import keras
import numpy as np
import pytest
from probe import BACKEND, WARM_UP, close, fit, network, rates
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

import glissando as gl
from glissando.adapters.keras import LearningRateLogger, LearningRateSchedule, LearningRateScheduler

STEPS = {"epoch": [e for e in range(6) for _ in range(4)], "step": list(range(24))}
units = pytest.mark.parametrize("unit", STEPS)


class BatchLogs(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(logs["learning_rate"])


@units
def test_pain_40_logs_and_history_equal_the_moves(unit):
    log = BatchLogs()
    moves, history = fit(network(), LearningRateScheduler(WARM_UP, unit=unit), log)
    assert log.rates == moves == rates(WARM_UP, STEPS[unit])
    assert history["learning_rate"] == moves[3::4]


def test_logs_that_keras_hands_over_later():
    # With such callbacks alone Keras ends a batch in another thread, so the device need not wait.
    log = BatchLogs()
    log.async_safe = True
    ones = np.ones((4, 1))
    callbacks = [LearningRateScheduler(WARM_UP), log]
    network().fit(ones, ones, batch_size=1, epochs=6, verbose=0, callbacks=callbacks)
    assert log.rates == rates(WARM_UP, STEPS["epoch"])


def curves(folder):
    """Return the curves of the learning rate that TensorBoard wrote."""
    events = EventAccumulator(str(folder / "train"), {"tensors": 0})  # 0: all, no sample
    events.Reload()
    return {
        tag: [make_ndarray(event.tensor_proto).item() for event in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
        if tag.endswith("learning_rate")
    }


@units
@pytest.mark.parametrize("update_freq", ["epoch", "batch"])
def test_tensorboard_carries_the_rate_used(unit, update_freq, tmp_path):
    board = keras.callbacks.TensorBoard(tmp_path, update_freq=update_freq, write_graph=False)
    moves, _ = fit(network(), LearningRateScheduler(WARM_UP, unit=unit), board)
    expected = {"epoch_learning_rate": moves[3::4]}
    if update_freq == "batch":
        expected["batch_learning_rate"] = moves
    assert curves(tmp_path) == expected


def test_tensorboard_reads_an_optimizer_with_a_schedule_one_update_later(tmp_path):
    # By itself, when the epoch is over; `LearningRateLogger` tells so.
    board = keras.callbacks.TensorBoard(tmp_path, write_graph=False)
    model = network(keras.optimizers.SGD(LearningRateSchedule(WARM_UP)))
    fit(model, LearningRateLogger(), board)
    (later,) = curves(tmp_path).values()
    assert close(later, rates(WARM_UP, range(4, 25, 4)), WARM_UP.bound())


@pytest.mark.parametrize("steps_per_execution", [1] if BACKEND == "torch" else [1, 3])
def test_pain_38_the_rate_of_a_schedule_in_graph_is_in_the_history(steps_per_execution):
    model = network(
        keras.optimizers.SGD(LearningRateSchedule(WARM_UP)), steps_per_execution=steps_per_execution
    )
    _, history = fit(model, LearningRateLogger())
    assert close(history["learning_rate"], rates(WARM_UP, range(3, 24, 4)), WARM_UP.bound())


def test_the_logger_with_other_optimizers():
    decay = keras.optimizers.schedules.ExponentialDecay(0.5, 1, 0.5)
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(decay))
    for optimizer, expected in [(decay, 0.5**4), (0.25, 0.25)]:
        _, history = fit(network(keras.optimizers.SGD(optimizer)), LearningRateLogger(), epochs=1)
        assert history["learning_rate"] == [pytest.approx(expected)]
    moves, history = fit(network(scaled), LearningRateLogger(), epochs=1, inputs=[1, 1, np.inf])
    assert history["learning_rate"] == [moves[1]] == [0.25]


def printed(text):
    """Return the lines of `text` as a terminal shows them."""
    text = re.sub(r"\x1b\[\d*m", "", text).replace("\b", "")
    return [line.split("\r")[-1] for line in text.rstrip("\n").split("\n")]


def test_verbose_prints_one_line_an_epoch(capsys):
    schedule = gl.Linear(0.001, 0.0, steps=100)
    fit(network(), LearningRateScheduler(schedule, verbose=1), epochs=3)
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 1: learning rate 0.001",
        "Epoch 2: learning rate 0.00099",
        "Epoch 3: learning rate 0.00098",
    ]
    model = network()
    fit(model, LearningRateScheduler(schedule, unit="step", verbose=1), epochs=2, batches=10)
    fit(model, LearningRateScheduler(gl.Constant(0.1), unit="step", verbose=1), epochs=1, batches=2)
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 1, steps 0-9: learning rate 0.001 -> 0.00091",
        "Epoch 2, steps 10-19: learning rate 0.0009 -> 0.00081",
        "Starting at step 20, by optimizer.iterations",
        "Epoch 1, steps 20-21: learning rate 0.1",
    ]
    callback = LearningRateScheduler(schedule, unit="step", verbose=1)
    fit(network(), callback, initial_epoch=5, epochs=6, batches=1)
    assert capsys.readouterr().out.splitlines() == [
        "Starting at step 5, by initial_epoch",
        "Epoch 6, step 5: learning rate 0.00095",
    ]
    fit(network(), LearningRateScheduler(schedule), epochs=1)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("verbose", [1, 2])
@units
def test_verbose_lines_stand_alone_beside_the_progress_bar(unit, verbose, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    callback = LearningRateScheduler(gl.Linear(0.1, 0.0, steps=100), unit=unit, verbose=1)
    fit(network(), callback, epochs=2, verbose=verbose)
    lines = printed(capsys.readouterr().out)
    ours = {
        "epoch": ["Epoch 1: learning rate 0.1", "Epoch 2: learning rate 0.099"],
        "step": [
            "Epoch 1, steps 0-3: learning rate 0.1 -> 0.097",
            "Epoch 2, steps 4-7: learning rate 0.096 -> 0.093",
        ],
    }[unit]
    keras_s = ["Epoch 1/2", "4/4", "Epoch 2/2", "4/4"]
    expected = np.insert(np.array(keras_s, object), [0, 2] if unit == "epoch" else [2, 4], ours)
    assert [re.sub("^4/4 .*", "4/4", line) for line in lines] == expected.tolist()


def test_config_is_plain_data():
    schedule = LearningRateSchedule(WARM_UP)
    config = json.loads(json.dumps(schedule.get_config()))
    assert config == {"schedule": WARM_UP.to_data()}
    assert LearningRateSchedule.from_config(config).schedule == WARM_UP
    saved = keras.optimizers.schedules.serialize(schedule)
    assert keras.optimizers.schedules.deserialize(saved).schedule == WARM_UP
    optimizer = keras.optimizers.Adam(schedule)
    again = keras.optimizers.Adam.from_config(optimizer.get_config())
    assert close([float(again.learning_rate)], [0.0], 0.1)


@pytest.mark.parametrize(
    "schedule",
    [
        WARM_UP,
        gl.Piecewise([0.1, 0.01], [5]).take(8).repeat(),
        gl.recipes.keras_tip.one_cycle().hold_each(3) * 0.5,
        gl.minimum(gl.Constant(0.1), gl.InverseTime(0.3, 0.1)).clip(0.01),
    ],
)
def test_a_saved_model_has_its_schedule(schedule, tmp_path):
    model = network(keras.optimizers.SGD(LearningRateSchedule(schedule)))
    moves, _ = fit(model, epochs=1)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    moves += fit(restored, epochs=5)[0]
    assert close(moves, rates(schedule, range(24)), schedule.bound())


def test_called_with_numbers_tensors_and_variables():
    schedule = LearningRateSchedule(WARM_UP)
    assert schedule(3) == WARM_UP(3)
    step = keras.ops.convert_to_tensor(3, dtype="int32")
    for form in (
        step,
        keras.Variable(3, dtype="int32", trainable=False),
        keras.ops.cast(step, "float32"),
    ):
        rate = schedule(form)
        assert keras.ops.is_tensor(rate)
        assert keras.backend.standardize_dtype(rate.dtype) == "float32"
        assert float(rate) == pytest.approx(WARM_UP(3))
