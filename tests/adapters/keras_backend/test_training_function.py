"""`gl.keras.train_function`: what a study trains; a process compiles it once."""

import math
import pickle
import re

import cloudpickle
import keras
import numpy as np
import pytest
from probe import close, network

import glissando as gl
from glissando.adapters.keras import rate_table, reused
from training_runs import Reports, exact

DRAWN = np.random.default_rng(0)
X = DRAWN.normal(size=(40, 4)).astype("float32")
Y = X[:, :1] - X[:, 1:2]
ONES = np.ones((8, 1), "float32")
RATE = gl.Linear(0.1, 0.0, steps=11)


def build():
    """Return a model with batch norm and dropout."""
    model = keras.Sequential(
        [
            keras.layers.Dense(6),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(0.5, momentum=0.9), "mse", metrics=["mae"])
    return model


def function(build=build, **options):
    options = {"validation_data": (X, Y), "batch": 8, "every": 4} | options
    return gl.keras.train_function(build, X, Y, **options)


TRAIN = function()


def test_an_interruption_after_any_update_changes_no_bit(tmp_path):
    whole = exact(TRAIN, RATE, 3, tmp_path, {1, 3, 4, 10, 11})
    states = [
        pickle.loads((folder / "11" / "keras.pickle").read_bytes())["model"]
        for folder in (whole.folder, tmp_path / "from 3")
    ]
    names = [variable.path for variable in reused._KEPT[TRAIN.token]._variables()]
    for name, first, second in zip(names, *(state["variables"] for state in states), strict=True):
        assert np.array_equal(first, second) or name.endswith("rates"), name
    assert TRAIN(RATE, 4) != whole.losses[11]


def test_a_model_is_kept_and_begins_anew():
    first = TRAIN(RATE, 3)
    kept = reused._KEPT[TRAIN.token]
    step = kept.model.train_function
    assert TRAIN(gl.Constant(0.01, steps=5), 4) != first
    sent = cloudpickle.loads(cloudpickle.dumps(TRAIN))
    assert sent(RATE, 3) == TRAIN(RATE, 3) == first
    assert reused._KEPT[TRAIN.token] is kept
    assert kept.model.train_function is step
    reused._KEPT.clear()
    assert TRAIN(RATE, 3) == first


def test_how_often_it_is_validated_changes_nothing():
    assert copied(every=1)(RATE, 2) == TRAIN(RATE, 2)


def test_another_schedule_goes_on_from_the_same_beginning(tmp_path):
    reports = Reports(tmp_path, {4})
    TRAIN(gl.Constant(0.05, steps=9), 2, None, reports)
    cooled = gl.Constant(0.05, steps=4) >> gl.Linear(0.05, 0.0, steps=3)
    assert TRAIN(cooled, 2, reports[4]) == TRAIN(cooled, 2)


def test_a_plateau_observes_the_results(tmp_path):
    rate = gl.Plateau("keras", factor=0.5, patience=1, threshold=9).on(gl.Constant(0.1, steps=9))
    whole = exact(TRAIN, rate, 3, tmp_path, {4, 6})
    assert list(whole.losses) == [4, 8, 9]
    assert whole.losses[9] != TRAIN(rate.schedule, 3)


def test_a_run_that_diverges_ends_early():
    reports = Reports(None, ())
    assert math.isnan(TRAIN(gl.Constant(1e30, steps=40), report=reports))
    assert reports.steps[-1] < 40


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"build": None}, "`build` must be a function, such as lambda: model, which makes and"),
        ({"build": keras.Sequential}, "`build` must return a Keras model that is compiled with"),
        ({"metric": "loss"}, "`metric` must be one of the validation's, such as 'val_loss', got"),
        ({"batch": 0}, "`batch` must be"),
        (
            {"build": lambda: network(keras.optimizers.SGD(0.5, use_ema=True))},
            "the optimizer of `build` must not have use_ema=True",
        ),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError, match=re.escape(f"train_function: {message}")):
        function(**arguments)(gl.Constant(0.1, steps=1))


def copied(**changes):
    """Return what trains the model that is there, with something else."""
    train = cloudpickle.loads(cloudpickle.dumps(TRAIN))
    vars(train).update(changes)
    return train


def test_a_metric_that_is_not_there_is_named():
    message = "`metric` must be one of 'val_loss', 'val_mae', got 'val_auc'"
    with pytest.raises(gl.ScheduleError, match=re.escape(message)):
        copied(metric="val_auc")(RATE)


def test_data_that_yield_batches(tmp_path):
    def batches():
        for begin in range(0, 40, 8):
            yield X[begin : begin + 8], Y[begin : begin + 8]

    train = copied(data=(batches, None), validation=lambda: (X, Y), metric="val_mae")
    exact(train, RATE, 3, tmp_path, {3})


def moved(rate, build=network):
    """Return how far each update moves the weight of the probe."""
    reports = Reports(None, ())
    train = gl.keras.train_function(
        build, ONES, ONES, validation_data=(ONES, ONES), batch=1, every=1
    )
    train(rate, report=reports)
    return -np.diff([0.0, *reports.losses.values()])


def test_update_k_uses_the_rate_of_step_k():
    rate = gl.Linear(0.0, 1.0, steps=4) >> gl.Cosine(1.0, 0.0, steps=9)
    assert close(moved(rate), [rate(k) for k in range(13)], 8.0)


def test_an_update_of_several_batches():
    def accumulating():
        return network(keras.optimizers.SGD(0.5, gradient_accumulation_steps=3))

    rate = gl.Linear(1.0, 0.0, steps=4)
    assert close(moved(rate, accumulating), [rate(k) for k in range(4)], 4.0)


def test_more_updates_than_rates_at_once(monkeypatch):
    monkeypatch.setattr(rate_table, "SIZE", 4)
    rate = gl.Linear(1.0, 0.0, steps=23)
    train = gl.keras.train_function(
        network, ONES, ONES, validation_data=(ONES, ONES), batch=1, every=23
    )
    assert train(rate) == pytest.approx(-sum(rate(k) for k in range(23)), rel=1e-6)
