"""Where two schedules differ, and what makes one the other."""

import math

import pytest

import glissando as gl
from glissando.checks.difference import EVERY, Place, Relation, difference

RISE = gl.Linear(0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500)


def test_the_first_and_the_largest_difference():
    other = RISE.clip(ceiling=0.9e-3)
    found = difference(RISE, other)
    apart = {t: abs(RISE(t) - other(t)) for t in range(10_001) if RISE(t) != other(t)}
    first = min(apart)
    assert found.first == Place(first, RISE(first), other(first))
    assert apart[found.largest.step] == max(apart.values())
    assert (found.scale, found.every, found.same) == (1e-3, 10_000, False)


def test_schedules_of_the_same_value_are_the_same_everywhere():
    found = difference(RISE, gl.parse(str(RISE)))
    assert (found.same, found.first, found.largest, found.others) == (True, None, None, 0)


def test_one_bit_is_a_difference_and_a_tolerance_takes_it():
    other = gl.Linear(0, 1e-3, steps=500) >> gl.Cosine(math.nextafter(1e-3, 1), 1e-5, steps=9_500)
    assert difference(RISE, other).first.step <= 500
    within = difference(RISE, other, tolerance=1e-12)
    assert within.first is within.largest is None
    assert 0 < abs(within.rounding.a - within.rounding.b) <= 1e-15


def test_what_differs_past_the_end_alone_is_found():
    a = gl.Linear(1, 0, steps=4)
    assert difference(a, a.bounce()).first.step == 5
    strict = difference(a, a.strict())
    assert strict.first == strict.largest == Place(5, 0.0, None)
    assert difference(a, a.bounce(), steps=4).first is None


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        (RISE, RISE * 2, Relation("scaled", 2.0)),
        (RISE, gl.Constant(0.0, steps=1) >> RISE, Relation("shifted", 1)),
        (RISE, RISE.drop(1), Relation("shifted", -1)),
        (RISE, gl.Constant(0.0, steps=200) >> RISE, Relation("shifted", 200)),
        (RISE, RISE.stretch(25_000), Relation("stretched", 2.5)),
        (RISE.stretch(100), RISE.stretch(100).hold_each(7), Relation("held", 7)),
        (RISE, gl.Linear(0, 1e-3, steps=501) >> gl.Cosine(1e-3, 1e-5, steps=9_500), None),
        (gl.Constant(1), gl.Linear(0, 1, steps=9) >> gl.Constant(1), None),
        (RISE, RISE.strict(), None),
    ],
)
def test_a_schedule_that_is_the_other_moved_scaled_or_stretched(a, b, relation):
    found = difference(a, b).relation
    assert (found and found.kind) == (relation and relation.kind)
    assert found is None or found.by == pytest.approx(relation.by)


def test_of_long_schedules_breaks_far_away_are_compared():
    long = gl.Constant(1, steps=3 * EVERY) >> gl.Linear(1, 0, steps=1)
    later = gl.Constant(1, steps=3 * EVERY + 1) >> gl.Linear(1, 0, steps=1)
    found = difference(long, later)
    assert found.first.step == 3 * EVERY + 1
    assert (found.every, found.last) == (EVERY, 2**53)
    assert found.others > 1_000


def test_a_function_is_asked_for_no_step_past_the_end():
    asked = []
    own = gl.schedule(lambda step: asked.append(step) or 1.0)
    assert difference(own.take(10), gl.Constant(1.0, steps=10)).first is None
    assert max(asked) <= 10
    assert difference(gl.schedule(lambda step: 1 / 0), gl.Constant(1.0), steps=3).first.a is None
