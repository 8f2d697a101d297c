"""The designer as one page, which needs no network and no server."""

import base64
import gzip
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from glissando.errors import ScheduleError
from glissando.schedule import Schedule

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Glissando designer</title>
<style>html, body {{ margin: 0; }}</style>
</head>
<body>
<main data-glissando="designer"><script type="application/json">{options}</script></main>
<script type="module">
const packed = Uint8Array.from(atob("{packed}"), (c) => c.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
const blob = new Blob([await new Response(stream).blob()], {{ type: "text/javascript" }});
await import(URL.createObjectURL(blob));
</script>
</body>
</html>
"""


def page(schedules: Mapping[str, Schedule], forecast: Mapping[str, Any] | None = None) -> str:
    """Return the designer's page with some schedules in it.

    Args:
        schedules: the schedules by their names; with none the page begins empty.
        forecast: the JSON form of a forecast, whose losses the page then shows.

    Raises:
        ScheduleError: a schedule holds a function of your own, which no page can compute.

    Example:
        >>> from glissando import Linear
        >>> "linear" in page({"warm-up": Linear(0.0, 0.1, steps=5)})
        True
    """
    shown = [{"name": name, "schedule": as_data(each, name)} for name, each in schedules.items()]
    state = {"glissando": 1, "schedules": shown}
    options = {"state": state, "forecast": forecast, "hash": True}
    return PAGE.format(options=json.dumps(options).replace("</", "<\\/"), packed=packed())


def as_data(schedule: Schedule, name: str = "schedule") -> dict[str, Any]:
    """Return the JSON form of a schedule that the designer can compute."""
    if schedule.is_opaque():
        raise ScheduleError(
            f"design: {name} holds a function of your own, which runs in Python alone; "
            "sample it as gl.Table(rates, knots) to design with it"
        )
    return schedule.to_data()


@cache
def bundle() -> str:
    """Return the designer's JavaScript: one module, and all it needs."""
    return (files("glissando.designer") / "designer.js").read_text(encoding="utf-8")


@cache
def packed() -> str:
    """Return the bundle as a page carries it: compressed, which more than halves the page."""
    return base64.b64encode(gzip.compress(bundle().encode(), mtime=0)).decode("ascii")
