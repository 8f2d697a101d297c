"""Which steps are drawn: the budget is kept and no corner is lost."""

import bisect
import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies
from glissando.picture.sample import POINTS, last_step, sample

MILLIONS = 10_000_000


def between(points, step):
    """The rate that the drawn line shows at a step."""
    steps, rates = points
    right = bisect.bisect_left(steps, step)
    if steps[right] == step:
        return rates[right]
    low, high = steps[right - 1], steps[right]
    return rates[right - 1] + (rates[right] - rates[right - 1]) * (step - low) / (high - low)


def breaks_up_to(schedule, last):
    found = []
    for step in schedule.breaks():
        if step > last or len(found) > 10_000:
            break
        found.append(step)
    return found


def ends_at(schedule, last):
    """A strict schedule has no rate past its end."""
    return int(min(last, schedule.steps))


@given(strategies.schedules, st.integers(0, 3000), st.integers(8, 300))
def test_the_line_keeps_its_budget_its_ends_and_every_break(schedule, last, points):
    last = ends_at(schedule, last)
    steps, rates = sample(schedule, last, points)
    assert len(steps) <= max(points, 1)
    assert steps[0] == 0
    assert steps[-1] == last
    assert all(a < b for a, b in pairwise(steps))
    assert rates == [schedule(step) for step in steps]
    if last < points:
        assert steps == list(range(last + 1))
    breaks = breaks_up_to(schedule, last)
    if 2 * len(breaks) + 2 <= points:
        assert {step for at in breaks for step in (at - 1, at)} <= set(steps)


smooth = st.one_of(
    st.builds(gl.Linear, strategies.RATES, strategies.RATES, st.integers(1, 2000)),
    st.builds(gl.Cosine, strategies.RATES, strategies.RATES, st.integers(1, 2000)),
    st.builds(
        gl.Polynomial, strategies.RATES, strategies.RATES, st.integers(1, 2000), st.floats(0.5, 3)
    ),
    st.builds(
        lambda start, rate, steps: gl.Exponential(start, rate).take(steps),
        strategies.RATES,
        st.floats(0.0001, 1),
        st.integers(1, 2000),
    ),
)


@given(st.lists(smooth, min_size=1, max_size=4), strategies.RATES, strategies.RATES)
def test_the_line_lies_on_the_curve_also_where_a_clip_bends_it(parts, floor, ceiling):
    schedule = gl.Chain(parts).clip(min(floor, ceiling), max(floor, ceiling))
    last = int(schedule.steps)
    points = sample(schedule, last, 200)
    curve = [schedule(step) for step in range(last + 1)]
    height = max(curve) - min(curve)
    worst = max(abs(between(points, step) - rate) for step, rate in enumerate(curve))
    assert worst <= 0.02 * height  # with a tenth of the points that a chart has


@pytest.mark.parametrize(
    "schedule",
    [
        gl.Cosine(1.0, 0.1, steps=7).repeat(),
        gl.Staircase(1.0, 0.99, every=3),
        gl.Piecewise([random.Random(4).random() for _ in range(2000)], list(range(1, 2000))),
        gl.Cosine(1.0, 0.1, steps=5).repeat(300) >> gl.Linear(0.1, 0.0, steps=1500),
    ],
    ids=["restarts", "staircase", "table", "chain"],
)
def test_too_many_breaks_leave_the_envelope(schedule):
    last, points = 2999, 400
    steps, rates = sample(schedule, last, points)
    assert len(steps) <= points
    drawn = dict(zip(steps, rates, strict=True))
    for window in range(points // 4):
        low, high = window * 3000 // 100, (window + 1) * 3000 // 100
        curve = [schedule(step) for step in range(low, high)]
        shown = [drawn[step] for step in range(low, high) if step in drawn]
        assert (min(shown), max(shown)) == (min(curve), max(curve))


LONG = {
    "warm-up and cosine": gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, MILLIONS - 500),
    "a million restarts": gl.Cosine(1e-3, 1e-5, steps=10).repeat(MILLIONS // 10),
    "staircase": gl.Staircase(0.1, 0.9, every=MILLIONS // 300).take(MILLIONS),
    "a function": gl.schedule(lambda step: 1e-3 * abs(math.sin(step / 1e6)), steps=MILLIONS),
}


class Counted:
    """Counts the rates and the breaks that are asked of a schedule."""

    def __init__(self, schedule):
        self.schedule = schedule
        self.rates = self.corners = 0

    def __call__(self, step):
        self.rates += 1
        return self.schedule(step)

    def breaks(self, start=0):
        for step in self.schedule.breaks(start):
            self.corners += 1
            yield step


@pytest.mark.parametrize("name", LONG)
def test_of_ten_million_steps_few_are_looked_at(name):
    counted = Counted(LONG[name])
    steps, _ = sample(counted, MILLIONS - 1)
    assert len(steps) <= POINTS
    print(name, counted.rates, counted.corners)
    assert counted.rates < 100 * POINTS
    assert counted.corners < 100 * POINTS


def test_a_break_in_ten_million_steps_is_drawn_exactly():
    jump = 7_654_321
    schedule = gl.Constant(1.0, steps=jump) >> gl.Cosine(0.5, 0.1, steps=MILLIONS - jump)
    steps, rates = sample(schedule, MILLIONS)
    at = steps.index(jump)
    assert steps[at - 1 : at + 1] == [jump - 1, jump]
    assert rates[at - 1 : at + 1] == [1.0, 0.5]


@pytest.mark.parametrize("length", [10_000, 1_000_000, MILLIONS])
def test_a_bend_that_is_no_break_is_found_to_the_step(length):
    schedule = gl.minimum(gl.Cosine(1.0, 0.0, length), gl.Linear(0.0, 1.0, length)).clip(0.01, 0.2)
    points = sample(schedule, length)
    flat = [(step, rate in (0.01, 0.2)) for step, rate in zip(*points, strict=True)]
    bends = [(low, high) for (low, was), (high, is_) in pairwise(flat) if was != is_]
    assert len(bends) == 4
    for low, high in bends:
        for step in range(low, high + 1):
            assert between(points, step) == pytest.approx(schedule(step), abs=1e-15)


def test_a_pattern_that_beats_with_a_regular_grid_is_seen():
    schedule = gl.schedule(lambda step: 1e-3 if step % 1000 < 500 else 1e-4, steps=1_000_000)
    _, rates = sample(schedule, 999_999)
    high = sum(rate == 1e-3 for rate in rates) / len(rates)
    assert 0.3 < high < 0.7


@pytest.mark.parametrize("length", [20, 2001, 1_000_000])
def test_a_function_is_called_once_for_each_point_drawn(length):
    calls = []

    def f(step):
        calls.append(step)
        return 1.0 / (1 + step)

    steps, _ = sample(gl.schedule(f, steps=length), length - 1)
    assert sorted(calls) == steps
    assert len(calls) <= POINTS


def test_a_flat_curve_with_a_rare_spike_is_no_division_by_zero():
    schedule = gl.schedule(lambda step: float(step == 5003), steps=100_000)
    _, rates = sample(schedule, 99_999)
    assert set(rates) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("schedules", "last"),
    [
        ([gl.Linear(0.0, 1.0, steps=30)], 30),
        ([gl.Linear(0.0, 1.0, steps=30), gl.Cosine(1.0, 0.0, steps=70)], 70),
        ([gl.Constant(1.0)], 19),
        ([gl.Constant(1.0), gl.Linear(0.0, 1.0, steps=5)], 5),
        ([gl.Linear(0.0, 1.0, steps=100) >> gl.Constant(1.0)], 199),
        ([gl.Exponential(1.0, rate=math.log(2) / 300)], 999),
        ([gl.Linear(0.0, 1.0, steps=400) >> gl.InverseSqrt(1.0, timescale=400)], 3999),
        ([gl.Staircase(1.0, 0.5, every=30)], 299),
        ([gl.Staircase(1.0, 0.9, every=30)], 999),
        ([gl.Cosine(1.0, 0.0, steps=100).repeat()], 999),
        ([gl.Piecewise([4.0, 3.0, 2.0, 1.0], [100, 200, 300])], 599),
        ([gl.schedule(lambda step: 1.0)], 19),
        ([gl.schedule(lambda step: 1.0, steps=50)], 49),
        ([gl.schedule(lambda step: 1.0, steps=50).clip(ceiling=0.5)], 49),
    ],
    ids=lambda value: str(value)[:40],
)
def test_how_far_a_chart_goes(schedules, last):
    assert last_step(schedules) == last


def test_each_schedule_of_the_tip_is_drawn_over_its_20_epochs():
    tip = [make() for name, make in gl.recipes.RECIPES.items() if name.startswith("keras_tip.")]
    assert len(tip) == 5
    assert [last_step([schedule]) for schedule in tip] == [19] * 5
    assert last_step(tip) == 19
