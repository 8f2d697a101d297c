"""A chart as a Plotly figure."""

from typing import Any

from glissando.pages import GRAY, new_figure
from glissando.picture.drawing import RATE, Drawing, Line, Panel
from glissando.picture.ticks import round_ticks

SHADES = ("rgba(128,134,144,.12)", "rgba(128,134,144,.04)")


def figure_of(drawing: Drawing) -> Any:
    """Return the Plotly figure of a drawing."""
    figure = new_figure()
    count = len(drawing.panels)
    for number, panel in enumerate(drawing.panels, 1):
        axis = "" if number == 1 else str(number)
        for line in panel.lines:
            figure.add_scatter(**_line(line, drawing), xaxis="x", yaxis=f"y{axis}")
        gap = 0.08 if count > 1 else 0.0
        height = (1 + gap) / count - gap
        bottom = (count - number) * (height + gap)
        figure.layout[f"yaxis{axis}"] = {
            "title": panel.title,
            "exponentformat": "e",
            "ticklabelstandoff": 6,
            "domain": [bottom, bottom + height],
            **_range(panel, log=drawing.log),
        }
    figure.update_layout(
        template="plotly_white",
        title=drawing.title,
        title_subtitle_text=drawing.subtitle,
        showlegend=drawing.legend,
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        hoverlabel={"namelength": -1},
        margin={"t": 80, "r": 40},
    )
    below = {"anchor": f"y{count}"} if count > 1 else {}
    figure.update_xaxes(
        title=drawing.unit, exponentformat="SI", zeroline=False, ticklabelstandoff=4, **below
    )
    _phases(figure, drawing)
    if drawing.per_epoch:
        _epochs(figure, drawing.per_epoch)
    return figure


def _range(panel: Panel, *, log: bool) -> dict[str, Any]:
    if log:
        return {"type": "log"}
    return {"rangemode": "tozero"} if panel.title == RATE else {"rangemode": "normal"}


def _line(line: Line, drawing: Drawing) -> dict[str, Any]:
    hover = f"{drawing.unit} %{{x:,d}}<br>rate %{{customdata}}<extra>%{{fullData.name}}</extra>"
    style: dict[str, Any] = {
        "mode": "lines",
        "line": {
            "color": line.color,
            "dash": line.dash,
            "simplify": False,  # it would bend flat lines by a pixel
            **({"shape": "hv"} if drawing.held else {}),
        },
    }
    if line.dots:
        style = {"mode": "markers", "marker": {"color": line.color, "size": 5}}
    return {
        "x": line.steps,
        "y": line.rates,
        "name": line.name,
        "customdata": line.rates,  # printed as it is, where y would be rounded as the axis is
        "hovertemplate": hover,
        **style,
    }


def _phases(figure: Any, drawing: Drawing) -> None:
    """Shade the parts of a schedule, and write their names above them."""
    place = {"y": 0.02} if drawing.per_epoch else {"y": 1}  # above it are the epochs
    for number, phase in enumerate(drawing.phases):
        figure.add_shape(
            type="rect",
            x0=phase.begin,
            x1=phase.end,
            y0=0,
            y1=1,
            yref="paper",
            layer="below",
            line_width=0,
            fillcolor=SHADES[number % 2],
        )
        figure.add_annotation(
            x=(phase.begin + phase.end) / 2,
            **place,
            yref="paper",
            yanchor="bottom",
            text=phase.name,
            showarrow=False,
            font={"color": GRAY, "size": 11},
        )


def _epochs(figure: Any, per_epoch: float) -> None:
    """Add an axis of epochs above the chart; the chart begins at update 0."""
    last = max(trace.x[-1] for trace in figure.data)
    figure.add_scatter(
        x=[0, last / per_epoch], y=[None, None], xaxis="x2", showlegend=False, hoverinfo="skip"
    )
    figure.layout.xaxis.range = [0, last]
    figure.layout.xaxis2 = {
        "title": {"text": "epoch", "standoff": 4},
        "tickvals": round_ticks(last / per_epoch, 8),
        "overlaying": "x",
        "side": "top",
        "range": [0, last / per_epoch],
        "showgrid": False,
        "zeroline": False,
    }
    figure.layout.margin.t = 130
