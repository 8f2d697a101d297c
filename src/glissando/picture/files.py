"""Figures in files: HTML, PNG, SVG, PDF."""

import logging
import os
from html import escape
from pathlib import Path
from typing import Any

from glissando.errors import ScheduleError
from glissando.text.files import write_whole

SUFFIXES = (".html", ".png", ".svg", ".pdf")

INSTALL = (
    "install Chromium or Google Chrome (on Debian: apt install chromium), or set BROWSER_PATH to "
    "one; an .html file needs none"
)

CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["sendChartToCloud"],  # nobody's chart leaves the machine
}
"""What a page asks of plotly.js."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>html, body {{ height: 100%; margin: 0; }}</style>
</head>
<body>
{chart}
</body>
</html>
"""


def save(figure: Any, path: str | os.PathLike[str]) -> None:
    """Write a figure to a file, whole or not at all.

    An .html file holds all it needs and works without a network. A .png, .svg or .pdf file is
    drawn by Chrome or Chromium, which must be installed.

    Args:
        figure: a Plotly figure, such as `glissando.plot` returns.
        path: where to; the suffix names the format.

    Raises:
        ScheduleError: the suffix is none of these.
        ImportError: kaleido, which asks the browser for pictures, is not installed.
        OSError: the file cannot be written, or no browser draws the picture.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise ScheduleError(
            f"{path}: the suffix must be .html, .png, .svg or .pdf, got {path.suffix!r}"
        )
    content = _html(figure) if path.suffix == ".html" else _image(figure, path)
    write_whole(path, content)


def _html(figure: Any) -> bytes:
    chart = figure.to_html(
        full_html=False,
        div_id="chart",  # a random one would make each file another
        default_height="100%",
        config=CONFIG,
    )
    title = escape(figure.layout.title.text or "")
    return PAGE.format(title=title, chart=chart).encode()


def _image(figure: Any, path: Path) -> bytes:
    try:
        from kaleido.errors import ChromeNotFoundError
    except ImportError as error:
        raise ImportError(
            f'{path}: a picture needs kaleido: pip install "glissando[plot]"'
        ) from error
    for name in ("choreographer", "kaleido"):
        # what they log goes to who set up logging, and not to the terminal of who did not
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        image: bytes = figure.to_image(format=path.suffix[1:], width=1000, height=560, scale=2)
    except Exception as error:  # of many kinds; each says that no browser drew it
        if isinstance(error.__context__, ChromeNotFoundError):
            raise OSError(f"{path}: no Chrome or Chromium was found: {INSTALL}") from error
        reason = str(error.args[0] if error.args else type(error).__name__)
        raise OSError(f"{path}: the browser did not draw it: {reason} Or {INSTALL}") from error
    return image
