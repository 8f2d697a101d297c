"""Published schedules, each a function that composes families, with its citation.

`methods` holds what a paper proposes for any model, `models` what a known model was trained with.
"""

import inspect
from typing import TYPE_CHECKING, Any

from glissando.errors import whereabouts
from glissando.recipes import keras_tip as keras_tip
from glissando.recipes.methods import *  # noqa: F403
from glissando.recipes.models import *  # noqa: F403
from glissando.recipes.registry import RECIPES as RECIPES
from glissando.recipes.registry import citation as citation
from glissando.recipes.registry import recipe as recipe
from glissando.schedule import FAMILIES

if not TYPE_CHECKING:  # a type checker is to report names that are not there

    def __getattr__(name: str) -> Any:
        hint = ""
        if not name.startswith("_"):
            recipes = (f"gl.recipes.{recipe}" for recipe in RECIPES)
            here = (f"gl.{cls.__name__}" for cls in FAMILIES.values())
            hint = whereabouts(name, [*recipes, *here])
        raise AttributeError(f"module 'glissando.recipes' has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    modules = {name for name, value in globals().items() if inspect.ismodule(value)}
    mine = {"Any", "FAMILIES", "TYPE_CHECKING", "whereabouts"}
    return sorted(globals().keys() - modules - mine | {"keras_tip"})
