"""The tip's five schedules: its chart's hundred numbers, by `==`."""

import json
from pathlib import Path

import numpy as np
import pytest

import glissando as gl
from glissando.languages.source import source

tip = gl.recipes.keras_tip
CHART = json.loads((Path(__file__).parents[1] / "data" / "chart.json").read_text())
LINES = {
    "Constant Learning Rate": tip.constant(),
    "Time-based Decay": tip.time_based_decay(),
    "Exponential Decay": tip.exponential_decay(),
    "Constant then exponential decayed": tip.constant_then_exponential(),
    "One Cycle Learning Rate": tip.one_cycle(),
}
FORMS = {
    "recipe": lambda s: s,
    "json": lambda s: gl.loads(gl.dumps(s)),
    "text": lambda s: gl.parse(str(s)),
    "repr": lambda s: eval(repr(s), {"gl": gl}),
}


def printed(schedule):
    scope = {}
    exec(source(schedule, "python"), scope)
    return scope["rate"]


FORMS["printed python"] = printed


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_a_hundred_numbers_bit_for_bit(form):
    found = {
        name: [form(schedule)(epoch) for epoch in CHART[name]["epoch"]]
        for name, schedule in LINES.items()
    }
    assert found == {name: line["learning_rate"] for name, line in CHART.items()}
    assert sum(map(len, found.values())) == 100


@pytest.mark.parametrize("name", LINES)
def test_numpy_within_4_ulp_of_full_scale(name):
    rates = LINES[name](np.array(CHART[name]["epoch"]))
    ulp = np.spacing(max(CHART[name]["learning_rate"]))
    assert np.abs(rates - CHART[name]["learning_rate"]).max() <= 4 * ulp


def test_other_parameters_follow_the_tip():
    cycle = tip.one_cycle(0.2, 0.1, 0.8, rampup_epochs=3, sustain_epochs=2, exp_decay=0.5)
    assert [cycle(t) for t in range(7)] == pytest.approx(
        [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.45], rel=1e-15
    )
    assert tip.one_cycle(rampup_epochs=0, sustain_epochs=0)(0) == 0.001
    assert tip.constant_then_exponential(rampup_epochs=0) == tip.exponential_decay()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: tip.one_cycle(min_lr=0.01), "`min_lr` must be at most `max_lr`"),
        (lambda: tip.one_cycle(rampup_epochs=-1), "rampup_epochs` must be 0 or more, got -1"),
        (lambda: tip.one_cycle(exp_decay=1.5), "must be at most 1, got 1.5"),
        (lambda: tip.constant(-1), "must be 0 or more, got -1"),
        (lambda: tip.constant_then_exponential(rampup_epochs=2.5), "must be a whole number"),
    ],
)
def test_bad_parameters(build, message):
    with pytest.raises(gl.ScheduleError, match=message):
        build()
