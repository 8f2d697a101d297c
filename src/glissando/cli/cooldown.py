"""The command `glissando cooldown`."""

import json
from pathlib import Path
from typing import Any

import click

from glissando.cli.arguments import Length, Steps
from glissando.cli.runs import forecast_of, of_runs, page_path, repeated


@click.command(epilog="Example: glissando cooldown run.csv --cooldown 20% --deadline 50_000")
@of_runs
@click.option("--at", type=Steps(1), help="The step to leave at.  [default: where the run is]")
@click.option(
    "--cooldown",
    type=Length(),
    default="20%",
    show_default=True,
    help="The length of the cooldown, in percent of the whole run or in steps.",
)
@click.option("--deadline", type=Steps(1), help="After how many updates training must be over.")
def command(
    runs: tuple[str, ...],
    law: str,
    as_json: bool,
    output: Path | None,
    at: int | None,
    cooldown: float,
    deadline: int | None,
    **columns: Any,
) -> None:
    """Say what leaving the stable phase now would give, or later.

    A RUN is a log, as for `glissando forecast`: the trunk, and any cooldown that was run from it.
    """
    from glissando.text.files import write_whole

    page_path(output)
    found = forecast_of(runs, law, **columns)
    step = at or max(curve.steps[-1] for curve in found.curves)
    answer = found.cooldowns(step, cooldown=cooldown, deadline=deadline)
    if output is not None:
        from glissando.forecasting.page import cooldowns_page

        write_whole(output, cooldowns_page(found, answer, repeated()).encode())
    if as_json:
        click.echo(json.dumps(answer.to_data(), indent=2))
        return
    click.echo(str(answer))
    if output is not None:
        click.echo(f"\nWrote {output}")
