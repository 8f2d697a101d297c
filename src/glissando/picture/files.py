"""Figures in files: HTML, PNG, SVG, PDF."""

import logging
import os
import signal
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late  # before Python 3.11 not the built-in one
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

PATIENCE = 120
"""How many seconds a browser may take for a picture."""

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
        from kaleido import Kaleido
        from kaleido.errors import ChromeNotFoundError
    except ImportError as error:
        raise ImportError(
            f'{path}: a picture needs kaleido: pip install "glissando[plot]"'
        ) from error
    for name in ("choreographer", "kaleido"):
        # what they log goes to who set up logging, and not to the terminal of who did not
        logging.getLogger(name).addHandler(logging.NullHandler())
    options = {"format": path.suffix[1:], "width": 1000, "height": 560, "scale": 2}
    try:
        browser = Kaleido()

        async def drawn() -> bytes:
            async with browser:
                image: bytes = await browser.calc_fig(figure.to_dict(), opts=options)
                return image

        return _in_time(drawn(), browser)
    except Late:
        reason = f"it did not answer within {PATIENCE:g} seconds."
        raise OSError(f"{path}: the browser did not draw it: {reason} Or {INSTALL}") from None
    except ChromeNotFoundError as error:
        raise OSError(f"{path}: no Chrome or Chromium was found: {INSTALL}") from error
    except Exception as error:  # of many kinds; each says that no browser drew it
        reason = str(error.args[0] if error.args else type(error).__name__)
        raise OSError(f"{path}: the browser did not draw it: {reason} Or {INSTALL}") from error


def _in_time(drawn: Coroutine[Any, Any, bytes], browser: Any) -> bytes:
    """Return what a coroutine returns; a browser that never answers is ended, and is too late.

    It runs in a thread of its own, as a notebook's thread has an event loop already.
    """
    import asyncio

    with ThreadPoolExecutor(1) as pool:
        image = pool.submit(asyncio.run, drawn)
        try:
            return image.result(PATIENCE)
        finally:
            if not image.done():  # also after Ctrl-C; the coroutine then fails, its thread ends
                _end(browser.subprocess)


def _end(process: Any) -> None:
    """End a browser and all that it has started: it has a process group of its own."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
