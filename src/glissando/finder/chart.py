"""A range test as a Plotly figure."""

import math
from typing import Any

from glissando.pages import new_figure


def chart(found: Any) -> Any:
    """Return the curve over the rate, its readings, the interval and the limit.

    Args:
        found: a `RateRange`.
    """
    figure, curve = new_figure(), found.curve
    for ramp in curve.ramps:
        figure.add_scatter(
            x=ramp.rates,
            y=[loss if math.isfinite(loss) else None for loss in ramp.losses],
            name=f"seed {ramp.seed}, {len(ramp.rates)} steps",
            mode="lines",
            line={"color": "#8a8f98", "width": 1},
            opacity=0.5,
            showlegend=False,
        )
    figure.add_scatter(
        x=curve.rates,
        y=curve.smoothed,
        name="ramp, smoothed",
        mode="lines",
        line={"color": "#3b82f6", "width": 3},
    )
    stable = [run for run in found.short_runs if run.stable]
    if stable:
        figure.add_scatter(
            x=[run.rate for run in stable],
            y=[run.loss for run in stable],
            name="after a short run",
            mode="markers",
            marker={"color": "#1aa37a", "size": 8},
        )
    for reading in found.readings:
        if reading.rate is not None:
            figure.add_scatter(
                x=[reading.rate],
                y=[reading.loss],
                name=reading.name,
                mode="markers",
                marker={"size": 11, "symbol": "diamond"},
                hovertemplate=f"%{{x:.3g}}: {reading.reason}<extra>{reading.name}</extra>",
            )
    if found.interval.low > 0:
        figure.add_vrect(
            x0=found.interval.low,
            x1=found.interval.high,
            fillcolor="#1aa37a",
            opacity=0.15,
            line_width=0,
        )
        _label(figure, math.sqrt(found.interval.low * found.interval.high), "good rates")
    figure.add_vline(x=found.limit.value, line={"color": "#e5484d", "dash": "dash"})
    _label(figure, found.limit.value, "limit")
    figure.update_layout(template="plotly_white", title="Loss over the learning rate")
    figure.update_xaxes(title="learning rate", type="log", exponentformat="e")
    if curve.losses:  # an explosion would flatten all else
        low, begin = min([*curve.smoothed, *(run.loss for run in stable)]), curve.smoothed[0]
        margin = max(begin - low, 0.1 * abs(begin))
        figure.update_yaxes(range=[low - 0.1 * margin, begin + margin])
    figure.update_yaxes(title="loss")
    return figure


def _label(figure: Any, rate: float, text: str) -> None:
    """Write above a rate; on such an axis Plotly counts by the logarithm."""
    figure.add_annotation(
        x=math.log10(rate), y=1, yref="paper", yanchor="bottom", text=text, showarrow=False
    )
