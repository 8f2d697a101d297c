"""A user's own function, wherever a schedule goes."""

import numpy as np
import pytest
import torch

import glissando as gl


def halving(step):
    return 0.1 * 0.5 ** (step // 5)


def test_it_is_called_composed_and_drawn():
    own = gl.schedule(halving, steps=20)
    assert [own(t) for t in (0, 5, 20, 99)] == [0.1, 0.05, halving(20), halving(20)]
    both = own * 0.5 >> gl.Linear(1.0, 0.0, steps=10)
    assert both(5) == 0.025
    assert both(25) == 0.5
    assert list(both(np.array([5, 25]))) == [0.025, 0.5]
    assert both.steps == 30
    assert repr(own) == "gl.schedule(halving, steps=20)"
    assert own == gl.schedule(halving, steps=20)
    assert own.reverse()(20) == 0.1
    assert own.repeat(2)(25) == 0.05


def test_it_gets_whole_steps_as_integers_once_each():
    seen = []
    own = gl.schedule(lambda step: seen.append(step) or 1.0)
    own(np.arange(3.0))
    own(np.arange(3))
    own(7)
    assert seen == [0.0, 1.0, 2.0, 0, 1, 2, 7]
    assert [type(step) for step in seen[3:]] == [int] * 4


@pytest.mark.parametrize(
    "make", [gl.schedule, gl.schedule(), gl.schedule(steps=20)], ids=["bare", "called", "steps"]
)
def test_it_is_a_decorator(make):
    assert make(halving)(5) == 0.05


@pytest.mark.parametrize("rate", [float("nan"), -0.1, float("inf"), "0.1", None, [0.1], 1j, True])
def test_a_bad_rate_is_named_with_its_step(rate):
    own = gl.schedule(lambda step: rate if step == 3 else 0.1)
    assert own(2) == 0.1
    for step in (3, np.array([2, 3])):
        with pytest.raises(gl.ScheduleError) as caught:
            own(step)
        assert f"must be a finite number of 0 or more, got {rate!r} at step 3" in str(caught.value)


@pytest.mark.parametrize("rate", [1, np.float32(0.5), np.array(0.25), torch.tensor(0.125)])
def test_numbers_of_any_kind_become_floats(rate):
    found = gl.schedule(lambda step: rate)(0)
    assert type(found) is float
    assert found == rate


@pytest.mark.parametrize("error", [TypeError, ValueError, AttributeError, OverflowError])
def test_an_exception_inside_comes_through_as_raised(error):
    def broken(step):
        raise error("mine")

    for step in (0, np.arange(3)):
        with pytest.raises(error, match=r"^mine$"):
            gl.schedule(broken)(step)


def test_what_needs_a_value_says_that_a_function_has_none(tmp_path):
    own = gl.schedule(halving, steps=20) >> gl.Constant(0.1)
    for use in (gl.dumps, lambda s: s.to_data(), lambda s: gl.save(s, tmp_path / "s.json")):
        with pytest.raises(gl.ScheduleError, match="a function of your own has no value"):
            use(own)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(gl.ScheduleError, match="cannot run inside a compiled graph"):
        own(torch.tensor([1]))
