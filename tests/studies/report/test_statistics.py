import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glissando.studies.report.statistics import cost, difference, estimate

REPEATS = 800


def normal(draw, seeds):
    return draw.normal(0.01, 0.005, seeds)


def skewed_pairs(draw, seeds):
    """Return differences of two skewed results of the same spread, 0.01 apart."""
    return 0.01 + 0.003 * (draw.gamma(1.0, size=seeds) - draw.gamma(1.0, size=seeds))


@pytest.mark.parametrize("seeds", [3, 5, 6, 10])
@pytest.mark.parametrize("results", [normal, skewed_pairs])
def test_the_interval_covers_the_true_mean(seeds, results):
    draw = np.random.default_rng(seeds)
    found = [estimate(list(results(draw, seeds))) for _ in range(REPEATS)]
    covered = np.mean([each.low <= 0.01 <= each.high for each in found])
    assert 0.87 <= covered <= 0.96


def test_percentiles_would_be_too_narrow():
    draw = np.random.default_rng(0)
    covered = 0
    for _ in range(300):
        values = normal(draw, 3)
        means = draw.choice(values, (300, 3)).mean(axis=1)
        low, high = np.quantile(means, [0.05, 0.95])
        covered += low <= 0.01 <= high
    assert covered / 300 < 0.75


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_the_mean_lies_in_its_interval(losses):
    found = estimate(losses)
    assert found.seeds == len(losses)
    assert found == estimate(losses)
    if len(losses) == 1:
        assert found[:3] == (losses[0], None, None)
    else:
        assert found.low <= found.mean <= found.high


@given(
    st.dictionaries(st.integers(0, 9), st.floats(-10, 10), min_size=2),
    st.dictionaries(st.integers(0, 9), st.floats(-10, 10), min_size=2),
)
def test_a_difference_turns_with_its_sides_and_with_the_goal(one, other):
    there, back = difference(one, other), difference(other, one)
    highest = difference(one, other, "max")
    assert there.seeds == len(one.keys() & other.keys())
    if there.seeds:
        assert there.by == -back.by
        assert highest.by == -there.by
        assert there.won + highest.won <= there.seeds
    else:
        assert there.by is None


def test_what_diverged_is_counted_and_not_averaged():
    found = difference({1: 1.0, 2: 1.0, 3: math.inf}, {1: 1.5, 2: math.inf, 3: math.inf})
    assert (found.by, found.low, found.seeds) == (0.5, None, 3)
    assert (found.won, found.diverged) == (2, 1)
    assert estimate([1.0, math.inf])[:5] == (1.0, None, None, 2, 1)
    assert estimate([math.inf]).mean is None


def test_what_diverged_is_worst_also_where_high_is_good():
    assert cost(math.inf, "max") == cost(math.inf, "min") == math.inf
    assert cost(0.9, "max") < cost(0.8, "max") < cost(math.inf, "max")


def test_a_tie_is_one():
    found = difference({1: 1.0, 2: 1.2, 3: 1.1}, {1: 1.1, 2: 1.1, 3: 1.1})
    assert found.tied
    assert not found.sure


def test_results_that_are_all_the_same_have_no_width():
    found = estimate([0.3] * 12)
    assert found.low == found.mean == found.high
