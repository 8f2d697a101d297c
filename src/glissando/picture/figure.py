"""Schedules as a Plotly figure."""

from collections.abc import Callable, Mapping
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.families.function import schedule as wrapped
from glissando.pages import cut, new_figure
from glissando.picture.sample import Points, last_step, own_last, sample
from glissando.plateau import OnPlateau
from glissando.rules import STEPS
from glissando.schedule import Schedule

Drawable = Schedule | OnPlateau | Callable[[Any], Any]

UNITS = ("step", "epoch")


def plot(
    schedules: Drawable | Mapping[str, Drawable],
    *,
    title: str | None = None,
    unit: str = "step",
    steps: int | None = None,
) -> Any:
    """Return a chart of one or several schedules: the rate over the steps.

    However long a schedule is, its line has at most 2,000 points and every corner: the breaks of
    the schedule are among the points, each with the step before it.

    Args:
        schedules: a schedule, or several by their names; functions of your own, too, and schedules
            on a plateau, which are drawn as they are until a metric moves them: their names say so.
        title: the chart's title; by default "Learning Rate over time (step)", or "(epoch)".
        unit: what a step of these schedules is, "step" or "epoch".
        steps: how many steps of each to draw, from 0 to `steps` - 1. By default a schedule is
            drawn to its end; one that never ends over twice the time to its last corner, or until
            its rate has halved, but as far as the others are drawn.

    Returns:
        A `plotly.graph_objects.Figure`: show it with `.show()`, or write it with
        `glissando.picture.save`.

    Raises:
        ScheduleError: an argument breaks its rule.
        ImportError: plotly is not installed.

    Example:
        >>> from glissando import Constant, Linear
        >>> figure = plot({"warm-up": Linear(0.0, 0.1, steps=5), "flat": Constant(0.1)})
        >>> figure.data[0].name, figure.data[0].x, figure.data[0].y[-1]
        ('warm-up', (0, 1, 2, 3, 4, 5), 0.1)
    """
    if unit not in UNITS:
        raise ScheduleError(f"plot: `unit` must be 'step' or 'epoch', got {shown(unit)}")
    drawn = points_of(schedules, steps)
    figure = new_figure()
    hover = f"{unit} %{{x:,d}}<br>rate %{{customdata}}<extra>%{{fullData.name}}</extra>"
    for name, (at, rates) in drawn.items():
        figure.add_scatter(
            x=at,
            y=rates,
            name=name,
            mode="lines",
            line_simplify=False,  # it would bend flat lines by a pixel
            customdata=rates,  # printed as it is, where y would be rounded as the axis is
            hovertemplate=hover,
        )
    several = isinstance(schedules, Mapping)
    figure.update_layout(
        template="plotly_white",
        title=f"Learning Rate over time ({unit})" if title is None else title,
        title_subtitle_text="" if several else next(iter(drawn)),
        showlegend=several,
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        hoverlabel={"namelength": -1},
        margin={"t": 80, "r": 40},
    )
    figure.update_xaxes(title=unit, exponentformat="SI", zeroline=False, ticklabelstandoff=4)
    figure.update_yaxes(
        title="learning rate", exponentformat="e", rangemode="tozero", ticklabelstandoff=6
    )
    return figure


def points_of(schedules: Drawable | Mapping[str, Drawable], steps: int | None) -> dict[str, Points]:
    """Return the points of each schedule's line by its name; the arguments are those of `plot`."""
    if not isinstance(schedules, Mapping):
        schedules = {cut(str(_schedule(schedules, "`schedules`")), 80): schedules}
    if not schedules:
        raise ScheduleError("plot: `schedules` must be one or more, got none")
    found = {
        _named(str(name), value): _schedule(value, f"`schedules[{name!r}]`")
        for name, value in schedules.items()
    }
    if steps is not None:
        last = int(STEPS.check(steps, "plot: `steps`")) - 1
        return {name: sample(schedule, last) for name, schedule in found.items()}
    last = last_step(found.values())
    return {
        name: sample(schedule, int(min(last, own_last(schedule))))
        for name, schedule in found.items()
    }


def _schedule(value: object, where: str) -> Schedule:
    if isinstance(value, Schedule):
        return value
    if isinstance(value, OnPlateau):
        return value.schedule
    if callable(value):
        return wrapped(value)
    raise ScheduleError(f"plot: {where} must be a schedule, got {shown(value)}")


def _named(name: str, value: object) -> str:
    return f"{name}{' (not moved by its plateau)' * isinstance(value, OnPlateau)}"
