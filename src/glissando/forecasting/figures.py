"""What a forecast looks like: Plotly figures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from glissando.forecasting.cooldowns import Cooldowns
from glissando.forecasting.prediction import Prediction
from glissando.logs.curve import Curve
from glissando.pages import COLORS, GRAY, band, new_figure

EARLY = 0.1
"""Losses before this fraction of a run are above the chart: they would squeeze the rest."""


def loss_chart(pilots: Sequence[Curve], predictions: Mapping[str, Prediction]) -> Any:
    """Return the pilots' losses, and what schedules are predicted to give, with 80 % intervals.

    Args:
        pilots: the runs.
        predictions: the predictions by the names of their schedules, as many as there are colors.
    """
    figure = new_figure()
    for i, pilot in enumerate(pilots, start=1):
        figure.add_scatter(
            x=pilot.steps,
            y=pilot.losses,
            name="pilots",
            legendgroup="pilots",
            showlegend=i == 1,
            mode="markers",
            marker={"color": GRAY, "size": 4},
            hovertemplate=f"%{{y:.4f}}<extra>{pilot.name or f'run {i}'}</extra>",
        )
    for (name, prediction), color in zip(predictions.items(), COLORS, strict=False):
        curve = prediction.curve
        below, above = prediction.loss - prediction.low, prediction.high - prediction.loss
        low, high = ([loss + by for loss in curve.losses] for by in (-below, above))
        _line(figure, name, curve.steps, curve.losses, low, high, color)
    late = list(_late([*pilots, *(prediction.curve for prediction in predictions.values())]))
    margin = 0.05 * (max(late) - min(late))
    figure.update_yaxes(title="loss", range=[min(late) - margin, max(late) + margin])
    figure.update_xaxes(title="step")
    return figure


def leaving_chart(cooldowns: Cooldowns) -> Any:
    """Return the loss by the step at which the trunk is left, with 80 % intervals."""
    figure = new_figure()
    found = [row.prediction for row in cooldowns.rows]
    low, loss, high = ([getattr(p, end) for p in found] for end in ("low", "loss", "high"))
    _line(figure, "loss", [row.leave_at for row in cooldowns.rows], loss, low, high, COLORS[0])
    figure.update_traces(showlegend=False)
    figure.update_xaxes(title="step at which the trunk is left")
    figure.update_yaxes(title="loss at the end of the cooldown")
    return figure


def _line(
    figure: Any,
    name: str,
    steps: Sequence[int],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    color: str,
) -> None:
    band(figure, steps, low, high, color, name)
    figure.add_scatter(
        x=steps,
        y=values,
        name=name,
        legendgroup=name,
        mode="lines",
        line={"color": color, "width": 2},
        hovertemplate="%{y:.4f}",
    )


def _late(curves: Iterable[Curve]) -> Iterable[float]:
    for curve in curves:
        for step, loss in zip(curve.steps, curve.losses, strict=True):
            if step >= EARLY * curve.steps[-1]:
                yield loss
