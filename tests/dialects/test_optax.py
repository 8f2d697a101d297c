"""What Optax's schedules do that their names do not say."""

import optax as peer
import pytest

import glissando as gl
from glissando.dialects import NotRepresentable, optax


def test_bad_numbers_become_a_constant_as_optax_logs():
    assert optax.exponential_decay(0.1, 10, decay_rate=0.0) == gl.Constant(0.1)
    assert optax.polynomial_schedule(0.1, 0.0, 2, transition_steps=0) == gl.Constant(0.1)
    assert optax.warmup_constant_schedule(0.0, 0.1, warmup_steps=0) == gl.Constant(0.0)


def test_the_steps_of_a_dictionary_may_be_text():
    scales = {"30": 0.1, 60: 0.5}
    rate = optax.piecewise_constant_schedule(1.0, scales)
    assert [rate(t) for t in (29, 30, 60)] == pytest.approx([1, 0.1, 0.05])
    with pytest.raises(gl.ScheduleError, match="`boundaries_and_scales`: a boundary must be a"):
        optax.piecewise_constant_schedule(1.0, {"x": 0.1})


def test_boundaries_out_of_order_leave_schedules_out():
    parts = [1.0, 0.5, 0.25]
    rate = optax.join_schedules([gl.Constant(v) for v in parts], [20, 10])
    by_optax = peer.join_schedules([peer.constant_schedule(v) for v in parts], [20, 10])
    assert [rate(t) for t in range(40)] == [float(by_optax(t)) for t in range(40)]


def test_a_ceiling_ends_a_growth_and_can_be_saved():
    rate = optax.exponential_decay(0.001, 10, 2.0, end_value=0.1)
    assert rate(10) == pytest.approx(0.002)
    assert rate(1000) == 0.1
    assert gl.loads(gl.dumps(rate)) == rate
    with pytest.raises(gl.ScheduleError, match="no value that could be saved"):
        gl.dumps(optax.exponential_decay(0.001, 10, 2.0))


def test_what_follows_a_metric_is_refused():
    with pytest.raises(NotRepresentable, match=r"optax\.reduce_on_plateau: .*gl\.Plateau"):
        optax.reduce_on_plateau(factor=0.5)


def test_the_cosine_takes_what_the_warmup_leaves():
    with pytest.raises(gl.ScheduleError, match="`decay_steps` must be above `warmup_steps`"):
        optax.warmup_cosine_decay_schedule(0.0, 0.1, 10, 10)
