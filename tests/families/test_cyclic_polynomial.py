"""The polynomial over ever longer periods: what the laws do not say."""

import keras
import numpy as np
import pytest

import glissando as gl


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("period", [1, 3, 10])
def test_it_is_keras_polynomial_with_cycle(period, power):
    theirs = keras.optimizers.schedules.PolynomialDecay(0.1, period, 0.01, power, cycle=True)
    ours = gl.CyclicPolynomial(0.1, 0.01, period, power)
    truth = np.array([float(theirs(step)) for step in range(45)])
    # where the period is over, Keras's float32 finds 1 - 1 = 6e-8, of which it takes the root
    slack = 4 * np.spacing(np.float32(0.1)) if power >= 1 else 1e-4
    assert np.abs(ours(np.arange(45)) - truth).max() <= slack


def test_between_steps_the_jump_comes_after_the_period():
    saw = gl.CyclicPolynomial(1.0, 0.0, period=4, power=1.0)
    assert [saw(t) for t in (3.5, 4, 4.5, 8, 8.25)] == [0.125, 0.0, 0.4375, 0.0, 0.3125]
    assert [step for step, _ in zip(saw.breaks(), range(3), strict=False)] == [5, 9, 13]
    assert next(saw.breaks(9)) == 9
    assert next(saw.breaks(10)) == 13
