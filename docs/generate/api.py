"""The reference of all other public names: a page for each room of the package and each adapter."""

import inspect
import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from sphinx.ext.autodoc.mock import undecorate

import glissando as gl
from generate.markdown import joined, summary, toctree
from glissando import adapters
from glissando.schedule import FOR_USERS

TITLES = {
    "schedule": "Schedules",
    "text": "Text and files",
    "clock": "The length of a run",
    "checks": "Doubts, and whether a run was as meant",
    "plateau": "Rates that a metric moves",
    "picture": "Pictures",
    "designer": "The designer",
    "languages": "Formulas and source code",
    "logs": "Logs of runs",
    "finder": "The range test",
    "forecasting": "Forecasts",
    "studies": "Studies",
    "recipes": "Recipes, as a whole",
    "dialects": "Dialects, as a whole",
}
"""The rooms in their order, and how their pages are called."""

ALSO = {
    "optax": ("InjectState", "OnPlateauState", "Observed"),
    "lightgbm": ("Follower",),
}
"""What calls of an adapter return, by the adapter."""


def api() -> dict[str, str]:
    """Return the pages of the reference, and their index."""
    found = rooms()
    order = sorted(found, key=lambda room: [*TITLES, room].index(room))
    titles = {room: TITLES.get(room, room.capitalize()) for room in order}
    pages = {room: room_page(titles[room], room, found[room]) for room in order}
    frameworks = {name: adapter_page(name) for name in adapters.NAMES}
    index = [
        "# Every name",
        "What `import glissando as gl` gives, with types and the way to the source. "
        "[Families and combinators](../families/index.md), [recipes](../recipes/index.md), "
        "[dialects](../../dialects.md) and the [command line](../command-line.md) have pages of "
        "their own.",
        *(block for room in order for block in (f"## {titles[room]}", names(room, found[room]))),
        "## Adapters",
        "\n".join(
            f"- [`gl.{name}`]({name}.md): {summary(getattr(gl, name))}" for name in frameworks
        ),
        toctree([*pages, *frameworks]),
    ]
    return pages | frameworks | {"index": joined(index)}


def rooms() -> dict[str, list[str]]:
    """Return the public names by the room that they are in; those with pages of their own not."""
    apart = {family.__name__ for family in gl.FAMILIES.values()}
    modules = {"dialects", "recipes", *adapters.NAMES}
    found: dict[str, list[str]] = {
        "recipes": ["recipes.RECIPES", "recipes.citation", "recipes.recipe"],
        "dialects": ["dialects.PEERS", "dialects.NotRepresentable"],
    }
    for name in sorted(dir(gl), key=lambda name: (name != "Schedule", name)):
        if name.startswith("_") or name in modules or name in apart:
            continue
        room = gl._MEMBERS.get(name, "glissando.schedule").split(".")[1]
        found.setdefault("schedule" if room == "adapters" else room, []).append(name)
    return found


def names(room: str, members: Iterable[str]) -> str:
    """Return a list of names, each with the summary of its docstring."""
    return "\n".join(f"- [`gl.{name}`](#glissando.{name}): {summary_of(name)}" for name in members)


def summary_of(name: str) -> str:
    """Return what a name is, in a line: of data, what stands below it in its module."""
    return DATA.get(name) or summary(member(name))


DATA = {
    "FAMILIES": "Every family and combinator by its tag, its name in JSON and in the text form.",
    "recipes.RECIPES": "Every recipe by its name.",
    "dialects.PEERS": "The frameworks whose dialects there are.",
}


def member(name: str) -> Any:
    """Return what a dotted name of the package is."""
    value: Any = gl
    for part in name.split("."):
        value = getattr(value, part)
    return undecorate(value)


def room_page(title: str, room: str, members: Iterable[str]) -> str:
    """Return the page of a room: what it says of itself, and its public names."""
    said = inspect.getdoc(import_module(f"glissando.{room}")) or ""
    directives = [directive(name) for name in members]
    directives += [directive(name) for name in results(members)]
    return joined([f"# {title}", rst(said), *map(rst, directives)])


def adapter_page(name: str) -> str:
    """Return the page of an adapter."""
    module = getattr(gl, name)
    members = (*adapters.NAMES[name], *ALSO.get(name, ()))
    return joined(
        [
            f"# gl.{name}",
            rst(f".. py:module:: glissando.{name}"),
            rst(inspect.getdoc(module) or ""),
            *(rst(directive(f"{name}.{member}")) for member in members),
        ]
    )


def results(members: Iterable[str]) -> list[str]:
    """Return the classes that functions return and that are not public by a name of their own."""
    public = {member(name) for name in members if isinstance(member(name), type)}
    found = []
    for name in members:
        value = member(name)
        if inspect.isfunction(value):
            result = value.__annotations__.get("return")
            result = value.__globals__.get(result, result) if isinstance(result, str) else result
            mine = getattr(result, "__module__", "").startswith("glissando.")
            if isinstance(result, type) and mine and result not in public:
                public.add(result)
                if not hasattr(gl, result.__name__):
                    found.append(f"{result.__module__}.{result.__name__}"[len("glissando.") :])
    return found


def directive(name: str) -> str:
    """Return autodoc's directive for a name, with the members that a user needs."""
    value = member(name)
    if inspect.isclass(value):
        kind = "exception" if issubclass(value, Exception) else "class"
        inner = ", ".join(members_of(value))
        options = [f"   :members: {inner}"] if inner else []
        if value is gl.Schedule:
            options += ["   :special-members: __call__"]
        return "\n".join([f".. auto{kind}:: glissando.{name}", *options])
    if name in DATA:
        return f".. py:data:: glissando.{name}\n\n   {DATA[name]}"
    return f".. autofunction:: glissando.{name}"


INNER = ("value", "formulas", "operators", "signatures", "schedule")
"""Modules whose methods all values have: the page of `gl.Schedule` has them."""

HOOK = re.compile("_|on_|before_|after_|set_model$|setup$|(get|from)_config$")
"""What a framework calls."""


def members_of(cls: type) -> list[str]:
    """Return the methods and properties of a class that are ours and say what they do.

    Hooks, which a framework calls, are left out.
    """
    if cls is gl.Schedule:
        return [name for name in FOR_USERS if inspect.getdoc(getattr(cls, name, None))]
    if issubclass(cls, gl.Schedule):
        return []
    found = []
    for name in dir(cls):
        owner = next((base for base in cls.__mro__ if name in vars(base)), object)
        value = vars(owner).get(name)
        kinds = (property, classmethod, staticmethod)
        documented = (inspect.isfunction(value) or isinstance(value, kinds)) and value.__doc__
        package, room = [*owner.__module__.split("."), ""][:2]
        ours = package == "glissando" and room not in INNER
        if ours and documented and not HOOK.match(name):
            found.append(name)
    return found


def rst(text: str) -> str:
    """Return reStructuredText, as docstrings are written, within Markdown."""
    return f"```{{eval-rst}}\n{text}\n```"
