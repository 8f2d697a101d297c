"""What adapters follow: saved, loaded, and lowered by plateaus."""

import json

import pytest

import glissando as gl
from glissando.adapters.shared.param_schedules import ParamSchedules

RATE = gl.Linear(0.0, 0.1, steps=4) >> gl.Cosine(0.1, 0.0, steps=16)
LONGER = gl.Cosine(0.2, 0.0, steps=40)
PLATEAU = gl.Plateau("torch", factor=0.5, patience=0)
OTHER = gl.Plateau("keras", factor=0.1, patience=2)
GREEDY = gl.Greedy(factor=0.5, patience=0, warmup=2, window=3)


def observed(schedule, metrics, start=6):
    """Schedules that have observed a metric after each update from `start` on."""
    schedules = ParamSchedules(schedule, "Test")
    for step, metric in enumerate(metrics, start):
        schedules.observe(metric, step)
    return schedules, start + len(metrics)


def test_a_plateau_lowers_what_comes_and_not_what_was():
    schedules = ParamSchedules(PLATEAU.on(RATE, after=4), "Test")
    schedules.observe(1.0, 2)  # in the warm-up: not observed
    schedules.observe(1.0, 5)
    schedules.observe(1.0, 6)
    assert [schedules.rate("lr", k) for k in (4, 5, 6, 7)] == [
        RATE(4),
        RATE(5),
        RATE(6) * 0.5,
        RATE(7) * 0.5,
    ]
    schedules.observe(1.0, 6)
    assert schedules.rate("lr", 5) == RATE(5)
    assert schedules.rate("lr", 6) == RATE(6) * 0.25


@pytest.mark.parametrize("plateau", [PLATEAU, GREEDY])
@pytest.mark.parametrize("k", range(12))
def test_interrupted_at_every_metric_it_goes_on_as_if_it_had_not_been(plateau, k):
    losses = [1.0, 0.9, 0.9, float("nan"), 0.8, 0.8, -0.1, -0.1, 0.5, 0.5, -3.0, -2.0]
    whole, end = observed(plateau.on(RATE), losses)
    first, step = observed(plateau.on(RATE), losses[:k])
    again = ParamSchedules(plateau.on(RATE), "Test")
    assert again.load_state_dict(json.loads(json.dumps(first.state_dict(step)))) == step
    for at, loss in enumerate(losses[k:], step):
        again.observe(loss, at)
    assert again.state_dict(end) == whole.state_dict(end)
    assert again.rate("lr", end) == whole.rate("lr", end)


def test_several_by_name_each_with_its_own_plateau():
    schedules, step = observed({"lr": PLATEAU.on(RATE), "momentum": gl.Constant(0.9)}, [1.0, 1.0])
    assert schedules.rate("lr", step) == RATE(step) * 0.5
    assert schedules.rate("momentum", step) == 0.9
    state = schedules.state_dict(step)
    assert set(state) == {"step", "schedule", "plateau"}
    assert set(state["plateau"]) == {"lr"}


def test_without_a_plateau_the_state_has_two_entries():
    schedules = ParamSchedules(RATE, "Test")
    assert schedules.state_dict(3) == {"step": 3, "schedule": RATE.to_data()}
    with pytest.raises(gl.ScheduleError, match="no schedule monitors a metric"):
        schedules.observe(1.0, 3)


@pytest.mark.parametrize(
    ("saved", "new"),
    [
        (PLATEAU.on(RATE), OTHER.on(RATE)),
        (PLATEAU.on(RATE), RATE),
        (RATE, PLATEAU.on(RATE)),
        (PLATEAU.on(RATE), PLATEAU.on(RATE, after=3)),
        (PLATEAU.on(RATE), PLATEAU.on(LONGER)),
        (RATE, LONGER),
        (GREEDY.on(RATE), PLATEAU.on(RATE)),
        (PLATEAU.on(RATE), GREEDY.on(RATE)),
        (GREEDY.on(RATE), GREEDY.on(LONGER)),
        (GREEDY.on(RATE), RATE),
    ],
)
def test_another_one_is_refused_or_follows_a_named_policy(saved, new):
    schedules = ParamSchedules(saved, "Test")
    if schedules.monitors_metric:
        schedules, _ = observed(saved, [1.0, 1.0, 1.0])
        assert schedules.states["lr"].factor != 1
    step = 9
    state, now = schedules.state_dict(step), schedules.rate("lr", step)

    def loaded(policy, state=state):
        other = ParamSchedules(new, "Test")
        other.load_state_dict(state, policy)
        return other

    fresh = ParamSchedules(new, "Test")
    before = fresh.state_dict(0)
    with pytest.raises(gl.ScheduleMismatch, match="on_mismatch='keep'"):
        fresh.load_state_dict(state)
    assert fresh.state_dict(0) == before

    assert loaded("keep").rate("lr", step) == now
    bare = getattr(new, "schedule", new)
    same_plateau = getattr(saved, "plateau", 0) == getattr(new, "plateau", 0)
    same_plateau &= getattr(saved, "after", 0) == getattr(new, "after", 0)
    carried = schedules.states["lr"].factor if same_plateau and schedules.monitors_metric else 1.0
    assert loaded("replace").rate("lr", step) == bare(step) * carried
    assert loaded("continue").rate("lr", step) == pytest.approx(now, rel=1e-15)
    if bare != getattr(saved, "schedule", saved):
        assert loaded("rewarm").rate("lr", step + 2) == bare(2)
    # a second interruption under the same policy changes nothing more
    for policy in ("keep", "replace", "continue", "rewarm"):
        once = loaded(policy)
        twice = loaded(policy, once.state_dict(step + 3))
        for k in range(step + 3, 30):
            assert twice.rate("lr", k) == once.rate("lr", k), (policy, k)


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"step": 3},
        {"step": 3, "schedule": 1},
        {"step": -1, "schedule": RATE.to_data()},
        {"step": 3, "schedule": RATE.to_data(), "plateau": 1},
        {"step": 3, "schedule": RATE.to_data(), "plateau": {"momentum": {}}},
        {"step": 3, "schedule": RATE.to_data(), "plateau": {"lr": {"factor": 2}}},
        {"step": 3, "schedule": RATE.to_data(), "plateau": {"lr": gl.PlateauState().to_data()}},
        # what the one remembers is nothing for the other
        ParamSchedules(PLATEAU.on(RATE), "Test").state_dict(3)
        | {"plateau": {"lr": gl.GreedyState(best=1.0).to_data()}},
        ParamSchedules(GREEDY.on(RATE), "Test").state_dict(3)
        | {"plateau": {"lr": gl.PlateauState(best=1.0).to_data()}},
        {"step": 3, "schedule": {"type": "on_plateau", "schedule": RATE.to_data()}},
        {"step": 3, "schedule": RATE.to_data(), "more": 1},
    ],
)
def test_what_is_no_saved_state_is_refused(state):
    schedules = ParamSchedules(PLATEAU.on(RATE), "Test")
    for policy in ("raise", "keep", "replace", "continue", "rewarm"):
        with pytest.raises(gl.ScheduleError):
            schedules.load_state_dict(state, policy)
    assert schedules.state_dict(0) == ParamSchedules(PLATEAU.on(RATE), "Test").state_dict(0)


@pytest.mark.parametrize("schedule", [3, None, {}, {"lr": 0.1}, "cosine", lambda step: 0.1])
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(gl.ScheduleError, match="Test: "):
        ParamSchedules(schedule, "Test")
