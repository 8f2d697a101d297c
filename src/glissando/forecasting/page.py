"""Forecasts and suggestions, each as one page of HTML that needs no network."""

from html import escape
from typing import Any

from glissando.forecasting.cooldowns import Cooldowns
from glissando.forecasting.figures import leaving_chart, loss_chart
from glissando.forecasting.forecast import Forecast
from glissando.forecasting.prediction import Ranking
from glissando.forecasting.suggest import Suggestion
from glissando.pages import COLORS, chart, sentences, table
from glissando.pages import page as whole_page
from glissando.picture import plot
from glissando.schedule import Schedule

MOST = len(COLORS)
"""How many schedules a chart shows, the best ones."""


def ranking_page(forecast: Forecast, ranking: Ranking, command: str) -> str:
    """Return the page of a ranking: the answer, its doubts, charts, and the laws behind it.

    Args:
        forecast: what ranked.
        ranking: the schedules, the best first.
        command: the shell command that repeats it.
    """
    rows = [
        (each.name, f"{p.loss:.4f}", f"{p.low:.4f} to {p.high:.4f}", each.chance)
        for each in ranking
        for p in [each.prediction]
    ]
    shown = {each.name: each.prediction for each in ranking[:MOST]}
    body = f"""<h1>What schedules will give</h1>
<p class=lead>{escape(ranking.answer)}</p>
{table(("schedule", "loss", "80 % interval", "is best"), rows)}
{sentences(ranking.doubts, "doubts")}
<h2>Losses</h2>
<p>The pilots' losses as dots, and what each schedule is predicted to give, with its 80 % interval
as a band. Click a name to hide it, double-click to see it alone.</p>
{chart(loss_chart(forecast.curves, shown))}
<h2>Schedules</h2>
{chart(_schedules(ranking))}
<dl>{"".join(_term(each.name, each.schedule) for each in ranking)}</dl>
{_laws(forecast)}
{_repeat(command)}"""
    return whole_page("Forecast of the loss", body)


def cooldowns_page(forecast: Forecast, cooldowns: Cooldowns, command: str) -> str:
    """Return the page of when to leave a trunk."""
    rows = [
        (
            f"{row.leave_at:,}",
            f"{row.ends_at:,}",
            f"{p.loss:.4f}",
            f"{p.low:.4f} to {p.high:.4f}",
            "" if row.gain is None else f"{row.gain:.4f}",
        )
        for row in cooldowns.rows
        for p in [row.prediction]
    ]
    head = ("leave at", "ends at", "loss", "80 % interval", f"gain per {cooldowns.per:,}")
    body = f"""<h1>When to leave the stable phase</h1>
<p class=lead>{escape(cooldowns.answer)}</p>
{table(head, rows)}
{sentences(cooldowns.doubts, "doubts")}
{chart(leaving_chart(cooldowns))}
{_laws(forecast)}
{_repeat(command)}"""
    return whole_page("When to leave the stable phase", body)


def pilots_page(forecast: Forecast, command: str) -> str:
    """Return the page of pilots alone: their losses, and the laws fitted to them."""
    body = f"""<h1>Pilots, and the laws fitted to them</h1>
{sentences(forecast.doubts, "doubts")}
{chart(loss_chart(forecast.curves, {}))}
{_laws(forecast)}
{_repeat(command)}"""
    return whole_page("Pilots of a forecast", body)


def suggestion_page(suggestion: Suggestion, command: str) -> str:
    """Return the page of a suggested schedule: its curve, the evidence, and what is doubted."""
    body = f"""<h1>A suggested schedule</h1>
<pre>{escape(str(suggestion.schedule))}</pre>
{chart(plot({"suggested": suggestion.schedule}))}
<h2>Reasons</h2>
{sentences(suggestion.reasons)}
<h2>Doubts</h2>
{sentences(suggestion.doubts, "doubts")}
{_repeat(command)}"""
    return whole_page("A suggested schedule", body)


def _schedules(ranking: Ranking) -> Any:
    figure = plot({each.name: each.schedule for each in ranking[:MOST]})
    for trace, color in zip(figure.data, COLORS, strict=False):
        trace.line.color = color
    return figure


def _laws(forecast: Forecast) -> str:
    """Return what is known of the laws at each peak: their weights, errors and parameters."""
    parts = [
        "<h2>Laws</h2><p>Each law foretells the ends of the pilots from what comes before; its "
        "weight is by how well. Rates are in units of the peak, steps in units of the longest "
        "pilot.</p>"
    ]
    for peak, tests in forecast.backtest.items():
        parameters = forecast.parameters[peak]
        rows = [
            (
                test.law,
                f"{test.weight:.0%}",
                f"{100 * test.error:.2f} %",
                "; ".join(
                    f"{name} {value:.4g} ({low:.4g} to {high:.4g})"
                    for name, (value, low, high) in parameters[test.law].items()
                ),
            )
            for test in tests
        ]
        head = ("law", "weight", "error of the back-test", "parameters, with 80 % intervals")
        parts.append(f"<p>Pilots at the peak {peak:.4g}:</p>{table(head, rows, 'prose')}")
    return "".join(parts)


def _term(name: str, schedule: Schedule) -> str:
    return f"<dt>{escape(name)}<dd><code>{escape(str(schedule))}</code>"


def _repeat(command: str) -> str:
    return f"<h2>Repeat it</h2><pre>{escape(command)}</pre>"
