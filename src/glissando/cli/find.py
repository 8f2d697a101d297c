"""The command `glissando find`."""

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from glissando.cli.arguments import Steps

Rate = click.FloatRange(min=0, min_open=True)


@click.command(epilog="Example: glissando find train:training --start 1e-6 -o rates.html")
@click.argument("test", metavar="MODULE:FUNCTION|FILE")
@click.option("--start", type=Rate, default=1e-7, show_default=True, help="The first rate.")
@click.option("--end", type=Rate, default=10.0, show_default=True, help="The last rate.")
@click.option("--steps", type=Steps(2), default=100, show_default=True, help="Updates of a ramp.")
@click.option(
    "--seeds", type=click.IntRange(1, 1000), default=3, show_default=True, help="How many seeds."
)
@click.option("--linear", is_flag=True, help="The rates rise by the same amount at each update.")
@click.option("--validation", is_flag=True, help="Look at the validation loss.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="A page to write, as one .html file."
)
def command(
    test: str,
    start: float,
    end: float,
    steps: int,
    seeds: int,
    linear: bool,
    validation: bool,
    as_json: bool,
    output: Path | None,
) -> None:
    """Find at which rates a training learns, and from which it diverges.

    FUNCTION takes nothing and returns a training, such as gl.torch.Training(...), or it is a
    step(rate) that makes one update and returns the loss. It is looked for in this folder, too. A
    FILE is a test that was recorded: .csv with the columns rate and loss, or .json with a list of
    pairs.
    """
    from glissando.finder.find import find_rate
    from glissando.finder.page import page
    from glissando.text.files import write_whole

    if output is not None and output.suffix != ".html":
        raise click.BadParameter(f"must end in .html, got {str(output)!r}", param_hint="--output")
    found = find_rate(
        _recorded(Path(test)) if test.endswith((".csv", ".json")) else _training(test),
        start=start,
        end=end,
        steps=steps,
        seeds=seeds,
        scale="linear" if linear else "geometric",
        loss="validation" if validation else "training",
    )
    if output is not None:
        write_whole(output, page(found).encode())
    click.echo(json.dumps(found.to_data(), indent=2) if as_json else str(found))
    if output is not None and not as_json:
        click.echo(f"Wrote {output}")


def _training(path: str) -> Any:
    """Return the training that a function at an import path makes, or the function itself."""
    from inspect import signature

    from glissando.errors import ScheduleError, shown
    from glissando.families.imported import Path as ImportPath
    from glissando.families.imported import import_function

    sys.path.insert(0, os.getcwd())
    function = import_function(ImportPath().check(path, "find: MODULE:FUNCTION"))
    needed = [p for p in signature(function).parameters.values() if p.default is p.empty]
    if len(needed) > 1:
        raise ScheduleError(
            f"find: {shown(path)} must take nothing, or the rate alone, got one that takes "
            f"{len(needed)} arguments"
        )
    return function if needed else function()


def _recorded(path: Path) -> Any:
    """Return the pairs in a file."""
    from glissando.errors import ScheduleError

    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise ScheduleError(f"{path}: not valid JSON: {error}") from None
    rows = list(csv.DictReader(text.splitlines()))
    if not rows or not {"rate", "loss"} <= set(rows[0]):
        raise ScheduleError(f"{path}: must have the columns `rate` and `loss`, and rows of both")
    return [(row["rate"], row["loss"]) for row in rows]
