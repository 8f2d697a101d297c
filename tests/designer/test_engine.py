"""The designer computes, prints and refuses what the library does."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies
from glissando.errors import ScheduleError
from glissando.picture.sample import last_step


def steps_of(schedule):
    near = {b + d for _, b in zip(range(20), schedule.breaks(), strict=False) for d in (-1, 0, 1)}
    end = schedule.steps if isinstance(schedule, gl.Strict) else 10**6
    return sorted(int(step) for step in near | {0, 1, 2, 77, 1_000} if step <= end)


@strategies.examples(150)
@given(schedule=strategies.schedules)
def test_rates_texts_and_lengths_are_the_librarys(module, schedule):
    steps = steps_of(schedule)
    found = module.run(
        "(({steps, rate, top}, s) => ({steps: steps === Infinity ? -1 : steps, top,"
        " rates: at.map(rate), text: designer.spell(s), python: designer.python(s), data: s.data}))"
        "(designer.build(data), designer.build(data))",
        data=schedule.to_data(),
        at=steps,
    )
    truth = [schedule(step) for step in steps]
    scale = max(schedule.bound(), 1e-300)
    assert np.abs(np.subtract(found["rates"], truth)).max() <= 1e-13 * scale
    assert found["steps"] == (-1 if schedule.steps == math.inf else schedule.steps)
    assert found["top"] >= max(truth) * (1 - 1e-12)
    assert (found["text"], found["python"]) == (str(schedule), repr(schedule))
    assert gl.from_data(found["data"]) == schedule


BAD = [
    {"type": "linear", "start": -1, "end": 0.1, "steps": 10},
    {"type": "linear", "start": "high", "end": 0.1, "steps": 10},
    {"type": "linear", "start": 0.1, "end": 0.1, "steps": 2.5},
    {"type": "linear", "start": 0.1, "end": 0.1, "steps": -3},
    {"type": "linear", "start": 0.1, "end": 2e30, "steps": 3},
    {"type": "linear", "start": 0.1, "steps": 3},
    {"type": "geometric", "start": 0.1, "ratio": 0},
    {"type": "geometric", "start": 0.1, "ratio": 1.5},
    {"type": "polynomial", "start": 0.1, "end": 0.0, "steps": 10, "power": 0},
    {"type": "piecewise", "values": [0.1, 0.2], "boundaries": [5, 3]},
    {"type": "piecewise", "values": [0.1, -0.2, 1], "boundaries": [3, 5]},
    {"type": "piecewise", "values": [0.1, 0.2], "boundaries": [3, 5]},
    {"type": "table", "rates": [0.1, 0.2], "knots": [3]},
    {"type": "table", "rates": [0.1], "knots": [3]},
    {"type": "tanh", "start": 0.1, "end": 0.0, "steps": 9, "low": 0, "high": 0},
    {"type": "tanh", "start": 0.1, "end": 0.0, "steps": 9, "low": -9},
    {"type": "log_linear", "start": 0.1, "end": 0.2, "steps": 9},
    {"type": "log_linear", "start": 1.0, "end": 1e-301, "steps": 9},
    {"type": "exp_hyperbolic", "start": 0.1, "end": 0.0, "steps": 9, "upper": 10},
    {"type": "hyperbolic", "start": 0.1, "end": 0.0, "steps": 9, "upper": 8},
    {"type": "chebyshev", "floor": 0.0, "peak": 0.1, "steps": 9},
    {"type": "chebyshev", "floor": 1e-30, "peak": 1e10, "steps": 9},
    {"type": "exponential_cooldown", "start": 0.1, "end": 0.0, "steps": 9, "ratio": 1},
]
LINEAR = {"type": "linear", "start": 0.1, "end": 0.0, "steps": 10}
BAD += [
    {"type": "clip", "schedule": LINEAR, "floor": 0.5, "ceiling": 0.1},
    {"type": "drop", "schedule": LINEAR, "count": 11},
    {"type": "flip", "schedule": LINEAR, "ceiling": 0.01},
    {"type": "scale", "schedule": LINEAR, "factor": -1},
    {"type": "product", "parts": []},
    {"type": "repeat", "schedule": LINEAR, "times": 0},
    {"type": "noise", "schedule": LINEAR, "scale": 0.1, "seed": 2**32},
]


@pytest.mark.parametrize("data", BAD, ids=lambda data: data["type"])
def test_a_bad_field_is_refused_in_the_librarys_words(module, data):
    with pytest.raises(ScheduleError) as refused:
        gl.from_data(data)
    assert module.message(data) == str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        {**LINEAR, "stop": 3},
        {"type": "cubic_table", "rates": 0.1, "knots": [3]},
        {"type": "chain", "parts": [{"type": "constant", "value": 0.1}, LINEAR]},
        {"type": "chain", "parts": []},
        {"type": "reverse", "schedule": {"type": "constant", "value": 0.1}},
        {"type": "imported", "function": "os:getcwd"},
        {"type": "nothing"},
        [],
        {"type": "scale", "schedule": {**LINEAR, "start": 1e30}, "factor": 10},
    ],
    ids=str,
)
def test_what_cannot_be_drawn_is_refused(module, data):
    assert module.message(data)


def test_a_message_says_where_the_field_stands(module):
    data = {"type": "chain", "parts": [LINEAR, {**LINEAR, "end": -1}]}
    path = module.run(
        "(() => { try { designer.build(data) } catch (e) { return e.path } })()", data=data
    )
    assert path == ["parts", 1, "end"]


@given(value=st.floats(allow_nan=False))
def test_floats_are_written_as_python_writes_them(module, value):
    text = "Infinity" if value == math.inf else "-Infinity" if value == -math.inf else repr(value)
    found = module.run(f"designer.float({text})")
    assert found.replace("infinity", "inf") == repr(value)


@strategies.examples(40)
@given(schedule=strategies.schedules)
def test_a_line_has_two_points_a_column_and_goes_from_end_to_end(module, schedule):
    if schedule.steps in (0, math.inf):
        return
    steps, rates = module.run(
        "(({steps, rates}) => [[...steps], [...rates]])"
        "(designer.sample(designer.build(data), 0, last, 200))",
        data=schedule.to_data(),
        last=schedule.steps,
    )
    assert (steps[0], steps[-1]) == (0, schedule.steps)
    assert len(steps) <= 402
    assert steps == sorted(set(steps))
    truth = [schedule(int(step)) for step in steps]
    assert np.abs(np.subtract(rates, truth)).max() <= 1e-13 * max(schedule.bound(), 1e-300)


@pytest.mark.parametrize("steps", [10_000, 3_000_000])
def test_the_area_is_the_sum_of_all_rates(module, steps):
    schedule = gl.Linear(0.0, 1e-3, steps // 10) >> gl.Cosine(1e-3, 1e-5, steps - steps // 10)
    found = module.run("designer.area(designer.build(data))", data=schedule.to_data())
    assert found == pytest.approx(schedule(np.arange(steps)).sum(), rel=1e-8)


def test_landmarks_name_the_start_the_corners_and_the_end(module):
    schedule = gl.Linear(0.0, 0.1, 5) >> gl.Cosine(0.1, 0.0, 15)
    found = module.run("designer.landmarks(designer.build(data))", data=schedule.to_data())
    assert [(mark["step"], mark["what"]) for mark in found] == [
        (0, "start"),
        (5, "corner"),
        (20, "end"),
    ]
    assert all(mark["rate"] == pytest.approx(schedule(mark["step"])) for mark in found)


ENDLESS = {
    name: gl.recipes.RECIPES[name]() for name in gl.recipes.RECIPES if name.startswith("keras_tip.")
} | {
    "restarts": gl.Cosine(0.1, 0.0, 30).repeat(),
    "stairs": gl.Staircase(0.1, 0.5, every=10),
    "held": gl.Exponential(0.1, 0.01).hold_each(100),
}


@pytest.mark.parametrize("schedule", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_schedule_is_drawn_as_far_as_in_python(module, schedule):
    found = module.run("designer.drawnTo(designer.build(data))", data=schedule.to_data())
    assert found == last_step([schedule]) or schedule.steps < math.inf
