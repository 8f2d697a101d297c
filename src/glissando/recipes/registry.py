"""What makes a function a recipe: a name, checked arguments, a citation."""

import inspect
import re
import sys
from collections.abc import Callable
from typing import Any, ParamSpec

from glissando.clock.duration import Duration
from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, find
from glissando.schedule import Schedule
from glissando.signatures import held_to_rules

RECIPES: dict[str, Callable[..., Schedule]] = {}
"""Every recipe by its name; those of one source may share a prefix, as `keras_tip.constant`."""

P = ParamSpec("P")


def recipe(name: str) -> Callable[[Callable[P, Schedule]], Callable[P, Schedule]]:
    """Make a function a recipe, found in the text form and on the command line by `name`.

    An argument whose annotation is a rule, such as `Rate` or `Steps`, is held to that rule before
    the function sees it, and reaches it in its canonical form. If one of them is `steps`, another
    that counts steps may be a duration: "3%" is a percentage of `steps`.

    Args:
        name: the name, which no family has.
    """

    def register(function: Callable[P, Schedule]) -> Callable[P, Schedule]:
        def count(given: dict[str, Any]) -> None:
            for argument in checked.percentages:
                if isinstance(given[argument], str | Duration):
                    steps = checked.rules["steps"].check(given["steps"], f"{name}: `steps`")
                    where = f"{name}: `{argument}`"
                    given[argument] = _steps_in(given[argument], steps, where)

        checked: Any = held_to_rules(name, count)(function)
        lengths = {argument for argument, rule in checked.rules.items() if rule.counts_steps}
        checked.percentages = lengths - {"steps"} if "steps" in lengths else set()
        RECIPES[name] = checked
        return RECIPES[name]

    return register


def _steps_in(length: str | Duration, steps: int, where: str) -> int:
    try:
        return Plan(steps).steps_in(length)
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
