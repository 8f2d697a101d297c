"""What is built can be used: schedules of schedules, six deep, with extreme numbers.

A combination is refused when it is built or not at all, and what it costs to look at it is bounded
by what is asked for, whatever its numbers.
"""

import math
import pickle
import sys
import tracemalloc
import warnings
from contextlib import suppress
from itertools import islice
from random import Random

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies
from glissando.backends.floats import FLOATS
from glissando.combinators.base import Combinator
from glissando.families.imported import Arguments
from glissando.formulas import MAX_PARTS
from glissando.picture.figure import points_of
from glissando.picture.landmarks import landmarks
from glissando.rules import MAX_STEP, STEPS, Number
from glissando.schedule import Part

FAMILIES = list(strategies.FAMILIES.values())
LEAVES = strategies.LEAVES
DEPTH = 6


def number(random, rule):
    """A number that a rule allows, often at the edge of what it allows."""
    if rule.endless and random.random() < 0.3:
        return math.inf
    low, high = rule.low, rule.high
    if rule.whole:
        low, high = int(low), int(high)
        edges = (low, low + 1, 2, 1000, 2**31 - 1, 2**31, 10**15, high - 1, high)
        some = [random.randint(low, high), *(random.randint(low, 300) for _ in range(4))]
    else:
        edges = (low, high, 1e-9, 0.5, math.nextafter(1, 0), 1.0, math.nextafter(1, 2), 1e29)
        some = [random.random(), random.random(), 10 ** random.uniform(-30, 30)]
    return random.choice([*edges, *some])


def make(random, depth):
    """A schedule of at most a depth; raises a ScheduleError where its numbers do not fit."""
    leaf = depth <= 1 or random.random() < 0.1
    family = random.choice(LEAVES if leaf else FAMILIES)
    given = {}
    size = random.randint(0, 3)
    for name, (rule, *_) in family.fields.items():
        if isinstance(rule, Number):
            given[name] = number(random, rule)
        elif isinstance(rule, Part):
            part = made(random, depth - 1)
            endless = rule.finite and part.steps == math.inf
            given[name] = part.take(number(random, STEPS)) if endless else part
        elif isinstance(rule.member, Part):
            parts = [made(random, depth - 1) for _ in range(random.choice([0, 1, 1, 2, 2, 3]))]
            if family is gl.Chain:
                parts[:-1] = [part.take(number(random, STEPS)) for part in parts[:-1]]
            given[name] = parts
        else:
            count = size if rule.increasing and rule.member.whole else size + 1
            given[name] = [number(random, rule.member) for _ in range(count)]
            if rule.increasing:
                given[name] = sorted(set(given[name]))
    return family(**given)


def made(random, depth):
    """A schedule of at most a depth, of the first numbers that fit."""
    for _ in range(100):
        with suppress(gl.ScheduleError):  # and nothing else, however extreme the numbers are
            return make(random, depth)
    return gl.Constant(0.5)


compositions = st.integers(0, 2**32).map(lambda seed: made(Random(seed), DEPTH))
whole = compositions.filter(
    lambda s: not s.is_empty() and not any(isinstance(part, gl.Strict) for part in s.every_part())
)


def some_steps(schedule, limit=MAX_STEP):
    end = int(min(schedule.steps, limit))
    near = {0, 1, 2, 1000, end // 3, end - 1, end, end + 1, 2**31, limit}
    return sorted(step for step in near if 0 <= step <= limit)


@strategies.examples(150)
@given(whole)
def test_numbers_and_arrays_of_any_composition_are_whole(schedule):
    steps = some_steps(schedule)
    scalars = [schedule(step) for step in steps]
    assert scalars == [schedule.rate_at(step, FLOATS) for step in steps]
    for rate in (*scalars, *schedule(np.array(steps)), *schedule(np.array(steps, float))):
        assert 0 <= rate <= schedule.bound() * (1 + 1e-9)
        # what a minimum leaves may be rounded as the highest in it is
        assert rate >= schedule.least() - 1e-15 * max(s.bound() for s in schedule.every_part())


@strategies.examples(60)
@given(compositions.filter(lambda s: not s.is_empty()))
def test_any_composition_is_linted_and_drawn(schedule):
    for finding in gl.lint(schedule):
        assert 0 <= finding.step <= min(schedule.steps, MAX_STEP)
    assert landmarks(schedule).first[0].step == 0
    assert len(next(iter(points_of(schedule, None).values()))[0]) <= 2000


@strategies.examples(60)
@given(whole)
def test_the_source_of_any_composition_is_the_same_curve(schedule):
    scope = {}
    exec(gl.source(schedule, "python"), scope)
    for step in some_steps(schedule):
        assert scope["rate"](step) == schedule(step)
    for language in ("numpy", "javascript", "latex"):
        assert gl.source(schedule, language)


def read_again(schedule):
    """The schedule as its code, its text and its JSON form give it back."""
    written = gl.loads(gl.dumps(schedule)), gl.parse(str(schedule))
    return *written, eval(repr(schedule), {"gl": gl})


@strategies.examples(200)
@given(compositions)
def test_any_composition_comes_back_from_every_form(schedule):
    pickled = [pickle.loads(pickle.dumps(schedule, protocol)) for protocol in range(6)]
    for form in (*read_again(schedule), *pickled):
        assert form == schedule
        assert repr(form) == repr(schedule)


@strategies.examples(100)
@given(compositions, st.integers(0, 40))
def test_breaks_backwards_are_the_breaks(schedule, some):
    every = list(islice(schedule.breaks_between(), 40))
    if every:
        low, high = every[min(some, len(every) - 1)], every[-1]
        asked = [step for step in every if step >= low]
        assert list(schedule.breaks_between(low, high)) == asked
        assert list(schedule.breaks_between(low, high, backwards=True)) == asked[::-1]
    assert all(0 < step <= MAX_STEP for step in every)
    assert next(schedule.breaks_between(backwards=True), 0) >= max(every, default=0)


def in_jax(schedule, steps):
    return np.asarray(jax.jit(schedule)(jax.numpy.asarray(steps)))


def in_torch(schedule, steps):
    return schedule(torch.asarray(steps)).numpy()


def in_tensorflow(schedule, steps):
    return tf.function(schedule)(tf.constant(steps)).numpy()


@pytest.mark.parametrize(
    ("run", "count"),
    [(in_jax, 8), (in_torch, 40), (in_tensorflow, 4)],
    ids=["JAX", "PyTorch", "TensorFlow"],
)
def test_any_composition_is_whole_in_a_graph(run, count):
    @strategies.examples(count)
    @given(whole)
    def check(schedule):
        steps = np.array(some_steps(schedule, limit=2**31 - 1), np.int32)
        rates = run(schedule, steps)
        assert np.isfinite(rates).all()
        assert (rates >= 0).all()

    check()


A, B, C = gl.Linear(1.0, 0.1, 9), gl.Cosine(0.5, 0.2, 7), gl.Constant(0.3, 5)


@pytest.mark.parametrize(
    ("schedule", "form"),
    [
        (gl.Product([gl.Product([A, B]), C]), A * B * C),
        (gl.Sum([gl.Sum([A, B]), C]), A + B + C),
        (gl.Sum([gl.Sum([gl.Sum([A]), B]), C]), A + B + C),
        (gl.Product([A, gl.Product([B, C])]), A * (B * C)),
        (gl.Sum([A, gl.Sum([B, C])]), A + (B + C)),
        (gl.Product([gl.Sum([A]), B]), gl.Sum([A]) * B),
        (gl.Chain([gl.Chain([A, B]), gl.Chain([C])]), A >> B >> C),
        (gl.Chain([gl.Chain([]), A]), gl.Chain([A])),
        (gl.Scale(gl.Scale(A, 2.0), 3.0), A * 2 * 3),
        (gl.Scale(gl.Product([A, B]), 3.0), A * B * 3),
        (gl.Product([gl.Scale(A, 2.0), B]), A * 2 * B),
        *((family([A]), family([A])) for family in (gl.Sum, gl.Product, gl.Chain)),
        *((family([A]), family([A])) for family in (gl.Minimum, gl.Maximum, gl.Difference)),
        (gl.Minimum([gl.Minimum([A, B]), C]), gl.minimum(gl.minimum(A, B), C)),
        (gl.Difference([gl.Difference([A, B]), C]), gl.Difference([gl.Difference([A, B]), C])),
        (gl.Clip(gl.Clip(A, 0.2), 0.1, 0.4), A.clip(0.2).clip(0.1, 0.4)),
        (gl.Chain([]), gl.Chain([])),
    ],
    ids=str,
)
def test_a_product_of_a_product_and_a_sum_of_one_come_back_as_they_are(schedule, form):
    assert (form, *read_again(schedule)) == (schedule,) * 4
    if not schedule.is_empty():
        assert [form(step) for step in range(12)] == [schedule(step) for step in range(12)]


def test_the_arguments_of_an_imported_function_are_pickled_by_every_protocol():
    rate = gl.Imported("math:fabs", steps=9)
    arguments = Arguments('{"depth": 2}')
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(rate, protocol)) == rate
        assert pickle.loads(pickle.dumps(arguments, protocol)) == arguments


WIDE = 2_000
LINES = [gl.Linear(0.5 + k % 3 / 10, 0.1, steps=3 + k % 5) for k in range(WIDE)]


@pytest.mark.parametrize(
    "schedule",
    [
        gl.Sum([line * 1e-3 for line in LINES]),
        gl.Product(LINES),
        gl.Minimum(LINES),
        gl.Maximum(LINES),
        gl.Difference([gl.Constant(9.0), *(line * 1e-6 for line in LINES)]),
        gl.Chain(LINES),
        gl.minimum(gl.Chain(LINES), gl.Chain(LINES[::-1])) * 0.5,
        gl.Piecewise([0.1 + k % 7 for k in range(WIDE)], list(range(1, WIDE))),
        gl.CubicTable([0.1 + k % 7 for k in range(WIDE)], list(range(WIDE))) * 0.5,
    ],
    ids=lambda schedule: schedule.tag,
)
def test_thousands_of_parts_are_computed_drawn_printed_and_read(schedule):
    steps = np.array([0, 1, 7, WIDE, 4 * WIDE])
    scalars = [schedule(int(step)) for step in steps]
    assert schedule(steps) == pytest.approx(scalars, rel=1e-12)
    assert in_torch(schedule, steps) == pytest.approx(scalars, rel=1e-4)
    scope = {}
    exec(gl.source(schedule, "python"), scope)
    assert [scope["rate"](step) for step in steps.tolist()] == scalars
    scope = {}
    exec(gl.source(schedule, "numpy"), scope)
    assert scope["rate"](steps) == pytest.approx(scalars, rel=1e-12)
    for look in (gl.lint, landmarks, lambda s: points_of(s, None)):
        look(schedule)
    for language in ("javascript", "latex"):
        assert gl.source(schedule, language)
    assert eval(repr(schedule), {"gl": gl}) == gl.parse(str(schedule)) == schedule


def test_a_schedule_that_doubles_itself_again_and_again_is_refused_when_it_is_built():
    schedule = gl.Linear(1.0, 0.5, steps=10)
    doublings = MAX_PARTS.bit_length() - 2
    for _ in range(doublings):
        schedule = gl.Minimum([schedule, schedule])
    with pytest.raises(gl.ScheduleError, match=f"may be made of {MAX_PARTS:,} schedules"):
        gl.Minimum([schedule, schedule])


@pytest.mark.parametrize(
    "build",
    [
        lambda: gl.Cosine(1.0, 0.0, 10**15).repeat(10**4),
        lambda: gl.Cosine(1.0, 0.0, 10**15).repeat(10**15),
        lambda: gl.Linear(1.0, 0.0, 10**9).slow(10**10),
        lambda: gl.Constant(1.0, steps=MAX_STEP).repeat(600) >> gl.Constant(0.5, steps=1),
        lambda: gl.Constant(1.0, steps=MAX_STEP).repeat(600) >> gl.Constant(1.0),
    ],
)
def test_a_length_beyond_what_is_counted_is_refused_when_it_is_built(build):
    with pytest.raises(gl.ScheduleError, match=r"a schedule takes at most 2\*\*62 steps, or never"):
        build()


@pytest.mark.parametrize(
    "build",
    [
        lambda: gl.Repeat(gl.Chain([]), times=2),
        lambda: gl.Sum([A, gl.Chain([])]),
        lambda: gl.Chain([]) * 2,
        lambda: gl.Chain([]).clip(0.1),
        lambda: gl.minimum(gl.Chain([]), 0.1),
    ],
)
def test_an_empty_chain_in_a_schedule_is_refused_when_it_is_built(build):
    with pytest.raises(gl.ScheduleError, match=r"an empty chain has no rate|1 step or more"):
        build()


@pytest.mark.parametrize("large", [[1e30] * 11, [1e30, 1e30, 0.0], [1e20, 1e20, 1e-20]])
def test_a_product_that_overflows_on_the_way_is_refused_when_it_is_built(large):
    with pytest.raises(gl.ScheduleError, match=r"rates must stay at most 1e\+30"):
        gl.Product([gl.Constant(rate) for rate in large])


ENDLESS_TO_LIST = {
    "a staircase": gl.Staircase(0.1, ratio=0.1, every=10**13),
    "a shrunk saw": gl.Linear(1.0, 0.0, 10).repeat(10**9).stretch(100),
    "huge cycles": gl.Cosine(1.0, 0.0, 10**15).repeat(),
    "a saw backwards": gl.Cosine(1.0, 0.0, 10).repeat(2 * 10**6).reverse().clip(0.1, 0.5),
    "jumps backwards": gl.Chebyshev(0.1, 1.0, steps=2 * 10**7).reverse(),
    "back and forth": (gl.Cosine(1.0, 0.0, 7).repeat(10**12).reverse() >> C).reverse().slow(3),
    "an end far away": gl.Cosine(1.0, 0.0, 10).repeat(10**14) >> gl.Constant(0.1),
    "held rates": gl.Linear(1.0, 0.0, 10**9).hold_each(10**5).reverse(),
    "a shrunk staircase": gl.Staircase(0.1, 0.999, every=1).take(2**53).stretch(50).reverse(),
    "two saws": gl.CyclicPolynomial(1.0, 0.0, 7, 2.0) + gl.Cosine(1.0, 0.0, 3).repeat(10**14),
}


@pytest.fixture
def counted(monkeypatch):
    """How often schedules are asked for breaks."""
    count = 0
    for family in FAMILIES:
        own = vars(family).get("breaks_between") or vars(family).get("breaks")
        if own is None:
            continue

        def counting(self, *args, own=own, **named):
            nonlocal count
            for step in own(self, *args, **named):
                count += 1
                assert count < 2_000_000, "it goes through all breaks"
                yield step

        monkeypatch.setattr(family, own.__name__, counting)


@pytest.mark.parametrize("name", ENDLESS_TO_LIST)
@pytest.mark.usefixtures("counted")
def test_work_and_memory_are_bounded_however_many_breaks_there_are(name, monkeypatch):
    schedule = ENDLESS_TO_LIST[name]
    monkeypatch.setattr(sys.modules[landmarks.__module__], "COUNTED", 1000)
    tracemalloc.start()
    try:
        gl.lint(schedule)
        next(schedule.breaks_between(backwards=True), None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
    assert len(next(iter(points_of(schedule, None).values()))[0]) <= 2000
    assert landmarks(schedule).first
    assert len(gl.source(schedule, "python")) < 10_000


def test_nothing_warns_of_legal_numbers():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (gl.Constant(1e30) * 1e-30)(np.arange(9))
        gl.Chain(LINES)(np.arange(10**5))


def test_every_combinator_is_among_the_compositions():
    assert {family for family in FAMILIES if issubclass(family, Combinator)} >= {
        gl.Chain, gl.Repeat, gl.Reverse, gl.Stretch, gl.Difference, gl.OpenEnded,
    }  # fmt: skip
