"""The command `glissando design`."""

import os
import sys
import webbrowser
from pathlib import Path

import click

from glissando.cli.arguments import any_schedules, new_file
from glissando.designer.page import PAGE, page
from glissando.errors import ScheduleError
from glissando.schedule import Schedule
from glissando.text.files import write_whole
from glissando.text.formats import read_json

DEFAULT = Path("glissando-design.html")


@click.command(epilog="Example: glissando design keras_tip.one_cycle mine=rate.yaml")
@any_schedules
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"The page to write.  [default: {DEFAULT}, which is replaced]",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.option(
    "--forecast",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A forecast, as its `save` writes it: the page then shows the loss that it predicts.",
)
@click.option("--open/--no-open", "opens", default=True, help="Open the page, or only write it.")
def command(
    schedules: dict[str, Schedule],
    output: Path | None,
    force: bool,
    forecast: Path | None,
    opens: bool,
) -> None:
    """Build schedules by hand, in the browser.

    The page begins with the schedules that are given, or empty. It is one file that needs no
    network and no server; what is built in it is in its address, which can be kept and sent, and
    is copied from it as a file's content, or as code for a framework.
    """
    path = new_file(output or DEFAULT, force or (output is None and _is_ours(DEFAULT)))
    data = None if forecast is None else _forecast(forecast)
    write_whole(path, page(schedules, data).encode())
    click.echo(f"Wrote {path}")
    if opens and not (_has_browser() and webbrowser.open(path.resolve().as_uri())):
        click.echo(f"No browser was found here; open {path.resolve().as_uri()}")


def _is_ours(path: Path) -> bool:
    """Return whether a file is a page of the designer, in which nobody has written anything."""
    head = PAGE.partition("<style>")[0]
    return path.is_file() and path.read_text(encoding="utf-8", errors="replace").startswith(head)


def _forecast(path: Path) -> dict[str, object]:
    """Return the JSON form of a forecast in a file."""
    try:
        data = read_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ScheduleError(f"{path}: not valid JSON: {error}") from None
    if not isinstance(data, dict) or data.get("type") != "forecast":
        raise ScheduleError(f"{path}: must be a forecast, as gl.forecast(...).save writes it")
    return data


def _has_browser() -> bool:
    """Return whether a browser can show the page: one that writes to the terminal cannot."""
    named = any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))
    return named or sys.platform != "linux"
