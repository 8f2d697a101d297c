"""The roundest numbers within an interval."""

import math

import pytest

from glissando.inference.numbers import decay, decimal, digits, whole


@pytest.mark.parametrize(
    ("low", "high", "number"),
    [
        (0.00098, 0.00103, 0.001),
        (-1e-9, 1e-9, 0.0),
        (1.2344e-5, 1.2346e-5, 1.2345e-5),
        (0.29, 0.31, 0.3),
        (1.96, 2.3, 2.0),
    ],
)
def test_the_shortest_decimal(low, high, number):
    assert decimal(low, high) == number


@pytest.mark.parametrize(
    ("low", "high", "near", "origins", "number"),
    [
        (498.2, 503.0, 501.0, (0.0,), 500),
        (9995.0, 10_020.0, 10_007.0, (0.0,), 10_000),
        (10_495.0, 10_505.0, 10_502.0, (0.0, 503.0), 10_503),
        (7.1, 7.9, 7.5, (0.0,), None),
    ],
)
def test_the_roundest_whole_number(low, high, near, origins, number):
    assert whole(low, high, near, origins) == number


def test_a_decay_by_a_ratio_is_found():
    rate = -math.log(0.5) / 1000
    assert decay(rate * (1 - 1e-9), rate * (1 + 1e-9), rate)[1] == ("ratio", 0.5, 1000)


def test_digits():
    assert [digits(number) for number in (0.0, 100.0, 1.5e-5, 1234.0)] == [0, 1, 2, 4]
