"""What the tests of several recipes need: the published formulas, written once more."""

import math

import numpy as np
import pytest

LENGTHS = [(40, 7), (40, 0), (40, 39), (1, 0), (2, 1), (333, 100)]
"""Steps of a run, and of its warm-up."""


def linear(elapsed):
    return 1 - elapsed


def cosine(elapsed):
    return (1 + math.cos(math.pi * elapsed)) / 2


def square(elapsed):
    return (1 - elapsed) ** 2


def warmed_up(t, peak, warmup, steps, decay, start=0.0, end=0.0):
    """A linear warm-up from `start`, and after it a decay to `end`."""
    if t < warmup:
        return start + (peak - start) * t / warmup
    return end + (peak - end) * decay(min(1.0, (t - warmup) / (steps - warmup)))


def divided(epoch, milestones, factor):
    return factor ** sum(epoch >= milestone for milestone in milestones)


def assert_equal(rate, formula, steps, peak):
    """Hold a schedule to a formula, at every step and as many after its end."""
    assert rate.steps == steps
    found = [rate(t) for t in range(2 * steps)]
    expected = [formula(t) for t in range(2 * steps)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=4 * np.spacing(peak))


def assert_close(rate, values):
    """Hold a schedule to the rates of some steps."""
    assert {t: rate(t) for t in values} == pytest.approx(values, rel=1e-14, abs=0)
