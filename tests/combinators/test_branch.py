"""Leaving a schedule for a cooldown, or for another warm-up."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import glissando as gl
import strategies

WARM = gl.Linear(0.0, 0.5, steps=10)
DOWN = gl.Sqrt(1.0, 0.0, steps=20)


def test_a_branch_reads_as_one_would_write_it():
    branch = WARM >> gl.Constant(0.5, steps=90) >> DOWN * 0.5
    endless = WARM >> gl.Constant(0.5)
    unfinished = WARM >> gl.Constant(0.5).open_ended()
    planned = WARM >> gl.Constant(0.5).open_ended() >> gl.Linear(0.5, 0.0, steps=7)
    ended = WARM >> gl.Constant(0.5, steps=5_000)
    for trunk in (endless, unfinished, planned, ended):
        assert trunk.branch(100, DOWN) == branch
    assert ended.branch(5_010, DOWN) == ended >> DOWN * 0.5
    assert ended.branch(6_000, DOWN) == WARM >> gl.Constant(0.5, steps=5_990) >> DOWN * 0.5


def test_a_branch_may_leave_anywhere():
    trunk = WARM >> gl.Constant(0.5).open_ended()
    assert trunk.branch(5, DOWN) == WARM.take(5) >> DOWN * 0.25
    assert trunk.branch(10, DOWN) == WARM >> DOWN * 0.5
    assert gl.Constant(0.5).branch(0, DOWN) == DOWN * 0.5
    falling = gl.InverseSqrt(1.0, timescale=10)
    assert falling.branch(30, DOWN) == falling.take(30) >> DOWN * 0.5


def test_a_branch_of_a_branch():
    trunk = WARM >> gl.Constant(0.5)
    again = trunk.branch(100, gl.Linear(1.0, 0.5, steps=10)).branch(110, DOWN)
    assert again(109.999) == pytest.approx(0.25, rel=1e-3)
    assert again(110) == 0.25
    assert again.steps == 130


def test_rewarming_goes_up_in_a_line():
    first, then = gl.Cosine(0.5, 0.1, steps=100), gl.Cosine(0.4, 0.0, steps=50)
    both = first.rewarm(100, 10, then)
    assert both == first >> gl.Linear(0.1, 0.4, steps=10) >> then
    early = first.rewarm(50, 10, then)
    assert early == first.take(50) >> gl.Linear(first(50), 0.4, steps=10) >> then
    late = first.rewarm(150, 10, then)
    assert [late(t) for t in (99, 100, 149, 150, 155, 160)] == pytest.approx(
        [first(99), 0.1, 0.1, 0.1, 0.25, 0.4]
    )


@given(
    trunk=strategies.schedules,
    at=st.integers(0, 400),
    down=st.sampled_from([DOWN, gl.Rex(1.0, 0.0, 9)]),
)
def test_nothing_changes_before_and_nothing_jumps_at_the_joint(trunk, at, down):
    assume(trunk(at) > 0)
    steps = range(at + 1)
    branch = trunk.branch(at, down)
    assert [branch(t) for t in steps] == [trunk(t) for t in steps]
    assert branch.steps == at + down.steps
    assert branch(branch.steps) == 0
    warm = trunk.rewarm(at, 5, gl.Constant(0.25))
    assert [warm(t) for t in steps] == [trunk(t) for t in steps]
    assert warm(at + 5) == 0.25
    for found in (branch, warm):
        assert gl.loads(gl.dumps(found)) == found
        assert gl.parse(str(found)) == found


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: WARM.branch(-1, DOWN), "branch: `at` must be 0 or more, got -1"),
        (lambda: WARM.branch(5, 0.1), "branch: `cooldown` must be a schedule, got 0.1"),
        (
            lambda: WARM.branch(5, gl.Linear(0.5, 0.0, 9)),
            "branch: `cooldown` must begin at 1, as fractions of the rate at step `at`, "
            "got one that begins at 0.5",
        ),
        (lambda: WARM.branch(0, DOWN), "branch: the schedule must be above 0 at step 0, got 0.0"),
        (lambda: WARM.rewarm(0.5, 9, DOWN), "rewarm: `at` must be a whole number, got 0.5"),
        (lambda: WARM.rewarm(5, 0, DOWN), "rewarm: `steps` must be 1 or more, got 0"),
        (lambda: WARM.rewarm(5, 9, math), "rewarm: `then` must be a schedule, got <module"),
        (lambda: WARM.strict().branch(11, DOWN), "Strict: `step` must be at most 10"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(gl.ScheduleError) as caught:
        call()
    assert str(caught.value).startswith(message)
