"""What the designer predicts from a saved forecast is what the library does."""

import json
from itertools import islice, takewhile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies
from forecasting.test_doubts import AGAIN, WSD
from forecasting.test_doubts import run as pilot
from forecasting.test_forecast import LATER, TRUTH, runs
from glissando.forecasting.distance import Shown, about
from glissando.forecasting.laws import LAWS

RANGES = {
    "L0": (0.0, 4.0),
    "A": (0.01, 1.0),
    "alpha": (0.1, 1.0),
    "B": (0.01, 50.0),
    "C": (0.1, 2000.0),
    "p": (0.2, 1.6),
    "q": (0.2, 1.6),
    "beta": (0.2, 0.9),
    "gamma": (0.2, 0.9),
    "memory": (1.0, 1e5),
}
PREDICT = "designer.predict(forecast, designer.build(schedule), step)"
SAID = "(() => {{ try {{ {} }} catch (error) {{ return error.message }} }})()"
SURE = {"error": 0.0, "noise": 0.0, "beyond": 0.0, "differ": 0.0, "wider": 1.0}
"""An interval without a width."""


@pytest.fixture(scope="module")
def forecast():
    """Two peaks: that of the pilots, and one whose only run hides what a cooldown gains."""
    steps = list(range(200, 6001, 200))
    cosine = LATER["cosine"].stretch(6000)
    other = gl.Curve(3.0 * cosine, steps, TRUTH(cosine, steps), name="higher")
    return gl.forecast([*runs(), other])


def predicted(module, forecast, schedule, step):
    return module.run(PREDICT, forecast=forecast, schedule=schedule.to_data(), step=step)


@strategies.examples(150)
@given(
    schedule=strategies.schedules,
    low=st.integers(0, 2000),
    width=st.integers(1, 20_000) | st.just(10**6),
)
def test_corners_are_the_librarys(module, schedule, low, width):
    high = low + width
    within = takewhile(lambda step: step <= high, schedule.breaks(low))
    found = module.run(
        "designer.corners(designer.build(data), low, high)",
        data=schedule.to_data(),
        low=low,
        high=high,
    )
    assert found == list(islice(within, 1000))


@strategies.examples(150)
@given(data=st.data(), schedule=strategies.schedules, most=st.sampled_from([9, 1000, 10**6]))
def test_each_law_says_what_the_librarys_says(module, data, schedule, most):
    step = data.draw(st.integers(1, most))
    peak = max(schedule(np.arange(min(step, 1000))))
    if peak <= 1e-6 * schedule.bound():  # what is left of larger rates may be a rounding error
        return
    laws = []
    for law in LAWS.values():
        values = {name: data.draw(st.floats(*RANGES[name])) for name in law.parameters}
        laws.append(law(**values, rate=float(peak), steps=data.draw(st.floats(1.0, 1e5))))
    saved = {
        "type": "forecast",
        "doubts": [],
        "peaks": [
            {
                "peak": 1.0,
                "steps": 1000,
                "laws": [{"law": law.to_data(), "weight": 1 / len(laws)} for law in laws],
                "interval": SURE,
                "pilots": [Shown.of(pilot())._asdict()],
            }
        ],
    }
    found = predicted(module, saved, schedule, step)
    points = np.array(found["curve"]["steps"], dtype=int)
    truth = [law.losses(law.history(schedule, points)) for law in laws]
    assert points[-1] == step
    # a bin more or less at the edge of a whole number changes a loss by no more
    assert [found["laws"][law.tag] for law in laws] == pytest.approx(
        [losses[-1] for losses in truth], rel=1e-6
    )
    assert found["curve"]["losses"] == pytest.approx(np.mean(truth, axis=0), rel=1e-6)
    assert found["low"] == found["loss"] == found["high"] == found["curve"]["losses"][-1]


@pytest.mark.parametrize("step", [10_000, 61, 3, 10**6])
@pytest.mark.parametrize("name", LATER)
def test_a_prediction_is_the_librarys(module, forecast, name, step):
    saved = json.loads(json.dumps(forecast.to_data()))
    for schedule in (LATER[name].stretch(step), LATER[name].stretch(step) * 2.5):
        found, truth = predicted(module, saved, schedule, step), forecast(schedule)
        assert found["curve"]["steps"] == list(truth.curve.steps)
        assert found["curve"]["losses"] == pytest.approx(truth.curve.losses, rel=1e-9)
        for end in ("loss", "low", "high"):
            assert found[end] == pytest.approx(getattr(truth, end), rel=1e-9)
        assert tuple(found["doubts"]) == truth.doubts
        assert found["laws"] == pytest.approx(truth.laws, rel=1e-9)


@pytest.mark.parametrize(
    ("schedule", "step"),
    [
        (WSD.stretch(4000), 4000),
        (2.0 * WSD, 2000),
        (1.04e-4 * WSD, 2000),
        (3e7 * WSD, 2000),
        (WSD.stretch(6000), 6000),
        (WSD.stretch(300_000), 300_000),
        (WSD.take(1) >> gl.LogLinear(1e-3, 1e-5, 1999), 2000),
        (AGAIN, 2000),
        (gl.Linear(1e-3, 1e-4, steps=50).repeat(9), 450),
        (gl.recipes.one_cycle_torch(1e-3, steps=2000), 2000),
        (gl.Constant(1e-3), 90_000),
        (WSD, 2500),
    ],
)
@pytest.mark.parametrize("last", [1600, 2000])
def test_doubts_are_the_librarys_own_sentences(module, forecast, schedule, step, last):
    pilots = [Shown.of(pilot(last=last)), Shown.of(pilot(WSD.stretch(3000), last=2900))]
    saved = forecast.to_data()
    saved["peaks"] = [saved["peaks"][0] | {"pilots": [each._asdict() for each in pilots]}]
    found = predicted(module, saved, schedule, step)["doubts"]
    assert tuple(found) == (*forecast.doubts, *about(schedule, pilots, step))


@pytest.mark.parametrize(
    ("schedule", "step", "words"),
    [
        (gl.Constant(0.1), None, "a schedule that never ends: say after how many steps"),
        (gl.Linear(0.1, 0.0, steps=0), None, "a schedule without steps"),
        (gl.Constant(0.0, steps=9), None, "a schedule whose rates are 0"),
        (gl.Constant(0.0, steps=9) >> gl.Constant(0.1), 9, "a schedule whose rates are 0"),
    ],
)
def test_what_cannot_be_predicted_is_said(module, forecast, schedule, step, words):
    given = {"forecast": forecast.to_data(), "schedule": schedule.to_data()}
    at = "undefined" if step is None else step
    assert words in module.run(SAID.format(f"(step => {PREDICT})({at})"), **given)


def test_what_is_no_forecast_is_refused(module, forecast):
    saved = forecast.to_data()
    assert module.run("designer.readForecast(text)", text=json.dumps(saved)) == saved
    other = json.dumps(saved).replace('"kernel"', '"newer"')
    for text, words in [
        ("{", "this is no forecast: write one by glissando forecast RUN... -o forecast.json"),
        ("null", "this is no forecast"),
        ('{"type": "forecast"}', "this is no forecast"),
        (json.dumps(WSD.to_data()), "this is no forecast"),
        (other, "the forecast has a law that is not known here: newer"),
    ]:
        assert words in module.run(SAID.format("designer.readForecast(text)"), text=text)


def test_a_forecast_is_saved_whole(forecast, tmp_path):
    path = tmp_path / "forecast.json"
    forecast.save(path)
    assert json.loads(path.read_text()) == {"glissando": 1, **forecast.to_data()}
    assert path.stat().st_size < 50_000
    with pytest.raises(
        gl.ScheduleError, match=r"Forecast: `path` must end in \.json, got 'x\.txt'"
    ):
        forecast.save("x.txt")
