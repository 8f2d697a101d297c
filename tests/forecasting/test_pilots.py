"""Which runs to make: a trunk and its cooldowns at each peak, ready to train, with their cost."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

import glissando as gl


def test_each_peak_has_a_trunk_and_two_cooldowns_that_end_with_it():
    plan = gl.pilots([1e-3, 2e-3], steps=10_000, warmup=300)
    assert len(plan) == len(list(plan)) == 6
    for trunk, long, short in (list(plan)[:3], list(plan)[3:]):
        assert (trunk.trunk, trunk.branched_at, trunk.steps) == (None, None, 6000)
        assert (long.trunk, long.branched_at, long.steps) == (trunk.name, 3600, 6000)
        assert (short.trunk, short.branched_at, short.steps) == (trunk.name, 4800, 6000)
        steps = np.arange(6001)
        rates = trunk.schedule(steps)
        assert rates[:300].max() < trunk.peak == rates[300:].min() == rates.max()
        for branch in (long, short):
            assert np.array_equal(
                branch.schedule(steps[: branch.branched_at]), rates[: branch.branched_at]
            )
            assert branch.schedule.steps == 6000
            assert (
                branch.schedule(6000)
                == 0
                < branch.schedule(5999)
                < branch.schedule(5000)
                < trunk.peak
            )


def test_the_cost_counts_each_update_once():
    plan = gl.pilots([1e-3, 2e-3], steps=10_000)
    assert [pilot.updates for pilot in plan] == [6000, 2400, 1200] * 2
    assert (plan.updates, plan.cost) == (19_200, 1.92)
    assert gl.pilots([1e-3], steps=10_000).cost < 1


def test_no_pilot_has_what_is_probably_a_mistake():
    for pilot in gl.pilots(1e-3, steps=1000):
        assert gl.lint(pilot.schedule) == []


def test_a_pilot_is_what_a_forecast_is_made_from():
    run = gl.pilots([1e-3], steps=1000)["0.001 cooldown 0.4"]
    curve = gl.Curve(
        run.schedule, [400, 600], [3.0, 2.5], name=run.name, branched_at=run.branched_at
    )
    assert curve.branched_at == 360
    assert gl.from_data(run.to_data()["schedule"]) == run.schedule


@pytest.mark.parametrize(
    ("peaks", "expected"),
    [
        (1e-3, (5e-4, 1e-3, 2e-3)),
        ([2e-3, 1e-3, 1e-3], (1e-3, 2e-3)),
        (np.array([1e-3, 3e-3]), (1e-3, 3e-3)),
        (
            SimpleNamespace(interval=SimpleNamespace(low=1e-4, high=1e-3)),
            (1.58e-4, 3.16e-4, 6.32e-4),
        ),
        (
            SimpleNamespace(interval=SimpleNamespace(low=1e-4, high=1.6e-3)),
            (1e-4, 2e-4, 4e-4, 8e-4, 1.6e-3),
        ),
        (gl.PeakRange(1e-3, 0.9e-3, 1.1e-3, ()), (4.97e-4, 9.95e-4, 1.99e-3)),
    ],
)
def test_peaks_are_given_or_around_one_or_in_an_interval(peaks, expected):
    assert gl.pilots(peaks, steps=1000).peaks == pytest.approx(expected, rel=5e-3)


def test_other_lengths_and_fractions():
    plan = gl.pilots([1.0], steps=200, warmup="10%", cooldowns=(0.5, 0.1), until=1)
    assert plan.warmup == 20
    assert [pilot.branched_at for pilot in plan] == [None, 100, 180]
    assert gl.pilots([1.0], steps=100_000).warmup == 2000
    assert str(gl.pilots([1.0], steps=100, warmup=0)["1 trunk"].schedule) == "constant(1.0)"


def test_it_is_a_value():
    plan = gl.pilots([1e-3], steps=1000)
    assert eval(repr(plan)) == plan == gl.Pilots([1e-3], 1000, 50, [0.2, 0.4], 0.6)
    data = json.loads(json.dumps(plan.to_data()))
    assert (data["cost"], data["updates"], len(data["runs"])) == (0.96, 960, 3)
    assert data["runs"][1]["trunk"] == data["runs"][0]["name"] == "0.001 trunk"
    with pytest.raises(KeyError, match="trank"):
        plan["0.001 trank"]


def test_it_is_printed_as_a_table():
    assert str(gl.pilots([1e-3], steps=10_000)).splitlines() == [
        "run                 from step  to step  updates",
        "0.001 trunk                 0    6,000    6,000",
        "0.001 cooldown 0.4      3,600    6,000    2,400",
        "0.001 cooldown 0.2      4,800    6,000    1,200",
        "In all 9,600 updates, as 0.96 full runs of 10,000. A cooldown goes on from its trunk's "
        "checkpoint: weights, optimizer, place in the data.",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"peaks": []}, "`peaks` must be one number or more, got none"),
        ({"peaks": "1e-3"}, "`peaks` must be a rate, a list of rates, or what gl.find_rate"),
        ({"peaks": [1.0, 0.0]}, "`peaks`[1] must be above 0, got 0.0"),
        ({"peaks": gl.PeakRange(1.0, 0.5, math.inf, ())}, "two ends above 0, got 0.5 to inf"),
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        ({"steps": 3}, "and before the pilot's end at step 2, got 0.2, which is 0 steps"),
        ({"warmup": 70}, "must begin after the warm-up, of 70 steps"),
        ({"warmup": "3 epochs"}, "cannot count '3 epochs'"),
        ({"cooldowns": [0.5, 1.0]}, "got 1, which is 60 steps"),
        ({"cooldowns": []}, "`cooldowns` must be one number or more, got none"),
        ({"until": 1.5}, "`until` must be at most 1, got 1.5"),
    ],
)
def test_what_it_refuses(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.pilots(**{"peaks": 1e-3, "steps": 100} | arguments)
    assert message in str(caught.value)
