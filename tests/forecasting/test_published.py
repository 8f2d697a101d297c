"""How far forecasts are from published runs, which `make laws` prints."""

import pytest

import glissando as gl
from bench.laws import SIZES, of_grid, of_size, scored


@pytest.mark.parametrize("size", SIZES)
def test_one_run_foretells_eight_other_schedules(size):
    score, _ = scored(*of_size(size, "wsdld_20000_24000"))
    assert score.error <= 0.35
    assert score.worst <= 1.0
    assert score.tau >= 0.8


def test_pilots_at_three_peaks_foretell_the_grid():
    inside = []
    for end, error, tau, pairs, regret in (
        (35_000, 0.3, 0.7, 90, 0.0028),
        (25_000, 0.4, 0.45, 80, 0.003),
    ):
        score, held = scored(*of_grid(end))
        assert score.error <= error
        assert score.tau >= tau
        assert score.pairs >= pairs
        assert score.regret_of_3 <= regret
        inside.append(held)
    assert min(inside) >= 0.7


def test_a_cosine_alone_is_doubted_and_its_intervals_hold_the_miss():
    pilots, held = of_size("25M", "cosine_24000")
    forecast = gl.forecast(pilots)
    assert any("cosine" in doubt or "cooldown" in doubt for doubt in forecast.doubts)
    for curve in held.values():
        prediction = forecast(curve.schedule, curve.steps[-1])
        assert prediction.low <= curve.last <= prediction.high
