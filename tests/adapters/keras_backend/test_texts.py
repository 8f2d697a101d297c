"""A text whose lengths are in percent of the run is read when its length is known."""

import keras
import numpy as np
import pytest
from probe import fit, network, per_epoch, rates

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler

pytestmark = pytest.mark.filterwarnings("error:LearningRate")

TEXT = "linear(0, 0.1, steps=25%) >> cosine(0.1, 0, steps=rest)"


def whole(steps):
    return gl.Linear(0.0, 0.1, steps // 4) >> gl.Cosine(0.1, 0.0, steps - steps // 4)


class Stop(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


def test_percent_of_the_run_are_counted_in_updates_or_in_epochs():
    callback = LearningRateScheduler(TEXT, unit="step")
    moves, _ = fit(network(), callback, epochs=6)
    assert moves == rates(whole(24), range(24))
    assert callback.schedule == whole(24)
    moves, _ = fit(network(), LearningRateScheduler(TEXT), epochs=8)
    assert moves == per_epoch(whole(8), range(8))


def test_the_same_callback_follows_runs_of_several_lengths():
    callback = LearningRateScheduler(TEXT, unit="step")
    for epochs in (6, 2, 4):
        moves, _ = fit(network(), callback, epochs=epochs)
        assert moves == rates(whole(4 * epochs), range(4 * epochs))


def test_gradient_accumulation_makes_fewer_updates():
    model = network(keras.optimizers.SGD(0.5, gradient_accumulation_steps=3))
    callback = LearningRateScheduler(TEXT, unit="step")
    fit(model, callback, epochs=6)
    assert callback.schedule == whole(8)


def test_several_by_name_of_which_some_are_schedules():
    both = {"learning_rate": TEXT, "weight_decay": gl.Constant(0.25), "momentum": "constant(0.5)"}
    model = network(keras.optimizers.SGD(0.5, weight_decay=0.1, momentum=0.9))
    callback = LearningRateScheduler(both, unit="step")
    assert callback.names == ["learning_rate", "weight_decay", "momentum"]
    _, history = fit(model, callback, epochs=6)
    assert history["learning_rate"] == rates(whole(24), range(3, 24, 4))
    assert history["weight_decay"] == [0.25] * 6
    assert history["momentum"] == [0.5] * 6


@pytest.mark.parametrize("unit", ["epoch", "step"])
def test_a_run_that_was_interrupted_has_the_same_schedule(unit, tmp_path):
    def run(*more):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        return fit(network(), LearningRateScheduler(TEXT, unit=unit), backup, *more, epochs=8)[0]

    wanted = rates(whole(32), range(32)) if unit == "step" else per_epoch(whole(8), range(8))
    with pytest.raises(KeyboardInterrupt):
        run(Stop(5))
    assert run() == wanted[20:]


def test_initial_epoch_is_a_part_of_the_run():
    model, callback = network(), LearningRateScheduler(TEXT, unit="step")
    with pytest.raises(KeyboardInterrupt):
        fit(model, callback, Stop(3), epochs=8)
    for trained in (model, network()):  # the same optimizer, or a new one
        callback = LearningRateScheduler(TEXT, unit="step")
        moves, _ = fit(trained, callback, initial_epoch=3, epochs=8)
        assert moves == rates(whole(32), range(12, 32))


def test_a_state_is_loaded_before_the_run_is_known():
    first = LearningRateScheduler(TEXT, unit="step")
    model = network()
    with pytest.raises(KeyboardInterrupt):
        fit(model, first, Stop(3), epochs=6)
    state = first.state_dict()
    again = LearningRateScheduler(TEXT, unit="step")
    again.load_state_dict(state)
    moves, _ = fit(model, again, initial_epoch=3, epochs=6)
    assert moves == rates(whole(24), range(12, 24))
    other = LearningRateScheduler(TEXT, unit="step")
    other.load_state_dict(state)
    with pytest.raises(gl.ScheduleMismatch):
        fit(model, other, initial_epoch=3, epochs=12)
    with pytest.raises(gl.ScheduleError, match="saved state"):
        LearningRateScheduler(TEXT).load_state_dict({"step": 3})


def test_a_text_without_percent_is_read_at_once():
    callback = LearningRateScheduler("cosine(0.1, 0, steps=6)")
    assert callback.schedule == "cosine(0.1, 0, steps=6)"
    assert callback.state_dict() == {"step": 0, "schedule": gl.Cosine(0.1, 0.0, 6).to_data()}
    assert fit(network(), callback)[0] == per_epoch(gl.Cosine(0.1, 0.0, 6), range(6))


def test_before_training_it_says_what_is_not_known_yet():
    callback = LearningRateScheduler(TEXT)
    assert callback.schedule == TEXT
    assert repr(callback).startswith(f"LearningRateScheduler({TEXT!r}, unit='epoch', step=0")
    for call in (callback.state_dict, lambda: callback.finish(at=3)):
        with pytest.raises(gl.ScheduleError, match="known when training begins"):
            call()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("linear(0, 0.1, steps=3%", "column"),
        ("linea(0, 0.1, steps=3%)", "did you mean 'linear'"),
        ({"learning_rate": "cosine(0.1, 0, steps=110%)"}, "must fit into"),
        ({"learning_rate": 0.1}, "must be a schedule"),
        ({"learning_rate": TEXT, "momentum": 0.9}, "must be a schedule"),
    ],
)
def test_what_cannot_be_read_is_refused_when_built(text, words):
    with pytest.raises(gl.ScheduleError, match=words):
        LearningRateScheduler(text)


def test_a_run_that_is_too_short_for_its_percent_is_told():
    with pytest.raises(gl.ScheduleError, match="less than half a step"):
        fit(network(), LearningRateScheduler("linear(0, 0.1, steps=1%)"), epochs=5)


def test_data_of_unknown_length_ask_for_steps_per_epoch():
    def rows():
        while True:
            yield np.ones((1, 1)), np.zeros((1, 1))

    def run(**options):
        model, callback = network(), LearningRateScheduler(TEXT, unit="step")
        model.fit(rows(), epochs=2, shuffle=False, verbose=0, callbacks=[callback], **options)
        return callback

    assert run(steps_per_epoch=4).schedule == whole(8)
    model, callback = network(), LearningRateScheduler(TEXT, unit="step")
    callback.set_model(model)
    with pytest.raises(gl.ScheduleError, match=r"not known for this data. Pass steps_per_epoch"):
        callback.on_epoch_begin(0)


def test_in_graph_the_run_is_not_known():
    with pytest.raises(gl.ScheduleError, match=r"must be a glissando schedule.*gl\.plan\(steps="):
        LearningRateSchedule(TEXT)
