"""Published schedules, built from families, each with its citation."""

import inspect
import re
from collections.abc import Callable
from typing import Any

from glissando.recipes import keras_tip as keras_tip
from glissando.rules import ScheduleError
from glissando.schedule import Schedule

RECIPES: dict[str, Callable[..., Schedule]] = {
    f"keras_tip.{name}": getattr(keras_tip, name) for name in keras_tip.RECIPES
}
"""Every recipe by its name; those of one source that belong together share its name."""


def build_recipe(name: str, positional: list[Any], named: dict[str, Any]) -> Schedule:
    """Return a recipe's schedule for arguments that may be too few or too many."""
    recipe = RECIPES[name]
    signature = inspect.signature(recipe)
    try:
        signature.bind(*positional, **named)
    except TypeError as error:
        raise ScheduleError(f"{name}: {error}; write {name}{signature}") from None
    return recipe(*positional, **named)


def citation(name: str) -> list[str]:
    """Return the BibTeX entries in a recipe's documentation."""
    text = inspect.getdoc(RECIPES[name]) or ""
    return [inspect.cleandoc(entry) for entry in re.findall(r"^ *@\w+\{.*?^ *\}$", text, re.M | re.S)]
