"""The command `glissando demo`."""

import shlex
from pathlib import Path

import click

from glissando.cli.runs import conducted


@click.command(epilog="Example: glissando demo --data fashion-mnist --jobs 4 -o fashion")
@click.option(
    "--data",
    type=click.Choice(["digits", "fashion-mnist"]),
    default="digits",
    show_default=True,
    help="The images to learn; fashion-mnist takes about ten minutes on two cores.",
)
@click.option(
    "--epochs",
    type=click.IntRange(2, 1000),
    default=20,
    show_default=True,
    help="Epochs of each training; the tip's schedules are made for 20.",
)
@click.option(
    "--seeds",
    type=click.IntRange(2, 100),
    default=5,
    show_default=True,
    help="With how many seeds the best are compared.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=None,
    help="How many processes train at once, one thread each.  [default: the cores]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("glissando-demo"),
    show_default=True,
    help="The folder for the results and report.html.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(
    data: str, epochs: int, seeds: int, jobs: int | None, output: Path, as_json: bool
) -> None:
    """Train a real network under the tip's schedules, and write a report.

    A study of the five schedules of the Keras tip and of a cosine on a small Keras network and real
    images: the tip's with the rates that it has, and each at its own best peak. Results are stored
    run by run: the same command continues where it was stopped.
    """
    from glissando.demo.prepared import demo

    words = ["glissando", "demo", "--data", data, "--epochs", epochs, "--seeds", seeds]
    words += [*(("--jobs", jobs) if jobs else ()), "--output", output]
    study = demo(data, epochs, seeds, jobs, output, shlex.join(map(str, words)))
    conducted(study, as_json=as_json)
