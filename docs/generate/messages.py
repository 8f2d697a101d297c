"""The page of messages: each error and warning, to be found by its words."""

import re
from html import escape

import glissando as gl
from generate.api import TITLES
from generate.markdown import joined
from generate.templates import Message, messages
from glissando import adapters

GROUPS = {
    "Schedules and their arguments": (
        "rules", "errors", "schedule", "formulas", "operators", "value", "signatures", "backends",
        "families", "combinators",
    ),
    "Recipes": ("recipes",),
    "Pictures": ("picture", "pages"),
    "Command line": ("cli", "demo"),
}  # fmt: skip
"""Titles for several rooms; another room has that of its page in the reference."""


def message_page() -> str:
    """Return the page."""
    groups: dict[str, list[Message]] = {}
    for message in messages():
        groups.setdefault(title_of(message.file), []).append(message)
    page = [
        "# Messages",
        "Every error, warning and finding, by where it comes from. What is put in stands in "
        "⟨brackets⟩. Paste a message to find it:",
        '```{raw} html\n<div id="find-message"></div>\n```',
    ]
    ids: set[str] = set()
    for title in sorted(groups, key=order):
        entries = "\n".join(entry(message.text, ids) for message in groups[title])
        page += [f"## {title}", f"```{{raw}} html\n{entries}\n```"]
    page += ['```{raw} html\n<script src="../_static/messages.js"></script>\n```']
    return joined(page)


def title_of(file: str) -> str:
    """Return the title under which a file's messages stand."""
    room, part = [*file.removesuffix(".py").split("/"), ""][:2]
    if room == "adapters":
        return f"gl.{part}" if part in adapters.NAMES else "Every framework"
    if room == "dialects":
        return f"gl.dialects.{part}" if part in gl.dialects.PEERS else "Every dialect"
    titles = {name: title for title, rooms in GROUPS.items() for name in rooms}
    return titles.get(room) or TITLES.get(room, room.capitalize())


def order(title: str) -> tuple[int, str]:
    """Return the place of a title: what all use first, dialects last."""
    first = ("Schedules and their arguments", "Every framework", "gl.keras", "gl.torch")
    place = first.index(title) if title in first else len(first)
    return (place + title.startswith("gl.dialects") + (title == "Every dialect"), title)


def entry(text: str, ids: set[str]) -> str:
    """Return a message with its anchor: first what is wrong, then what to do."""
    words = re.findall(r"\w+", re.sub("⟨.*?⟩", "", text).lower())
    base = name = "-".join(words[:8])
    while name in ids:
        name = f"{base}-{sum(other.startswith(base) for other in ids) + 1}"
    ids.add(name)
    wrong, end, advice = re.match(r"(.*?)(; |\. (?=[A-Z])|$)(.*)", text, re.S).groups()
    wrong, advice = (re.sub("(⟨.*?⟩)", r"<i>\1</i>", escape(part)) for part in (wrong, advice))
    told = f"{end.strip()} <span>{advice}</span>" if advice else ""
    return f'<p class="message" id="{name}"><a href="#{name}">#</a> <b>{wrong}</b>{told}</p>'
