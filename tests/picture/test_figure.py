"""The Plotly figure."""

import json
import sys
from pathlib import Path

import pytest

import glissando as gl
from glissando.pages import COLORS, DASHES

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
        ({"schedules": [gl.Constant(0.1)]}, 'write {"first": a, "second": b}, got'),
        ({"backend": "svg"}, "plot: `backend` must be one of 'plotly', 'matplotlib', got 'svg'"),
        ({"per_epoch": 0}, "plot: `per_epoch` must be above 0, got 0"),
        ({"per_epoch": gl.plan(steps=10)}, "must be a plan of epochs"),
        ({"logged": "run.csv"}, r"as gl.read_curve\(path\) reads it, .* got 'run.csv'"),
        ({"logged": []}, r"plot: `logged` must be a run, .* got \[\]"),
        ({"logged": [(0, "high")]}, "plot: `logged` must be a run"),
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


WARMUP = gl.Linear(0.0, 0.1, steps=10) >> gl.Constant(0.1, 60) >> gl.Linear(0.1, 0.0, steps=30)


def test_colors_go_with_dashes_so_that_lines_that_coincide_are_both_seen():
    rate = gl.Linear(0.1, 0.0, steps=9)
    lines = gl.plot(dict.fromkeys("abcdefgh", rate)).data
    assert [line.line.color for line in lines] == list(COLORS)
    assert [line.line.dash for line in lines] == [*DASHES, *DASHES[:2]]
    assert len({(line.line.color, line.line.dash) for line in lines}) == 8


def test_a_logarithmic_axis_says_that_it_has_no_0():
    figure = gl.plot(WARMUP, log=True)
    assert figure.layout.yaxis.type == "log"
    assert figure.data[0].y[0] is figure.data[0].y[-1] is None
    assert "rates of 0 are not on a logarithmic axis" in figure.layout.title.subtitle.text
    assert "rates of 0" not in (gl.plot(gl.Constant(0.1), log=True).layout.title.subtitle.text)


def test_hyperparameters_have_a_panel_each():
    both = gl.dialects.torch.OneCycleLR(max_lr=0.1, total_steps=100)
    figure = gl.plot(both)
    assert [line.yaxis for line in figure.data] == ["y", "y2"]
    assert figure.layout.yaxis2.title.text == "momentum"
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert not figure.layout.showlegend
    two = gl.plot({"ours": both, "flat": {"lr": gl.Constant(0.1), "momentum": gl.Constant(0.9)}})
    assert [(line.name, line.yaxis) for line in two.data] == [
        ("ours", "y"), ("flat", "y"), ("ours", "y2"), ("flat", "y2"),
    ]  # fmt: skip
    assert [line.line.color for line in two.data] == [*COLORS[:2], *COLORS[:2]]
    assert two.layout.showlegend


class History:
    history = {"loss": [1.0, 0.5], "learning_rate": [0.1, 0.05]}  # noqa: RUF012


@pytest.mark.parametrize(
    ("logged", "at"),
    [
        ({10: 0.1, 0: 0.0}, ((0, 10), (0.0, 0.1))),
        ([(5, 0.05), [7, 0.07]], ((5, 7), (0.05, 0.07))),
        ([0.0, 0.01, 0.02], ((0, 1, 2), (0.0, 0.01, 0.02))),
        (History(), ((0, 1), (0.1, 0.05))),
        (gl.Curve(gl.Table([0.0, 0.1], knots=[0, 10]), [10], [1.0]), ((0, 10), (0.0, 0.1))),
    ],
)
def test_what_a_run_has_logged_is_drawn_over_the_plan(logged, at):
    plan, dots = gl.plot(WARMUP, logged=logged).data
    assert (plan.name, dots.name, dots.mode) == ("plan", "logged", "markers")
    assert (dots.x, dots.y) == at


def test_the_parts_of_a_schedule_are_shaded_and_named():
    figure = gl.plot(WARMUP)
    assert [note.text for note in figure.layout.annotations] == ["warm-up", "stable", "cooldown"]
    assert [(box.x0, box.x1) for box in figure.layout.shapes] == [(0, 10), (10, 70), (70, 100)]
    falls = gl.plot(gl.Linear(0.0, 0.1, steps=5) >> gl.Cosine(0.1, 0.0, steps=95))
    assert [note.text for note in falls.layout.annotations] == ["warm-up", "decay"]
    assert not gl.plot({"a": WARMUP, "b": WARMUP}).layout.shapes


def test_epochs_are_a_second_axis_of_updates_and_held_where_they_are_steps():
    figure = gl.plot(WARMUP, per_epoch=25)
    assert figure.layout.xaxis.range == (0, 100)
    assert figure.layout.xaxis2.range == (0, 4)
    plan = gl.plan(samples=250, batch=10, epochs=4)
    assert gl.plot(WARMUP, per_epoch=plan).layout.xaxis2 == figure.layout.xaxis2
    (line,) = gl.plot(WARMUP, unit="epoch", per_epoch=25).data
    assert line.line.shape == "hv"


def test_matplotlib_draws_the_same_lines():
    both = {"warm-up": WARMUP, "flat": gl.Constant(0.05)}
    figure = gl.plot(both, backend="matplotlib", per_epoch=25)
    (axes,) = figure.axes
    for line, other in zip(axes.lines, gl.plot(both).data, strict=True):
        assert (list(line.get_xdata()), list(line.get_ydata())) == (list(other.x), list(other.y))
        assert (line.get_label(), line.get_color()) == (other.name, other.line.color)
    panels = gl.plot({"lr": WARMUP, "momentum": gl.Constant(0.9)}, backend="matplotlib", log=True)
    assert [axis.get_ylabel() for axis in panels.axes] == ["learning rate", "momentum"]
    assert {axis.get_yscale() for axis in panels.axes} == {"log"}


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'needs matplotlib: pip install "glissando\[plot\]"'):
        gl.plot(WARMUP, backend="matplotlib")
