"""The designer in notebooks: what Python and the browser say to each other."""

import json

import pytest
import traitlets

import glissando as gl

RISE = gl.Linear(0.0, 0.5, steps=100)


def test_the_widget_holds_a_schedule_that_can_be_set():
    designer = gl.design(RISE)
    assert designer.value == RISE
    heard = []
    designer.observe(lambda change: heard.append(json.loads(change.new)), "schedule")
    designer.value = gl.Cosine(0.1, 0.0, steps=7)
    assert heard == [{"glissando": 1, **designer.value.to_data()}]
    assert gl.design().value == gl.Chain([])


def test_what_the_browser_sends_is_the_value():
    designer = gl.design(RISE)
    designer.set_state({"schedule": '{"type":"constant","value":1}'})
    assert designer.value == gl.Constant(1.0)
    for text in ('{"type": "linaer"}', "3", "{", ""):
        with pytest.raises(traitlets.TraitError):
            designer.schedule = text
    assert designer.value == gl.Constant(1.0)


def test_one_trait_goes_both_ways_and_one_to_the_browser():
    synced = set(gl.design(RISE).traits(sync=True)) - set(traitlets_of_any_widget())
    assert synced == {"schedule", "forecast"}
    designer = gl.design(RISE, forecast={"type": "forecast", "peaks": []})
    assert json.loads(designer.forecast)["peaks"] == []
    with pytest.raises(traitlets.TraitError):
        designer.forecast = "null"


def traitlets_of_any_widget():
    import anywidget

    class Empty(anywidget.AnyWidget):
        _esm = ""

    return Empty().traits(sync=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3, "design: `schedule` must be a schedule, got 3"),
        ("constant(1)", "a text is read by gl.parse('constant(1)')"),
        (gl.schedule(lambda step: 1.0), "a function of your own, which runs in Python alone"),
    ],
)
def test_what_is_no_schedule_for_a_browser_is_told(given, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.design(given)
    assert message in str(caught.value)
    designer = gl.design(RISE)
    with pytest.raises(gl.ScheduleError):
        designer.value = given
    assert designer.value == RISE


def test_where_no_widget_can_run_the_schedule_is_text_and_picture():
    data, _ = gl.design(RISE)._repr_mimebundle_()
    assert data["text/plain"] == repr(RISE)
    assert "application/vnd.jupyter.widget-view+json" in data
