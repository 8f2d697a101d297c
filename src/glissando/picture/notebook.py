"""A schedule in a notebook shows itself as its picture."""

import json
import sys
from typing import Any

from glissando.picture.figure import drawing_of
from glissando.picture.svg import svg
from glissando.plateau import OnPlateau
from glissando.schedule import Schedule

PLOTLY = "application/vnd.plotly.v1+json"


def mimebundle(schedule: Schedule | OnPlateau) -> dict[str, Any]:
    """Return what a notebook shows for a schedule: its chart and, where there is none, its text.

    The chart is SVG, which notebooks, their HTML, and the sites that show them draw without a
    script. Where Plotly is in use already, its chart stands beside it for those that prefer it.

    Example:
        >>> from glissando import Constant
        >>> bundle = mimebundle(Constant(0.001))
        >>> bundle["text/plain"], bundle["image/svg+xml"][:4]
        ('gl.Constant(0.001)', '<svg')
    """
    text = {"text/plain": repr(schedule)}
    if not schedule.steps and schedule.steps == 0:
        return text
    drawing = drawing_of(schedule)
    found: dict[str, Any] = text | {"image/svg+xml": svg(drawing)}
    if "plotly.graph_objects" in sys.modules and "ipykernel" in sys.modules:
        from glissando.picture.interactive import figure_of

        found[PLOTLY] = json.loads(figure_of(drawing).to_json())
    return found
