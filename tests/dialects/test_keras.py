"""What Keras's schedules do that their names do not say."""

import math

import keras as peer
import numpy as np
import pytest

import glissando as gl
from glissando.dialects import NotRepresentable, keras


def test_a_boundary_still_has_the_old_rate():
    rate = keras.PiecewiseConstantDecay([3], [1.0, 0.1])
    assert [rate(step) for step in range(5)] == [1, 1, 1, 1, 0.1]
    assert keras.PiecewiseConstantDecay([3, 2], [1.0, 2.0, 3.0])(3) == 4  # as unsorted ones add up


def test_every_restart_is_met_where_a_logarithm_misses_some():
    assert keras.CosineDecayRestarts(0.1, 1000, t_mul=1.5)(2500) == 0.1
    for step in (10, 21):  # 10 and 11 steps, though 1.1 is no float
        assert keras.CosineDecayRestarts(0.1, 10, t_mul=1.1)(step) == pytest.approx(0.1, rel=1e-12)


def test_restarts_that_come_ever_faster_end():
    rate = keras.CosineDecayRestarts(0.1, 10, t_mul=0.5)
    assert rate(19) <= 0.1
    with pytest.raises(gl.ScheduleError, match="at most 19"):
        rate(20)
    by_keras = peer.optimizers.schedules.CosineDecayRestarts(0.1, 10, t_mul=0.5)
    assert math.isnan(float(by_keras(20)))


def test_restarts_whose_peaks_grow_without_bound_are_refused():
    with pytest.raises(NotRepresentable, match="grow without bound"):
        keras.CosineDecayRestarts(0.1, 1, t_mul=2.0, m_mul=10.0)


def test_a_warmup_without_a_target_has_no_effect():
    assert keras.CosineDecay(0.1, 10, warmup_steps=5) == gl.Cosine(0.1, 0.0, 10)


def test_a_cycle_of_a_polynomial_comes_down_to_the_end():
    rate = keras.PolynomialDecay(1.0, 4, 0.0, cycle=True)
    assert [rate(t) for t in range(9)] == [1, 0.75, 0.5, 0.25, 0, 0.375, 0.25, 0.125, 0]


@pytest.mark.parametrize("name", ["ExponentialDecay", "InverseTimeDecay", "CosineDecayRestarts"])
def test_a_configuration_of_keras_is_what_the_dialect_takes(name):
    made = getattr(peer.optimizers.schedules, name)(0.1, 10, 0.5)
    ours = getattr(keras, name)(**made.get_config())
    assert ours(7) == pytest.approx(float(made(7)), rel=1e-6)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # TensorFlow's
@pytest.mark.parametrize("function", [lambda epoch, lr: lr * 0.99, lambda epoch: 0.1 / (1 + epoch)])
def test_a_function_of_the_epoch_and_the_rate(function):
    optimizer = peer.optimizers.SGD(0.3)
    callback = peer.callbacks.LearningRateScheduler(function)
    model = peer.Sequential([peer.Input((1,)), peer.layers.Dense(1)])
    model.compile(optimizer, "mse")
    callback.set_model(model)
    ours = keras.LearningRateScheduler(function, steps_per_epoch=3, lr=0.3)
    for epoch in range(40):
        callback.on_epoch_begin(epoch)
        rate = np.float32(ours(3 * epoch + 2))
        assert rate == pytest.approx(float(optimizer.learning_rate), rel=2e-7)
    with pytest.raises(gl.ScheduleError, match="`lr` must be given"):
        keras.LearningRateScheduler(lambda epoch, lr: lr, steps_per_epoch=3)


def test_a_schedule_may_be_the_function():
    rate = keras.LearningRateScheduler(gl.Linear(1.0, 0.0, 10), steps_per_epoch=5)
    assert rate == gl.Linear(1.0, 0.0, 10).hold_each(5)


def test_a_ratio_is_as_written_unless_float32_shows():
    assert keras.ExponentialDecay(0.1, 1000, 0.5).ratio == 0.5
    assert keras.ExponentialDecay(0.1, 1000, 0.9).ratio == 0.9
    assert keras.ExponentialDecay(0.1, 1, 0.9999).ratio == float(np.float32(0.9999))
