"""What recipes and dialects there are: where a name is, and who takes an argument."""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from glissando.errors import whereabouts

BEST_KNOWN = ("torch", "keras", "optax", "transformers", "timm", "paddle")
"""The frameworks whose names more people know than those of the others."""


def declared(dialect: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return a dialect's own functions by name."""
    return {
        name: value
        for name, value in vars(dialect).items()
        if name[0] != "_"
        and getattr(value, "__module__", "") == dialect.__name__
        and hasattr(value, "__wrapped__")
    }


@cache
def known() -> dict[str, Callable[..., Any]]:
    """Return recipes and dialects' functions by where they are, the best known first."""
    from glissando.recipes import RECIPES  # it is asked for after a mistake alone

    recipes = sorted(RECIPES, key=lambda name: "." in name)
    found = {f"gl.recipes.{name}": RECIPES[name] for name in recipes}
    package = import_module("glissando.dialects")
    peers = [module.name for module in iter_modules(package.__path__) if not module.ispkg]
    for peer in sorted(peers, key=lambda peer: [*BEST_KNOWN, peer].index(peer)):
        functions = declared(import_module(f"glissando.dialects.{peer}"))
        found |= {f"gl.dialects.{peer}.{name}": function for name, function in functions.items()}
    return found


def missing(module: str, name: str) -> AttributeError:
    """Return the error for a name that a dialect does not have, or the room of all of them."""
    hint = ""
    if not name.startswith("_"):
        here = module.replace("glissando", "gl", 1)
        places = {place: None for path in known() for place in (path.rpartition(".")[0], path)}
        hint = whereabouts(name, sorted(places, key=lambda path: not path.startswith(f"{here}.")))
    return AttributeError(f"module {module!r} has no attribute {name!r}{hint}")


def told_in(module: str) -> None:
    """Let a dialect's module say where a name is that it does not have."""

    def get(name: str) -> Any:
        raise missing(module, name)

    if module.startswith("glissando.dialects."):
        vars(sys.modules[module]).setdefault("__getattr__", get)


def that_take(words: Sequence[str], kind: str) -> Iterator[str]:
    """Yield the function that takes most of some arguments, or two of them.

    Args:
        words: the names of arguments.
        kind: what they were given to: the first function is one with a name like that.
    """
    paths = sorted(known(), key=lambda path: path.startswith("gl.recipes."))
    taken = {path: len(set(words) & set(signature(known()[path]).parameters)) for path in paths}
    most = max(taken.values())
    able = [path for path, number in taken.items() if number == most > 0]
    like = [path for path in able if kind.lower() in path.lower().replace("_", "")]
    if like:
        yield like[0]
    if able and not (like and like[0].split(".")[:3] == able[0].split(".")[:3]):  # of another
        yield able[0]
