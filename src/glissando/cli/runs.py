"""What the commands about runs take: log files, and the schedules that they followed."""

import json
import shlex
import signal
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glissando.interrupt import EXIT_CODE

if TYPE_CHECKING:
    from glissando.forecasting.forecast import Forecast
    from glissando.studies.conduct import Study

_OPTIONS = (
    click.argument("runs", metavar="RUN...", nargs=-1, required=True),
    click.option("--loss", metavar="COLUMN", help="The column of losses.  [default: by its name]"),
    click.option("--step-column", metavar="COLUMN", help="The column of steps."),
    click.option("--rate", metavar="COLUMN", help="The column of rates."),
    click.option("--kind", type=click.Choice(["training", "validation"]), help="Which loss."),
    click.option("--law", default="auto", show_default=True, help="One law alone, by its name."),
    click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON."),
    click.option(
        "-o", "--output", type=click.Path(path_type=Path), help="A page to write: one .html file."
    ),
)


def of_runs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument of runs, and the options that read them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def forecast_of(
    runs: tuple[str, ...], law: str, *, step_column: str | None, **columns: Any
) -> "Forecast":
    """Return the forecast from runs: each a path, or SCHEDULE@PATH where the log has no rates.

    Args:
        runs: the runs.
        law: the tag of a law, or "auto".
        step_column: the column of steps.
        columns: what else `gl.read_curve` is to know of the columns.
    """
    from glissando.forecasting.forecast import forecast
    from glissando.logs.read import read_curve

    curves = []
    for run in runs:
        schedule, at, path = run.rpartition("@")
        known = schedule if at and not Path(run).exists() else None
        path = path if known else run
        with warnings.catch_warnings(record=True) as notes:
            warnings.simplefilter("always")
            curve = read_curve(path, known, step=step_column, **columns)
        for note in notes:
            click.echo(click.wrap_text(f"Note: {note.message}.", 100), err=True)
        curves.append(curve if curve.name else curve.replace(name=Path(path).name))
    return forecast(curves, law=law)


def page_path(output: Path | None, *others: str) -> Path | None:
    """Return the path of a page, which must be of HTML, or end in another way that is named."""
    ends = (".html", *others)
    if output is not None and output.suffix not in ends:
        must = f"must end in {' or '.join(ends)}, got {str(output)!r}"
        raise click.BadParameter(must, param_hint="--output")
    return output


def echo_doubts(doubts: Iterable[str]) -> None:
    """Print doubts as a list; nothing where there are none."""
    for i, doubt in enumerate(doubts):
        if i == 0:
            click.echo("\nDoubts:")
        click.echo(click.wrap_text(f"- {doubt}", 100, subsequent_indent="  "))


def conducted(study: "Study", *, as_json: bool) -> None:
    """Conduct a study, print the answer, and say where the report is."""
    # a script that starts it in the background would have it ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        found = study.conduct(progress=True)
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. Each finished run is stored, and is in the partial report "
            f"{study.report_path}; continue by the same command.",
            err=True,
        )
        raise click.exceptions.Exit(EXIT_CODE) from None
    if as_json:
        data = found.to_data() | {"report": str(study.report_path)}
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        click.echo(f"{found}\n\nReport: {study.report_path}")


def repeated() -> str:
    """Return the shell command that is running."""
    return shlex.join(["glissando", *sys.argv[1:]])
