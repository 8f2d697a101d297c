"""What cannot come out right is refused in words; who else writes the rate is named."""

import math
import re
import warnings

import keras
import numpy as np
import pytest
from probe import WARM_UP, fit, network, per_epoch, rates

import glissando as gl
from glissando.adapters.keras import LearningRateLogger, LearningRateSchedule, LearningRateScheduler

units = pytest.mark.parametrize("unit", ["epoch", "step"])


def no_argument():
    return 0.1


def three_arguments(epoch, rate, more):
    return 0.1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            {"schedule": WARM_UP, "unit": "batch"},
            "`unit` must be one of 'epoch', 'step', got 'batch'",
        ),
        ({"schedule": WARM_UP, "unit": 1}, "`unit` must be one of 'epoch', 'step', got 1"),
        (
            {"schedule": WARM_UP, "on_conflict": True},
            "`on_conflict` must be one of 'warn', 'raise', 'ignore', got True",
        ),
        (
            {"schedule": 0.1},
            "a schedule, a text, f(step) or f(epoch, rate), got 0.1; write gl.Constant(0.1)",
        ),
        ({"schedule": None}, "got None"),
        ({"schedule": gl.Cosine}, "got <class 'glissando.families.cosine.Cosine'>"),
        ({"schedule": no_argument}, "called as ()"),
        ({"schedule": three_arguments}, "called as (epoch, rate, more)"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(gl.ScheduleError, match=re.escape(words)):
        LearningRateScheduler(**arguments)


@pytest.mark.parametrize(
    "schedule",
    [abs, lambda step: 0.1, gl.schedule(lambda step: 0.1), WARM_UP >> gl.schedule(abs), gl.Cosine],
)
def test_a_function_has_no_place_in_the_graph(schedule):
    with pytest.raises(
        gl.ScheduleError, match=r"^LearningRateSchedule: .*use LearningRateScheduler"
    ):
        LearningRateSchedule(schedule)


def test_a_number_is_no_schedule():
    with pytest.raises(gl.ScheduleError, match=r"must be a glissando schedule, got 0\.1"):
        LearningRateSchedule(0.1)


@pytest.mark.parametrize(
    "rate",
    [
        math.nan,
        math.inf,
        -0.1,
        "0.1",
        None,
        True,
        np.bool_(True),
        0.1 + 0j,
        [0.1],
        np.array([0.1, 0.2]),
        np.array([0.1]),
        np.float32("nan"),
    ],
)
@pytest.mark.parametrize("arguments", [1, 2])
def test_a_bad_return_is_named_with_its_step(rate, arguments):
    def mine(step):
        return rate if step == 2 else 0.1

    function = mine if arguments == 1 else lambda step, _held: mine(step)
    name = "mine" if arguments == 1 else "lambda"
    words = rf"{name}.*\): the rate returned for step 2 must be .*, got "
    with pytest.raises(gl.ScheduleError, match=words):
        fit(network(), LearningRateScheduler(function, unit="step"))


def test_a_bad_tensor_is_named_too():
    with pytest.raises(gl.ScheduleError, match="epoch 0 must be"):
        fit(network(), LearningRateScheduler(lambda epoch: keras.ops.ones((2,))))
    with pytest.raises(gl.ScheduleError, match="epoch 0 must be"):
        fit(network(), LearningRateScheduler(lambda epoch: keras.ops.convert_to_tensor(-1.0)))


@pytest.mark.parametrize("error", [TypeError("mine: missing argument lr"), KeyError("mine")])
@pytest.mark.parametrize("form", [lambda f: f, lambda f: lambda e, r: f(e), gl.schedule])
@units
def test_pain_38_what_the_function_raises_comes_through(error, form, unit):
    calls = []

    def failing(step):
        calls.append(step)
        if step == 1:
            raise error
        return 0.1

    with pytest.raises(type(error)) as caught:
        fit(network(), LearningRateScheduler(form(failing), unit=unit))
    assert caught.value is error
    assert calls == [0, 1]


def test_a_strict_schedule_stops_at_its_end():
    with pytest.raises(gl.ScheduleError, match="24"):
        fit(network(), LearningRateScheduler(WARM_UP.strict(), unit="step"), epochs=7)


@units
@pytest.mark.parametrize(
    "rate",
    [
        LearningRateSchedule(WARM_UP),
        keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5),
        lambda: 0.1,
    ],
)
def test_pain_37_a_callback_on_an_optimizer_with_its_own_schedule(rate, unit):
    with pytest.raises(gl.ScheduleError, match=r"schedule of its own.* keras\.optimizers\.Adam\("):
        fit(network(keras.optimizers.Adam(rate)), LearningRateScheduler(WARM_UP, unit=unit))


@pytest.mark.parametrize("callback", [LearningRateScheduler(WARM_UP), LearningRateLogger()])
def test_no_optimizer_or_several(callback):
    model = network()
    model.compile(optimizer=None, loss="mse")
    with pytest.raises(gl.ScheduleError, match="must be compiled with one Keras 3 optimizer"):
        fit(model, callback)
    model = network()
    model.generator_optimizer = keras.optimizers.SGD()
    with pytest.raises(gl.ScheduleError, match=r"several optimizers, .* generator_optimizer"):
        fit(model, callback)
    inner = keras.optimizers.SGD()
    model = network(keras.optimizers.LossScaleOptimizer(inner))
    model.also_known_as = inner  # the same optimizer twice is still one
    fit(model, callback, epochs=1)


RIVALS = [
    (lambda: LearningRateScheduler(WARM_UP), "glissando's LearningRateScheduler"),
    (
        lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.1),
        "keras's LearningRateScheduler",
    ),
    (lambda: keras.callbacks.ReduceLROnPlateau("loss"), "keras's ReduceLROnPlateau"),
]


@units
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("rival", "name"), RIVALS)
def test_pain_37_two_callbacks_that_own_the_rate(rival, name, first, unit):
    callbacks = [LearningRateScheduler(WARM_UP, unit=unit, on_conflict="ignore"), rival()]
    words = rf"two callbacks own .*LearningRateScheduler\(gl\.Linear.*{name}"
    with pytest.raises(gl.ScheduleError, match=words):
        fit(network(), *(callbacks if first else callbacks[::-1]))


class Meddler(keras.callbacks.Callback):
    """Write the rate at one hook of one batch."""

    def __init__(self, hook, epoch, batch=None):
        super().__init__()
        self.at = (hook, epoch, batch)

    def meddle(self, *now):
        if now == self.at:
            self.model.optimizer.learning_rate = 0.75

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        self.meddle("epoch_begin", epoch, None)

    def on_epoch_end(self, epoch, logs=None):
        self.meddle("epoch_end", epoch, None)

    def on_train_batch_begin(self, batch, logs=None):
        self.meddle("batch_begin", self.epoch, batch)

    def on_train_batch_end(self, batch, logs=None):
        self.meddle("batch_end", self.epoch, batch)


def reports(caught):
    return [warning for warning in caught if "Keep one owner" in str(warning.message)]


@pytest.mark.parametrize(
    ("unit", "meddler", "where", "wrong"),
    [
        ("step", Meddler("batch_begin", 1, 2), "in step 6", [6]),
        ("step", Meddler("batch_end", 1, 2), "before step 7", []),
        ("step", Meddler("epoch_begin", 1), "before step 4", []),
        ("step", Meddler("epoch_end", 1), "before step 8", []),
        ("epoch", Meddler("epoch_begin", 1), "in epoch 1", []),
        ("epoch", Meddler("epoch_end", 1), "before epoch 2", []),
        ("epoch", Meddler("batch_begin", 1, 0), "in epoch 1", [4, 5, 6, 7]),
        ("epoch", Meddler("batch_begin", 1, 2), "in epoch 1", [6, 7]),
    ],
)
def test_pain_17_a_foreign_write_is_reported_where_it_is_first_seen(unit, meddler, where, wrong):
    expected = per_epoch(WARM_UP, range(6)) if unit == "epoch" else rates(WARM_UP, range(24))
    message = rf"{where} `learning_rate` is 0\.75, but .* had set .*Meddler.*Keep one owner"

    def run(on_conflict):
        callback = LearningRateScheduler(WARM_UP, unit=unit, on_conflict=on_conflict)
        return fit(network(), callback, meddler)

    with pytest.raises(gl.ScheduleError, match=message):
        run("raise")
    with pytest.warns(UserWarning, match=message) as caught:
        moves, history = run("warn")
    assert len(reports(caught)) == 1
    assert (moves, history) == run("ignore")
    for update in wrong:  # the schedule rules again from its next write on
        expected[update] = 0.75
    assert moves == expected
    assert history["learning_rate"] == expected[3::4]


def test_a_writer_that_goes_on_is_reported_once_a_fit():
    class Rival(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate = 0.75

    callback = LearningRateScheduler(WARM_UP, unit="step")
    for _ in range(2):
        with pytest.warns(UserWarning, match="Rival") as caught:
            moves, history = fit(network(), callback, Rival())
        assert len(reports(caught)) == 1
        assert moves == [0.75] * 24
        assert history["learning_rate"] == [0.75] * 6


def test_other_callbacks_are_no_conflict(tmp_path):
    others = [
        keras.callbacks.EarlyStopping("loss", patience=9),
        keras.callbacks.ModelCheckpoint(tmp_path / "model.keras"),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        LearningRateLogger(),
    ]
    with warnings.catch_warnings(record=True) as caught:
        moves, history = fit(network(), LearningRateScheduler(WARM_UP, unit="step"), *others)
    assert not reports(caught)
    assert moves == rates(WARM_UP, range(24))
    header, *rows = (tmp_path / "log.csv").read_text().split()
    column = header.split(",").index("learning_rate")
    assert [float(row.split(",")[column]) for row in rows] == history["learning_rate"]
