"""A chart as a Matplotlib figure: sized for a page, its fonts kept in the file."""

from io import BytesIO
from typing import Any

from glissando.pages import GRAY
from glissando.picture.drawing import Drawing, Panel

DASH_PATTERNS: dict[str, Any] = {
    "solid": "solid",
    "dash": (0, (5, 2)),
    "dot": (0, (1.2, 1.5)),
    "dashdot": (0, (5, 1.5, 1.2, 1.5)),
    "longdash": (0, (9, 2.5)),
    "longdashdot": (0, (9, 1.5, 1.2, 1.5)),
}

STYLE = {
    "font.size": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.linewidth": 0.6,
    "pdf.fonttype": 42,  # whole fonts, as publishers want
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "glissando",  # the same chart is the same file
}

WIDTH, HEIGHT = 6.4, 3.2
"""The size of a chart in inches; each panel more takes half of the height."""


def figure_of(drawing: Drawing) -> Any:
    """Return the Matplotlib figure of a drawing.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'a chart for a paper needs matplotlib: pip install "glissando[plot]"'
        ) from error
    count = len(drawing.panels)
    with rc_context(STYLE):
        figure = Figure((WIDTH, HEIGHT * (1 + count) / 2), layout="constrained")
        axes = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
        for panel, axis in zip(drawing.panels, axes, strict=True):
            _panel(axis, panel, drawing)
        axes[-1].set_xlabel(drawing.unit)
        top = axes[0]
        _phases(axes, drawing)
        if drawing.per_epoch:
            per_epoch = drawing.per_epoch
            above = top.secondary_xaxis(
                "top", functions=(lambda step: step / per_epoch, lambda epoch: epoch * per_epoch)
            )
            above.set_xlabel("epoch")
        figure.suptitle("\n".join(filter(None, (drawing.title, drawing.subtitle))), fontsize=9.5)
        if drawing.legend:
            handles, labels = top.get_legend_handles_labels()
            columns = max(1, min(len(labels), 100 // (max(map(len, labels)) + 10)))
            figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
    return figure


def _panel(axis: Any, panel: Panel, drawing: Drawing) -> None:
    for line in panel.lines:
        rates = [float("nan") if rate is None else rate for rate in line.rates]
        style: dict[str, Any] = {"linestyle": DASH_PATTERNS[line.dash], "linewidth": 1.4}
        if drawing.held:
            style["drawstyle"] = "steps-post"
        if line.dots:
            style = {"linestyle": "none", "marker": "o", "markersize": 2.5}
        axis.plot(line.steps, rates, color=line.color, label=line.name, **style)
    axis.set_ylabel(panel.title)
    axis.grid(color=GRAY, alpha=0.25, linewidth=0.5)
    axis.margins(x=0.01)
    if drawing.log:
        axis.set_yscale("log")
    else:
        axis.set_ylim(*panel.limits(log=False))
        axis.yaxis.set_major_formatter(lambda rate, _place: f"{rate:g}")


def _phases(axes: Any, drawing: Drawing) -> None:
    last = drawing.phases[-1].end if drawing.phases else 0
    for number, phase in enumerate(drawing.phases):
        for axis in axes:
            shade = 0.12 if number % 2 == 0 else 0.04
            axis.axvspan(phase.begin, phase.end, color=GRAY, alpha=shade, linewidth=0)
        if 90 * (phase.end - phase.begin) < len(phase.name) * last:
            continue  # it is too narrow for its name
        axes[0].annotate(
            phase.name,
            ((phase.begin + phase.end) / 2, 0.995),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="top",
            fontsize=8,
            color="#5d636d",
        )


def image(figure: Any, form: str) -> bytes:
    """Return a Matplotlib figure as the bytes of a file: "png", "svg" or "pdf"."""
    from matplotlib import rc_context

    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    buffer = BytesIO()
    with rc_context(STYLE):
        figure.savefig(buffer, format=form, dpi=200, metadata=dates[form])
    return buffer.getvalue()
