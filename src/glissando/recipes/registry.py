"""What makes a function a recipe: a name, checked arguments, a citation."""

import inspect
import math
import re
import sys
from collections.abc import Callable
from typing import Any, ParamSpec

from glissando.clock.duration import Duration, as_written, duration
from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, find
from glissando.schedule import Schedule
from glissando.signatures import held_to_rules

RECIPES: dict[str, Callable[..., Schedule]] = {}
"""Every recipe by its name; those of one source may share a prefix, as `keras_tip.constant`."""

P = ParamSpec("P")


def recipe(
    name: str, prepare: Callable[[dict[str, Any]], None] = lambda _: None
) -> Callable[[Callable[P, Schedule]], Callable[P, Schedule]]:
    """Make a function a recipe, found in the text form and on the command line by `name`.

    An argument whose annotation is a rule, such as `Rate` or `Steps`, is held to that rule before
    the function sees it, and reaches it in its canonical form. If one of them is `steps`, another
    that counts steps may be a duration: "3%" is a percentage of `steps`, rounded to the nearest
    step, or up where an argument `rounding` says so.

    Args:
        name: the name, which no family has.
        prepare: changes the arguments, by name and with their defaults, before they are checked.
    """

    def register(function: Callable[P, Schedule]) -> Callable[P, Schedule]:
        def count(given: dict[str, Any]) -> None:
            prepare(given)
            for argument in checked.percentages:
                if isinstance(given[argument], str | Duration):
                    steps = checked.rules["steps"].check(given["steps"], f"{name}: `steps`")
                    where = f"{name}: `{argument}`"
                    up = given.get("rounding") == "up"
                    given[argument] = _steps_in(given[argument], steps, where, up=up)

        checked: Any = held_to_rules(name, count)(function)
        lengths = {argument for argument, rule in checked.rules.items() if rule.counts_steps}
        checked.percentages = lengths - {"steps"} if "steps" in lengths else set()
        RECIPES[name] = checked
        return RECIPES[name]

    return register


def _steps_in(length: str | Duration, steps: int, where: str, *, up: bool) -> int:
    try:
        read = duration(length)
        if up and read.unit == "%":  # as Transformers computes it, in floating point
            return math.ceil(steps * float(as_written(read.amount) / 100))
        return Plan(steps).steps_in(read)
    except ScheduleError as error:
        raise ScheduleError(f"{where}: {str(error).removeprefix('duration: ')}") from None


def citation(name: str) -> list[str]:
    """Return the BibTeX entries of a recipe: its own, and those of the file that it is in.

    Raises:
        ScheduleError: no recipe has that name.

    Example:
        >>> [entry.splitlines()[0] for entry in citation("sgdr")]
        ['@inproceedings{loshchilov2017sgdr,']
    """
    function = find(RECIPES, name, "citation: `name`")
    documentation = (inspect.getdoc(function), sys.modules[function.__module__].__doc__)
    return [
        inspect.cleandoc(entry)
        for text in documentation
        for entry in re.findall(r"^ *@\w+\{.*?^ *\}$", text or "", re.M | re.S)
    ]


def unit_of(name: str) -> str:
    """Return what a step of a recipe is: what its file says as `UNIT`, else "step"."""
    function = RECIPES.get(name)
    return str(getattr(sys.modules[function.__module__], "UNIT", "step")) if function else "step"
