"""Durations: what may be written, what it means, and what a plan makes of it in texts and files."""

import contextlib
import json
import math
from fractions import Fraction
from itertools import accumulate, pairwise

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import glissando as gl
from glissando.text import json_schema

UNITS = ["%", "steps", "epochs", "samples", "tokens", "seconds", "minutes", "hours", "days"]


@given(st.sampled_from(UNITS), st.integers(0, 10**15) | st.floats(0, 1e6))
def test_a_duration_survives_every_form(unit, amount):
    if unit in ("steps", "samples", "tokens"):
        amount = int(amount)
    length = gl.Duration(amount, unit)
    assert gl.duration(str(length)) == gl.duration(length.to_data()) == gl.duration(length)
    assert eval(repr(length), {"gl": gl}) == length
    assert gl.duration(str(length)).amount == amount


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("3%", 3, "%"),
        ("0.1 %", 0.1, "%"),
        ("500 steps", 500, "steps"),
        ("1 step", 1, "steps"),
        ("500 updates", 500, "steps"),
        ("10_000 steps", 10_000, "steps"),
        ("1e6 samples", 10**6, "samples"),
        ("2 epochs", 2, "epochs"),
        ("10 ep", 10, "epochs"),
        ("10ep", 10, "epochs"),
        ("1.5 epochs", 1.5, "epochs"),
        ("10k samples", 10_000, "samples"),
        ("0.3M samples", 300_000, "samples"),
        ("1.5B tokens", 1_500_000_000, "tokens"),
        ("15T tokens", 15 * 10**12, "tokens"),
        (" 1 token ", 1, "tokens"),
        ("2h", 2, "hours"),
        ("1.5 hours", 1.5, "hours"),
        ("90 min", 90, "minutes"),
        ("30 s", 30, "seconds"),
        ("1 day", 1, "days"),
        (500, 500, "steps"),
        (500.0, 500, "steps"),
        (0, 0, "%"),
        (0.03, 3, "%"),
        (0.29, 29, "%"),
    ],
)
def test_what_may_be_written(text, amount, unit):
    length = gl.duration(text)
    assert (length.amount, length.unit) == (amount, unit)
    assert isinstance(length.amount, int) == (amount == int(amount))


REFUSED = [
    *["", "3", "500", "1.0", "steps", "% 3", "-3%", "+3%", "3 %%", "3 percent", "1.5b tokens"],
    *["1.5 B tokens", "5m samples", "2 Epochs", "1.5 steps", "0.3 tokens", "1,000 steps"],
    *[
        "nan%",
        "inf steps",
        "1e99 steps",
        "1e999 %",
        "1e999999999 steps",
        "३%",
        "_1 steps",
        "1__0 steps",
    ],
    *[10**400, -1, -0.5, 1.5, 2.5, math.nan, math.inf, True, None, [3], b"3%", "1._5 steps"],
    "1_ steps",
]


@pytest.mark.parametrize("value", REFUSED, ids=repr)
def test_what_may_not_be_written(value):
    with pytest.raises(gl.ScheduleError):
        gl.duration(value)


@pytest.mark.parametrize("one", [1, 1.0])
def test_a_bare_one_is_refused(one):
    with pytest.raises(gl.ScheduleError, match=r"whole run or a single step; write '100%' or '1 s"):
        gl.duration(one)


# In texts and files

PLAN = gl.plan(samples=50_000, batch=128, epochs=9, tokens_per_sample=100)  # 391 steps an epoch
RUN = gl.plan(steps=1000)


def in_data(schedule, written):
    """Return a JSON form with durations in place of the steps, in their order."""
    data = schedule.to_data()
    for part, length in zip(data.get("parts", [data]), written, strict=True):
        part["steps"] = length
    return data


@pytest.mark.parametrize(
    ("written", "steps", "plan"),
    [
        ("3%", 106, PLAN),
        ("3 %", 106, PLAN),
        ("0.5%", 18, PLAN),
        ("2 epochs", 782, PLAN),
        ("1.5 ep", 586, PLAN),
        ("12_800 samples", 100, PLAN),
        ("12.8k samples", 100, PLAN),
        ("1.28M tokens", 100, PLAN),
        ("500 steps", 500, PLAN),
        ("500 steps", 500, None),
        ("1 update", 1, None),
        ("rest", 1000, RUN),
        ("100%", 1000, RUN),
    ],
)
def test_a_duration_is_counted_in_every_form(tmp_path, written, steps, plan):
    schedule = gl.Cosine(1.0, 0.0, steps=steps)
    assert gl.parse(f"cosine(1, 0, steps={written})", plan=plan) == schedule
    assert gl.parse(f"cosine(1, 0, '{written}')", plan) == schedule
    assert gl.parse(f'cosine(1, 0, steps="{written}")', plan) == schedule
    data = in_data(schedule, [written])
    assert gl.from_data(data, plan=plan) == schedule
    assert gl.loads(json.dumps(data), plan=plan) == schedule
    files = {
        "json": json.dumps(data),
        "yaml": f"type: cosine\nstart: 1\nend: 0\nsteps: {written}\n",
        "toml": f'type = "cosine"\nstart = 1\nend = 0\nsteps = "{written}"\n',
    }
    for suffix, text in files.items():
        (tmp_path / f"a.{suffix}").write_text(text)
        assert gl.load(tmp_path / f"a.{suffix}", plan=plan) == schedule
    jsonschema.validate(data, json_schema())
    assert gl.from_data(data, plan).to_data()["steps"] == steps  # plain when written


def test_every_field_that_counts_steps_takes_a_duration():
    forms = {
        "piecewise([1, 2, 3], [10%, 500 steps], steps=rest)": gl.Piecewise(
            [1, 2, 3], [100, 500], steps=1000
        ),
        "staircase(1, 0.5, every=10%)": gl.Staircase(1, 0.5, every=100),
        "geometric(1, 0.5, every=10%)": gl.Geometric(1, 0.5, every=100),
        "inverse_sqrt(1, timescale=4%)": gl.InverseSqrt(1, timescale=40),
        "constant(1, steps=4%)": gl.Constant(1, steps=40),
        "constant(1).take(4%)": gl.Constant(1).take(40),
        "linear(0, 1, 5).stretch(4%)": gl.Linear(0, 1, 5).stretch(40),
        "linear(0, 1, 5).slow(4%)": gl.Linear(0, 1, 5).slow(40),
        "linear(0, 1, 5).hold_each(4%)": gl.Linear(0, 1, 5).hold_each(40),
        "linear(0, 1, 100%).drop(4%)": gl.Linear(0, 1, 1000).drop(40),
        "cosine(1, 0, 10%).repeat(3)": gl.Cosine(1, 0, 100).repeat(3),
        "linear(0, 1, 4%).bounce()": gl.Linear(0, 1, 40).bounce(),
        "noam(warmup=4%)": gl.recipes.noam(warmup=40),
        "sgdr(1, first=4%, cycles=2)": gl.recipes.sgdr(1, first=40, cycles=2),
        "one_cycle(1, 100%)": gl.recipes.one_cycle(1, 1000),
        "warmup(cosine(1, 0, 97%), 3%)": gl.recipes.warmup(gl.Cosine(1, 0, 970), 30),
    }
    for text, schedule in forms.items():
        assert gl.parse(text, plan=RUN) == schedule


@given(st.integers(20, 100_000), st.lists(st.integers(1, 1000), min_size=2, max_size=8))
def test_parts_in_shares_add_up_to_the_run(steps, weights):
    plan = gl.plan(steps=steps)
    bounds = [round(1000 * total / sum(weights)) for total in (0, *accumulate(weights))]
    shares = [Fraction(b - a, 10) for a, b in pairwise(bounds)]
    assume(all(share * steps > 100 for share in shares))
    written = [f"{float(share)}%" for share in shares]
    parts = [f"linear(0, 1, {share})" for share in written]
    whole = gl.parse(" >> ".join(parts), plan=plan)
    assert whole.steps == steps
    assert tuple(part.steps for part in whole.parts) == plan.split(*written)
    # however it is nested, scaled, and told the last length
    scaled = " >> ".join(f"{part} * 0.5" if i % 2 else part for i, part in enumerate(parts))
    assert gl.parse(f"0.1 * ({scaled}).clip(0, 0.9)", plan=plan).steps == steps
    first, *others = parts
    endless = gl.parse(f"({' >> '.join(parts)}) >> constant(1)", plan)
    assert endless == whole >> gl.Constant(1)
    assert gl.parse(f"{first} >> ({' >> '.join(others)})", plan) == whole
    assert gl.parse(" >> ".join([*parts[:-1], "linear(0, 1, rest)"]), plan) == whole
    assert gl.from_data(in_data(whole, written), plan) == whole
    assert gl.from_data(in_data(whole, [*written[:-1], "rest"]), plan) == whole
    assert gl.loads(gl.dumps(whole)) == whole  # no plan: what is written is plain


@pytest.mark.parametrize(
    "text",
    [
        "linear(0, 1, 3%) >> cosine(1, 0, 90%)",
        "linear(0, 1, 3%) >> cosine(1, 0, 100%)",
        "linear(0, 1, 30) >> cosine(1, 0, 100%)",
        "linear(0, 1, 500 steps) >> cosine(1, 0, 49.9%)",
        "linear(0, 1, rest) >> cosine(1, 0, rest)",
        "linear(0, 1, rest) >> cosine(1, 0, 100%)",
        "(linear(0, 1, 50%) >> linear(0, 1, 60%)).repeat()",
        "(linear(0, 1, 50%) >> linear(0, 1, 49%)) * 0.5",
        "linear(0, 1, rest) >> constant(1)",
        "linear(0, 1, 101%).hold_each(2)",
    ],
)
def test_parts_that_do_not_add_up_are_refused(text):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text, plan=RUN)
    reasons = ("add up to the run's 1000", "fit into its 1000", "nothing is left", "'rest' of 1000")
    assert any(reason in str(caught.value) for reason in reasons)


def test_what_need_not_add_up():
    for text in (
        "linear(0, 1, 3%) >> constant(1)",
        "linear(0, 1, 3%) >> constant(1).open_ended() >> linear(1, 0, 10%)",
        "cosine(1, 0, 90%)",
        "linear(0, 1, 300 steps) >> linear(1, 0, 9000 steps)",
        "(linear(0, 1, 1%) >> linear(1, 0, 1%)).repeat()",
        "(linear(0, 1, 1%) >> linear(1, 0, 1%)) * cosine(1, 0, 100%)",
    ):
        gl.parse(text, plan=RUN)
    epochs = "linear(0, 1, 5 epochs) >> cosine(1, 0, 85 epochs)"  # the run itself is cut short
    assert gl.parse(epochs, plan=PLAN).steps == 90 * 391


BAD = {
    "linear(0, 1, 2 epochs)": "`steps`: '2 epochs' can only be counted for a run; pass plan=gl.pl",
    "linear(0, 1, rest)": "Linear: `steps`: 'rest' can only be counted for a run",
    "linear(0, 1, 1.0)": "got 1.0; it could be the whole run or a single step; write '100%' or 1",
    "linear(0, 1, 0.03)": "must be a whole number, got 0.03; a percentage is written as '3%'",
    "linear(0, 1, 3 parsecs)": "cannot read '3 parsecs'; write it with its unit, as '3%', '500 st",
    "linear(0, 1, '500')": "cannot read '500'; write it with its unit",
    "chain([linear(0, 1, 0 steps)]).repeat()": "Repeat: `schedule` must take 1 step or more",
    "linear(0, 1, 1e99 steps)": "must be at most",
    "linear(3%, 1, 5)": "Linear: `start` must be a number, got '3%'",
    "linear(0, 1, -3%)": "column 15: expected a number after '-', got '3%'",
    "linear(0, 1, %)": "column 14: '%' has no meaning here",
    "linear(0, 1, 3%%)": "column 16: '%' has no meaning here",
    "3%": "expected a schedule, got '3%'",
    "3% * linear(0, 1, 5)": "'*' takes schedules and numbers only",
    "constant(1).hold_each(rest)": "HoldEach: `every` must be a whole number or a duration: cannot",
    "cosine(1, 0, 9).repeat(3%)": "Repeat: `times` must be a whole number, got '3%'",
    "wsd(1, 100%, 3%, 20%)": "wsd: `steps`: '100%' can only be counted for a run",
    "wsd(1, 100, 2 epochs, 20%)": "wsd: `warmup`: '2 epochs' can only be counted for a run",
    "wsd(1, 100, 0.1%, 20%)": "`warmup`: Plan: '0.1%' of 100 steps is less than half a step",
    "sgdr(1, first=10, cycles=3%)": "sgdr: `cycles` must be a whole number, got '3%'",
}


@pytest.mark.parametrize(("text", "message"), BAD.items(), ids=list(BAD))
def test_durations_that_cannot_be_counted(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("plan", [1000, "steps=5", {"steps": 3}])
def test_a_plan_that_is_none(plan):
    with pytest.raises(gl.ScheduleError, match=r"`plan` must be what gl.plan returns, got"):
        gl.parse("constant(1)", plan=plan)


def test_a_duration_in_python_is_counted_by_a_plan():
    with pytest.raises(
        gl.ScheduleError, match=r"got '3%'; plan.steps_in\('3%'\) counts a duration"
    ):
        gl.Linear(0.0, 1.0, steps="3%")
    assert gl.Linear(0.0, 1.0, steps=RUN.steps_in("3%")).steps == 30


def test_a_plan_lacks_what_a_unit_takes():
    for length, lacks in {
        "2 epochs": "`samples`, the size of the data set",
        "9 samples": "`batch`",
        "9 tokens": "`tokens_per_sample`",
    }.items():
        with pytest.raises(gl.ScheduleError, match=f"plan lacks {lacks}"):
            gl.parse(f"linear(0, 1, {length})", plan=RUN)


def test_a_share_in_a_recipe_is_one_of_its_own_steps():
    by_hand = gl.recipes.wsd(1.0, steps=1000, warmup=30, cooldown=200)
    assert gl.recipes.wsd(1.0, steps=1000, warmup="3%", cooldown="20%") == by_hand
    assert gl.recipes.wsd(1.0, 1000, gl.duration("30 steps"), gl.duration(0.2)) == by_hand
    assert gl.parse("wsd(1, steps=1000, warmup=3%, cooldown=20%)") == by_hand
    for plan in (RUN, gl.plan(steps=77)):
        assert gl.parse("wsd(1, steps=1000, warmup=3%, cooldown=20%)", plan) == by_hand
    assert gl.parse("wsd(1, steps=100%, warmup=3%, cooldown=200)", RUN) == by_hand
    assert gl.parse("wsd(1, 9 ep, 1 ep, 20%)", PLAN) == gl.recipes.wsd(1, 3519, 391, 704)


@given(
    st.text(alphabet="0123456789.%kMBT_e- restpochsaml'\"", max_size=14),
    st.sampled_from([None, RUN, PLAN]),
)
def test_no_text_as_a_duration_fails_otherwise(text, plan):
    with contextlib.suppress(gl.ScheduleError):
        assert isinstance(gl.parse(f"linear(0, 1, steps={text})", plan), gl.Schedule)
    data = {"type": "linear", "start": 0, "end": 1, "steps": text}
    try:
        assert isinstance(gl.from_data(data, plan), gl.Schedule)
    except gl.ScheduleError:
        return
    jsonschema.validate(data, json_schema())


@given(st.recursive(st.text("0.3%rest psecoh", max_size=9) | st.floats() | st.none(), st.lists))
def test_no_value_as_a_duration_fails_otherwise(value):
    for field, data in (
        ("steps", {"type": "linear", "start": 0, "end": 1}),
        ("boundaries", {"type": "piecewise", "values": [1, 2]}),
        ("parts", {"type": "chain"}),
    ):
        with contextlib.suppress(gl.ScheduleError):
            assert isinstance(gl.from_data({**data, field: value}, RUN), gl.Schedule)


def test_pain_30_a_share_is_no_number_of_steps():
    """The table of what may be written; parts that add up; and a bare 1.0, which is refused."""
    table = {"3%": 30, "500 steps": 500, "2 epochs": 782, "1.28M tokens": 100, "6.4k samples": 50}
    for written, steps in table.items():
        plan = RUN if "%" in written else PLAN
        assert plan.steps_in(written) == steps
        assert gl.parse(f"linear(0, 1, steps={written})", plan=plan).steps == steps
    for total in (7, 99, 100, 101, 12_345):  # int(0.29 * 100) is 28
        plan = gl.plan(steps=total)
        whole = gl.parse("linear(0, 1, 29%) >> constant(1, 41%) >> cosine(1, 0, 30%)", plan=plan)
        assert whole.steps == total
        assert [part.steps for part in whole.parts] == list(plan.split("29%", "41%", "30%"))
        assert abs(whole.parts[0].steps - 0.29 * total) <= 0.5
    with pytest.raises(gl.ScheduleError, match="less than half a step"):  # and never no step
        gl.parse("linear(0, 1, 0.1%) >> cosine(1, 0, rest)", plan=gl.plan(steps=100))
    for refused in (lambda: gl.duration(1.0), lambda: RUN.steps_in(1), lambda: RUN.split(1.0)):
        with pytest.raises(gl.ScheduleError, match="could be the whole run or a single step"):
            refused()
    for data in ({"type": "linear", "start": 0, "end": 1, "steps": 1.0},):
        with pytest.raises(gl.ScheduleError, match="could be the whole run or a single step"):
            gl.from_data(data, plan=RUN)
