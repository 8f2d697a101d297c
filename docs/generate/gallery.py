"""The gallery: a card for each family, combinator and recipe."""

import json
import re
from collections.abc import Iterable
from html import escape
from inspect import getsourcefile, unwrap
from pathlib import Path
from typing import Any

from docstrings import example_of

import glissando as gl
from generate.drawing import svg
from generate.markdown import design_link, joined, summary
from generate.reference import kinds
from glissando.errors import ScheduleError
from glissando.schedule import Schedule


def gallery() -> str:
    """Return the page."""
    groups: dict[str, list[str]] = {
        "Recipes for any model": [],
        "What known models were trained with": [],
        "The tip's five schedules": [],
    }
    titles = dict(zip(("methods", "models", "recipes"), groups, strict=True))
    for name, recipe in sorted(gl.recipes.RECIPES.items()):
        room = Path(str(getsourcefile(unwrap(recipe)))).parent.name
        groups[titles[room]].append(card(f"recipes/{name}", name, recipe))
    for kind, members in kinds().items():
        groups[kind] = [
            card(f"families/{tag}", family.__name__, family) for tag, family in members.items()
        ]
    page = [
        "# Gallery",
        "Every recipe, family and combinator, with the example of its page. A click on a curve "
        "makes it live: change its numbers, and copy it for your framework.",
        *(block for title, cards in groups.items() for block in (f"## {title}", shelf(cards))),
        '```{raw} html\n<script src="../_static/gallery.js"></script>\n```',
    ]
    return joined(page)


def flagship() -> str:
    """Return the front page's picture: its schedule, which becomes live."""
    rate = gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500)
    return (
        f'<article class="flagship schedule"{data(rate)}>{svg(rate)}\n'
        f'<div class="actions">{alive(rate)}{design_link(rate, "")}</div></article>\n'
        '<script src="_static/gallery.js"></script>\n'
    )


def shelf(cards: Iterable[str]) -> str:
    """Return cards side by side."""
    return f'```{{raw}} html\n<div class="gallery">\n{"".join(cards)}</div>\n```'


def card(page: str, title: str, documented: Any) -> str:
    """Return a card: the curve, the name, a line about it, and its forms to copy."""
    example = example_of(documented)
    said = re.sub("`(.+?)`", r"<code>\1</code>", escape(summary(documented)))
    breakable = re.sub("[._]", r"\g<0><wbr>", title)
    return (
        f'<article class="schedule"{data(example)}>{svg(example, ticks=False)}\n'
        f'<h3><a href="{page}.html">{breakable}</a></h3>\n'
        f"<p>{said}</p>\n"
        f"<code>{escape(str(example))}</code>\n"
        f'<div class="actions">{copy("Text", str(example))}{copy("Python", repr(example))}'
        f"{alive(example)}{design_link(example, '../')}</div></article>\n"
    )


def data(example: Schedule) -> str:
    """Return the attribute that makes a card live; nothing for a function of one's own."""
    try:
        return f' data-schedule="{escape(json.dumps(example.to_data()))}"'
    except ScheduleError:
        return ""


def alive(example: Schedule) -> str:
    """Return the button that makes a card live; nothing for a function of one's own."""
    return "<button hidden data-live>Change</button>" if data(example) else ""


def copy(name: str, form: str) -> str:
    """Return a button that copies a form; the page's script shows it."""
    words = f'aria-label="Copy as {name}" title="Copy as {name}"'
    return f'<button hidden data-copy="{escape(form)}" {words}>{name}</button>'
