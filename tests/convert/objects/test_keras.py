"""Schedules of Keras are read as what they return, live and as configurations."""

import keras
import numpy as np
import pytest

import glissando as gl
from glissando.convert.given import Given
from glissando.convert.objects.keras import DEFAULTS, is_config, rate_of_optimizer, read_keras

S = keras.optimizers.schedules
SCHEDULES = {
    "cosine": S.CosineDecay(0.1, 200, 0.1),
    "warm-up": S.CosineDecay(0.0, 200, 0.1, warmup_target=0.1, warmup_steps=30),
    "restarts": S.CosineDecayRestarts(0.1, 40),
    "exponential": S.ExponentialDecay(0.1, 30, 0.9),
    "stairs": S.ExponentialDecay(0.1, 30, 0.9, staircase=True),
    "inverse": S.InverseTimeDecay(0.1, 30, 0.9),
    "piecewise": S.PiecewiseConstantDecay([50, 100], [0.1, 0.05, 0.01]),
    "polynomial": S.PolynomialDecay(0.1, 100, 0.01, power=2.0),
    "cycles": S.PolynomialDecay(0.1, 100, 0.01, cycle=True),
}


def read(value):
    return read_keras(value, Given())


def refused(value):
    with pytest.raises(gl.ScheduleError) as caught:
        read(value)
    return str(caught.value)


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule_is_read_within_4_ulp_of_single_precision(schedule):
    rate = read(schedule)
    steps = [*range(8), 29, 30, 31, *range(39, 300, 10)]
    rates = [float(schedule(step)) for step in steps]
    most = 4 * np.spacing(np.float32(max(rates)))
    assert max(abs(rate(k) - v) for k, v in zip(steps, rates, strict=True)) <= most


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_each_form_of_it_is_the_same(schedule):
    optimizer = keras.optimizers.SGD(schedule)
    whole = keras.saving.serialize_keras_object(schedule)
    forms = [
        *(schedule.get_config(), whole, S.serialize(schedule)),
        *(optimizer, keras.saving.serialize_keras_object(optimizer)),
    ]
    assert all(is_config(form) for form in forms if isinstance(form, dict))
    assert {read(form) for form in forms} == {read(schedule)}


def test_a_schedule_of_ours_in_an_optimizer_is_itself():
    rate = gl.Linear(0.1, 0.0, 100)
    optimizer = keras.optimizers.Adam(gl.keras.LearningRateSchedule(rate))
    assert read(optimizer) == read(keras.saving.serialize_keras_object(optimizer)) == rate


def test_an_optimizer_of_one_rate_is_a_constant_in_single_precision():
    assert read(keras.optimizers.Adam(1e-3)) == gl.Constant(float(np.float32(1e-3)))


def test_an_optimizer_compiled_by_its_name_has_keras_own_rate():
    for name, rate in DEFAULTS.items():
        own = float(keras.optimizers.get(name).learning_rate)
        assert rate_of_optimizer(name)(0) == pytest.approx(own, rel=1e-6) == rate
    assert "is not one of Keras' own" in _refused_optimizer("mine")


def _refused_optimizer(value):
    with pytest.raises(gl.ScheduleError) as caught:
        rate_of_optimizer(value)
    return str(caught.value)


def test_an_optimizer_scaled_for_half_precision_is_the_one_inside():
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(SCHEDULES["cosine"]))
    config = keras.saving.serialize_keras_object(optimizer)
    assert read(config) == read(SCHEDULES["cosine"])


def test_the_decay_of_an_old_optimizer_is_by_the_inverse_of_the_step():
    old = {"class_name": "SGD", "config": {"lr": 0.1, "momentum": 0.9, "decay": 0.01}}
    assert rate_of_optimizer(old)(100) == 0.05
    assert rate_of_optimizer({"config": old["config"] | {"decay": 0.0}}) == gl.Constant(0.1)


def test_a_class_of_the_users_own_is_never_built():
    class Odd(S.LearningRateSchedule):
        def __call__(self, step):
            return 0.1

    assert "Odd is a class of your own" in refused(Odd())
    config = {"class_name": "Odd", "registered_name": "mine>Odd", "config": {"learning_rate": 1}}
    assert refused({"config": {"learning_rate": config}}).startswith("keras: 'mine>Odd'")


def test_two_schedules_of_the_same_keys_are_told_apart_by_their_name_alone():
    config = S.InverseTimeDecay(0.1, 30, 0.9, name="mine").get_config()
    assert "ExponentialDecay and InverseTimeDecay have the same keys" in refused(config)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"class_name": "CosineDecay", "config": {"steps": 3}}, "keras.CosineDecay: "),
        ({"class_name": "SGD", "config": {"learning_rate": "fast"}}, "must be a number or the"),
        ({"config": {"learning_rate": None}}, "has no `learning_rate`"),
    ],
)
def test_what_is_no_schedule_is_refused(config, message):
    assert message in refused(config)
