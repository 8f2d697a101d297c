"""The pictures of the documentation: scores by the budget, and by the peak."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from bench.evidence.results import Results
from glissando.pages import COLORS, GRAY
from glissando.picture.paper import STYLE

SHOWN = ("constant", "linear", "cosine", "wsd", "one_cycle", "plateau", "exponential decay")
"""Schedules that are drawn; all of them are in the tables."""

DOTTED = ("plateau",)
"""Lines that lie on others."""

COLUMNS = 2

Draw = Callable[[Any, Results], None]
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
    with rc_context(STYLE):
        figure = Figure((9.6, 3.6 * rows + 0.5), layout="constrained")
        panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
        for results, axis in zip(tasks, panels, strict=False):
            axis.set_title(f"{results.task.name} ({results.task.score})", fontsize=10)
            axis.axhline(results.constant.mean, color=GRAY, linestyle="--", linewidth=1)
            axis.set_xscale("log")
            axis.minorticks_off()
            axis.set_xlabel(across)
            axis.grid(color=GRAY, alpha=0.25, linewidth=0.5)
            draw(axis, results)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=7, frameon=False)
    return figure


def _style(index: int, name: str) -> dict[str, Any]:
    dash = ":" if name in DOTTED else "-"
    return {"color": COLORS[index], "linestyle": dash, "label": name, "linewidth": 1.4}


def _budgets(axis: Any, results: Results) -> None:
    task = results.task
    for index, name in enumerate(SHOWN):
        entries = [results.entries[name, steps] for steps in task.lengths]
        means = [entry.mean for entry in entries]
        spreads = [entry.spread for entry in entries]
        axis.errorbar(task.lengths, means, spreads, capsize=2, **_style(index, name))
    axis.set_xticks(task.lengths, [f"{steps:,}" for steps in task.lengths])


def _peaks(axis: Any, results: Results) -> None:
    best, peaks = math.inf, set[float]()
    for index, name in enumerate(SHOWN):
        found = results.plan.by_peak(name, results.task.steps) or {}
        best = min(best, *found.values())
        peaks |= found.keys()
        axis.plot(list(found), list(found.values()), **_style(index, name))
    goal = results.constant.mean
    reach = 2 * max(goal - best, 0.05 * goal)  # one that diverges would flatten all others
    axis.set_ylim(best - 0.1 * reach, max(goal, best) + reach)
    ticks = sorted(peaks)
    axis.set_xticks(ticks, [f"{peak:g}" for peak in ticks], rotation=40)
