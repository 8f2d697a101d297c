"""A schedule in a notebook shows itself as its picture."""

from importlib.util import find_spec
from typing import Any

from glissando.picture.figure import plot
from glissando.plateau import OnPlateau
from glissando.schedule import Schedule


def mimebundle(schedule: Schedule | OnPlateau) -> dict[str, Any]:
    """Return what a notebook shows for a schedule: its chart and, where there is none, its text.

    Example:
        >>> from glissando import Constant
        >>> mimebundle(Constant(0.001))["text/plain"]
        'gl.Constant(0.001)'
    """
    text = {"text/plain": repr(schedule)}
    if find_spec("plotly") is None:
        return text
    return text | dict(plot(schedule)._repr_mimebundle_())
