"""What users write by mistake is answered with what to write, whoever meets it first."""

import re

import keras
import numpy as np
import pytest
from probe import fit, network, rates

import glissando as gl
from glissando.adapters.keras import LearningRateLogger, LearningRateSchedule, LearningRateScheduler

RATE = gl.Cosine(0.1, 0.0, steps=6)
ON = gl.Plateau("keras", patience=2).on(RATE)
IN_GRAPH = r"SGD\(gl\.keras\.LearningRateSchedule\(rate\)\)"
CALLBACK = r"callbacks=\[gl\.keras\.LearningRateScheduler\(schedule\)\]"


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}])
def test_a_bare_schedule_in_the_optimizer_names_the_class_to_put_around_it(options):
    with pytest.raises(TypeError, match=IN_GRAPH):
        fit(network(keras.optimizers.SGD(RATE), **options))
    with pytest.raises(TypeError, match=IN_GRAPH):
        fit(network(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(RATE)), **options))
    ones = np.ones((1, 1))
    for train in (fit, lambda model: model.train_on_batch(ones, ones)):
        model = network()
        model.optimizer.learning_rate = RATE
        with pytest.raises(TypeError, match=IN_GRAPH):
            train(model)
    with pytest.raises(TypeError, match=IN_GRAPH):
        _ = keras.optimizers.SGD(RATE >> gl.Constant(0.1)).learning_rate


def test_a_bare_schedule_in_the_optimizer_beside_a_callback():
    model = network(keras.optimizers.SGD(RATE))
    words = r"schedule of its own.*SGD\(0\.01\).*gl\.keras\.LearningRateSchedule\(\.\.\.\)"
    with pytest.raises(gl.ScheduleError, match=words):
        fit(model, LearningRateScheduler(RATE))
    with pytest.raises(gl.ScheduleError, match=r"built with a gl\.keras\.LearningRateSchedule"):
        gl.keras.resume(model, RATE)


def test_a_schedule_on_a_plateau_in_the_optimizer_names_the_callback():
    with pytest.raises(TypeError, match=r"OnPlateau: `state`.*gl\.keras\.LearningRateScheduler"):
        fit(network(keras.optimizers.SGD(ON)))
    with pytest.raises(gl.ScheduleError, match=r"A plateau observes metrics, which .*Scheduler"):
        LearningRateSchedule(ON)


@pytest.mark.parametrize("value", [RATE, ON, gl.Plateau("keras"), RATE >> gl.Constant(0.1)])
@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: value])
def test_a_bare_schedule_among_the_callbacks_names_the_callback(value, wrap):
    ones = np.ones((2, 1))
    with pytest.raises(AttributeError, match=f"is no callback.*{CALLBACK}"):
        network().fit(ones, ones, verbose=0, callbacks=wrap(value))


def test_the_schedule_for_the_optimizer_among_the_callbacks_names_the_other():
    ones = np.ones((2, 1))
    with pytest.raises(AttributeError, match=r"goes into the optimizer.*Scheduler\(schedule\)"):
        network().fit(ones, ones, verbose=0, callbacks=[LearningRateSchedule(RATE)])
    assert not hasattr(LearningRateSchedule(RATE), "set_model")
    assert not hasattr(RATE, "set_model")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LearningRateShedule", "did you mean 'LearningRateSchedule'"),
        ("LearningRateShceduler", "did you mean 'LearningRateScheduler'"),
        ("LearningrateScheduler", "did you mean 'LearningRateScheduler'"),
        ("learningrateschedule", "did you mean 'LearningRateSchedule'"),
        ("LEARNINGRATELOGGER", "did you mean 'LearningRateLogger'"),
        ("LRScheduler", "did you mean 'LearningRateScheduler'"),
        ("Resume", "did you mean 'resume'"),
        ("ReduceLROnPlateau", r"gl\.Plateau\('keras', .*\)\.on\(schedule\)"),
        ("CosineDecay", r"gl\.dialects\.keras\.CosineDecay"),
        ("Linear", "it has LearningRateLogger, LearningRateSchedule, LearningRateScheduler"),
        ("xyz", "it has LearningRateLogger, LearningRateSchedule, LearningRateScheduler"),
    ],
)
def test_one_letter_off_names_what_there_is(name, words):
    with pytest.raises(AttributeError, match=rf"gl\.keras has no '{name}'.*{words}"):
        getattr(gl.keras, name)


@pytest.mark.parametrize(
    ("optimizer", "name", "here"),
    [
        (keras.optimizers.SGD(), "lr", "learning_rate"),
        (keras.optimizers.SGD(), "LR", "learning_rate"),
        (keras.optimizers.Adam(), "beta1", "beta_1"),
        (keras.optimizers.Adam(), "betas[0]", "beta_1"),
        (keras.optimizers.Adam(), "b2", "beta_2"),
        (keras.optimizers.Adam(), "momentum", "beta_1"),
        (keras.optimizers.Adam(), "eps", "epsilon"),
        (keras.optimizers.Adam(), "wd", "weight_decay"),
        (keras.optimizers.AdamW(), "wd", "weight_decay"),
        (keras.optimizers.RMSprop(), "alpha", "rho"),
        (keras.optimizers.SGD(), "max_norm", "clipnorm"),
        (keras.optimizers.SGD(momentum=0.9), "beta1", "momentum"),
    ],
)
def test_what_is_called_otherwise_elsewhere_is_named(optimizer, name, here):
    words = rf"`{re.escape(name)}` must name a float .*; here it is called '{here}'"
    with pytest.raises(gl.ScheduleError, match=words):
        fit(network(optimizer), LearningRateScheduler({name: RATE}))


def test_the_callback_before_training():
    callback = LearningRateScheduler(gl.Linear(0.1, 0.0, 4) >> gl.Constant(0.1).open_ended())
    assert callback.names == ["learning_rate"]
    assert callback.state_dict()["step"] == 0
    callback.load_state_dict(callback.state_dict() | {"step": 3})
    assert repr(callback).endswith("unit='epoch', step=3)")
    callback.finish(at=8)
    assert callback.schedule.steps == 8
    for call in (
        lambda: callback.on_epoch_begin(0),
        lambda: callback.on_train_begin(),
        lambda: callback.on_train_batch_begin(0),
        callback.driven,
        lambda: LearningRateLogger().on_epoch_end(0, {}),
    ):
        with pytest.raises(gl.ScheduleError, match=r"no model before training: .*set_model\(model"):
            call()
    callback.on_train_batch_end(0, {})
    callback.on_epoch_end(0, {})
    callback.on_train_end()


def test_repr_says_schedule_and_step():
    callback = LearningRateScheduler(RATE, unit="step")
    words = "LearningRateScheduler(gl.Cosine(0.1, 0.0, steps=6), unit='step', step={})"
    assert repr(callback) == words.format(0)
    fit(network(), callback, epochs=1)
    assert repr(callback) == words.format(4)
    assert repr(LearningRateSchedule(RATE)) == f"gl.keras.LearningRateSchedule({RATE!r})"
    assert "(halving, unit='epoch', step=0)" in repr(LearningRateScheduler(halving))
    both = LearningRateScheduler({"learning_rate": RATE, "momentum": RATE})
    assert repr(both).count("gl.Cosine") == 2


def halving(epoch):
    return 0.5**epoch


def test_a_plateau_alone_and_a_number_are_answered_with_what_to_write():
    with pytest.raises(gl.ScheduleError, match=r"gl\.Plateau\(\.\.\.\)\.on\(schedule\)"):
        LearningRateScheduler(gl.Plateau("keras"))
    with pytest.raises(gl.ScheduleError, match=r"write gl\.Constant\(0\.001\)"):
        LearningRateScheduler(1e-3)


def stopped(patience, plateau, monitor="loss", **options):
    stop = keras.callbacks.EarlyStopping(monitor, patience=patience, mode="max")
    callback = LearningRateScheduler(plateau.on(gl.Constant(0.1)), monitor="loss", **options)
    return fit(network(), callback, stop, epochs=12)[0]


@pytest.mark.parametrize("rules", ["keras", "torch"])
def test_an_early_stopping_with_less_patience_than_the_plateau_is_told(rules):
    plateau = gl.Plateau(rules, factor=0.5, patience=4, mode="max")
    falls = 4 if rules == "keras" else 5
    words = (
        rf"EarlyStopping with a patience of {falls} ends training after {falls} epochs without an "
        rf"improvement, but the plateau lowers `learning_rate` only after {falls}:.* above {falls}"
    )
    with pytest.warns(UserWarning, match=words):
        moves = stopped(falls, plateau)
    assert set(moves) == set(rates(gl.Constant(0.1), [0]))  # nothing was trained at a lower one
    assert len(set(stopped(falls + 1, plateau))) == 2
    assert stopped(2, plateau, on_conflict="ignore")
    with pytest.raises(gl.ScheduleError, match="EarlyStopping"):
        stopped(2, plateau, on_conflict="raise")


def test_an_early_stopping_of_another_metric_is_not_told():
    with pytest.warns(UserWarning, match="Early stopping conditioned on metric `val_loss`"):
        stopped(2, gl.Plateau("keras", patience=4), monitor="val_loss")


def test_an_early_stopping_beside_a_greedy_rate_is_told():
    with pytest.warns(UserWarning, match=r"only after 5"):
        stopped(3, gl.Greedy(patience=4))
