"""Seeded noise: the same everywhere, never out of its bounds, and with no pattern in it."""

import json

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from py_mini_racer import MiniRacer

import glissando as gl

STEPS = np.arange(100_000)
SEEDS = [0, 1, 2, 42, 4093, 4094, 4093**2, 2**32 - 1]


def noise(seed, steps=STEPS):
    """The bare noise of each step, from -1 to 1."""
    return gl.Constant(1.0).noise(1.0, seed)(steps) - 1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("start", [0, 10**6, 2**31, 10**12])
def test_it_is_spread_evenly(seed, start):
    found = noise(seed, STEPS + start)
    assert abs(found.mean()) < 5 / np.sqrt(3 * len(STEPS))
    assert found.std() == pytest.approx(1 / np.sqrt(3), rel=0.01)
    counts, _ = np.histogram(found, 100, (-1, 1))
    assert abs(counts - 1_000).max() < 5 * np.sqrt(1_000)
    pairs, _, _ = np.histogram2d(found[:-1], found[1:], 10, ((-1, 1), (-1, 1)))
    assert abs(pairs - 1_000).max() < 5 * np.sqrt(1_000)


def correlations(x, y):
    """How many standard deviations the correlation of x with a later y is, at every shift."""
    size = 2 * len(x)
    product = np.fft.rfft(x, size) * np.conj(np.fft.rfft(y, size))
    pairs = len(x) - np.arange(len(x) - 1_000)
    return np.fft.irfft(product)[: len(pairs)] * 3 / np.sqrt(pairs)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_has_no_period(seed):
    found = noise(seed)
    assert abs(correlations(found, found)[1:]).max() < 6
    power = abs(np.fft.rfft(found))[1:] ** 2 * 3 / len(found)
    assert power.max() < 20  # of as many exponential numbers one is above it in 10,000 tries


def test_other_seeds_are_other_noise():
    found = {seed: noise(seed) for seed in SEEDS}
    for x in SEEDS:
        for y in SEEDS:
            if x != y:
                assert abs(correlations(found[x], found[y])).max() < 6
    first = np.array([noise(seed, np.arange(3)) for seed in range(10_000)])
    assert abs(first.mean(axis=0)).max() < 5 / np.sqrt(3 * 10_000)
    assert abs(np.corrcoef(first.T) - np.eye(3)).max() < 0.05


def test_the_bounds_hold():
    found = np.concatenate([noise(seed) for seed in SEEDS])
    assert -1 <= found.min() < -0.9999
    assert 0.9999 < found.max() <= 1
    noisy = gl.Linear(0.3, 0.1, steps=100_000).noise(0.25, seed=3)
    rates = noisy(STEPS) / gl.Linear(0.3, 0.1, steps=100_000)(STEPS)
    assert 0.75 <= rates.min() < 0.7501
    assert 1.2499 < rates.max() <= 1.25


NOISY = gl.Cosine(1.0, 0.1, steps=10**7).noise(0.5, seed=2**31 + 5)
SOME = [*range(50), 4_092, 4_093, 65_535, 10**6, 2**22 - 1, 2**24 - 1]


@pytest.mark.parametrize(
    "run",
    [
        lambda s, t: s(np.array(t)),
        lambda s, t: s(np.array(t, float)),
        lambda s, t: jax.jit(s)(jax.numpy.array(t, "int32")),
        lambda s, t: jax.jit(s)(jax.numpy.array(t, "float32")),
        lambda s, t: s(torch.tensor(t)),
        lambda s, t: s(torch.tensor(t, dtype=torch.float32)),
        lambda s, t: tf.function(s)(tf.constant(t)),
        lambda s, t: tf.function(s)(tf.constant(t, tf.float32)),
    ],
)
def test_every_framework_has_the_same_noise(run):
    rates = np.asarray(run(NOISY, SOME))
    np.testing.assert_allclose(rates, [NOISY(t) for t in SOME], rtol=0, atol=8 * 2.0**-23)


def test_javascript_has_the_same_noise_at_any_step():
    steps = [*SOME, 2**31, 2**40 + 1, 2**53 - 1, 0.5, 1.999]
    endless = gl.Constant(1.0).noise(0.5, seed=9)
    engine = MiniRacer()
    engine.eval(gl.source(endless, "javascript"))
    found = json.loads(engine.eval(f"JSON.stringify({json.dumps(steps)}.map(rate))"))
    assert found == [endless(t) for t in steps]


def test_the_end_holds_and_fractions_have_the_noise_of_the_step_before():
    noisy = gl.Linear(1.0, 0.5, steps=10).noise(0.2, seed=1)
    assert noisy(10) == noisy(11) == noisy(2**53) != 0.5
    flat = gl.Constant(1.0).noise(0.2, seed=1)
    assert flat(3) == flat(3.5) != flat(4)


def test_it_survives_every_form_and_names_what_is_wrong():
    noisy = gl.Cosine(1.0, 0.0, steps=10).noise(0.2, seed=2**32 - 1)
    assert gl.loads(gl.dumps(noisy)) == gl.parse(str(noisy)) == noisy
    assert gl.parse("cosine(1, 0, steps=10).noise(0.2, seed=4294967295)") == noisy
    for wrong, message in [
        ({"scale": 0}, "`scale` must be above 0, got 0"),
        ({"scale": 1.1}, "`scale` must be at most 1, got 1.1"),
        ({"scale": 0.1, "seed": -1}, "`seed` must be 0 or more, got -1"),
        ({"scale": 0.1, "seed": 0.5}, "`seed` must be a whole number, got 0.5"),
    ]:
        with pytest.raises(gl.ScheduleError, match=f"Noise: {message}"):
            gl.Constant(1.0).noise(**wrong)


def test_lint_takes_no_noise_for_a_mistake():
    rate = gl.Linear(0.01, 0.1, steps=10) >> gl.Cosine(0.1, 0.01, steps=90)
    assert gl.lint(rate.noise(0.3)) == []
