"""The command `glissando demo`."""

import json
import os
import signal
from pathlib import Path

import click

from glissando.cli import Failure


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
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="How often each training is repeated.",
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
    """Train a real network under seven schedules and write a report.

    Trains a small Keras network on real images under each of the tip's five schedules, a tuned
    constant rate, and a warm-up with a cosine. Results are stored run by run: the same command
    continues where it was stopped.
    """
    # a script that starts the demo in the background would have it ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _run(data, epochs, seeds, jobs or _cores(), output, as_json)
    except KeyboardInterrupt:
        report = output / "report.html"
        partial = f" and in the partial report {report}" if report.exists() else ""
        click.echo(
            f"\nStopped. Each finished run is stored{partial}; continue by the same command.",
            err=True,
        )
        raise click.exceptions.Exit(130) from None


def _run(data: str, epochs: int, seeds: int, jobs: int, output: Path, as_json: bool) -> None:
    from glissando.demo import DemoError
    from glissando.demo.plan import Setup
    from glissando.demo.pool import find_backend

    try:
        backend, versions = find_backend()
        from glissando.demo.results import as_data, percent, statements
        from glissando.demo.run import demo

        summary = demo(Setup(data, epochs, seeds, backend, versions), output, jobs)
    except DemoError as error:
        raise Failure(str(error)) from error
    report = output / "report.html"
    if as_json:
        click.echo(json.dumps(as_data(summary) | {"report": str(report)}, indent=2))
    else:
        for row in summary.rows:
            click.echo(f"{row.name:<28}{percent(row.final):>6}  {row.spread_text}".rstrip())
        for claim in statements(summary):
            click.echo("\n" + click.wrap_text(claim, 100))
        click.echo(f"\nReport: {report}")


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
