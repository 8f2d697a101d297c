"""The command `glissando check`."""

import json
from pathlib import Path
from typing import Any

import click

from glissando.cli.arguments import Steps, epochs, exactly, meant
from glissando.cli.configurations import also_kept, configured, said
from glissando.cli.drawing import log_axis
from glissando.logs.logged import CLOCKS
from glissando.schedule import Schedule


@click.command(
    epilog="Example: glissando check trainer_state.json --schedule 'linear(5e-5, 0, steps=750)'"
)
@click.argument("path", metavar="LOG", type=click.Path(path_type=Path, exists=True))
@meant
@epochs
@configured(Steps(1), own=("world_size", "accumulation", "batch_size"))
@click.option(
    "--world-size",
    type=Steps(1),
    is_eager=True,
    callback=also_kept,
    help="How many processes train.",
)
@click.option(
    "--accumulation",
    type=Steps(1),
    is_eager=True,
    callback=also_kept,
    help="How many batches a gradient is of.",
)
@click.option("--batch-size", type=Steps(1), help="How many samples an update takes.")
@click.option(
    "--lag",
    type=int,
    help="A row with step s holds the rate of update s - LAG.  [default: it is found]",
)
@click.option(
    "--clock",
    type=click.Choice(CLOCKS),
    help="What the log's steps count.  [default: as its format has it]",
)
@click.option("--format", "format_", help="The log's format.  [default: it is found]")
@click.option("--step", help="The column of the steps.  [default: by its usual name]")
@click.option("--rate", help="The column of the rates.  [default: by its usual name]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Draw what was meant and what was logged into a file: .html, .svg, .pdf or .png.",
)
@log_axis
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def command(
    path: Path,
    schedules: dict[str, Schedule],
    format_: str | None,
    step: str | None,
    rate: str | None,
    output: Path | None,
    log: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Say whether a log's rates are those of a schedule; if not, where and why.

    The exit code is 0 if they match, and 1 if they differ. Rates are compared as exactly as the log
    tells them; by how many steps its rows are late is found, and said. The schedule may be the
    trainer's own configuration; what that does not hold is given by options.
    """
    from glissando.checks.audit import audit

    exactly(1, schedules)
    (schedule,) = schedules.values()
    lengths = {options["per_epoch"], said("steps_per_epoch")} - {None}
    if len(lengths) > 1:
        raise click.UsageError("--per-epoch and --steps-per-epoch say the same: give one number")
    options["per_epoch"] = next(iter(lengths), None)
    verdict = audit(path, schedule, format=format_, step=step, rate=rate, **options)
    click.echo(json.dumps(verdict.to_data(), indent=2) if as_json else str(verdict))
    if output is not None:
        from glissando.picture import backend_for, save

        save(verdict.plot(log=log, backend=backend_for(output)), output)
        click.echo(f"Wrote {output}", err=as_json)
    click.get_current_context().exit(0 if verdict else 1)
