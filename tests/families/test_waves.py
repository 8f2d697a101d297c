"""Cosine waves without end, and powers of one: what the laws do not say."""

import math
from decimal import Decimal, getcontext
from fractions import Fraction

import jax
import numpy as np
import optax
import pytest
import tensorflow as tf
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import CosineAnnealingLR

import glissando as gl

PERIODS = [2, 7, 1_000, 2**31 + 9, 3.7, 2.0000001, 1_000 / 0.3, 12_345.678, 0.37, 1 / 3]
FAR = [0, 1, 5, 10**6 + 1, 2**24 + 1, 2**30 + 7, 2**31 - 1]


@pytest.mark.parametrize("period", PERIODS)
def test_float32_holds_the_wave_at_any_int32_step(period):
    wave = gl.CosineWave(1.0, 0.25, period)
    phases = [Fraction(t) / Fraction(float(period)) % 1 for t in FAR]
    truth = np.array([0.25 + 0.75 * (1 + math.cos(2 * math.pi * phase)) / 2 for phase in phases])
    assert wave(np.array(FAR)) == pytest.approx(truth, abs=1e-15)
    assert [wave(t) for t in FAR] == pytest.approx(truth, abs=1e-15)
    found = [
        np.asarray(jax.jit(wave)(np.array(FAR, np.int32))),
        wave(torch.tensor(FAR)).numpy(),
        tf.function(wave)(tf.constant(FAR, tf.int64)).numpy(),
    ]
    for rates in found:
        assert rates.dtype == np.float32
        assert np.abs(rates - truth).max() <= 4 * np.spacing(np.float32(1))


def test_it_is_what_pytorch_bounces_along():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    theirs = CosineAnnealingLR(optimizer, T_max=7, eta_min=0.01)
    ours = gl.CosineWave(0.3, 0.01, period=14)
    for step in range(40):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(ours(step), rel=1e-12)
        optimizer.step()
        theirs.step()


@given(
    steps=st.integers(1, 10**6),
    fraction=st.floats(0, 1),
    power=st.sampled_from([0.01, 0.5, 1.0, 1.7, 30.0, 1000.0]),
)
def test_a_power_of_the_cosine_keeps_its_digits_near_the_end(steps, fraction, power):
    step = math.floor(steps * fraction)
    getcontext().prec = 60
    angle = Decimal("3.14159265358979323846264338327950288419716939937510582") * step / steps
    cosine, term = Decimal(1), Decimal(1)
    for n in range(1, 60):
        term *= -angle * angle / (2 * n * (2 * n - 1))
        cosine += term
    truth = float(((1 + cosine) / 2) ** Decimal(power)) if step < steps else 0.0
    schedule = gl.CosinePower(1.0, 0.0, steps, power)
    assert schedule(step) == pytest.approx(truth, rel=1e-15 * (4 + 4 * power), abs=1e-300)


def test_a_power_of_the_cosine_is_optaxs_exponent():
    theirs = optax.cosine_decay_schedule(0.1, 50, alpha=0.2, exponent=1.7)
    ours = gl.CosinePower(0.1, 0.02, steps=50, power=1.7)
    steps = np.arange(70)
    assert np.abs(ours(steps) - np.asarray(theirs(steps))).max() <= 4 * np.spacing(np.float32(0.1))
