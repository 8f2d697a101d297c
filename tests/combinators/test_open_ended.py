"""A part whose length is set later: what it is until then, what it becomes, and how it resumes."""

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, IterableDataset

import glissando as gl
import strategies
from glissando.adapters.shared.param_schedules import ParamSchedules
from glissando.adapters.shared.resume import resumed

UP, TOP, DOWN = gl.Linear(0.0, 0.5, steps=7), gl.Constant(0.5), gl.Linear(0.5, 0.0, steps=12)
WSD = UP >> TOP.open_ended() >> DOWN

finite = strategies.leaves.map(lambda s: s if s.steps < math.inf else s.take(17))


def rates(schedule, n=200):
    return [schedule(step) for step in range(n)]


@given(before=finite, part=strategies.leaves, after=finite, length=st.integers(0, 400))
def test_finished_is_the_chain_of_parts_with_the_open_ended_one_cut(before, part, after, length):
    whole = before >> part.open_ended() >> after
    assert whole.steps == math.inf
    assert whole.open_part == (before.steps, after.steps)
    end = int(before.steps) + length
    finished = whole.finish(at=end)
    if finished.steps:  # a run has a step
        assert finished == whole.finish(steps=int(finished.steps))
    assert finished.steps == end + after.steps
    assert finished.open_part is None
    for step in {0, 1, end // 2, max(0, end - 1)}:
        if step < end:
            assert finished(step) == whole(step)
    for step in {0, 1, int(after.steps) // 2, int(after.steps)}:
        assert finished(end + step) == after(step) or not after.steps
    assert whole(end + 12_345) == part(length + 12_345)


def test_finished_is_what_is_written_by_hand():
    assert WSD.finish(steps=100) == UP >> gl.Constant(0.5, steps=81) >> DOWN
    assert WSD.finish(steps=19) == UP >> DOWN  # no step remains for the part
    assert (TOP.open_ended() >> DOWN).finish(at=0) == DOWN
    assert TOP.open_ended().finish(at=0) == gl.Constant(0.5, steps=0)
    assert TOP.open_ended().finish(steps=5) == gl.Constant(0.5, steps=5)
    assert gl.Cosine(1.0, 0.1, 9).open_ended().finish(at=20) == gl.Cosine(1.0, 0.1, 9).take(20)
    assert (WSD + 0.25).finish(steps=100) == WSD.finish(steps=100) + 0.25
    assert gl.parse("linear(0, 0.5, 7) >> constant(.5).open_ended() >> linear(.5, 0, 12)") == WSD


KEEPS_TIME = {
    "scale": lambda s: s * 0.5,
    "clip": lambda s: s.clip(0.1, 0.4),
    "product": lambda s: gl.Geometric(1.0, 0.9, every=5).take(15) * s,
    "sum": lambda s: s + 0.25,
    "minimum": lambda s: gl.minimum(s, gl.Constant(0.3)),
    "maximum": lambda s: gl.maximum(gl.Linear(0.3, 0, 9), s),
    "drop": lambda s: s.drop(3),
    "drop into the part": lambda s: s.drop(9),
    "slow": lambda s: s.slow(4),
    "hold_each": lambda s: s.hold_each(4),
    "nested": lambda s: (gl.Constant(1.0, 8) >> (s * 2.0)).slow(4).clip(0.0, 0.9) * 0.5,
}


@pytest.mark.parametrize("around", KEEPS_TIME.values(), ids=list(KEEPS_TIME))
@pytest.mark.parametrize("at", [80, 120, 400])
def test_what_keeps_time_hands_the_end_on(around, at):
    whole = around(WSD)
    begin, after = whole.open_part
    assert (whole.steps, begin <= at, after in (12, 48)) == (math.inf, True, True)
    finished = whole.finish(at=at)
    assert rates(finished, at) == rates(whole, at)
    assert rates(finished, 600) in [rates(around(WSD.finish(at=end)), 600) for end in range(8, 500)]
    assert finished.steps == at + after
    assert whole.finish(steps=at + int(after)) == finished


@pytest.mark.parametrize("around", KEEPS_TIME.values(), ids=list(KEEPS_TIME))
def test_an_open_ended_schedule_survives_every_form(around):
    whole = around(WSD)
    assert eval(repr(whole), {"gl": gl}) == gl.parse(str(whole)) == whole
    assert gl.loads(gl.dumps(whole)) == whole
    assert gl.loads(gl.dumps(whole)).finish(at=80) == whole.finish(at=80)


REFUSED = {
    "finish: either `steps` or `at` must be given, got none": lambda: WSD.finish(),
    "finish: either `steps` or `at` must be given, got both": lambda: WSD.finish(steps=99, at=50),
    "has no open-ended part, got gl.Constant(0.5)": lambda: TOP.finish(at=3),
    "`steps` must be 19 or more, which the other parts take, got 18": lambda: WSD.finish(steps=18),
    "`at` must be 7 or more, where the open-ended part begins, got 6": lambda: WSD.finish(at=6),
    "finish: `at` must be a whole number, got 7.5": lambda: WSD.finish(at=7.5),
    "finish: `steps` must be 1 or more, got 0": lambda: WSD.finish(steps=0),
    "what follows the open-ended part never ends; give `at`": lambda: (
        TOP.open_ended() >> TOP
    ).finish(steps=50),
    "what runs beside the open-ended part takes 90": lambda: (WSD * gl.Linear(1, 0, 90)).finish(
        steps=50
    ),
    "must end at a multiple of 4 steps, got 42": lambda: WSD.hold_each(4).finish(at=42),
    "Chain: only one part of a schedule may be open-ended": lambda: WSD >> WSD,
    "Sum: only one part": lambda: WSD + WSD,
    "OpenEnded: only one part": lambda: WSD.open_ended(),
    "Reverse: `schedule` must be a schedule that ends": lambda: WSD.reverse(),
    "Repeat: `schedule` must be a schedule that ends": lambda: WSD.repeat(),
    "Stretch: `schedule` must be a schedule that ends": lambda: WSD.stretch(50),
    "Chain: a part that another follows must end": lambda: TOP >> DOWN,
}


@pytest.mark.parametrize(("message", "ask"), REFUSED.items(), ids=list(REFUSED))
def test_what_cannot_be_finished(message, ask):
    with pytest.raises(gl.ScheduleError) as caught:
        ask()
    assert message in str(caught.value)


def test_the_first_steps_of_an_open_ended_schedule_are_not_open_ended():
    first = WSD.take(30)
    assert (first.steps, first.open_part) == (30, None)
    assert rates(first >> DOWN, 30) == rates(WSD, 30)


# Resume


@pytest.mark.parametrize("around", KEEPS_TIME.values(), ids=list(KEEPS_TIME))
def test_a_finished_checkpoint_goes_on_where_the_open_ended_schedule_is_built(around):
    whole = around(WSD)
    finished = whole.finish(at=80)
    for step in (0, 50, 80, 92, 200):
        for policy in ("raise", "keep", "continue", "rewarm"):
            assert resumed(finished, whole, step, policy) == finished
    assert resumed(finished, whole, 50, "replace") == whole


@pytest.mark.parametrize("around", KEEPS_TIME.values(), ids=list(KEEPS_TIME))
def test_an_open_ended_checkpoint_goes_on_finished_unless_that_would_change_the_past(around):
    whole = around(WSD)
    finished = whole.finish(at=80)
    for step in (0, 50, 80):
        assert resumed(whole, finished, step) == finished
    with pytest.raises(gl.ScheduleMismatch, match="saved after 81 updates under another"):
        resumed(whole, finished, 81)


@pytest.mark.parametrize("policy", ["continue", "rewarm"])
def test_an_earlier_resume_may_be_finished(policy):
    joined = resumed(gl.Constant(0.2), WSD, 30, policy)
    finished = joined.finish(steps=120)
    assert rates(finished, 30) == [0.2] * 30
    assert resumed(joined, WSD, 40, policy) == joined
    assert resumed(finished, WSD, 70, policy) == finished


def test_another_schedule_is_still_a_mismatch():
    other = UP >> gl.Constant(0.4, steps=60) >> DOWN
    for saved, new in ((other, WSD), (WSD, other), (WSD.finish(at=60), WSD.finish(at=70))):
        with pytest.raises(gl.ScheduleMismatch):
            resumed(saved, new, 20)


@given(strategies.schedules, strategies.schedules, st.integers(0, 100))
def test_finished_checkpoints_of_anything(schedule, other, step):
    assume(schedule != other)
    assume(schedule.bound() < 1e30)
    whole = schedule.open_ended() if schedule.open_part is None else schedule
    try:
        finished = whole.finish(at=whole.open_part[0] + 20 * 7 * 11)
    except gl.ScheduleError:  # some pace does not meet that step
        return
    assert resumed(finished, whole, step) == finished


# Adapters


def test_param_schedules_are_finished():
    schedules = ParamSchedules({"lr": WSD, "weight_decay": TOP}, "Scheduler")
    state = schedules.state_dict(20)
    schedules.finish(20, steps=100)
    assert schedules.followed == {"lr": WSD.finish(steps=100), "weight_decay": TOP}
    assert schedules.built["lr"] == WSD
    fresh = ParamSchedules({"lr": WSD, "weight_decay": TOP}, "Scheduler")
    assert fresh.load_state_dict(schedules.state_dict(30)) == 30
    assert fresh.followed == schedules.followed
    assert fresh.load_state_dict(state) == 20
    with pytest.raises(gl.ScheduleError, match="no schedule is open-ended"):
        schedules.finish(30, steps=200)


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ({"at": 49}, "cannot end at step 49: 50 updates are done. Give at=50 or more"),
        ({"steps": 61}, "cannot end at step 49: 50 updates are done. Give at=50 or more, or steps"),
        ({"steps": 18}, "`steps` must be 19 or more"),
        ({}, "either `steps` or `at` must be given"),
    ],
)
def test_param_schedules_do_not_change_the_past(end, message):
    schedules = ParamSchedules(WSD, "Scheduler")
    with pytest.raises(gl.ScheduleError) as caught:
        schedules.finish(50, **end)
    assert message in str(caught.value)
    assert schedules.followed == {"lr": WSD}
    schedules.finish(50, at=50)
    assert schedules.rate("lr", 51) == DOWN(1)


def test_a_plateau_stays_when_its_schedule_is_finished():
    plateau = gl.Plateau("torch", factor=0.5, patience=0)
    schedules = ParamSchedules(plateau.on(WSD), "Scheduler")
    for _ in range(2):
        schedules.observe(1.0, 20)
    schedules.finish(20, steps=100)
    assert schedules.followed == {"lr": plateau.on(WSD.finish(steps=100))}
    assert schedules.rate("lr", 60) == 0.25


class Stream(IterableDataset):
    """Data of a length that nobody knows."""

    def __init__(self, end):
        self.end = end

    def __iter__(self):
        yield from (torch.tensor(1.0) for _ in range(self.end))


def probe(loader, scheduler, weight, optimizer, seen=0, finish_at=None, stop=None):
    """Return the rate of every update: what a weight under gradient 1 moves by."""
    used = []
    for batch in loader:
        if seen + len(used) == stop:
            break
        if seen + len(used) == finish_at:
            scheduler.finish(steps=finish_at + 20)  # so many steps remain of the budget
        weight.data.zero_()
        weight.grad = batch.mean()
        optimizer.step()
        scheduler.step()
        used.append(-weight.item())
    return used


def built(schedule=WSD):
    weight = torch.nn.Parameter(torch.zeros(()))
    optimizer = torch.optim.SGD([weight], lr=9.0)
    return gl.torch.Scheduler(optimizer, schedule), weight, optimizer


def test_pain_21_a_dataset_without_length():
    loader = DataLoader(Stream(240), batch_size=4)  # 60 updates, but it does not know
    with pytest.raises(TypeError, match="has no len"):
        len(loader)
    with pytest.raises(gl.ScheduleError, match=r"epochs` need `samples`, the size of the data set"):
        gl.plan(batch=4, epochs=3)
    with pytest.raises(gl.ScheduleError, match="the plan lacks `samples`, the size of the data"):
        gl.parse("linear(0, 1, steps=2 epochs)", plan=gl.plan(batch=4, steps=60))
    with pytest.raises(gl.ScheduleError, match=r"'3%' can only be counted for a run; pass plan=gl"):
        gl.parse("linear(0, 1, steps=3%)")

    exact = [float(torch.tensor(rate)) for rate in rates(WSD.finish(steps=60), 60)]
    whole = probe(loader, *built(), finish_at=40)
    assert whole == exact
    assert whole[39:49] == [0.5] * 10  # the cooldown begins at update 48
    assert whole[59] == float(torch.tensor(DOWN(11)))

    for k in range(60):  # finished before the interruption or after it
        scheduler, weight, optimizer = built()
        used = probe(loader, scheduler, weight, optimizer, finish_at=40, stop=k)
        state = scheduler.state_dict()
        scheduler, weight, optimizer = built()
        scheduler.load_state_dict(state)
        remaining = DataLoader(Stream(240 - 4 * k), batch_size=4)
        used += probe(remaining, scheduler, weight, optimizer, k, finish_at=40)
        assert used == exact


def test_a_torch_scheduler_that_cannot_be_finished_stays_as_it_was():
    scheduler, weight, optimizer = built()
    probe(DataLoader(Stream(50)), scheduler, weight, optimizer)
    with pytest.raises(gl.ScheduleError, match="cannot end at step 30: 50 updates are done"):
        scheduler.finish(at=30)
    assert scheduler.schedule == WSD
    scheduler.finish(at=55)
    assert scheduler.schedule == WSD.finish(at=55)
    assert scheduler.last_epoch == 50
