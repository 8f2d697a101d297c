"""A run as data: what is checked, and that it comes back from every form."""

import copy
import json
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
from strategies import schedules

RATE = gl.Linear(0.1, 0.0, steps=30)
CURVE = gl.Curve(RATE, steps=[0, 10, 20], losses=[3.0, 2.5, 2.25])

STEPS = st.lists(st.integers(0, 2**53), min_size=1, max_size=9, unique=True).map(sorted)
LOSSES = st.floats(-1e30, 1e30) | st.sampled_from([math.inf, math.nan, -math.inf])
POSITIVE = st.none() | st.floats(0, 1e15, exclude_min=True)


@st.composite
def curves(draw):
    steps = draw(STEPS)
    return gl.Curve(
        draw(schedules),
        steps=steps,
        losses=draw(st.lists(LOSSES, min_size=len(steps), max_size=len(steps))),
        name=draw(st.text(max_size=9)),
        kind=draw(st.sampled_from(["training", "validation"])),
        batch=draw(POSITIVE),
        steps_per_epoch=draw(POSITIVE),
        branched_at=draw(st.none() | st.integers(0, 2**53)),
    )


@given(curves())
def test_every_form_reads_back(curve):
    assert gl.Curve.from_data(json.loads(json.dumps(curve.to_data(), allow_nan=False))) == curve
    assert eval(repr(curve), {"gl": gl, "math": math}) == curve
    assert pickle.loads(pickle.dumps(curve)) == copy.deepcopy(curve) == curve


def test_a_saved_curve_is_read(tmp_path):
    curve = CURVE.replace(losses=[3.0, math.inf, 2.25], name="täst\n", kind="validation", batch=8)
    curve.save(tmp_path / "run.json")
    assert gl.read_curve(tmp_path / "run.json") == curve
    assert gl.read_curve(tmp_path / "run.json", format="curve", name="b").name == "b"
    other = gl.read_curve(tmp_path / "run.json", "constant(0.5)")
    assert other == curve.replace(schedule=gl.Constant(0.5))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_finite_number_says_that_the_run_diverged(bad):
    curve = gl.Curve(RATE, steps=[1, 2], losses=[3.0, bad])
    assert curve.losses == (3.0, math.inf)
    assert curve.diverged
    assert curve.last == math.inf
    assert curve == gl.Curve.from_data(curve.to_data())
    assert not CURVE.diverged


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schedule": 0.1}, r"`schedule` must be a schedule, got 0.1; .*gl.Constant\(0.1\)"),
        (
            {"steps": [0, 20, 10]},
            "`steps` must be a list of whole steps, each above the one before",
        ),
        ({"steps": [0, 10, 10]}, "each above the one before"),
        ({"steps": [0, 10, 20.5]}, r"`steps`\[2\] must be a whole number, got 20.5"),
        ({"steps": [-1, 10, 20]}, r"`steps`\[0\] must be 0 or more, got -1"),
        ({"steps": [0, 10]}, "as many as `steps`, 1 or more, got 3 losses and 2 steps"),
        ({"steps": [], "losses": []}, "1 or more, got 0 losses and 0 steps"),
        ({"losses": [1.0, 2.0, "3"]}, r"`losses`\[2\] must be a number, got '3'"),
        ({"losses": 3.0}, "`losses` must be a list of losses, got 3.0"),
        ({"name": 1}, "`name` must be a text, got 1"),
        ({"kind": "test"}, "`kind` must be one of 'training', 'validation', got 'test'"),
        ({"batch": 0}, "`batch` must be above 0, got 0"),
        ({"steps_per_epoch": -1}, "`steps_per_epoch` must be above 0, got -1"),
        ({"branched_at": 0.5}, "`branched_at` must be a whole number, got 0.5"),
    ],
)
def test_bad_arguments_are_named(changes, message):
    with pytest.raises(gl.ScheduleError, match=f"^Curve: .*{message}"):
        CURVE.replace(**changes)


def test_until_keeps_what_comes_before():
    assert CURVE.until(19) == CURVE.replace(steps=[0, 10], losses=[3.0, 2.5])
    assert CURVE.until(20) == CURVE.until(10**9) == CURVE
    with pytest.raises(gl.ScheduleError, match="`step` must be 5 or more, where the losses begin"):
        CURVE.replace(steps=[5, 6, 7]).until(4)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], r"the JSON form must be an object, got \[\]"),
        ({"type": "linear"}, "`type` must be 'curve', got 'linear'"),
        (CURVE.to_data() | {"loses": [1]}, "unknown field 'loses'; did you mean 'losses'"),
        ({"type": "curve", "steps": [1], "losses": [1.0]}, "`schedule` is missing"),
        (CURVE.to_data() | {"losses": None}, "`losses` must be a list of losses, got None"),
    ],
)
def test_bad_forms_are_named(data, message):
    with pytest.raises(gl.ScheduleError, match=message):
        gl.Curve.from_data(data)


def test_it_is_saved_whole_or_not_at_all(tmp_path):
    with pytest.raises(gl.ScheduleError, match=r"`path` must end in \.json, got"):
        CURVE.save(tmp_path / "run.yaml")
    with pytest.raises(OSError, match="nowhere"):
        CURVE.save(tmp_path / "nowhere" / "run.json")
    assert not list(tmp_path.iterdir())
