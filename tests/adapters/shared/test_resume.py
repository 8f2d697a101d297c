"""Going on with another schedule than the checkpoint's: each policy, and what is refused."""

import pickle

import pytest

import glissando as gl
from glissando.adapters.shared.resume import form, resumed, resumed_from

SHORT = gl.Linear(0.0, 0.1, steps=2) >> gl.Cosine(0.1, 0.0, steps=8)
LONG = gl.Linear(0.0, 0.1, steps=2) >> gl.Cosine(0.1, 0.0, steps=18)
POLICIES = ["raise", "keep", "replace", "continue", "rewarm"]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("step", [0, 3, 10, 99])
def test_an_equal_schedule_goes_on_whatever_the_policy(policy, step):
    assert resumed(SHORT, SHORT, step, policy) is SHORT


def test_raise_shows_the_difference_and_names_the_policies():
    with pytest.raises(gl.ScheduleMismatch) as caught:
        resumed(SHORT, LONG, 5)
    message = str(caught.value)
    assert f"first differ at step 3: {SHORT(3):.6g} (saved) and {LONG(3):.6g} (new)" in message
    assert f"at step 5, the next: {SHORT(5):.6g} (saved) and {LONG(5):.6g} (new)" in message
    assert all(repr(policy) in message for policy in POLICIES[1:])
    assert repr(SHORT) in message and repr(LONG) in message  # noqa: PT018
    assert (caught.value.saved, caught.value.new, caught.value.step) == (SHORT, LONG, 5)
    assert isinstance(caught.value, gl.ScheduleError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == message


def test_a_difference_past_the_end_of_a_strict_schedule_is_shown():
    with pytest.raises(gl.ScheduleMismatch, match=r"step 10, the next: no rate \(saved\)"):
        resumed(gl.Linear(1, 0, 5).strict(), gl.Linear(1, 0, 5), 10)


@pytest.mark.parametrize("step", [1, 3, 7, 9])
def test_the_first_rate_of_each_policy(step):
    keep, replace, go_on, rewarm = (resumed(SHORT, LONG, step, p) for p in POLICIES[1:])
    assert keep == SHORT
    assert replace == LONG
    assert go_on(step) == pytest.approx(SHORT(step), rel=1e-15)  # no jump
    assert rewarm(step) == LONG(0) == 0.0
    for t in range(step, 40):
        assert go_on(t) == pytest.approx(LONG(t) * SHORT(step) / LONG(step), rel=1e-14)
        assert rewarm(t) == LONG(t - step)
    for t in range(step):  # the past stays what it was
        assert go_on(t) == rewarm(t) == SHORT(t)


@pytest.mark.parametrize("policy", POLICIES[1:])
def test_resuming_again_with_the_same_code_changes_nothing(policy):
    once = resumed(SHORT, LONG, 4, policy)
    for step in (4, 5, 12, 30):
        again = resumed(gl.loads(gl.dumps(once)), LONG, step, policy)
        assert again == once
        assert [again(t) for t in range(40)] == [once(t) for t in range(40)]


def test_before_the_first_update_the_new_schedule_simply_begins():
    assert resumed(gl.Constant(0.1), LONG, 0, "rewarm") == LONG
    assert resumed(gl.Constant(0.1), gl.Constant(0.2), 0, "continue")(0) == pytest.approx(0.1)


def test_continue_past_the_end_of_the_new_schedule_holds_the_rate():
    rate = resumed(gl.Constant(0.1), gl.Linear(1.0, 0.5, steps=4), 8, "continue")
    assert [rate(t) for t in (7, 8, 20)] == pytest.approx([0.1, 0.1, 0.1])


@pytest.mark.parametrize("policy", ["continue", "rewarm"])
def test_a_new_schedule_without_steps_is_its_end(policy):
    end = gl.Linear(1.0, 0.5, steps=0)
    rate = resumed(gl.Constant(0.1), end, 8, policy)
    assert [rate(t) for t in (7, 8, 20)] == [0.1, *[0.5 if policy == "rewarm" else 0.1] * 2]
    assert resumed(rate, end, 12, policy) == rate


def test_continue_from_zero_or_to_zero_is_refused():
    with pytest.raises(gl.ScheduleError, match="saved schedule is at 0"):
        resumed(SHORT, LONG, 10, "continue")
    with pytest.raises(gl.ScheduleError, match="new schedule is at 0"):
        resumed(gl.Constant(0.1), SHORT, 10, "continue")


def test_an_unknown_policy_is_refused():
    with pytest.raises(gl.ScheduleError, match=r"`on_mismatch` must be one of .*got 'extend'"):
        resumed(SHORT, LONG, 1, "extend")


def test_a_function_is_known_by_its_name_and_its_rates():
    def halving(step):
        return 0.1 * 0.5 ** (step // 5)

    schedule = gl.schedule(halving)
    saved = form(schedule, 8)
    assert resumed_from(saved, schedule, 8) is schedule
    other = gl.schedule(lambda step: 0.1)
    with pytest.raises(gl.ScheduleMismatch, match="halving"):
        resumed_from(saved, other, 8)
    assert resumed_from(saved, other, 8, "replace") is other
    with pytest.raises(gl.ScheduleError, match="cannot be read back"):
        resumed_from(saved, other, 8, "keep")

    def halving(step):  # the same name, another body
        return 0.1 * 0.5 ** (step // 4)

    with pytest.raises(gl.ScheduleMismatch, match="first differ at step 4"):
        resumed_from(saved, gl.schedule(halving), 8)
    with pytest.raises(gl.ScheduleError, match="not the saved form of a function"):
        resumed_from({"type": "function", "rates": 3}, schedule, 8)
