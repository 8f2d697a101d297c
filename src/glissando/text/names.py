"""What a name in a text or in a file means: a family, a recipe, another framework's schedule."""

from collections.abc import Callable
from inspect import isclass
from typing import Any, TypeGuard

from glissando.errors import ScheduleError, shown
from glissando.recipes import RECIPES
from glissando.schedule import FAMILIES, Schedule

PACKAGES = ("gl.", "glissando.", "recipes.", "dialects.")
"""What may stand before a name, as in Python."""


def maker(name: object, where: str) -> Any:
    """Return the class or the function that makes schedules under a name.

    It is that of a family or a recipe, or of a framework and its schedule, as
    "torch.CosineAnnealingLR"; what Python has before it, as in "gl.recipes.wsd", may be there, and
    the modules in which the framework has it, as in "torch.optim.lr_scheduler.CosineAnnealingLR".

    Raises:
        ScheduleError: nothing has that name; the message says what has one like it.
    """
    if not isinstance(name, str):
        raise ScheduleError(f"{where} must be a name in quotes, got {shown(name)}")
    short = name
    for package in PACKAGES:
        short = short.removeprefix(package)
    made = FAMILIES.get(short) or RECIPES.get(short) or _of_a_dialect(short) or _class(short)
    if made is None:
        raise ScheduleError(f"{where} must be a known schedule, got {shown(name)}{hint(name)}")
    return made


def is_family(made: Any) -> TypeGuard[type[Schedule]]:
    """Return whether what makes schedules is a family: all others are functions."""
    return isclass(made)


def dialects() -> dict[str, Callable[..., Any]]:
    """Return the functions of all dialects by their names, such as "torch.StepLR"."""
    from glissando.dialects.shared.directory import known  # it loads them all

    prefix = "gl.dialects."
    found = known().items()
    return {path.removeprefix(prefix): made for path, made in found if path.startswith(prefix)}


def hint(name: str) -> str:
    """Return which name is probably meant, among those of families, recipes and dialects."""
    from difflib import get_close_matches  # it takes long to load

    names = [*FAMILIES, *RECIPES, *dialects()]
    known = {_squeezed(name.rpartition(".")[2]): name for name in reversed(names)}
    known |= {_squeezed(name): name for name in reversed(names)}
    first, _, last = name[:100].partition(".")
    last = last.rpartition(".")[2]
    written = [_squeezed(each) for each in (name[:100], f"{first}.{last}", last)]
    near = [each for each in written if each in known]
    near = near or get_close_matches(written[0], known, n=1)
    return f"; did you mean {known[near[0]]!r}?" if near else "; see `glissando families`"


def _squeezed(name: str) -> str:
    return name.lower().replace("_", "")


def _class(name: str) -> Any:
    return next((family for family in FAMILIES.values() if family.__name__ == name), None)


def _of_a_dialect(name: str) -> Any:
    from glissando import dialects

    peer, _, function = name.removeprefix("tensorflow.").removeprefix("tf.").partition(".")
    function = function.rpartition(".")[2]
    if peer not in dialects.PEERS or function.startswith("_"):
        return None
    made = vars(getattr(dialects, peer)).get(function)
    return made if hasattr(made, "rules") else None
