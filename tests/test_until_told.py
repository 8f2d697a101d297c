"""A part whose length is set later: what it is until then, what it becomes, and how it resumes."""

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, IterableDataset

import glissando as gl
import strategies
from glissando.course import Course
from glissando.resume import resumed

UP, TOP, DOWN = gl.Linear(0.0, 0.5, steps=7), gl.Constant(0.5), gl.Linear(0.5, 0.0, steps=12)
WSD = UP >> TOP.until_told() >> DOWN

finite = strategies.leaves.map(lambda s: s if s.steps < math.inf else s.take(17))


def rates(schedule, n=200):
    return [schedule(step) for step in range(n)]


@given(before=finite, part=strategies.leaves, after=finite, length=st.integers(0, 400))
def test_told_is_the_chain_of_parts_with_the_untold_one_cut(before, part, after, length):
    whole = before >> part.until_told() >> after
    assert whole.steps == math.inf
    assert whole.untold == (before.steps, after.steps)
    end = int(before.steps) + length
    told = whole.told(at=end)
    assert told == whole.told(steps=end + int(after.steps))
    assert told.steps == end + after.steps
    assert told.untold is None
    for step in {0, 1, end // 2, max(0, end - 1)}:
        if step < end:
            assert told(step) == whole(step)
    for step in {0, 1, int(after.steps) // 2, int(after.steps)}:
        assert told(end + step) == after(step)
    assert whole(end + 12_345) == part(length + 12_345)


def test_told_is_what_is_written_by_hand():
    assert WSD.told(steps=100) == UP >> gl.Constant(0.5, steps=81) >> DOWN
    assert WSD.told(steps=19) == UP >> DOWN  # nothing is left of the part
    assert (TOP.until_told() >> DOWN).told(at=0) == DOWN
    assert TOP.until_told().told(steps=5) == gl.Constant(0.5, steps=5)
    assert gl.Cosine(1.0, 0.1, 9).until_told().told(at=20) == gl.Cosine(1.0, 0.1, 9).take(20)
    assert (WSD + 0.25).told(steps=100) == WSD.told(steps=100) + 0.25
    assert gl.parse("linear(0, 0.5, 7) >> constant(.5).until_told() >> linear(.5, 0, 12)") == WSD


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
    begin, after = whole.untold
    assert (whole.steps, begin <= at, after in (12, 48)) == (math.inf, True, True)
    told = whole.told(at=at)
    assert rates(told, at) == rates(whole, at)
    assert rates(told, 600) in [rates(around(WSD.told(at=end)), 600) for end in range(8, 500)]
    assert told.steps == at + after
    assert whole.told(steps=at + int(after)) == told


@pytest.mark.parametrize("around", KEEPS_TIME.values(), ids=list(KEEPS_TIME))
def test_an_untold_schedule_survives_every_form(around):
    whole = around(WSD)
    assert eval(repr(whole), {"gl": gl}) == gl.parse(str(whole)) == whole
    assert gl.loads(gl.dumps(whole)) == whole
    assert gl.loads(gl.dumps(whole)).told(at=80) == whole.told(at=80)


REFUSED = {
    "told: either `steps` or `at` must be given, got none": lambda: WSD.told(),
    "told: either `steps` or `at` must be given, got both": lambda: WSD.told(steps=99, at=50),
    "has no part that goes on until told, got gl.Constant(0.5)": lambda: TOP.told(at=3),
    "`steps` must be 19 or more, which the other parts take, got 18": lambda: WSD.told(steps=18),
    "`at` must be 7 or more, where the part that goes on": lambda: WSD.told(at=6),
    "told: `at` must be a whole number, got 7.5": lambda: WSD.told(at=7.5),
    "told: `steps` must be 1 or more, got 0": lambda: WSD.told(steps=0),
    "nothing would be left of": lambda: TOP.until_told().told(at=0),
    "what follows the part that goes on until told never ends; give `at`": lambda: (
        TOP.until_told() >> TOP
    ).told(steps=50),
    "what runs beside the part that goes on until told takes 90": lambda: (
        WSD * gl.Linear(1, 0, 90)
    ).told(steps=50),
    "must end at a multiple of 4 steps, got 42": lambda: WSD.hold_each(4).told(at=42),
    "Chain: only one part of a schedule may go on until told": lambda: WSD >> WSD,
    "Sum: only one part": lambda: WSD + WSD,
    "UntilTold: only one part": lambda: WSD.until_told(),
    "Reverse: `schedule` must be a schedule that ends": lambda: WSD.reverse(),
    "Repeat: `schedule` must be a schedule that ends": lambda: WSD.repeat(),
    "Stretch: `schedule` must be a schedule that ends": lambda: WSD.stretch(50),
    "Chain: a part that another follows must end": lambda: TOP >> DOWN,
}


@pytest.mark.parametrize(("message", "ask"), REFUSED.items(), ids=list(REFUSED))
def test_what_cannot_be_told(message, ask):
    with pytest.raises(gl.ScheduleError) as caught:
        ask()
    assert message in str(caught.value)


def test_a_taken_part_of_an_untold_schedule_is_told_nothing():
    first = WSD.take(30)
    assert (first.steps, first.untold) == (30, None)
    assert rates(first >> DOWN, 30) == rates(WSD, 30)


# Resume


@pytest.mark.parametrize("around", KEEPS_TIME.values(), ids=list(KEEPS_TIME))
def test_a_told_checkpoint_goes_on_where_the_untold_schedule_is_built(around):
    whole = around(WSD)
    told = whole.told(at=80)
    for step in (0, 50, 80, 92, 200):
        for policy in ("raise", "keep", "continue", "rewarm"):
            assert resumed(told, whole, step, policy) == told
    assert resumed(told, whole, 50, "replace") == whole


@pytest.mark.parametrize("around", KEEPS_TIME.values(), ids=list(KEEPS_TIME))
def test_an_untold_checkpoint_goes_on_told_unless_that_would_change_the_past(around):
    whole = around(WSD)
    told = whole.told(at=80)
    for step in (0, 50, 80):
        assert resumed(whole, told, step) == told
    with pytest.raises(gl.ScheduleMismatch, match="saved after 81 updates under another"):
        resumed(whole, told, 81)


@pytest.mark.parametrize("policy", ["continue", "rewarm"])
def test_an_earlier_resume_may_be_told(policy):
    joined = resumed(gl.Constant(0.2), WSD, 30, policy)
    told = joined.told(steps=120)
    assert rates(told, 30) == [0.2] * 30
    assert resumed(joined, WSD, 40, policy) == joined
    assert resumed(told, WSD, 70, policy) == told


def test_another_schedule_is_still_a_mismatch():
    other = UP >> gl.Constant(0.4, steps=60) >> DOWN
    for saved, new in ((other, WSD), (WSD, other), (WSD.told(at=60), WSD.told(at=70))):
        with pytest.raises(gl.ScheduleMismatch):
            resumed(saved, new, 20)


@given(strategies.schedules, strategies.schedules, st.integers(0, 100))
def test_told_checkpoints_of_anything(schedule, other, step):
    assume(schedule != other)
    assume(schedule.bound() < 1e30)
    whole = schedule.until_told() if schedule.untold is None else schedule
    try:
        told = whole.told(at=whole.untold[0] + 20 * 7 * 11)
    except gl.ScheduleError:  # some pace does not meet that step
        return
    assert resumed(told, whole, step) == told


# Adapters


def test_a_course_is_told():
    course = Course({"lr": WSD, "weight_decay": TOP}, "Scheduler")
    state = course.state_dict(20)
    course.tell(20, steps=100)
    assert course.followed == {"lr": WSD.told(steps=100), "weight_decay": TOP}
    assert course.built["lr"] == WSD
    fresh = Course({"lr": WSD, "weight_decay": TOP}, "Scheduler")
    assert fresh.load_state_dict(course.state_dict(30)) == 30
    assert fresh.followed == course.followed
    assert fresh.load_state_dict(state) == 20
    with pytest.raises(gl.ScheduleError, match="no schedule goes on until told, or it was told"):
        course.tell(30, steps=200)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"at": 49}, "cannot end at step 49: 50 updates are done. Give at=50 or more"),
        ({"steps": 61}, "cannot end at step 49: 50 updates are done. Give at=50 or more, or steps"),
        ({"steps": 18}, "`steps` must be 19 or more"),
        ({}, "either `steps` or `at` must be given"),
    ],
)
def test_a_course_does_not_change_the_past(told, message):
    course = Course(WSD, "Scheduler")
    with pytest.raises(gl.ScheduleError) as caught:
        course.tell(50, **told)
    assert message in str(caught.value)
    assert course.followed == {"lr": WSD}
    course.tell(50, at=50)
    assert course.rate("lr", 51) == DOWN(1)


def test_a_plateau_stays_when_its_schedule_is_told():
    plateau = gl.Plateau("torch", factor=0.5, patience=0)
    course = Course(plateau.on(WSD), "Scheduler")
    for _ in range(2):
        course.hear(1.0, 20)
    course.tell(20, steps=100)
    assert course.followed == {"lr": plateau.on(WSD.told(steps=100))}
    assert course.rate("lr", 60) == 0.25


class Stream(IterableDataset):
    """Data of a length that nobody knows."""

    def __init__(self, end):
        self.end = end

    def __iter__(self):
        yield from (torch.tensor(1.0) for _ in range(self.end))


def probe(loader, scheduler, weight, optimizer, seen=0, tell_at=None, stop=None):
    """Return the rate of every update: what a weight under gradient 1 moves by."""
    used = []
    for batch in loader:
        if seen + len(used) == stop:
            break
        if seen + len(used) == tell_at:
            scheduler.tell(steps=tell_at + 20)  # so much of the budget is left
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

    exact = [float(torch.tensor(rate)) for rate in rates(WSD.told(steps=60), 60)]
    whole = probe(loader, *built(), tell_at=40)
    assert whole == exact
    assert whole[39:49] == [0.5] * 10  # the cooldown begins at update 48
    assert whole[59] == float(torch.tensor(DOWN(11)))

    for k in range(60):  # told before the interruption or after it
        scheduler, weight, optimizer = built()
        used = probe(loader, scheduler, weight, optimizer, tell_at=40, stop=k)
        state = scheduler.state_dict()
        scheduler, weight, optimizer = built()
        scheduler.load_state_dict(state)
        rest = DataLoader(Stream(240 - 4 * k), batch_size=4)
        used += probe(rest, scheduler, weight, optimizer, k, tell_at=40)
        assert used == exact


def test_a_torch_scheduler_that_cannot_be_told_stays_as_it_was():
    scheduler, weight, optimizer = built()
    probe(DataLoader(Stream(50)), scheduler, weight, optimizer)
    with pytest.raises(gl.ScheduleError, match="cannot end at step 30: 50 updates are done"):
        scheduler.tell(at=30)
    assert scheduler.schedule == WSD
    scheduler.tell(at=55)
    assert scheduler.schedule == WSD.told(at=55)
    assert scheduler.last_epoch == 50
