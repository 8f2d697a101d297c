"""Schedules drawn in the terminal, as several commands do it."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from glissando.schedule import Schedule


def log_axis(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option of a logarithmic axis: `log`."""
    option = click.option("--log", is_flag=True, help="Draw rates on a logarithmic axis.")
    return option(command)


def echo_drawing(schedules: Mapping[str, Schedule], steps: int | None, *, log: bool) -> None:
    """Draw schedules as wide as the terminal is, in the colors and characters that it has."""
    from glissando.picture.figure import points_of
    from glissando.picture.terminal import draw

    width = min(max(shutil.get_terminal_size().columns, 40), 120)
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    drawing = draw(points_of(schedules, steps), width, color=color, unicode=_unicode(), log=log)
    click.echo(drawing, color=color)


def _unicode() -> bool:
    try:
        "⣿┤".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
