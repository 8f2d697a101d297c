"""Pieces of pages."""

import inspect
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

from glissando.errors import ScheduleError
from glissando.schedule import Schedule


def summary(documented: Any) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def toctree(pages: Iterable[str]) -> str:
    """Return a table of contents for the sidebar alone."""
    return "\n".join(["```{toctree}", ":hidden:", "", *pages, "```"])


def joined(blocks: Iterable[str]) -> str:
    """Return a page made of blocks."""
    return "\n\n".join(blocks) + "\n"


def design_link(schedule: Schedule, up: str) -> str:
    """Return a link to the designer's page with a schedule in it.

    Nothing is returned for a function of one's own, which no page can compute.

    Args:
        schedule: what the designer is to show.
        up: the way from the page to the root of the documentation, such as "../".
    """
    try:
        data = json.dumps(schedule.to_data(), separators=(",", ":"))
    except ScheduleError:
        return ""
    state = urlsafe_b64encode(data.encode()).decode().rstrip("=")
    return f'<a class="design" href="{up}designer.html#{state}">Open in designer</a>'
