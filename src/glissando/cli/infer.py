"""The command `glissando infer`."""

import json
from pathlib import Path
from typing import Any

import click

from glissando.cli.arguments import new_file
from glissando.cli.convert import TARGETS, written_as
from glissando.text.files import write_whole


@click.command(epilog="Example: glissando infer trainer_state.json --to yaml -o rate.yaml")
@click.argument("log", type=click.Path(exists=True, path_type=Path))
@click.option("--to", "target", type=click.Choice(TARGETS), help="What to write it as.")
@click.option("--format", help="What wrote the log.  [default: found from it]")
@click.option("--step", metavar="COLUMN", help="The column of steps.")
@click.option("--rate", metavar="COLUMN", help="The column of rates.")
@click.option("--json", "as_json", is_flag=True, help="Print all that was found as JSON.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The file to write; needs --to."
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(
    log: Path, target: str | None, as_json: bool, output: Path | None, force: bool, **columns: Any
) -> None:
    """Find the simplest schedule that explains every rate of a log.

    Each number comes with its interval, and with what the log cannot tell. With --to the schedule
    alone is written, as code or as a file.
    """
    from glissando.inference.infer import infer

    if output is not None and target is None:
        raise click.UsageError(f"say what to write it as: --to {'|'.join(TARGETS)}")
    if as_json and target is not None:
        raise click.UsageError("--json prints what was found, --to the schedule: give one")
    known = {name: value for name, value in columns.items() if value is not None}
    found = infer(log, **known)
    if target is None:
        click.echo(json.dumps(found.to_data(), indent=2) if as_json else str(found))
        return
    content = written_as(found.schedule, target)
    if output is None:
        click.echo(content, nl=False)
        if found.kind == "table":
            click.echo(found.unknown[0], err=True)
        return
    write_whole(new_file(output, force), content.encode())
    click.echo(f"Wrote {output}")
