"""The reference has every public name, once, with types and the way to the source."""

import inspect
import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sphinx.util.inventory import InventoryFile

import glissando as gl
from glissando.adapters import NAMES
from glissando.schedule import FOR_USERS


def public() -> list[str]:
    """Return what users may use, as they write it after `glissando.`."""
    inside = {f"recipes.{name}" for name in ("RECIPES", "citation", "recipe", *gl.recipes.RECIPES)}
    inside |= {"dialects.NotRepresentable", "dialects.PEERS"}
    inside |= {f"{adapter}.{name}" for adapter, names in NAMES.items() for name in names}
    for peer in gl.dialects.PEERS:
        members = vars(import_module(f"glissando.dialects.{peer}")).items()
        functions = {name for name, value in members if hasattr(value, "__wrapped__")}
        inside |= {f"dialects.{peer}.{name}" for name in functions if name[0] != "_"}
    here = {name for name in dir(gl) if name[0] != "_"} - {"dialects", "recipes"}
    methods = {
        f"Schedule.{name}"
        for name in FOR_USERS
        if inspect.isfunction(getattr(gl.Schedule, name, 0))
    }
    return sorted(here | inside | methods)


@pytest.fixture(scope="module")
def targets(pages: Path) -> dict[str, list[str]]:
    """The places of each name of the library, by the name."""
    data = InventoryFile.loads((pages / "objects.inv").read_bytes(), uri="").data
    found: dict[str, list[str]] = {}
    for kind, names in data.items():
        if kind.startswith("py:"):
            for name, item in names.items():
                found.setdefault(name, []).append(item.uri)
    return found


def test_every_public_name_is_a_target_once(targets: dict[str, list[str]]) -> None:
    counts = {name: len(targets.get(f"glissando.{name}", [])) for name in public()}
    assert {name: count for name, count in counts.items() if count != 1} == {}


def test_no_place_has_two_public_names(targets: dict[str, list[str]]) -> None:
    places = Counter(targets[f"glissando.{name}"][0] for name in public())
    assert [place for place, count in places.items() if count > 1] == []


def shown(pages: Path, name: str, targets: dict[str, list[str]]) -> str:
    """Return how a page shows a name: its signature, as HTML."""
    page, _, anchor = targets[f"glissando.{name}"][0].partition("#")
    text = (pages / page).read_text()
    anchor = f"glissando.{name}" if anchor == "$" else anchor
    found = re.search(rf'<dt class="[^"]*" id="{re.escape(anchor)}">.*?</dt>', text, re.S)
    assert found, name
    return found[0]


def test_every_function_and_class_leads_to_its_source(
    pages: Path, targets: dict[str, list[str]]
) -> None:
    inherited = {f"Schedule.{name}" for name in FOR_USERS if name not in vars(gl.Schedule)}
    data = ("FAMILIES", "recipes.RECIPES", "dialects.PEERS", *NAMES)
    shows = {
        name: shown(pages, name, targets) for name in public() if name not in {*data, *inherited}
    }
    assert [name for name, html in shows.items() if "viewcode-link" not in html] == []


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("parse", ["text: str", "Schedule"]),
        ("Cosine", ["start: float", "end: float", "steps: int"]),
        ("torch.Scheduler", ["unit: Literal['step', 'epoch'] = 'step'"]),
        ("recipes.wsd", ["peak: float"]),
    ],
)
def test_signatures_have_types(
    pages: Path, targets: dict[str, list[str]], name: str, types: Any
) -> None:
    words = re.sub(r"\s+", " ", re.sub("<[^>]*>", "", shown(pages, name, targets)))
    words = words.replace("&#39;", "'")
    assert [kind for kind in types if kind not in words] == [], words
