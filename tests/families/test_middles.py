"""The middle of every family, held to its formula as computed here in 50 decimal digits.

The laws hold a family's ends, and its evaluations to each other; of what lies between the ends they
know nothing. The references below use nothing of the library and are written in another order than
the families: from the papers and the frameworks that these come from.
"""

import math
from bisect import bisect_right
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from scipy.interpolate import PchipInterpolator

import glissando as gl
from glissando.combinators.base import Combinator
from glissando.families.function import OwnFunction

PRECISION = 1e-12
"""How far a rate may be from the reference, as a fraction of the highest rate."""

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
WITHIN = (0.01, 0.07, 0.25, 1 / 3, 0.5, 0.618, 0.9)
ENDLESS = (1, 3, 10.25, 77, 500, 1_999.5, 12_345)

ROWS = {}
"""The table: by the tag of a family its reference, and the fields to compare it for."""


def middle(tag, *fields):
    """Put a reference into the table."""

    def put(reference):
        ROWS[tag] = (reference, fields)
        return reference

    return put


def cos(x):
    term = total = Decimal(1)
    n = 0
    while abs(term) > Decimal("1e-55"):
        n += 2
        term *= -x * x / (n * (n - 1))
        total += term
    return total


def tanh(x):
    return 1 - 2 / (1 + (2 * x).exp())


def mean(weight, start, end):
    """The mean of two rates, `weight` being that of the first."""
    return weight * start + (1 - weight) * end


DOWN = {"start": 0.1, "end": 0.003, "steps": 1_000}
TO_ZERO = {"start": 3e-7, "end": 0.0, "steps": 77}
UP = {"start": 1e-7, "end": 2_500.0, "steps": 123_457}


@middle("constant", {"value": 0.1}, {"value": 1e-7, "steps": 1_000}, {"value": 2_500.0})
def constant(t, value, steps=math.inf):
    return value


@middle("linear", DOWN, TO_ZERO, UP)
def linear(t, start, end, steps):
    return (start * (steps - t) + end * t) / steps


@middle("polynomial", DOWN | {"power": 2.0}, TO_ZERO | {"power": 0.3}, UP | {"power": 7.5})
def polynomial(t, start, end, steps, power):
    return mean((power * (1 - t / steps).ln()).exp(), start, end)


@middle("cosine", DOWN, TO_ZERO, UP)
def cosine(t, start, end, steps):
    return (start + end) / 2 + (start - end) / 2 * cos(PI * t / steps)


@middle("cosine_power", DOWN | {"power": 2.0}, TO_ZERO | {"power": 0.3}, UP | {"power": 7.5})
def cosine_power(t, start, end, steps, power):
    return mean(((1 + cos(PI * t / steps)) / 2) ** power, start, end)


@middle("k_decay", DOWN | {"power": 3.0}, TO_ZERO | {"power": 0.3}, UP | {"power": 1.5})
def k_decay(t, start, end, steps, power):
    return mean((1 + cos(PI * t**power / steps**power)) / 2, start, end)


@middle("mirror_cosine", DOWN, TO_ZERO, UP)
def mirror_cosine(t, start, end, steps):
    return 2 * linear(t, start, end, steps) - cosine(t, start, end, steps)


@middle("rex", DOWN, TO_ZERO, UP)
def rex(t, start, end, steps):
    return mean(2 * (steps - t) / (2 * steps - t), start, end)


@middle("sqrt", DOWN, TO_ZERO, UP)
def sqrt(t, start, end, steps):
    return mean(1 - (t / steps).sqrt(), start, end)


@middle(
    "exponential_cooldown", DOWN | {"ratio": 0.5}, TO_ZERO | {"ratio": 1e-9}, UP | {"ratio": 0.9}
)
def exponential_cooldown(t, start, end, steps, ratio):
    return mean((ratio ** (t / steps) - ratio) / (1 - ratio), start, end)


@middle("tanh", DOWN, TO_ZERO | {"low": -3.0, "high": 0.5}, UP | {"low": 0.0, "high": 8.0})
def tanh_decay(t, start, end, steps, low=Decimal(-6), high=Decimal(3)):
    curve = [tanh(x) for x in (low, (low * (steps - t) + high * t) / steps, high)]
    return mean((curve[2] - curve[1]) / (curve[2] - curve[0]), start, end)


FALLS = {"start": 2_500.0, "end": 1e-7, "steps": 123_457}


@middle("log_linear", DOWN, FALLS, {"start": 0.3, "end": 0.299, "steps": 77})
def log_linear(t, start, end, steps):
    return mean(1 - t / steps, start.ln(), end.ln()).exp()


def hyperbola(t, steps, upper):
    return ((steps - t) / upper * (2 - (steps + t) / upper)).sqrt()


@middle("hyperbolic", DOWN | {"upper": 1_010}, TO_ZERO | {"upper": 100}, UP | {"upper": 10**6})
def hyperbolic(t, start, end, steps, upper):
    return mean(hyperbola(t, steps, upper) / hyperbola(0, steps, upper), start, end)


@middle(
    "exp_hyperbolic", DOWN | {"upper": 1_000}, DOWN | {"upper": 5_000}, FALLS | {"upper": 10**6}
)
def exp_hyperbolic(t, start, end, steps, upper):
    return hyperbolic(t, start.ln(), end.ln(), steps, upper).exp()


@middle("exponential", {"start": 0.1, "rate": 0.02}, {"start": 1e-7, "rate": 1e-4})
def exponential(t, start, rate):
    return start / (rate * t).exp()


@middle(
    "geometric",
    {"start": 0.1, "ratio": 0.99},
    {"start": 2_500.0, "ratio": 0.1, "every": 300},
    {"start": 1e-7, "ratio": 0.5, "every": 5_000},
)
def geometric(t, start, ratio, every=1):
    return start * (ratio.ln() * t / every).exp()


@middle(
    "staircase",
    {"start": 0.1, "ratio": 0.9, "every": 3},
    {"start": 2_500.0, "ratio": 0.1, "every": 300},
    {"start": 1e-7, "ratio": 0.5, "every": 5_000},
)
def staircase(t, start, ratio, every):
    rate = start
    while t >= every:
        rate, t = rate * ratio, t - every
    return rate


@middle("inverse_time", {"start": 0.1, "rate": 0.02}, {"start": 2_500.0, "rate": 1e-4})
def inverse_time(t, start, rate):
    return 1 / (1 / start + t * rate / start)


@middle("inverse_sqrt", {"start": 0.1, "timescale": 40}, {"start": 1e-7, "timescale": 7_777.7})
def inverse_sqrt(t, start, timescale):
    return start * (timescale / (timescale + t)).sqrt()


@middle(
    "power_law",
    {"start": 0.1, "power": 0.51, "timescale": 40},
    {"start": 1e-7, "power": 1.0, "timescale": 7_777.7},
    {"start": 2_500.0, "power": 12.0, "timescale": 1_000},
)
def power_law(t, start, power, timescale):
    return start * (timescale / (timescale + t)) ** power


@middle(
    "cosine_wave",
    {"start": 0.1, "end": 0.003, "period": 2_000},
    {"start": 0.0, "end": 2_500.0, "period": 7.3},
    {"start": 1e-7, "end": 0.0, "period": 1 / 3},
)
def cosine_wave(t, start, end, period):
    phase = Fraction(t) / Fraction(period) % 1
    return cosine(Decimal(phase.numerator) / phase.denominator, start, end, Decimal("0.5"))


@middle(
    "cyclic_polynomial",
    {"start": 0.1, "end": 0.003, "period": 100, "power": 1.0},
    {"start": 3.0, "end": 0.0, "period": 7, "power": 0.3},
    {"start": 1e-7, "end": 2_500.0, "period": 1_000, "power": 2.0},
)
def cyclic_polynomial(t, start, end, period, power):
    steps = period
    while steps < t:
        steps += period
    return polynomial(t, start, end, steps, power) if t < steps else end


@middle(
    "piecewise",
    {"values": [0.1, 0.01, 2_500.0, 1e-7], "boundaries": [3, 77, 1_999]},
    {"values": [0.0, 0.3], "boundaries": [10], "steps": 1_000},
)
def piecewise(t, values, boundaries, steps=math.inf):
    return [value for value, begin in zip(values, [0, *boundaries], strict=True) if begin <= t][-1]


TABLES = (
    {"rates": [0.0, 0.1, 0.003], "knots": [0, 2.5, 1_000]},
    {"rates": [0.3, 2_500.0, 0.0, 0.0, 0.7], "knots": [1.5, 40.1, 40.25, 97.5, 216.6]},
    {"rates": [1e-7, 0.1], "knots": [0, 123_456.7]},
)


def between(t, rates, knots):
    """The elapsed fraction from a knot to the next, and the rates of the two."""
    t = min(max(t, knots[0]), knots[-1])
    i = min(bisect_right(knots, t), len(knots) - 1)
    return (t - knots[i - 1]) / (knots[i] - knots[i - 1]), rates[i - 1], rates[i]


@middle("table", *TABLES)
def table(t, rates, knots):
    elapsed, start, end = between(t, rates, knots)
    return linear(elapsed, start, end, 1)


@middle("cosine_table", *TABLES)
def cosine_table(t, rates, knots):
    elapsed, start, end = between(t, rates, knots)
    return cosine(elapsed, start, end, 1)


@middle("cubic_table", *TABLES)
def cubic_table(t, rates, knots):
    rates, knots = [*map(float, rates)], [*map(float, knots)]
    return float(PchipInterpolator(knots, rates)(min(max(float(t), knots[0]), knots[-1])))


@middle(
    "chebyshev",
    {"floor": 0.003, "peak": 0.1, "steps": 1_000},
    {"floor": 1e-7, "peak": 2_500.0, "steps": 77},
)
def chebyshev(t, floor, peak, steps):
    order = [0]
    while len(order) < steps:  # each order interlaced with its mirror image
        order = [i for n in order for i in (n, 2 * len(order) - 1 - n)]
    node = cos(PI * (order[int(t)] + Decimal("0.5")) / len(order))
    least, most = 1 / peak, 1 / floor
    return 2 / (most + least - (most - least) * node)


def exactly(value):
    """A field as the reference takes it: the number that a float is, not the one it stands for."""
    return [*map(Decimal, value)] if isinstance(value, list) else Decimal(value)


def steps_of(schedule):
    """Some steps between the ends, one of them no whole number."""
    end = schedule.steps
    return ENDLESS if end == math.inf else [*(int(end * f) for f in WITHIN), 0.37 * end, end - 1]


CASES = [
    pytest.param(tag, fields, id=f"{tag}-{i}")
    for tag, (_, sets) in ROWS.items()
    for i, fields in enumerate(sets)
]


@pytest.mark.parametrize(("tag", "fields"), CASES)
def test_the_middle_is_the_formulas(tag, fields):
    schedule = gl.FAMILIES[tag](**fields)
    exact = {name: exactly(value) for name, value in fields.items()}
    with localcontext() as context:
        context.prec = 50
        truth = {t: float(ROWS[tag][0](Decimal(t), **exact)) for t in steps_of(schedule)}
    slack = PRECISION * max(truth.values())
    assert {t: schedule(t) for t in truth} == pytest.approx(truth, rel=0, abs=slack)


FROM_START_TO_END = [
    case
    for case in CASES
    if {"start", "end", "steps"} <= set(case.values[1]) and case.values[0] != "linear"
]


@pytest.mark.parametrize(("tag", "fields"), FROM_START_TO_END)
def test_a_straight_line_in_its_place_would_be_noticed(tag, fields, monkeypatch):
    def line(self, t, m):
        return self.start + (self.end - self.start) * (t / self.steps)

    monkeypatch.setattr(gl.FAMILIES[tag], "at", line)
    with pytest.raises(AssertionError):
        test_the_middle_is_the_formulas(tag, fields)


def test_every_closed_formula_has_a_row():
    closed = {
        tag
        for tag, family in gl.FAMILIES.items()
        if not issubclass(family, Combinator | OwnFunction)
    }
    missing = sorted(closed - set(ROWS))
    assert not missing, (
        f"the middle of {', '.join(missing)} is held by nothing: add a row to {__file__}, "
        "a reference under @middle, written from the formula's source and not from the family"
    )
