"""A linear warm-up before any schedule."""

import math

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import warmup

AFTER = [
    gl.Constant(0.1),
    gl.Cosine(0.1, 0.001, steps=90),
    gl.Piecewise([0.1, 0.01], boundaries=[30]),
    gl.Exponential(0.1, rate=0.1),
    gl.Cosine(0.1, 0.0, steps=9).repeat(),
    gl.Linear(0.1, 0.5, steps=10) >> gl.Cosine(0.5, 0.0, steps=20),
    gl.recipes.triangular(0.1, 0.6, step_size=5),
    gl.schedule(lambda t: 0.1 / (t + 1), steps=20),
]


@pytest.mark.parametrize("schedule", AFTER, ids=str)
@pytest.mark.parametrize("start", [0.0, 0.025, 0.3])
@pytest.mark.parametrize("steps", [1, 7, 100])
def test_a_line_up_and_then_the_schedule_as_it_was(schedule, start, steps):
    rate = warmup(schedule, steps, start)
    for t in range(steps):
        line = start + (schedule(0) - start) * t / steps
        assert abs(rate(t) - line) <= 4 * np.spacing(max(start, schedule(0)))
    assert [rate(steps + t) for t in range(200)] == [schedule(t) for t in range(200)]
    assert rate(0) == start
    assert rate.steps == schedule.steps + steps


def test_a_percentage_is_one_of_warm_up_and_schedule_together():
    for percent, after, steps in (("3%", 970, 30), ("10%", 900, 100), ("50%", 7, 7)):
        cosine = gl.Cosine(1.0, 0.0, steps=after)
        assert warmup(cosine, percent) == warmup(cosine, steps)
        run = gl.plan(steps=steps + after)
        assert gl.parse(f"warmup({cosine}, steps={percent})", plan=run) == warmup(cosine, steps)
    assert warmup(gl.Constant(0.1), "20 steps") == warmup(gl.Constant(0.1), 20)
    assert warmup(cosine, gl.Duration(50, "%")) == warmup(cosine, 7)


def test_inside_the_schedules_own_time_as_the_documentation_says():
    cosine = gl.Cosine(1.0, 0.0, steps=900)
    inside = gl.Linear(0.0, cosine(100), steps=100) >> cosine.drop(100)
    assert inside.steps == 900
    assert [inside(t) for t in range(100, 950)] == [cosine(t) for t in range(100, 950)]


def test_an_exception_of_the_users_own_function_comes_through():
    def broken(step):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        warmup(gl.schedule(broken), 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schedule": 0.1}, "`schedule` must be a schedule, got 0.1"),
        ({"schedule": math.sin}, "`schedule` must be a schedule, got <built-in function sin>"),
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        ({"steps": "10"}, "`steps`: cannot read '10'; write it with its unit, as '3%', '500 st"),
        ({"steps": "2 epochs"}, "`steps` must be in steps or %, got '2 epochs'; count it by gl.p"),
        (
            {"steps": "3%"},
            "`steps` in % must be below 100% and before a schedule that ends, got 3% before one "
            "of inf steps",
        ),
        (
            {"schedule": gl.Cosine(1.0, 0.0, steps=5), "steps": "100%"},
            "`steps` in % must be below 100% and before a schedule that ends, got 100% before one ",
        ),
        ({"start": -0.1}, "`start` must be 0 or more, got -0.1"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        warmup(**{"schedule": gl.Constant(0.1), "steps": 10} | arguments)
    assert str(caught.value).startswith(f"warmup: {message}")
