"""Hypothesis strategies for every schedule, made from the rules of its fields."""

import math

from hypothesis import reject, settings
from hypothesis import strategies as st

import glissando as gl
from glissando.combinators.base import Combinator
from glissando.rules import MAX_RATE, MAX_STEP, Many, Number
from glissando.schedule import Part


def examples(count):
    """Make a test look at `count` examples, where others look at 60; more of them in a soak."""
    return settings(max_examples=max(1, count * settings.default.max_examples // 60))


RATES = st.floats(0, 10, width=16) | st.floats(1e-7, 1e-1)

FAMILIES = {tag: family for tag, family in gl.FAMILIES.items() if family is not gl.Imported}
"""All that have a formula: a function of the user's own has tests of its own."""

LEAVES = [family for family in FAMILIES.values() if not issubclass(family, Combinator)]


def numbers(rule):
    """Numbers that a rule allows, of a size that a schedule has in practice."""
    if rule.whole:
        inner = st.integers(int(rule.low), 300) | st.integers(int(rule.low), 20_000)
    elif rule.high == MAX_RATE and not rule.above:
        inner = RATES
    else:
        low = rule.low if rule.low < 0 else max(rule.low, 0.01)
        high = min(rule.high, 30)
        some = [n for n in (high, 0.5, 1.0) if low <= n <= high]
        inner = st.floats(low, high) | st.sampled_from(some)
    return inner | st.just(math.inf) if rule.endless else inner


EXTREMES = sorted(
    {
        *(5e-324, 1e-310, 2.3e-308, 1e-300, 1e-45, 1.2e-38, 1e-30, 1e-15, 1e-7, 0.1, 0.5),
        *(1.0, 1 - 2**-53, 1 + 2**-52, 2.0, 3.0, math.pi, 999.5, 1e10, 1e29, MAX_RATE),
        *(2**24 + 1, 2**31 - 1, 2**31, 2**32 + 1, 2**52 + 1, MAX_STEP - 1, MAX_STEP),
    }
)
"""Numbers at which floats and integers are at their limits."""


def extreme_numbers(rule):
    """Numbers that a rule allows, of any size, with those at the limits more often."""
    low = math.nextafter(rule.low, math.inf) if rule.above and not rule.whole else rule.low
    some = [n for n in (low, low + 1, rule.high, *EXTREMES) if low <= n <= rule.high]
    if rule.whole:
        some = sorted({int(n) for n in some if n == int(n)})
        inner = st.sampled_from(some) | st.integers(int(rule.low), int(rule.high))
    else:
        inner = st.sampled_from(some) | st.floats(low, rule.high)
    return inner | st.just(math.inf) if rule.endless else inner


@st.composite
def values(draw, family, part, numbers=numbers):
    """Values for all fields of a family, children drawn from `part`, numbers by `numbers`."""
    size = draw(st.integers(0, 3))
    found = {}
    for field, (rule, *_) in family.fields.items():
        if isinstance(rule, Number):
            found[field] = draw(numbers(rule))
        elif isinstance(rule, Part):
            child = draw(part)
            endless = rule.finite and child.steps == math.inf
            found[field] = child.take(draw(st.integers(1, 300))) if endless else child
        elif isinstance(rule.member, Part):
            found[field] = draw(st.lists(part, min_size=1, max_size=3))
        elif rule.increasing:
            some, steps = size, st.integers(1, 1_000)
            if not rule.member.whole:  # the knots of as many rates, not what lies between rates
                some, steps = size + 1, st.integers(0, 8_000).map(lambda n: n / 8)
            if numbers is extreme_numbers:
                steps = numbers(rule.member)
            found[field] = sorted(draw(st.sets(steps, min_size=some, max_size=some)))
        else:
            assert isinstance(rule, Many)
            rates = RATES if numbers is not extreme_numbers else numbers(rule.member)
            found[field] = draw(st.lists(rates, min_size=size + 1, max_size=size + 1))
    return found


@st.composite
def built(draw, family, part, numbers=numbers):
    """Schedules of one family."""
    fields = draw(values(family, part, numbers))
    if family is gl.Chain:
        *before, last = fields["parts"]
        goes_on = [s.steps == math.inf and s.open_part is None for s in before]
        before = [s.take(10) if on else s for s, on in zip(before, goes_on, strict=True)]
        fields["parts"] = [*before, last]
    if family is gl.Drop and fields["count"] > fields["schedule"].steps:
        fields["count"] = int(fields["schedule"].steps)
    try:
        return family(**fields)
    except gl.ScheduleError:  # a rule between fields, such as a floor above the ceiling
        reject()


leaves = st.one_of([built(family, st.nothing()) for family in LEAVES])
extreme_leaves = st.one_of([built(family, st.nothing(), extreme_numbers) for family in LEAVES])


def of(family):
    """Schedules of one family; a combinator's parts are closed formulas."""
    return built(family, leaves)


schedules = st.recursive(
    leaves,
    lambda part: st.one_of(
        [
            built(family, part)
            for family in FAMILIES.values()
            if issubclass(family, Combinator) and family is not gl.Strict  # it raises by design
        ]
    ),
    max_leaves=5,
)
