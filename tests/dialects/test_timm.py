"""What is peculiar to timm's schedulers."""

from types import SimpleNamespace

import pytest

import glissando as gl
from glissando.dialects import NotRepresentable, timm


def first(schedule, steps):
    return [round(schedule(step), 3) for step in range(steps)]


def test_the_cosine_begins_under_its_warmup_and_jumps_down():
    under = timm.CosineLRScheduler(8, warmup_t=4, lr=1.0)
    assert first(under, 10) == [0, 0.25, 0.5, 0.75, 0.5, 0.309, 0.146, 0.038, 0, 0]
    after = timm.CosineLRScheduler(4, warmup_t=4, warmup_prefix=True, lr=1.0)
    assert first(after, 9) == [0, 0.25, 0.5, 0.75, 1, 0.854, 0.5, 0.146, 0]


def test_the_tangent_is_met_by_its_warmup():
    under = timm.TanhLRScheduler(8, warmup_t=4, lr=1.0)
    assert first(under, 10) == [0, 0.246, 0.491, 0.737, 0.982, 0.818, 0.269, 0.029, 0, 0]


def test_without_a_warmup_step_0_has_the_rate_of_the_optimizer():
    tangent = timm.TanhLRScheduler(4, lb=-1.0, ub=1.0, lr=1.0)
    assert first(tangent, 5) == [1, 0.731, 0.5, 0.269, 0]  # its own begins with 0.881
    assert first(timm.CosineLRScheduler(4, lr_min=0.2, cycle_limit=0, lr=1.0), 3) == [1, 0.2, 0.2]
    assert first(timm.WSDLRScheduler(1, 1, lr_min=0.2, lr=0.1), 3) == [0.1, 0.2, 0.2]


def test_restarts_are_met_where_the_logarithm_misses_them():
    cycles = timm.CosineLRScheduler(1, cycle_mul=3.0, cycle_limit=9, lr=1.0)
    # 1 + 3 + 9 + 27 + 81 = 121, where timm has 0
    assert first(cycles.drop(119), 4) == [0.002, 0.0, 1.0, 1.0]
    assert [cycles(start) for start in (1, 4, 13, 40, 121, 364)] == [1.0] * 6


def test_cycles_that_begin_between_two_steps():
    cycles = timm.CosineLRScheduler(2, cycle_mul=1.5, cycle_limit=3, lr=1.0)
    # of 2, 3 and 4.5 steps: the third ends half a step after 9
    assert first(cycles, 11) == [1, 0.5, 1, 0.75, 0.25, 1, 0.883, 0.587, 0.25, 0.03, 0]
    lines = timm.PolyLRScheduler(3, power=1.0, cycle_mul=1.5, cycle_limit=3, lr=1.0)
    assert first(lines.drop(3), 6) == [1, 0.778, 0.556, 0.333, 0.111, 0.926]


def test_cycles_that_shrink_to_nothing_raise():
    cycles = timm.CosineLRScheduler(4, cycle_mul=0.5, warmup_t=2, warmup_prefix=True, lr=1.0)
    assert cycles(9) == 0
    with pytest.raises(gl.ScheduleError, match="at most 9"):
        cycles(10)
    with pytest.raises(gl.ScheduleError, match="`warmup_t` must be at most 7, where the cycles"):
        timm.TanhLRScheduler(4, cycle_mul=0.5, warmup_t=8, lr=1.0)


def test_a_power_and_k_decay():
    both = timm.PolyLRScheduler(4, power=2.0, k_decay=2.0, lr=1.0)
    assert first(both, 6) == [1, 0.879, 0.562, 0.191, 0, 0]
    assert gl.loads(gl.dumps(both)) == both


def test_stairs_that_are_not_whole():
    usual = timm.StepLRScheduler(2.4, 0.5, lr=64.0)
    assert first(usual, 13) == [64, 64, 64, 32, 32, 16, 16, 16, 8, 8, 4, 4, 2]
    assert gl.loads(gl.dumps(usual)) == usual
    # 10 times the float 1.1 is just above 11, so that the stair begins at 12
    assert first(timm.StepLRScheduler(1.1, 0.5, lr=1024.0).drop(9), 4) == [4, 2, 2, 1]
    odd = timm.StepLRScheduler(2.718281828, 0.5, lr=8.0)
    assert first(odd, 7) == [8, 8, 8, 4, 4, 4, 2]
    with pytest.raises(gl.ScheduleError, match="a function of your own"):
        gl.dumps(odd)


def test_milestones_come_one_step_early():
    assert first(timm.MultiStepLRScheduler([3], 0.1, lr=1.0), 4) == [1, 1, 0.1, 0.1]
    assert first(timm.MultiStepLRScheduler([0, 1], 0.1, lr=1.0), 2) == [1, 0.01]


def test_a_stable_phase_that_falls_keeps_falling_under_the_decay():
    found = timm.WSDLRScheduler(
        8, 4, warmup_t=2, stable_fn="rsqrt", decay_fn="linear", lr_min=0.1, lr=1.0
    )
    stable = [(1 + t / 2) ** -0.5 for t in range(8)]
    decay = [0.1 + (stable[t] - 0.1) * (8 - t) / 4 for t in range(4, 8)]
    wanted = [0, 0.5, *stable[:4], *decay, 0.1, 0.1]
    assert [found(t) for t in range(12)] == pytest.approx(wanted, rel=1e-12)


def test_the_factory():
    by_updates = timm.create_scheduler_v2(
        "step", decay_epochs=0.8, decay_rate=0.5, step_on_epochs=False, updates_per_epoch=3, lr=64.0
    )
    assert by_updates == timm.StepLRScheduler(0.8 * 3, 0.5, lr=64.0)
    assert timm.create_scheduler_v2("none", lr=0.5) == gl.Constant(0.5)
    # the warm-up is a part of the 10 epochs
    wsd = timm.create_scheduler_v2("wsd", 10, decay_epochs=0.25, warmup_epochs=2, lr=1.0)
    assert wsd == timm.WSDLRScheduler(8, 2, warmup_t=2, warmup_lr_init=1e-5, lr=1.0)
    # what is given to "poly" as its decay is its power
    poly = timm.create_scheduler_v2("poly", 10, decay_rate=0.9, cycle_decay=1.0, lr=1.0)
    assert poly == timm.PolyLRScheduler(10, 0.9, lr=1.0)


def test_the_arguments_of_the_train_script():
    options = {"sched": "cosine", "epochs": 20, "lr_cycle_limit": 2, "lr": 5.0}
    made = timm.create_scheduler(options, lr=0.1)
    assert made == timm.create_scheduler(SimpleNamespace(**options), lr=0.1)
    assert made == timm.CosineLRScheduler(
        20, cycle_decay=0.1, cycle_limit=2, warmup_t=5, warmup_lr_init=1e-5, lr=0.1
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: timm.CosineLRScheduler(0, lr=1.0),
            "timm.CosineLRScheduler: `t_initial` must be 1 or more, got 0",
        ),
        (
            lambda: timm.TanhLRScheduler(5, lb=1.0, ub=1.0, lr=1.0),
            "timm.TanhLRScheduler: `lb` must be below `ub`, got 1.0 and 1.0",
        ),
        (
            lambda: timm.MultiStepLRScheduler([5, 3], lr=1.0),
            "timm.MultiStepLRScheduler: `decay_t` must be increasing, got [5, 3]",
        ),
        (
            lambda: timm.WSDLRScheduler(5, 6, lr=1.0),
            "timm.WSDLRScheduler: `decay_t` must be at most `t_initial`, got 6 and 5",
        ),
        (
            lambda: timm.WSDLRScheduler(5, 2, decay_ratio=1.0, lr=1.0),
            "timm.WSDLRScheduler: `decay_ratio` must be below 1, got 1.0",
        ),
        (
            lambda: timm.WSDLRScheduler(5, 2, stable_fn="rsqrt", lr=1.0),
            "timm.WSDLRScheduler: `stable_timescale` must be given for 'rsqrt' without a warm-up, "
            "got None",
        ),
        (
            lambda: timm.create_scheduler_v2(step_on_epochs=False, lr=1.0),
            "timm.create_scheduler_v2: `updates_per_epoch` must be 1 or more by updates, got 0",
        ),
        (
            lambda: timm.create_scheduler_v2("wsd", 5, warmup_epochs=5, lr=1.0),
            "timm.create_scheduler_v2: `warmup_epochs` must be below `num_epochs`, got 5 and 5",
        ),
        (
            lambda: timm.create_scheduler_v2("wsd", 5, decay_epochs=6, lr=1.0),
            "timm.create_scheduler_v2: `decay_epochs` must come to 1 step or more, and at most "
            "the 5 after the warm-up, got 6.0, which is 6",
        ),
    ],
)
def test_errors_name_the_peer(call, message):
    with pytest.raises(gl.ScheduleError) as caught:
        call()
    assert str(caught.value) == message


def test_what_cannot_be_said():
    with pytest.raises(NotRepresentable, match=r"^timm\.PlateauLRScheduler: .* use gl\.Plateau"):
        timm.PlateauLRScheduler(patience_t=3)
    with pytest.raises(NotRepresentable, match=r"^timm\.create_.*: it follows a metric; use"):
        timm.create_scheduler_v2("plateau", lr=1.0)
    with pytest.raises(NotRepresentable, match=r"^timm\.StepLR.*`noise_range_t` must be None, as"):
        timm.StepLRScheduler(5, noise_range_t=[2, 4], lr=1.0)
    with pytest.raises(NotRepresentable, match="peaks grow without bound"):
        timm.CosineLRScheduler(5, cycle_decay=10.0, cycle_limit=50, lr=1.0)
