"""The laws are those of their papers, summed step by step; in bins they are the same, faster."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
from glissando.forecasting.laws import LAWS, Annealing, Bound, ConvexKernel, Kernel, MultiPower

UNITS = {"rate": 1e-3, "steps": 1000}
SOME = [
    Annealing(2.6, 0.4, 0.5, 1.0, 300.0, **UNITS),
    MultiPower(3.04, 0.52, 0.51, 0.364, 2.1, 0.59, 0.65, **UNITS),
    Kernel(2.4, 0.5, 0.3, 3.0, 20.0, 0.35, 1.2, **UNITS),
    Kernel(2.4, 0.5, 0.3, 3.0, 20.0, 0.9, 1.0, **UNITS),
    ConvexKernel(2.4, 0.5, 0.3, 3.0, 20.0, **UNITS),
    Bound(2.0, 0.4, 0.1, **UNITS),
]
WARMUP = gl.Linear(0.0, 1e-3, steps=50)
SCHEDULES = {
    "cosine": WARMUP >> gl.Cosine(1e-3, 0.0, steps=950),
    "wsd": WARMUP >> gl.Constant(1e-3, steps=700) >> gl.Linear(1e-3, 0.0, steps=250),
    "sqrt": gl.Constant(1e-3, steps=600) >> gl.Sqrt(1e-3, 0.0, steps=400),
    "two rates": gl.Constant(1e-3, steps=600) >> gl.Constant(3e-4, steps=400),
    "wave": gl.Constant(1e-3, steps=300) >> gl.Cosine(1e-3, 1e-4, steps=200).repeat(3),
}
NAMES = [f"{type(law).__name__}-{i}" for i, law in enumerate(SOME)]


def random_rates(random, length):
    """Rates as training has them: a warm-up, then any falling or waving curve."""
    rates = np.abs(np.cumsum(random.normal(size=length))) + random.uniform(1e-3, 1)
    return rates * 10.0 ** random.uniform(-5, 0)


def table(rates):
    return gl.Table(rates, list(range(len(rates)))) >> gl.Constant(rates[-1])


def bound(rates, distance, gradient):
    """The bound by its definition: sums within sums."""
    total = sum(rates)
    found = distance / total + gradient * sum(r * r for r in rates) / total
    for k in range(len(rates) - 1):
        after, here = sum(rates[k + 1 :]), sum(rates[k:])
        found += gradient * rates[k] / after * sum(r * r for r in rates[k:]) / here
    return found


def test_the_bound_is_its_double_sum():
    for seed in range(200):
        random = np.random.default_rng(seed)
        rates = random_rates(random, int(random.integers(2, 80)))
        law = Bound(0.0, 0.3, 0.7)
        assert law(table(rates), len(rates)) == pytest.approx(bound(rates, 0.3, 0.7), rel=1e-12)


def annealing(rates, L0, A, alpha, C, lambda_):
    top = int(np.argmax(rates))
    area, momentum, gained = 0.0, 0.0, 0.0
    for k, rate in enumerate(rates):
        area += max(rate, rates[top]) if k < top else rate
        fall = rates[k - 1] - rate if k > top else 0.0
        momentum = lambda_ * momentum + fall
        gained += momentum
    return L0 + A * area**-alpha - C * gained


def multi_power(rates, L0, A, alpha, B, C, beta, gamma):
    found = L0 + A * sum(rates) ** -alpha
    for k in range(int(np.argmax(rates)) + 1, len(rates)):
        since = sum(rates[k:])
        g = 1 - (1 + C * rates[k] ** -gamma * since) ** -beta
        found -= B * (rates[k - 1] - rates[k]) * g
    return found


@pytest.mark.parametrize("seed", range(20))
def test_annealing_and_multi_power_are_their_papers_formulas(seed):
    random = np.random.default_rng(seed)
    rates = random_rates(random, 300)
    rates[:20] *= np.linspace(0.05, 1, 20)
    schedule = table(rates)
    memory = random.uniform(5, 5000)
    law = Annealing(2.0, 0.4, 0.5, 3.0, memory)
    assert law(schedule, 300) == pytest.approx(
        annealing(rates, 2.0, 0.4, 0.5, 3.0, 1 - 1 / memory), rel=1e-9
    )
    numbers = (2.9, 0.5, 0.45, 30.0, 2.0, random.uniform(0.3, 0.8), random.uniform(0.3, 0.8))
    assert MultiPower(*numbers)(schedule, 300) == pytest.approx(
        multi_power(rates, *numbers), rel=1e-9
    )


def test_kernels_add_up_noise_and_forget_it():
    """At a constant rate the integral has a closed form."""
    law = ConvexKernel(0.0, 0.0, 0.0, 3.0, 20.0)
    area = 0.01 * 500
    expected = 3.0 * 0.01 * math.log(1 + 20 * area) / 20
    assert law(gl.Constant(0.01), 500) == pytest.approx(expected, rel=1e-12)
    law = Kernel(0.0, 0.0, 0.0, 3.0, 20.0, 0.5, 1.5)
    area = 0.01**0.85 * 500  # the kernel's time runs slower than the rate
    expected = 3.0 * 0.01**0.5 * ((1 + 20 * area) ** -0.5 - 1) / -0.5 / 20
    assert law(gl.Constant(0.01), 500) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("law", SOME, ids=NAMES)
@pytest.mark.parametrize("shape", SCHEDULES)
def test_in_bins_a_long_run_is_within_a_ten_thousandth_of_exact(law, shape):
    points = [100_000, 650_000, 1_000_000]
    schedule, long = SCHEDULES[shape].stretch(1_000_000), law.replace(steps=1_000_000)
    if isinstance(law, Annealing):
        long = long.replace(memory=300_000.0)
    exact = long.losses(long.history(schedule, points, exact=True))
    assert long(schedule, points) == pytest.approx(exact, rel=1e-4)
    assert len(long.history(schedule, [1_000_000]).rates) < 2000


@pytest.mark.parametrize("law", SOME, ids=NAMES)
def test_a_rounding_error_makes_no_other_maximum(law):
    one, other = (
        law(gl.Piecewise([1e-3, 5e-4, again, 2e-4], boundaries=[300, 400, 700]), 1000)
        for again in (1e-3, 1e-3 * (1 + 2**-50))
    )
    assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("law", SOME, ids=NAMES)
@pytest.mark.parametrize("shape", SCHEDULES)
def test_gradients_are_the_losses_slopes(law, shape):
    history = law.history(SCHEDULES[shape], [100, 620, 800, 1000])
    values = {name: getattr(law, name) for name in law.parameters}
    _, by = law.evaluate(history, *values.values())
    for name, value in values.items():
        step = 1e-6 * max(abs(value), 1.0)
        up, down = (
            law.evaluate(history, *(values | {name: value + sign * step}).values())[0]
            for sign in (1, -1)
        )
        slope = (up - down) / (2 * step)
        assert by[name] == pytest.approx(slope, abs=1e-6 * np.abs(slope).max() + 1e-9)


@given(
    st.sampled_from(list(LAWS.values())),
    st.lists(st.floats(1.0, 50.0), min_size=9, max_size=9),
)
def test_a_law_is_a_value(law, numbers):
    value = law(**dict(zip(law.fields, numbers, strict=False)))
    names = {cls.__name__: cls for cls in LAWS.values()}
    spelled = repr(value).removeprefix("gl.")
    assert eval(spelled, names) == value
    assert value.to_data()["type"] == law.tag


def test_steps_must_be_there():
    for steps in ([], 0, [0, 5]):
        with pytest.raises(gl.ScheduleError, match="Bound: `steps` must be 1 or more, got"):
            Bound(0.0, 1.0, 1.0)(gl.Constant(0.1), steps)
    with pytest.raises(gl.ScheduleError, match="each above the one before"):
        Bound(0.0, 1.0, 1.0)(gl.Constant(0.1), [5, 3])
    with pytest.raises(gl.ScheduleError, match="must lie after the first rate above 0, got 1"):
        Bound(0.0, 1.0, 1.0)(gl.Linear(0.0, 1.0, steps=5), [1, 2])
