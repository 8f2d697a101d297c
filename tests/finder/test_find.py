"""The range test: what it answers, and that it leaves nothing behind."""

import json
import math
import os
import random
import signal

import numpy as np
import pytest

import glissando as gl
from finder.quadratic import Quadratic

CURVATURES = [0.5, 2.0, 8.0]


def find(training, **options):
    return gl.find_rate(training, **({"steps": 50, "seeds": 2} | options))


@pytest.mark.parametrize("scale", ["geometric", "linear"])
def test_the_ramp_begins_and_ends_exactly_where_it_should(scale):
    curve = find(Quadratic([1.0]), start=1e-3, end=0.3, scale=scale).curve
    for ramp in curve.ramps:
        assert (ramp.rates[0], ramp.rates[-1]) == (1e-3, 0.3)
        steps = np.diff(np.log(ramp.rates) if scale == "geometric" else ramp.rates)
        assert np.allclose(steps, steps[0])
    assert [len(ramp.rates) for ramp in curve.ramps] == [50, 50, 100, 100]


def test_the_answer_is_near_what_is_known_of_a_quadratic():
    training = Quadratic(CURVATURES)
    found = find(training)
    assert found.limit.value == pytest.approx(training.edge, rel=0.15)
    best = 2 / (min(CURVATURES) + max(CURVATURES))
    assert found.interval.low < best < found.interval.high <= 10 * found.interval.low * 1.0001
    assert found.interval.low < found.rate < found.interval.high


def test_ten_times_the_steps_move_the_answer_by_less_than_a_factor_of_two():
    few, many = (find(Quadratic(CURVATURES, 0.1), steps=steps) for steps in (50, 500))
    pairs = [
        (few.rate, many.rate),
        (few.limit.value, many.limit.value),
        (few.interval.low, many.interval.low),
        (few.interval.high, many.interval.high),
    ]
    assert all(0.5 < a / b < 2 for a, b in pairs)


class Failing(Quadratic):
    """Raises at an update, in the middle of it."""

    def __init__(self, *arguments, at_update, how):
        super().__init__(*arguments)
        self.at_update, self.how = at_update, how

    def step(self, rate):
        self.x = self.x * 1.5
        random.random(), np.random.random()
        if self.updates == self.at_update:
            self.how()
        return super().step(rate)


def raising():
    raise RuntimeError("out of memory")


def interrupted():
    raise KeyboardInterrupt


def signalled():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(autouse=True)
def _ctrl_c_interrupts():
    """What starts tests in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("how", [raising, interrupted, signalled])
@pytest.mark.parametrize("at_update", [0, 1, 30, 110, 333, 500])
def test_nothing_is_left_behind_whenever_it_is_stopped(how, at_update):
    training = Failing(CURVATURES, 0.1, at_update=at_update, how=how)
    before = training.save(), random.getstate(), np.random.get_state()[1].tolist()
    with pytest.raises((RuntimeError, KeyboardInterrupt)):
        find(training)
    assert training.updates == at_update + (how is signalled)
    after = training.save(), random.getstate(), np.random.get_state()[1].tolist()
    assert np.array_equal(before[0][0], after[0][0])
    assert before[0][1:] + before[1:] == after[0][1:] + after[1:]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_waits_until_the_state_is_back():
    class Slow(Quadratic):
        def restore(self, state):
            signalled()
            signalled()
            super().restore(state)

    training = Slow(CURVATURES)
    before = training.x.copy()
    with pytest.raises(KeyboardInterrupt):
        find(training)
    assert np.array_equal(training.x, before)


def test_training_afterwards_is_the_same_as_without_it():
    probed, untouched = Quadratic(CURVATURES, 0.3, seed=3), Quadratic(CURVATURES, 0.3, seed=3)
    find(probed)
    rates = [0.01] * 20
    assert [probed.step(r) for r in rates] == [untouched.step(r) for r in rates]


def functions(noise=0.0):
    weights, draw = np.ones(2), np.random

    def step(rate):
        loss = float(4 * weights @ weights)
        weights[:] -= rate * (8 * weights + noise * draw.standard_normal(2))
        return loss

    def restore(state):
        weights[:] = state

    return weights, step, restore


def test_a_function_with_save_and_restore():
    weights, step, restore = functions(noise=0.1)
    found = find(step, save=weights.copy, restore=restore)
    assert weights.tolist() == [1.0, 1.0]
    assert found.limit.value == pytest.approx(0.25, rel=0.15)
    assert found.method == "short runs"


def test_a_function_alone_gets_one_ramp_and_is_told_so():
    _, step, _ = functions()
    found = find(step)
    assert found.method == "ramp"
    assert len(found.curve.ramps) == 1
    assert "`save` and `restore` were not given" in found.doubts[0]
    assert found.limit.low <= 0.25 <= found.limit.high


RATES = np.geomspace(1e-5, 1.0, 60)
SHAPE = 1.5 + 1.2 / (1 + (RATES / 3e-3) ** 1.5) + (RATES / 0.1) ** 4


@pytest.mark.parametrize(
    "test",
    [
        list(zip(RATES, SHAPE, strict=True)),
        (RATES, SHAPE),
        (RATES.tolist(), SHAPE.tolist()),
        gl.Curve(gl.Linear(0.0, 1.0, steps=60), steps=range(1, 61), losses=SHAPE),
    ],
    ids=["pairs", "arrays", "lists", "curve"],
)
def test_a_recorded_test_is_read(test):
    found = gl.find_rate(test)
    assert found.readings.steepest.rate > 0
    assert "was recorded" in found.doubts[0]


@pytest.mark.parametrize("spikes", [[20], [45], [20, 21], [5, 25, 35, 44]])
def test_a_spike_does_not_win(spikes):
    spiked = SHAPE.copy()
    spiked[spikes] = [50.0, -40.0, 1e6, 30.0][: len(spikes)]
    plain, found = gl.find_rate((RATES, SHAPE)), gl.find_rate((RATES, spiked))
    for one, other in zip(plain.readings, found.readings, strict=True):
        assert 0.4 < other.rate / one.rate < 2.5, one.name
    assert 0.5 < found.limit.value / plain.limit.value < 2


def test_readings_do_not_depend_on_how_densely_a_curve_was_recorded():
    dense = np.geomspace(1e-5, 1.0, 1200)
    many = gl.find_rate((dense, np.interp(np.log(dense), np.log(RATES), SHAPE)))
    for one, other in zip(gl.find_rate((RATES, SHAPE)).readings, many.readings, strict=True):
        assert 0.5 < other.rate / one.rate < 2, one.name


@pytest.mark.parametrize(
    ("losses", "doubt"),
    [
        ([1.0] * 50, "hardly falls"),
        ([math.nan] * 50, "too few"),
        ([1.0, math.nan], "too few"),
        ([5.0, 4.0], "too few"),
        (list(range(100, 50, -1)), "still falls"),
        (list(range(50)), "hardly falls"),
        ([0.0] * 50, "hardly falls"),
        ([1e300, -1e300] * 5, ""),
        ([-100.0 - k for k in range(30)], "still falls"),
    ],
)
def test_odd_curves_get_an_answer_and_a_doubt(losses, doubt):
    rates = np.geomspace(1e-4, 1.0, len(losses))
    found = gl.find_rate((rates, losses))
    assert any(doubt in one for one in found.doubts)
    assert 0 < found.rate < math.inf
    assert found.limit.low <= found.limit.value <= found.limit.high
    assert all(reading.reason for reading in found.readings)
    found.plot()
    assert gl.RateRange.from_data(json.loads(json.dumps(found.to_data()))) == found


@pytest.mark.parametrize(
    ("loss", "doubt"),
    [
        (lambda rate, k: math.nan, "No rate that was tried is stable"),
        (lambda rate, k: 1.0, "No rate up to"),
        (lambda rate, k: 10.0**k, "No rate that was tried is stable"),
        (lambda rate, k: -float(k), "No rate up to"),
    ],
)
def test_odd_trainings_get_an_answer_and_a_doubt(loss, doubt):
    count = [0]

    def step(rate):
        count[0] += 1
        return loss(rate, count[0])

    def restore(state):
        count[0] = state

    found = find(step, save=lambda: 0, restore=restore)
    assert any(doubt in one for one in found.doubts), found.doubts
    assert 0 < found.rate < math.inf
    assert found.limit.low <= found.limit.value <= found.limit.high


def test_a_limit_above_the_ramp_is_said_to_be_there():
    found = find(Quadratic([1.0], 0.01), end=0.5)
    assert found.limit.high == math.inf
    assert found.limit.low == 0.5
    assert any("above it" in doubt for doubt in found.doubts)


def test_seeds_that_change_nothing_are_noticed():
    assert any("All seeds gave the same losses" in d for d in find(Quadratic([1.0])).doubts)
    assert not any("All seeds" in d for d in find(Quadratic([1.0], 0.1)).doubts)
    assert any("one seed alone" in d for d in find(Quadratic([1.0]), seeds=[7]).doubts)


def test_validation_losses_are_looked_at_where_they_are_asked_for():
    class Validated(Quadratic):
        def validate(self):
            return 5.0 + float(self.x @ self.x)

    found = find(Validated(CURVATURES, 0.1), loss="validation")
    assert min(found.curve.losses) > 5.0
    with pytest.raises(gl.ScheduleError, match="no data for validation"):
        find(Quadratic(CURVATURES), loss="validation")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": 0}, "find_rate: `start` must be above 0, got 0"),
        ({"start": 1.0, "end": 0.5}, "find_rate: `end` must be above `start`, 1, got 0.5"),
        ({"steps": 1}, "find_rate: `steps` must be 2 or more, got 1"),
        ({"scale": "log"}, "find_rate: `scale` must be one of 'geometric', 'linear', got 'log'"),
        ({"seeds": 0}, "find_rate: `seeds` must be 1 or more, got 0"),
        ({"seeds": []}, "find_rate: `seeds` must be a number, or a list of seeds, got []"),
        ({"loss": "val"}, "find_rate: `loss` must be one of 'training', 'validation', got 'val'"),
        ({"save": dict}, "find_rate: `save` and `restore` must be given together"),
    ],
)
def test_bad_arguments_are_told(options, message):
    with pytest.raises(gl.ScheduleError) as caught:
        find(lambda rate: 1.0, **options)
    assert str(caught.value) == message


@pytest.mark.parametrize("test", [3, "x", [], [1, 2, 3], [(1, 2), (0.5, 1)], [("a", 1)], None])
def test_what_is_no_test_is_told(test):
    with pytest.raises(gl.ScheduleError, match="must be a training, a function step"):
        gl.find_rate(test)


def test_the_answer_is_a_value_with_a_picture():
    found = find(Quadratic(CURVATURES, 0.1))
    assert gl.RateRange.from_data(json.loads(json.dumps(found.to_data()))) == found
    assert found.readings["valley"] is found.readings.valley
    figure = found.plot()
    names = {trace.name for trace in figure.data}
    assert {"ramp, smoothed", "after a short run", "valley", "minimum"} <= names
    assert figure.layout.xaxis.type == "log"
    assert "limit" in str(figure.layout.annotations)
    assert f"{found.rate:.3g}" in str(found)
