"""The Plotly figure."""

import json
import sys
from pathlib import Path

import pytest

import glissando as gl
from glissando.picture import mimebundle

CHART = json.loads((Path(__file__).parents[1] / "data" / "chart.json").read_text())

TIP = dict(
    zip(
        CHART,
        (
            gl.recipes.keras_tip.constant(),
            gl.recipes.keras_tip.time_based_decay(),
            gl.recipes.keras_tip.exponential_decay(),
            gl.recipes.keras_tip.constant_then_exponential(),
            gl.recipes.keras_tip.one_cycle(),
        ),
        strict=True,
    )
)


def test_the_tips_chart_number_for_number():
    figure = gl.plot(TIP, unit="epoch")
    assert figure.layout.title.text == "Learning Rate over time (epoch)"
    assert figure.layout.xaxis.title.text == "epoch"
    assert figure.layout.showlegend
    assert {line.name: (list(line.x), list(line.y)) for line in figure.data} == {
        name: (points["epoch"], points["learning_rate"]) for name, points in CHART.items()
    }


def test_one_schedule_names_itself():
    schedule = gl.Linear(0.0, 0.1, steps=5) >> gl.Cosine(0.1, 0.0, steps=95)
    figure = schedule.plot()
    assert figure == gl.plot(schedule)
    assert figure.layout.title.text == "Learning Rate over time (step)"
    assert figure.layout.title.subtitle.text == str(schedule)
    assert not figure.layout.showlegend
    (line,) = figure.data
    assert line.x == tuple(range(101))
    assert line.y == tuple(schedule(step) for step in range(101))


def test_lines_are_straight_between_points_and_never_simplified():
    (line,) = gl.Linear(0.0, 0.1, steps=5).plot().data
    assert line.mode == "lines"
    assert line.line.shape is None
    assert line.line.simplify is False


def test_hovering_shows_the_step_and_the_whole_rate():
    (line,) = gl.plot({"a": gl.Linear(0.1, 0.0, steps=3)}).data
    assert "%{x:,d}" in line.hovertemplate
    assert "%{customdata}" in line.hovertemplate  # unlike y, not rounded as the axis is
    assert line.customdata == line.y


def test_a_line_ends_with_its_schedule_and_goes_on_with_those_that_never_end():
    short, long, endless = gl.plot(
        {
            "short": gl.Linear(0.0, 1.0, steps=10),
            "long": gl.Linear(0.0, 1.0, steps=50),
            "endless": gl.Constant(0.5),
        }
    ).data
    assert (short.x[-1], long.x[-1], endless.x[-1]) == (10, 50, 50)


def test_steps_draws_so_many_of_each_and_the_end_holds():
    (line,) = gl.plot(gl.Linear(1.0, 0.5, steps=10), steps=15).data
    assert line.x == tuple(range(15))
    assert line.y[-5:] == (0.5,) * 5
    (line,) = gl.plot(gl.Linear(1.0, 0.5, steps=10), steps=3).data
    assert line.x == (0, 1, 2)


def test_a_function_of_ones_own_is_asked_for_the_steps_that_train_alone():
    rates = [0.1, 0.05, 0.025]
    (line,) = gl.plot({"mine": gl.schedule(rates.__getitem__, steps=3)}).data
    assert (line.x, line.y) == ((0, 1, 2), (0.1, 0.05, 0.025))


def test_a_bare_function_is_drawn_over_20_steps():
    (line,) = gl.plot({"mine": lambda step: 0.1 / (1 + step)}).data
    assert line.x == tuple(range(20))


def test_an_exception_in_the_function_comes_through():
    def broken(step):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        gl.plot(broken)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schedules": {}}, "plot: `schedules` must be one or more, got none"),
        ({"schedules": 3}, "plot: `schedules` must be a schedule, got 3"),
        ({"schedules": {"a": "b"}}, r"plot: `schedules\['a'\]` must be a schedule, got 'b'"),
        ({"unit": "batch"}, "plot: `unit` must be 'step' or 'epoch', got 'batch'"),
        ({"steps": 0}, "plot: `steps` must be 1 or more, got 0"),
        ({"steps": 2.5}, "plot: `steps` must be a whole number, got 2.5"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    with pytest.raises(gl.ScheduleError, match=message):
        gl.plot(**{"schedules": gl.Constant(0.1), **arguments})


def test_without_plotly_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(ImportError, match=r'needs plotly: pip install "glissando\[plot\]"'):
        gl.Constant(0.1).plot()


def test_a_notebook_shows_the_chart(monkeypatch):
    import plotly.io

    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype")
    schedule = gl.Linear(0.0, 0.1, steps=5)
    bundle = schedule._repr_mimebundle_(include=None, exclude=None)
    assert bundle["text/plain"] == repr(schedule)
    (line,) = bundle["application/vnd.plotly.v1+json"]["data"]
    assert line["x"] == list(range(6))


def test_a_notebook_without_plotly_shows_the_text(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    assert mimebundle(gl.Constant(0.1)) == {"text/plain": "gl.Constant(0.1)"}


def test_a_schedule_on_a_plateau_is_drawn_as_it_is_and_says_so():
    cosine = gl.Cosine(0.1, 0.0, steps=50)
    for plateau in (gl.Plateau("torch"), gl.Greedy()):
        rate = plateau.on(cosine)
        figure = gl.plot(rate)
        assert figure.data[0].y == gl.plot(cosine).data[0].y == rate.plot().data[0].y
        assert figure.layout.title.subtitle.text == f"{cosine} (not moved by its plateau)"
        names = [line.name for line in gl.plot({"moved": rate, "flat": gl.Constant(0.1)}).data]
        assert names == ["moved (not moved by its plateau)", "flat"]
        assert rate._repr_mimebundle_()["text/plain"] == repr(rate)
