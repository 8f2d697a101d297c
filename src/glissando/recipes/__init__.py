"""Published schedules, each a function that composes families, with its citation.

`methods` holds what a paper proposes for any model, `models` what a known model was trained with.
"""

import inspect

from glissando.recipes import keras_tip as keras_tip
from glissando.recipes.methods import *  # noqa: F403
from glissando.recipes.models import *  # noqa: F403
from glissando.recipes.registry import RECIPES as RECIPES
from glissando.recipes.registry import citation as citation
from glissando.recipes.registry import recipe as recipe


def __dir__() -> list[str]:
    modules = {name for name, value in globals().items() if inspect.ismodule(value)}
    return sorted(globals().keys() - modules | {"keras_tip"})
