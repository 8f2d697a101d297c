"""The command `glissando study`."""

import json
from pathlib import Path
from typing import Any

import click

from glissando.cli.runs import conducted, repeated

FILE = """\b
A study.toml:
  train = "train.py:train"   # train(schedule, seed, resume, report) -> the last loss
  steps = 2000
  peaks = [3e-4, 1e-3, 3e-3]
  [schedules]
  linear = "linear(0, 1, steps=5%) >> linear(1, 0, steps=rest)"
  wsd = "wsd.yaml"
"""


@click.command(epilog=f"Example: glissando study study.toml --dry-run\n\n{FILE}")
@click.argument("file", metavar="STUDY", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Make one short run, and say what all will take.")
@click.option("--jobs", type=click.IntRange(1, 4096), help="How many runs at once.")
@click.option("--address", help="The Ray cluster to run on: auto, or HOST:PORT of its head.")
@click.option("--budget", type=click.FloatRange(0, min_open=True), help="In full runs, at most.")
@click.option(
    "--changed",
    type=click.Choice(["raise", "keep"]),
    default="raise",
    show_default=True,
    help="Whether results of an earlier version of the training function are to be kept.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    help="The folder of results and report.html.  [default: STUDY without its suffix]",
)
def command(
    file: Path, dry_run: bool, as_json: bool, folder: Path | None, changed: str, **given: Any
) -> None:
    """Find the schedule that trains a model best, and its best peak.

    STUDY is a file (.toml, .yaml, .json) that names a training function, the length of a full run,
    and the schedules to try. Each is tried at several peaks in complete, shorter runs; the best
    three are compared with fresh seeds at the full length. Each run is stored: the same command
    continues a study that was stopped.
    """
    from glissando.studies.file import read_study
    from glissando.studies.study import prepare

    asked = read_study(file) | {name: value for name, value in given.items() if value is not None}
    study = prepare(
        **asked, folder=folder or file.with_suffix(""), command=repeated(), changed=changed
    )
    if dry_run:
        found = study.rehearse()
        click.echo(json.dumps(found.to_data(), indent=2) if as_json else found)
    else:
        conducted(study, as_json=as_json)
