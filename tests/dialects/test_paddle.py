"""What is peculiar to Paddle's schedulers."""

import pytest

import glissando as gl
from glissando.dialects import NotRepresentable, paddle


def first(schedule, steps):
    return [round(schedule(step), 3) for step in range(steps)]


def test_noam_is_not_normalized_and_begins_with_0():
    assert first(paddle.NoamDecay(1, 4), 6) == [0, 0.125, 0.25, 0.375, 0.5, 0.447]


def test_noam_of_the_static_graphs_counts_from_1():
    static = paddle.NoamDecay(4, 4).drop(1)
    for t in range(100):
        expected = 4**-0.5 * min((t + 1) ** -0.5, (t + 1) * 4**-1.5)
        assert static(t) == pytest.approx(expected, rel=1e-15)


def test_one_cycle_goes_on_for_a_step_and_raises():
    cycle = paddle.OneCycleLR(1.0, 10, end_learning_rate=4e-6)
    assert first(cycle, 11) == [0.04, 0.52, 1, 0.95, 0.812, 0.611, 0.389, 0.188, 0.05, 0, 0.05]
    with pytest.raises(gl.ScheduleError, match="at most 10"):
        cycle(11)
    line = paddle.OneCycleLR(1.0, 10, anneal_strategy="linear")
    with pytest.raises(gl.ScheduleError, match="at most 9"):  # below 0 there
        line(10)


def test_functions():
    assert first(paddle.LambdaDecay(0.5, lambda step: 0.9**step), 3) == [0.5, 0.45, 0.405]
    assert first(paddle.MultiplicativeDecay(0.5, lambda step: 1 / step), 4) == [
        0.5,
        0.5,
        0.25,
        0.083,
    ]


def test_a_cycle_that_falls_first():
    fall = paddle.CyclicLR(1.0, 0.5, 2, mode="triangular2")
    assert first(fall, 9) == [1, 0.75, 0.5, 0.75, 1, 0.875, 0.75, 0.875, 1]


def test_a_cycle_whose_peaks_grow():
    grow = paddle.CyclicLR(0.0, 1.0, 1, mode="exp_range", exp_gamma=2.0)
    assert first(grow, 6) == [0, 2, 0, 8, 0, 32]


def test_errors_name_the_peer():
    with pytest.raises(gl.ScheduleError, match=r"^paddle\.CosineAnnealingDecay: `T_max` must be 1"):
        paddle.CosineAnnealingDecay(0.1, 0)
    with pytest.raises(gl.ScheduleError, match=r"^paddle\.ExponentialDecay: `gamma` must be below"):
        paddle.ExponentialDecay(0.1, 1.0)
    with pytest.raises(gl.ScheduleError, match="must not make the rise end at step 0"):
        paddle.OneCycleLR(1.0, 10, phase_pct=0.1)
    with pytest.raises(
        NotRepresentable, match=r"^paddle\.ReduceOnPlateau: it follows a metric; use"
    ):
        paddle.ReduceOnPlateau(0.1)
