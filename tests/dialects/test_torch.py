"""What PyTorch's schedulers do that their names do not say."""

import pytest

import glissando as gl
from glissando.dialects import NotRepresentable, torch


def curve(schedule, steps):
    return [schedule(step) for step in range(steps)]


def test_every_restart_is_met_where_a_logarithm_misses_some():
    for first, growth, step in ((1, 3, 121), (10, 3, 1210), (10, 3, 295_240), (10, 10, 1110)):
        rate = torch.CosineAnnealingWarmRestarts(first, growth, lr=0.1)
        assert rate(step) == 0.1
        assert rate(step - 1) < 0.1


def test_a_cosine_bounces_past_its_end():
    rate = torch.CosineAnnealingLR(4, lr=1.0)
    assert rate(4) == 0
    assert curve(rate, 9)[4:] == pytest.approx([0, 0.146447, 0.5, 0.853553, 1], abs=1e-6)


def test_one_cycle_bounces_once_and_then_raises():
    rate = torch.OneCycleLR(1.0, total_steps=10)
    assert rate(2) == 1.0
    assert rate(9) == pytest.approx(4e-6)
    assert rate(10) == pytest.approx(0.0495, abs=1e-4)
    with pytest.raises(gl.ScheduleError, match="at most 10"):
        rate(11)
    with pytest.raises(gl.ScheduleError, match="at most 9"):  # where the line goes below 0
        torch.OneCycleLR(1.0, total_steps=10, anneal_strategy="linear")(10)


def test_one_cycle_sets_the_rate_that_others_start_from():
    warmup = torch.LinearLR(0.1, total_iters=3, lr=1.0)
    both = torch.SequentialLR([warmup, torch.OneCycleLR(1.0, total_steps=10)], [3])
    assert curve(both, 4) == pytest.approx([0.004, 0.016, 0.028, 0.04])


def test_a_chain_with_a_floor_is_no_product():
    line = torch.LinearLR(0.5, total_iters=4, lr=1.0)
    wave = torch.CosineAnnealingLR(10, eta_min=0.1, lr=1.0)
    both = torch.ChainedScheduler([line, wave])
    assert both(0) == 0.5
    assert both(1) != pytest.approx(line(1) * wave(1), rel=1e-3)
    assert both(10) == 0.1
    assert gl.loads(gl.dumps(both)) == both  # it is a table
    plain = torch.ChainedScheduler([line, torch.CosineAnnealingLR(10, lr=1.0)])
    assert plain(7) == pytest.approx(torch.CosineAnnealingLR(10, lr=1.0)(7))


def test_a_schedule_of_another_origin_counts_as_one_that_sets_the_rate():
    own = gl.Linear(1.0, 0.5, steps=10)
    assert torch.SequentialLR([own, torch.StepLR(2, 0.1, lr=1.0)], [3])(3) == 1.0
    assert torch.ChainedScheduler([torch.StepLR(2, 0.1, lr=1.0), own])(5) == own(5)
    # and remains so, whatever it was given to
    assert torch.SequentialLR([own], []) == own == torch.ChainedScheduler([own])
    assert torch.SequentialLR([own, torch.StepLR(2, 0.1, lr=1.0)], [3])(2) == own(2)


def test_momentum_moves_the_other_way():
    arguments = {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 4, "mode": "triangular2"}
    rate = torch.CyclicLR(**arguments)
    momentum = torch.CyclicLR(**arguments, of="momentum")
    assert curve(momentum, 17)[::4] == pytest.approx([0.9, 0.8, 0.9, 0.85, 0.9])
    assert curve(rate, 17)[::4] == pytest.approx([0.1, 1.0, 0.1, 0.55, 0.1])
    assert torch.OneCycleLR(1.0, total_steps=10, of="momentum")(2) == 0.85


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: torch.CosineAnnealingLR(0, lr=0.1),
            "torch.CosineAnnealingLR: `T_max` must be 1 or more, got 0",
        ),
        (
            lambda: torch.LinearLR(0.0, lr=0.1),
            "torch.LinearLR: `start_factor` must be above 0, got 0.0",
        ),
        (lambda: torch.OneCycleLR(0.1), "torch.OneCycleLR: either `total_steps` or "),
        (
            lambda: torch.OneCycleLR(0.1, 10, pct_start=0.1),
            "torch.OneCycleLR: `pct_start` must not make the rise end at step 0, got 0.1 of 10",
        ),
        (
            lambda: torch.CyclicLR(0.1, 1.0, cycle_momentum=False, of="momentum"),
            "torch.CyclicLR: `of` must be 'lr' where `cycle_momentum` is False",
        ),
        (
            lambda: torch.SequentialLR([torch.StepLR(1, lr=1.0), torch.StepLR(1, lr=0.5)], [3]),
            "torch.SequentialLR: `schedulers` must have one `lr`, their optimizer's, got ",
        ),
        (
            lambda: torch.SequentialLR([gl.Constant(0.1)], [3]),
            "torch.SequentialLR: `milestones` must be one fewer than `schedulers`, got 1 and 1",
        ),
    ],
)
def test_messages_name_the_peer(build, message):
    with pytest.raises(gl.ScheduleError) as error:
        build()
    assert str(error.value).startswith(message)


def test_what_cannot_be_said_is_refused_with_the_reason():
    inner = torch.ChainedScheduler([torch.StepLR(3, lr=0.1)])
    with pytest.raises(NotRepresentable, match="ChainedScheduler from inside another"):
        torch.SequentialLR([inner, torch.StepLR(3, lr=0.1)], [5])
    with pytest.raises(NotRepresentable, match=r"gl\.Plateau"):
        torch.ReduceLROnPlateau(factor=0.5)
