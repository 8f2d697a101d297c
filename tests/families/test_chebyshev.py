"""Chebyshev's steps in a fractal order: what the laws do not say."""

import math

import numpy as np
import pytest

import glissando as gl


def order(nodes):
    """The paper's own words: interlace an order with its mirror image."""
    found = [0]
    while len(found) < nodes:
        found = [i for n in found for i in (n, 2 * len(found) - 1 - n)]
    return found


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 8, 100, 128, 1_000])
def test_it_is_the_papers_formula_in_the_papers_order(steps):
    nodes = 2 ** math.ceil(math.log2(steps))
    small, large = 1 / 0.5, 1 / 0.02  # the bounds of the curvature
    rates = [
        2 / (large + small - (large - small) * math.cos(math.pi * (n + 0.5) / nodes))
        for n in order(nodes)
    ]
    schedule = gl.Chebyshev(0.02, 0.5, steps)
    assert [schedule(t) for t in range(steps)] == pytest.approx(rates[:steps], rel=1e-12)
    assert schedule(steps) == schedule(steps + 7) == schedule(steps - 1)


def test_all_nodes_of_a_long_order_are_used_once():
    steps = 2**16
    rates = gl.Chebyshev(0.1, 2.0, steps)(np.arange(steps))
    sine = np.sin(np.pi / 2 * (np.arange(steps) + 0.5) / steps)
    assert np.allclose(np.sort(rates)[::-1], 2.0 / (1 + 19 * sine**2), rtol=1e-12, atol=0)


@pytest.mark.parametrize(("floor", "peak"), [(0, 1), (2, 1)])
def test_bad_bounds_are_refused(floor, peak):
    with pytest.raises(gl.ScheduleError, match="Chebyshev: `floor` must be above 0 and at most"):
        gl.Chebyshev(floor, peak, 8)
