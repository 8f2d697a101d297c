"""A budget of time: when the last part is due, and trainings that land in it."""

import math
import warnings

import pytest
import torch

import glissando as gl
from glissando import TimeBudget


class Clock:
    """Tells the seconds that a test lets pass."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


def landing(budget, clock, pace, after, begin=0, done=0):
    """Return the updates and the seconds of a training whose last part begins when it is due."""
    began = clock.seconds
    while not budget.due(done, begin, after):
        clock.seconds += pace(done)
        done += 1
    end = max(done, begin)
    for k in range(done, end + after):
        clock.seconds += pace(k)
    return end, clock.seconds - began


@pytest.mark.parametrize("time", ["100 s", "100s", "100 sec", gl.Duration(100, "seconds")])
def test_the_last_part_lands_when_the_time_is_up(time):
    clock = Clock()
    end, seconds = landing(TimeBudget(time, now=clock), clock, lambda k: 0.25, after=80)
    assert (end, seconds) == (320, 100.0)


def test_the_first_update_compiles_and_is_no_measure():
    clock = Clock()
    budget = TimeBudget("100 s", now=clock)
    clock.seconds += 30.0  # before the first look
    end, _ = landing(budget, clock, lambda k: 0.25, after=80, done=1)
    assert end == 1 + 200
    assert budget.spent == 100.0


@pytest.mark.parametrize("late", [0.5, 2.0])
def test_a_pace_that_changes_is_followed(late):
    clock = Clock()
    _, seconds = landing(
        TimeBudget("1000 s", now=clock), clock, lambda k: 1.0 if k < 200 else late, after=100
    )
    assert 1000 * 0.9 <= seconds <= 1000 * 1.03


def test_one_slow_evaluation_does_not_end_the_trunk():
    clock = Clock()
    end, seconds = landing(
        TimeBudget("1000 s", now=clock), clock, lambda k: 40.0 if k == 65 else 1.0, after=500
    )
    assert end > 300
    assert 850 <= seconds <= 1000


def test_a_session_goes_on_with_what_is_left():
    clock = Clock()
    first = TimeBudget("100 s", now=clock)
    for done in range(101):
        assert not first.due(done, 0, 80)
        clock.seconds += 0.25
    again = TimeBudget("100 s", now=clock)
    again.load_state_dict(first.state_dict())
    clock.seconds += 5.0  # the new session starts up
    end, _ = landing(again, clock, lambda k: 0.25, after=80, done=101)
    assert again.spent == 100.0
    assert end == 101 + (100 - 25.25 - 5 - 20) * 4


def test_a_time_that_is_too_short_for_the_last_part_is_told_with_its_numbers():
    clock = Clock()
    budget = TimeBudget("10 s", now=clock)
    with pytest.warns(UserWarning, match=r"10 seconds is too short.*100 updates .* 0\.25 s"):
        end, _ = landing(budget, clock, lambda k: 0.25, after=60, begin=41)
    assert end == 41


def test_a_time_that_is_enough_warns_of_nothing():
    clock = Clock()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        landing(TimeBudget("2h", now=clock), clock, lambda k: 7.0, after=900)


@pytest.mark.parametrize("time", ["2 epochs", "0 h", 3600, "soon", "2 H", None, "5m"])
def test_what_is_no_time_is_refused(time):
    with pytest.raises(gl.ScheduleError, match="TimeBudget: `time` must be a time above 0"):
        TimeBudget(time)


def test_a_plan_says_that_a_time_has_no_steps_yet():
    with pytest.raises(gl.ScheduleError, match="budget='2h'"):
        gl.plan(steps=100).steps_in("2h")
    with pytest.raises(gl.ScheduleError, match="budget='2h'"):
        gl.parse("constant(0.1, steps=2h) >> linear(0.1, 0, steps=10)", gl.plan(steps=100))


TRUNK = gl.Linear(0.0, 0.5, steps=10) >> gl.Constant(0.5).open_ended()
RATE = TRUNK >> gl.Linear(0.5, 0.0, steps=80)


class Training:
    """A weight under plain SGD, which moves by the rate used; an update takes a quarter second."""

    def __init__(self, clock, rate=RATE):
        self.clock = clock
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
        optimizer = torch.optim.SGD([self.weight])
        self.optimizer, self.scheduler = optimizer, gl.torch.Scheduler(optimizer, rate)
        self.used = []

    def run(self, budget, updates=10**6):
        while not self.scheduler.keep_to(budget) and updates:
            before = self.weight.item()
            self.weight.grad = torch.ones_like(self.weight)
            self.optimizer.step()
            self.scheduler.step()
            self.used.append(before - self.weight.item())
            self.clock.seconds += 0.25
            updates -= 1


def test_a_training_lands_when_its_time_is_up_and_stops_there():
    clock = Clock()
    training = Training(clock)
    began = clock.seconds
    training.run(TimeBudget("100 s", now=clock))
    assert len(training.used) == 400 == training.scheduler.schedule.steps
    assert clock.seconds - began == 100
    assert training.used == pytest.approx([RATE.finish(steps=400)(k) for k in range(400)])


def test_held_rates_are_finished_at_the_next_step_where_they_can_end():
    clock = Clock()
    training = Training(clock, gl.Constant(0.5).open_ended().hold_each(30) >> gl.Linear(0.5, 0, 80))
    training.run(TimeBudget("100 s", now=clock))
    assert len(training.used) == 330 + 80


def test_a_training_that_was_stopped_goes_on_with_the_time_that_is_left():
    clock = Clock()
    first, budget = Training(clock), TimeBudget("100 s", now=clock)
    first.run(budget, updates=150)
    saved = first.scheduler.state_dict(), budget.state_dict()
    clock.seconds += 10_000  # nothing trains
    again, budget = Training(clock), TimeBudget("100 s", now=clock)
    again.scheduler.load_state_dict(saved[0])
    budget.load_state_dict(saved[1])
    again.run(budget)
    assert len(first.used + again.used) == 400
    assert first.used + again.used == pytest.approx(
        [RATE.finish(steps=400)(k) for k in range(400)], abs=1e-12
    )


def test_what_could_never_land_is_refused():
    for rate in (gl.Constant(0.1), TRUNK >> gl.Constant(0.1)):
        with pytest.raises(gl.ScheduleError, match="keep_to needs an open-ended part"):
            Training(Clock(), rate).run(TimeBudget("1 s", now=Clock()), 5)


@pytest.mark.parametrize("state", [None, {}, {"spent": -1}, {"spent": math.nan}, {"spend": 1.0}])
def test_a_state_that_is_none_is_refused(state):
    with pytest.raises(gl.ScheduleError, match="spent"):
        TimeBudget("1 h").load_state_dict(state)
