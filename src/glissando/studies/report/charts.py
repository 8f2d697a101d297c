"""What a study found, as Plotly figures."""

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from glissando.pages import COLORS, GRAY, LONGEST, band, cut, new_figure
from glissando.picture import plot
from glissando.studies.report.curves import Band
from glissando.studies.report.done import Tried
from glissando.studies.report.findings import Findings
from glissando.studies.report.printed import peak_text
from glissando.studies.report.ranking import Finalist
from glissando.studies.report.saving import BASELINES
from glissando.studies.report.statements import quality
from glissando.studies.report.statistics import cost

EARLY = 0.25
"""Losses before this fraction of a run are above the chart: they would squeeze the rest."""

TICKS = 6
"""How many numbers an axis has at most."""


def shown_names(found: Findings) -> dict[str, str]:
    """Return the candidates that charts show, with their colors: the best ones and baselines."""
    order = dict.fromkeys([*(each.name for each in found.ranking), *found.budget])
    names = [name for name in order if found.budget.get(name)]
    kept = [name for name in names if name in BASELINES]
    best = [name for name in names if name not in kept][: len(COLORS) - len(kept)]
    return dict(zip([name for name in names if name in (*best, *kept)], COLORS, strict=False))


def difference_chart(ranking: Sequence[Finalist]) -> Any:
    """Return how much worse than the best the others are: intervals, and a dot for each seed."""
    figure = new_figure()
    pairs = [(each.name, each.difference) for each in reversed(ranking[1:]) if each.difference]
    for row, (_, pair) in enumerate(pairs):
        figure.add_scatter(
            x=list(pair.each.values()),
            y=[row] * len(pair.each),
            customdata=list(pair.each),
            mode="markers",
            marker={"color": GRAY, "size": 6, "opacity": 0.6},
            hovertemplate="seed %{customdata}: %{x:.4g}<extra></extra>",
            showlegend=False,
        )
        if pair.by is None or pair.low is None or pair.high is None:
            continue
        figure.add_scatter(
            x=[pair.by],
            y=[row],
            error_x={
                "array": [pair.high - pair.by],
                "arrayminus": [pair.by - pair.low],
                "thickness": 3,
                "width": 8,
            },
            mode="markers",
            marker={"color": COLORS[0] if pair.sure else GRAY, "size": 12},
            hovertemplate="mean %{x:.4g}<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=0, line_color=GRAY, line_dash="dot")
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title=f"worse than {escape(cut(ranking[0].name, LONGEST), quote=False)} by")
    names = [escape(cut(name, 20), quote=False) for name, _ in pairs]
    rows = list(range(len(names)))
    figure.update_yaxes(
        tickvals=rows, ticktext=names, range=[-0.6, len(names) - 0.4], automargin=True
    )
    return figure


def loss_chart(bands: Mapping[str, Band], colors: Mapping[str, str]) -> Any:
    """Return the losses on the way, with bands from the lowest to the highest of the seeds."""
    figure = new_figure()
    for name, of in bands.items():
        if of.low != of.high:
            band(figure, of.steps, of.low, of.high, colors[name], name)
    for name, of in bands.items():
        figure.add_scatter(
            x=of.steps,
            y=of.mean,
            name=name,
            legendgroup=name,
            mode="lines",
            line={"color": colors[name], "width": 2},
            hovertemplate="%{y:.5g}",
        )
    late = [
        loss
        for of in bands.values()
        for step, low, high in zip(of.steps, of.low, of.high, strict=True)
        if step >= EARLY * of.steps[-1]
        for loss in (low, high)
    ]
    margin = 0.05 * (max(late) - min(late)) or 0.05 * abs(max(late)) or 1.0
    figure.update_yaxes(title="reported", range=[min(late) - margin, max(late) + margin])
    figure.update_xaxes(title="updates")
    return figure


def schedule_chart(found: Findings, colors: Mapping[str, str]) -> Any:
    """Return the schedules of full runs, each at its best peak."""
    steps = found.settings.steps
    drawn = {each.name: each.schedule for each in found.ranking}
    for name in colors:
        if name not in drawn:
            of = found.budget[name]
            drawn[name] = found.settings.candidate(name).at(of[max(of)].peak, steps)
    figure = plot({name: drawn[name] for name in colors}, steps=steps + 1)
    for trace, color in zip(figure.data, colors.values(), strict=True):
        trace.line.color = color
        trace.line.width = 2
    figure.update_xaxes(title="update")
    return figure


def peak_chart(found: Findings, steps: int, colors: Mapping[str, str]) -> Any:
    """Return the results of runs of one length by their peaks."""
    figure = new_figure()
    tried = {name: found.peaks[name].get(steps, ()) for name in colors}
    edge = _edge([each.loss for of in tried.values() for each in of], found.settings.goal)
    peaks = set()
    for name, of in tried.items():
        own = found.settings.candidate(name).peak
        at = [own if each.peak is None else each.peak for each in of]
        peaks.update(at)
        _points(figure, name, at, of, edge, colors[name], found)
    _axes(figure, found, sorted(peak for peak in peaks if peak), "peak")
    return figure


def length_chart(found: Findings, colors: Mapping[str, str]) -> Any:
    """Return the best result of each candidate by the length of the run."""
    figure = new_figure()
    edge = _edge(
        [each.loss for name in colors for each in found.budget[name].values()],
        found.settings.goal,
    )
    for name, color in colors.items():
        lengths = sorted(found.budget[name])
        of = [found.budget[name][steps] for steps in lengths]
        _points(figure, name, lengths, of, edge, color, found)
    _axes(figure, found, list(found.settings.lengths), "updates of a complete run")
    return figure


def _edge(losses: Iterable[float], goal: str) -> float | None:
    """Return the worst result that a chart has room for: the rest is drawn at its edge."""
    costs = sorted(cost(loss, goal) for loss in losses if math.isfinite(loss))
    if not costs:
        return None
    best, usual = costs[0], float(np.quantile(costs, 0.75))
    worst = min(costs[-1], best + 2.5 * (usual - best)) if usual > best else costs[-1]
    margin = 0.1 * (worst - best) or 0.1 * abs(best) or 1.0
    return cost(worst + margin, goal)


def _points(
    figure: Any,
    name: str,
    at: Sequence[float | None],
    tried: Sequence[Tried],
    edge: float | None,
    color: str,
    found: Findings,
) -> None:
    """Draw results as a line, those beyond the edge at it, and those that diverged as crosses."""
    drawn = list(zip(at, tried, strict=True))
    for part in (
        [(x, each) for x, each in drawn if not each.diverged],
        [(x, each) for x, each in drawn if each.diverged],
    ):
        marks = [_mark(each, edge, found.settings.goal) for _, each in part]
        lone = bool(part and part[0][1].diverged)
        figure.add_scatter(
            x=[x for x, _ in part],
            y=[y for y, _ in marks],
            name=name,
            legendgroup=name,
            showlegend=not lone,
            mode="markers" if lone else "lines+markers",
            customdata=[
                f"{found.places(each.loss)} (peak {peak_text(each.peak)})" for _, each in part
            ],
            hovertemplate="%{customdata}",
            line={"color": color, "width": 2},
            marker={"symbol": [symbol for _, symbol in marks], "size": 9, "color": color},
        )


def _mark(each: Tried, edge: float | None, goal: str) -> tuple[float, str]:
    """Return where a result is drawn, and as what."""
    if edge is None or each.diverged:
        return edge or 0.0, "x"
    if cost(each.loss, goal) > cost(edge, goal):
        return edge, "triangle-up" if goal == "min" else "triangle-down"
    return each.loss, "circle" if each.peak is not None else "diamond"


def _axes(figure: Any, found: Findings, at: Sequence[float], title: str) -> None:
    every = max(1, math.ceil(len(at) / TICKS))
    ticks = list(at)[::every]
    figure.update_xaxes(
        title=title, type="log", tickvals=ticks, ticktext=[f"{tick:,.4g}" for tick in ticks]
    )
    if len(at) == 1:  # an axis needs a width
        middle = math.log10(at[0])
        figure.update_xaxes(range=[middle - 0.5, middle + 0.5])
    figure.update_yaxes(title=quality(found))
