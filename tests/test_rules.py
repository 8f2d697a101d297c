"""Bad input: one clear message that says the class, the argument, the rule and what came."""

import math

import numpy as np
import pytest

import glissando as gl

BAD = [
    (
        lambda: gl.Linear(0, 1, -1),
        "Linear: `steps` must be 0 or more, got -1; is the warm-up longer than the run?",
    ),
    (lambda: gl.Linear(0, 1, 2.5), "Linear: `steps` must be a whole number, got 2.5"),
    (lambda: gl.Linear(0, 1, math.nan), "Linear: `steps` must be a whole number, got nan"),
    (lambda: gl.Linear(0, 1, math.inf), "Linear: `steps` must be finite, got inf"),
    (lambda: gl.Linear(0, 1, 10**400), "Linear: `steps` must be finite, got 1000000000000"),
    (lambda: gl.Constant(-(10**400)), "Constant: `value` must be finite, got -100000000000"),
    (lambda: gl.Linear(0, 1, "10"), "Linear: `steps` must be a whole number, got '10'"),
    (lambda: gl.Linear(0, 1, True), "Linear: `steps` must be a whole number, got True"),
    (lambda: gl.Linear(0, 1, 2**54), "Linear: `steps` must be at most 9.0072e+15"),
    (lambda: gl.Linear(-0.1, 1, 5), "Linear: `start` must be 0 or more, got -0.1"),
    (lambda: gl.Linear(0, math.nan, 5), "Linear: `end` must be a number, got nan"),
    (lambda: gl.Linear(0, math.inf, 5), "Linear: `end` must be finite, got inf"),
    (lambda: gl.Linear(0, 1j, 5), "Linear: `end` must be a number, got 1j"),
    (lambda: gl.Linear(0, 1e31, 5), "Linear: `end` must be at most 1e+30, got 1e+31"),
    (lambda: gl.Constant(None), "Constant: `value` must be a number, got None"),
    (lambda: gl.Polynomial(1, 0, 9, power=0), "Polynomial: `power` must be above 0, got 0"),
    (lambda: gl.Geometric(1, ratio=1.1), "Geometric: `ratio` must be at most 1, got 1.1"),
    (lambda: gl.Geometric(1, ratio=0), "Geometric: `ratio` must be above 0, got 0"),
    (lambda: gl.Exponential(1, rate=-1), "Exponential: `rate` must be 0 or more, got -1"),
    (
        lambda: gl.Piecewise([1, 2], [5, 9]),
        "Piecewise: `values` must be one more than `boundaries`, got 2 values and 2 boundaries",
    ),
    (lambda: gl.Piecewise([1, 2, 3], [9, 5]), "Piecewise: `boundaries` must be a list of whole"),
    (lambda: gl.Piecewise([1, -2], [5]), "Piecewise: `values`[1] must be 0 or more, got -2"),
    (lambda: gl.Piecewise(3, [5]), "Piecewise: `values` must be a list of rates, got 3"),
    (lambda: gl.Chain([3]), "Chain: `parts`[0] must be a schedule, got 3; wrap a function"),
    (
        lambda: gl.Exponential(1, 1) >> gl.Constant(1),
        "Chain: a part that another follows must end, got gl.Exponential(1.0, rate=1.0); give",
    ),
    (lambda: gl.Chain(())(0), "Chain: an empty chain has no rate"),
    (lambda: gl.Sum([]), "Sum: `parts` must be 1 or more, got none"),
    (lambda: gl.Constant(1) * -1, "Scale: `factor` must be 0 or more, got -1"),
    (lambda: gl.Constant(1) * math.nan, "Scale: `factor` must be a number, got nan"),
    (lambda: gl.Constant(1e20) * gl.Constant(1e20), "Product: rates must stay at most 1e+30"),
    (lambda: gl.Linear(0, 1, 5).drop(6), "Drop: `count` must be at most the schedule's 5 steps"),
    (lambda: gl.Constant(1).clip(2, 1), "Clip: `floor` must be at most `ceiling`, got 2.0 and 1.0"),
    (
        lambda: gl.Constant(1).repeat(),
        "Repeat: `schedule` must be a schedule that ends, got gl.Con",
    ),
    (lambda: gl.Linear(0, 1, 5).repeat(scale=2), "Repeat: `scale` must be at most 1, got 2"),
    (lambda: gl.Linear(0, 1, 5).strict()(6), "Strict: `step` must be at most 5, the schedule's"),
    (lambda: gl.schedule(3), "Function: `function` must be a function of the step, got 3"),
    (lambda: gl.schedule(abs, steps=-1), "Function: `steps` must be 0 or more, got -1"),
    (lambda: gl.Constant(1)(-1), "Constant: `step` must be from 0 to 2**53, got -1"),
    (lambda: gl.Constant(1)(np.array([3, -2])), "Constant: `step` must be from 0 to 2**53, got -2"),
]


@pytest.mark.parametrize(("build", "message"), BAD, ids=[message for _, message in BAD])
def test_message(build, message):
    with pytest.raises(gl.ScheduleError) as caught:
        build()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("step", ["3", None, [1, 2], 1j, {}, np.array(["a"]), np.array([True])])
def test_a_step_that_is_no_number(step):
    with pytest.raises(TypeError, match=r"Linear: `step` must be a number, a NumPy array, or a"):
        gl.Linear(0, 1, 5)(step)


def test_schedules_are_nested_at_most_32_deep():
    schedule = gl.Constant(1)
    for _ in range(31):
        schedule = schedule * 0.9
    with pytest.raises(gl.ScheduleError, match="Scale: schedules may be nested 32 deep, got 33"):
        schedule * 0.9
    assert schedule(0) == pytest.approx(0.9**31, rel=1e-12)


def test_a_schedule_is_frozen():
    schedule = gl.Linear(0, 1, 5)
    with pytest.raises(AttributeError):
        schedule.start = 3
    assert schedule == gl.Linear(0.0, 1.0, steps=5.0)
    assert {schedule: "found"}[gl.Linear(-0.0, 1, np.int64(5))] == "found"


def test_every_long_value_is_cut_in_messages():
    with pytest.raises(gl.ScheduleError) as caught:
        gl.Linear("x" * 10_000, 1, 5)
    assert len(str(caught.value)) < 150
