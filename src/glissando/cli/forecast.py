"""The command `glissando forecast`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glissando.cli.arguments import Steps, tried
from glissando.cli.runs import echo_doubts, forecast_of, of_runs, page_path, repeated
from glissando.schedule import Schedule

if TYPE_CHECKING:
    from glissando.forecasting.forecast import Forecast
    from glissando.forecasting.prediction import Ranking


@click.command(
    epilog="Example: glissando forecast trunk.csv cooldown.csv --try "
    "'linear(0, 1e-3, steps=500) >> linear(1e-3, 0, steps=9500)' -o forecast.html"
)
@of_runs
@tried
@click.option("--step", type=Steps(1), help="After how many updates.  [default: at its end]")
def command(
    runs: tuple[str, ...],
    law: str,
    as_json: bool,
    output: Path | None,
    tried: dict[str, Schedule],
    step: int | None,
    **columns: Any,
) -> None:
    """Forecast the loss that schedules will give, from the logs of shorter runs.

    A RUN is a log: CSV, JSON lines, trainer_state.json, TensorBoard's event files, or a saved
    gl.Curve. Where it has no rates, write the schedule before it: 'constant(1e-3)@run.csv'. All
    runs must be of one model, data and batch size. Without --try it shows how well the laws fit.
    With -o forecast.json it saves the fitted laws: glissando design --forecast forecast.json shows
    what they predict while a schedule is drawn.
    """
    page_path(output, ".json")
    found = forecast_of(runs, law, **columns)
    ranking = found.rank(tried, step) if tried else None
    if output is not None:
        _write(output, found, ranking)
    if as_json:
        data: dict[str, Any] = {
            "pilots": [curve.name for curve in found.curves],
            "doubts": list(found.doubts),
            "laws": [
                {"peak": peak, "law": test.law, "weight": test.weight, "error": test.error}
                for peak, tests in found.backtest.items()
                for test in tests
            ],
        }
        if ranking is not None:
            data |= {"ranking": ranking.to_data(), "answer": ranking.answer}
        click.echo(json.dumps(data, indent=2))
        return
    if ranking is None:
        click.echo(_summary(found))
        echo_doubts(found.doubts)
    else:
        click.echo(f"{ranking}\n\n{click.wrap_text(ranking.answer, 100)}")
        echo_doubts(ranking.doubts)
    if output is not None:
        click.echo(f"\nWrote {output}")


def _write(output: Path, forecast: "Forecast", ranking: "Ranking | None") -> None:
    """Write the forecast itself, or a page of it."""
    from glissando.forecasting.page import pilots_page, ranking_page
    from glissando.text.files import write_whole

    if output.suffix == ".json":
        forecast.save(output)
        return
    again = repeated()
    text = ranking_page(forecast, ranking, again) if ranking else pilots_page(forecast, again)
    write_whole(output, text.encode())


def _summary(forecast: "Forecast") -> str:
    """Return what the pilots are, and how well each law foretells them."""
    lines = []
    for group, tests in zip(forecast.groups, forecast.backtest.values(), strict=True):
        lines += [
            f"Pilots at the peak {group.peak:.4g}",
            *(f"  {c.name}: {c.steps[-1]:,} updates, last loss {c.last:.4f}" for c in group.curves),
            "Laws, their weights, and their errors in the back-test",
            *(f"  {t.law:<15}{t.weight:>5.0%}{100 * t.error:>8.2f} %" for t in tests),
        ]
    return "\n".join(lines)
