"""The pictures of the documentation: scores by the budget, and by the peak."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from plotly.subplots import make_subplots

from bench.evidence.results import Results
from glissando.pages import COLORS, GRAY

SHOWN = ("constant", "linear", "cosine", "wsd", "one_cycle", "plateau", "exponential decay")
"""Schedules that are drawn; all of them are in the tables."""

DASHED = {"plateau": "dot"}
"""Lines that lie on others."""

COLUMNS = 2

Draw = Callable[[Any, Results, dict[str, Any]], None]
"""Draws a task's results into one of a figure's panels."""


def pictures(tasks: Sequence[Results]) -> dict[str, Any]:
    """Return the figures by their names."""
    return {
        "evidence_budgets": _panels(tasks, _budgets, "steps"),
        "evidence_peaks": _panels(tasks, _peaks, "peak"),
    }


def _panels(tasks: Sequence[Results], draw: Draw, across: str) -> Any:
    """Return a figure with a panel for each task."""
    rows = math.ceil(len(tasks) / COLUMNS)
    titles = [f"{results.task.name} ({results.task.score})" for results in tasks]
    figure = make_subplots(rows, COLUMNS, subplot_titles=titles, vertical_spacing=0.2)
    for index, results in enumerate(tasks):
        row, column = divmod(index, COLUMNS)
        place = {"row": row + 1, "col": column + 1}
        draw(figure, results, place)
        goal = results.constant.mean
        figure.add_hline(goal, line={"color": GRAY, "dash": "dash", "width": 1}, **place)
        figure.update_xaxes(title=across, type="log", **place)
    figure.for_each_trace(lambda trace: trace.update(showlegend=trace.xaxis == "x"))
    figure.update_layout(
        template="plotly_white",
        width=960,
        height=380 * rows + 60,
        margin={"t": 40, "r": 20, "l": 60, "b": 90},
        legend={"orientation": "h", "yref": "container", "y": 0.01, "yanchor": "bottom"},
    )
    return figure


def _budgets(figure: Any, results: Results, place: dict[str, Any]) -> None:
    task = results.task
    for name, color in zip(SHOWN, COLORS, strict=True):
        entries = [results.entries[name, steps] for steps in task.lengths]
        figure.add_scatter(
            x=task.lengths,
            y=[entry.mean for entry in entries],
            error_y={"array": [entry.spread for entry in entries], "thickness": 1, "width": 3},
            name=name,
            line={"color": color, "dash": DASHED.get(name)},
            **place,
        )
    labels = [f"{steps:,}" for steps in task.lengths]
    figure.update_xaxes(tickvals=task.lengths, ticktext=labels, **place)


def _peaks(figure: Any, results: Results, place: dict[str, Any]) -> None:
    task = results.task
    best, peaks = math.inf, set[float]()
    for name, color in zip(SHOWN, COLORS, strict=True):
        found = results.plan.by_peak(name, task.steps) or {}
        best = min(best, *found.values())
        peaks |= found.keys()
        figure.add_scatter(
            x=list(found),
            y=list(found.values()),
            name=name,
            line={"color": color, "dash": DASHED.get(name)},
            **place,
        )
    goal = results.constant.mean
    reach = 2 * max(goal - best, 0.05 * goal)  # one that diverges would flatten all others
    figure.update_yaxes(range=[best - 0.1 * reach, max(goal, best) + reach], **place)
    ticks = sorted(peaks)
    figure.update_xaxes(tickvals=ticks, ticktext=[f"{peak:g}" for peak in ticks], **place)
