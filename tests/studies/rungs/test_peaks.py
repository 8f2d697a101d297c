import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glissando.studies.rungs.parabola import curvature_of, lowest_point
from glissando.studies.rungs.peaks import (
    Tried,
    bracket,
    edge_of,
    gap_of,
    lowest_of,
    next_allowed,
    next_peak,
    some_of,
    written,
)
from tests.strategies import examples

FIRST = [0.1, 0.3, 0.9]


def parabola(best, curvature=0.1):
    """Return a loss that is lowest at a peak."""
    return lambda peak: 1.0 + curvature * math.log(peak / best) ** 2


@examples(30)
@given(st.floats(1e-6, 1e6))
def test_the_best_peak_is_bracketed_and_then_approached(best):
    loss = parabola(best)
    tried = [Tried(peak, loss(peak)) for peak in FIRST]
    while gap_of(tried) > 2.0:
        assert len(tried) < 25
        tried.append(Tried(peak := next_peak(tried, FIRST), loss(peak)))
    assert edge_of(tried) == 0
    below, _, above = bracket(tried)
    assert below.peak < best < above.peak


def test_diverged_runs_are_above_the_best():
    tried = [Tried(0.1, math.inf), Tried(0.3, math.inf), Tried(0.9, math.inf)]
    assert next_peak(tried, FIRST) < 0.1
    tried = [Tried(0.1, 2.0), Tried(0.3, 1.0), Tried(0.9, math.inf)]
    assert edge_of(tried) == 0
    assert 0.1 < next_peak(tried, FIRST) < 0.3


def test_peaks_stay_within_the_rates_that_there_are():
    assert written(1e300) == written(1e200)
    assert written(0.0) > 0
    assert written(0.0123456) == 0.0123


def test_of_the_peaks_that_are_allowed_the_nearest_is_tried_next():
    allowed = [1.0, 2.0, 4.0, 8.0, 16.0]
    tried = [Tried(1.0, 3.0), Tried(4.0, 1.0), Tried(16.0, 2.0)]
    assert next_allowed(tried, allowed) == 8.0
    tried.append(Tried(8.0, 1.5))
    assert next_allowed(tried, allowed) == 2.0
    tried.append(Tried(2.0, 1.5))
    assert next_allowed(tried, allowed) is None
    assert next_allowed([Tried(4.0, math.inf)], allowed) == 2.0
    assert next_allowed([Tried(1.0, math.inf)], allowed) is None


def test_some_peaks_are_spread():
    assert some_of([1, 2, 3, 4], 2) == [1, 4]
    assert some_of([1, 2, 3, 4], 3) == [1, 3, 4]


@examples(30)
@given(st.floats(0.2, 0.5), st.floats(0.01, 10.0))
def test_the_lowest_point_of_a_parabola_is_found(best, curvature):
    loss = parabola(best, curvature)
    tried = [Tried(peak, loss(peak)) for peak in (0.1, 0.17, 0.3, 0.52, 0.9)]
    found = lowest_point(tried, 1e-6, curvature=curvature_of(tried))
    assert found.peak == pytest.approx(best, rel=0.12)
    assert found.loss == pytest.approx(1.0, abs=0.03 * curvature)


@given(st.floats(0.2, 0.5))
def test_two_runs_are_enough_where_the_curvature_is_known(best):
    loss = parabola(best)
    tried = [Tried(peak, loss(peak)) for peak in (0.22, 0.44)]
    found = lowest_point(tried, 1e-5, curvature=0.1, expected=0.31)
    assert found.peak == pytest.approx(best, rel=0.12)
    assert found.outside == pytest.approx(
        max(math.log(best / 0.44), 0.0) + min(math.log(best / 0.22), 0.0), abs=0.12
    )


def test_one_run_leaves_the_peak_where_it_is_expected():
    found = lowest_point([Tried(0.3, 2.0)], 0.01, curvature=0.1, expected=0.3)
    assert (found.peak, found.loss, found.error) == (0.3, 2.0, pytest.approx(1.0, rel=0.1))


def test_noise_of_single_runs_weighs_less_where_there_are_more():
    few = [Tried(peak, parabola(0.3)(peak)) for peak in (0.15, 0.3, 0.6)]
    more = few + [Tried(peak, parabola(0.3)(peak)) for peak in (0.22, 0.42)]
    errors = [lowest_point(tried, 0.05, curvature=0.1).error for tried in (few, more)]
    assert errors[1] < errors[0] <= 1.0


def test_a_wall_above_the_best_peak_does_not_pull_the_parabola_down():
    tried = [Tried(0.1, 1.05), Tried(0.3, 1.0), Tried(0.9, 3.0)]
    found = lowest_point(tried, 0.001, curvature=curvature_of(tried))
    assert 0.95 < found.loss <= 1.0
    assert 0.15 < found.peak < 0.3
    assert lowest_of(tried).peak == 0.3


def test_the_best_of_the_peaks_that_are_allowed():
    tried = [Tried(peak, parabola(0.4)(peak)) for peak in (0.1, 0.3, 0.9)]
    found = lowest_point(tried, 0.001, curvature=0.1, allowed=[0.1, 0.3, 0.45, 0.9])
    assert found.peak == 0.45
