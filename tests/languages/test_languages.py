"""A schedule as source code: one formula, many languages, every one executed and compared."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

import glissando as gl
import strategies
from glissando.languages.latex import formula
from glissando.languages.source import LANGUAGES, source

every_family = pytest.mark.parametrize(
    "family", strategies.FAMILIES.values(), ids=list(strategies.FAMILIES)
)
WARM = gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500)


def steps_of(schedule):
    near = {b + d for _, b in zip(range(20), schedule.breaks(), strict=False) for d in (-1, 0, 1)}
    end = schedule.steps if isinstance(schedule, gl.Strict) else 10**6
    return sorted(int(step) for step in near | {0, 1, 2, 77, 1_000} if step <= end)


def run_python(schedule):
    scope = {}
    exec(source(schedule, "python"), scope)
    return [scope["rate"](step) for step in steps_of(schedule)]


def run_numpy(schedule):
    scope = {}
    exec(source(schedule, "numpy"), scope)
    return scope["rate"](np.array(steps_of(schedule)))


def run_javascript(schedule, engine=None):
    engine = engine or MiniRacer()
    call = f"JSON.stringify({json.dumps(steps_of(schedule))}.map(rate))"
    return json.loads(engine.eval(source(schedule, "javascript") + "\n" + call))


@every_family
@strategies.examples(15)
@given(data=st.data())
def test_printed_python_is_the_schedule_bit_for_bit(family, data):
    schedule = data.draw(strategies.of(family))
    assert run_python(schedule) == [schedule(step) for step in steps_of(schedule)]


@pytest.mark.parametrize("run", [run_numpy, run_javascript])
@given(schedule=strategies.schedules)
def test_printed_code_is_the_schedule(run, schedule):
    truth = [schedule(step) for step in steps_of(schedule)]
    ulp = np.spacing(max(schedule.bound(), 1e-300))
    assert np.abs(np.subtract(run(schedule), truth)).max() <= 4 * ulp


def test_python_source_reads_as_written_by_hand():
    assert source(WARM, "python") == "\n".join(
        [
            "import math",
            "",
            "",
            "def rate(t):",
            "    if t < 0:",
            '        raise ValueError("step must be 0 or more")',
            "    if t < 500:",
            "        return 2e-06 * t + 0.0",
            "    x1 = t - 500",
            "    if x1 < 9500:",
            "        return 1e-05 + 0.000495 * (1 + math.cos(3.141592653589793 * x1 / 9500))",
            "    return 1e-05",
        ]
    )


@pytest.mark.parametrize("language", ["python", "numpy", "javascript"])
def test_printed_code_refuses_negative_steps(language):
    text = source(WARM, language)
    if language == "javascript":
        engine = MiniRacer()
        engine.eval(text)
        with pytest.raises(Exception, match="step must be 0 or more"):
            engine.eval("rate(-1)")
    else:
        scope = {}
        exec(text, scope)
        with pytest.raises(ValueError, match="step must be 0 or more"):
            scope["rate"](-1)


def test_printed_strict_code_raises_past_the_end():
    strict = gl.Linear(1.0, 0.0, steps=4).strict()
    scope = {}
    exec(source(strict, "python"), scope)
    with pytest.raises(ValueError, match="step must be at most 4"):
        scope["rate"](5)
    engine = MiniRacer()
    engine.eval(source(strict, "javascript"))
    with pytest.raises(Exception, match="step must be at most 4"):
        engine.eval("rate(5)")


def test_latex_of_a_schedule():
    assert source(gl.Exponential(1e-3, rate=0.1), "latex") == r"0.001 \cdot e^{-0.1 \cdot t}"
    assert source(gl.Linear(1.0, 0.0, 4), "latex").startswith(r"\begin{cases} -0.25 \cdot t + 1 &")


@every_family
def test_every_family_has_a_formula(family):
    text = formula(family)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    # every field but those that name a schedule or a length stands in the formula
    shown = text.replace(r"\_", "_")
    for field in set(family.fields) - {"schedule", "parts", "steps", "times"}:
        assert rf"\mathrm{{{field}}}" in shown


def test_unknown_language_and_own_functions_are_refused():
    with pytest.raises(gl.ScheduleError, match="`language` must be one of 'python', 'numpy'"):
        source(WARM, "fortran")
    for language in LANGUAGES:
        with pytest.raises(gl.ScheduleError, match="a function of your own has no formula"):
            source(gl.schedule(lambda step: 0.1), language)


def test_a_long_chain_compiles_only_the_parts_it_meets(monkeypatch):
    chain = gl.Chain([gl.Linear(i, i + 1, steps=10) for i in range(1_000)])
    built = []
    original = gl.Linear.at
    monkeypatch.setattr(gl.Linear, "at", lambda self, t, m: built.append(1) or original(self, t, m))
    assert chain(5_005) == 500.5
    assert len(built) < 10
