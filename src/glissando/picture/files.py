"""Charts in files: HTML by Plotly; SVG, PDF and PNG by Matplotlib."""

import os
from html import escape
from pathlib import Path
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.text.files import write_whole

IMAGES = (".svg", ".pdf", ".png")

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


def backend_for(path: str | os.PathLike[str]) -> str:
    """Return what draws a chart for a file, by its suffix.

    Raises:
        ScheduleError: the suffix is none of .html, .svg, .pdf and .png.
    """
    suffix = Path(path).suffix
    if suffix not in (".html", *IMAGES):
        raise ScheduleError(f"{path}: the suffix must be .html, .svg, .pdf or .png, got {suffix!r}")
    return "matplotlib" if suffix in IMAGES else "plotly"


def save(figure: Any, path: str | os.PathLike[str]) -> None:
    """Write a figure to a file, whole or not at all.

    An .html file holds all it needs and works without a network. A .svg, .pdf or .png file is
    Matplotlib's, with its fonts in it; the same chart is the same file.

    Args:
        figure: a Plotly figure for .html, a Matplotlib figure for the others: what `glissando.plot`
            returns, by its `backend`.
        path: where to; the suffix names the format.

    Raises:
        ScheduleError: the suffix is none of these, or not one of this figure's.
        OSError: the file cannot be written.
    """
    path = Path(path)
    backend = backend_for(path)
    if hasattr(figure, "to_html") and backend == "plotly":
        content = _html(figure)
    elif hasattr(figure, "savefig") and backend == "matplotlib":
        from glissando.picture.paper import image

        content = image(figure, path.suffix[1:])
    else:
        raise ScheduleError(
            f"{path}: a file of this suffix takes a figure of gl.plot(..., backend={backend!r}), "
            f"got {shown(type(figure))}"
        )
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
