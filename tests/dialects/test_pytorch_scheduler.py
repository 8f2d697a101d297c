"""What is peculiar to pytorch-scheduler's schedulers."""

import pytest

import glissando as gl
from glissando.dialects import pytorch_scheduler


def first(schedule, steps):
    return [round(schedule(step), 3) for step in range(steps)]


def test_chebyshev_is_a_cosine_shifted_by_half_a_step():
    chebyshev = pytorch_scheduler.ChebyshevScheduler(4, lr=1.0)
    assert first(chebyshev, 6) == [0.962, 0.691, 0.309, 0.038, 0.038, 0.038]


def test_restarts_without_a_warmup_never_use_the_peak():
    restarts = pytorch_scheduler.CosineAnnealingWarmupRestarts(4, min_lr=0.0, max_lr=1.0)
    assert first(restarts, 9) == [0, 0.854, 0.5, 0.146, 0, 0.854, 0.5, 0.146, 0]


def test_restarts_raise_from_where_the_peer_hangs():
    restarts = pytorch_scheduler.CosineAnnealingWarmupRestarts(4, cycle_mult=0.5)
    assert restarts.steps == 6
    with pytest.raises(gl.ScheduleError, match="at most 6"):
        restarts(7)


def test_the_cyclic_polynomial_is_a_saw():
    saw = pytorch_scheduler.PolynomialScheduler(4, cycle=True, lr=1.0)
    assert first(saw, 10) == [1, 0.75, 0.5, 0.25, 1, 0.75, 0.5, 0.25, 1, 0.75]


def test_tanh_begins_below_the_rate_and_ends_with_a_jump():
    tanh = pytorch_scheduler.TanhDecayScheduler(4, lr=1.0)
    assert first(tanh, 5) == [0.998, 0.953, 0.5, 0.047, 0]


def test_tanh_of_any_steepness():
    steep = pytorch_scheduler.TanhDecayScheduler(4, steepness=20.0, lr=1.0)
    assert steep(2) == 0.5
    assert steep(3) == pytest.approx(2.0611537e-9)


def test_the_exponential_warmup_is_a_square():
    rate = pytorch_scheduler.WarmupScheduler(gl.Constant(1.0), 4, "exponential", lr=1.0)
    assert first(rate, 6) == [0, 0.062, 0.25, 0.562, 1, 1]


def test_schedulers_by_name():
    rex = gl.Rex(1.0, 0.0, 10)
    assert pytorch_scheduler.create_scheduler("REX", total_steps=10, lr=1.0) == rex
    assert pytorch_scheduler.create_scheduler("RexScheduler", total_steps=10, lr=1.0) == rex
    assert pytorch_scheduler.create_scheduler_from_plan("rex", 3, 7, 2, lr=1.0) == gl.Rex(1, 0, 10)
    assert pytorch_scheduler.create_from_preset("budgeted_training", 10, lr=1.0) == rex
    with pytest.raises(gl.ScheduleError, match="`preset` must be one of 'llm_pretrain', "):
        pytorch_scheduler.create_from_preset("nlp", 10, lr=1.0)


def test_errors_name_the_peer():
    where = r"^pytorch_scheduler\.WSDScheduler: `warmup_steps` \+ `stable_steps` must be below "
    with pytest.raises(gl.ScheduleError, match=where + "`total_steps`, got 5 \\+ 5 and 10"):
        pytorch_scheduler.WSDScheduler(10, 5, 5, lr=1.0)
    with pytest.raises(gl.ScheduleError, match="`milestones` must be in order"):
        pytorch_scheduler.SequentialComposer([gl.Constant(1.0)] * 3, [4, 2])
