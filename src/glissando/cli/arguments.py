"""What several commands take: schedules and numbers of steps."""

import os
import re
import sys
from collections.abc import Callable, Sized
from inspect import signature
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glissando.errors import ScheduleError
from glissando.rules import MAX_STEP, Number
from glissando.schedule import Schedule

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from glissando.clock.plan import Plan


class Steps(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic from click 8.4 on
    """A number of steps; `1e6` and `10_000` are numbers, too."""

    name = "steps"

    def __init__(self, low: int) -> None:
        self.rule = Number(low, MAX_STEP, whole=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number that a string means."""
        try:
            return int(self.rule.check(_number(value), "it"))
        except ScheduleError as error:
            self.fail(str(error), param, ctx)


def _number(text: Any) -> Any:
    try:
        number = float(text)
        return int(number) if number.is_integer() and abs(number) <= MAX_STEP else number
    except ValueError:
        return text


class Length(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A number of steps, or a part of a run in percent: `20%`, which is 0.2."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the fraction or the number of steps that a string means."""
        if not str(value).endswith("%"):
            return Steps(1).convert(value, param, ctx)
        part = _number(str(value)[:-1])
        if isinstance(part, str) or not 0 < part < 100:
            self.fail(f"it must be above 0% and below 100%, got {value!r}", param, ctx)
        return part / 100


class RunPlan(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """What `gl.plan` takes, as numbers by name: `samples=50_000, batch=128, epochs=90`."""

    name = "plan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the plan that a string means."""
        from glissando.clock.plan import plan

        names = signature(plan).parameters
        given: dict[str, Any] = {}
        for pair in value.split(","):
            name, _, number = (part.strip() for part in pair.partition("="))
            if name in given or name not in names:
                self.fail(
                    f"{pair.strip()!r} must be one of {', '.join(names)}, once, and its number, "
                    "as in 'samples=50_000, batch=128, epochs=90'",
                    param,
                    ctx,
                )
            given[name] = number == "true" if number in ("true", "false") else _number(number)
        try:
            return plan(**given)
        except ScheduleError as error:
            self.fail(str(error), param, ctx)


def _read(ctx: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> dict[str, Schedule]:
    """Return the schedules that the arguments mean, by the names that they give or are."""
    plan, imports = ctx.meta.get(_PLANNED), ctx.params.pop("allow_imports", ())
    if ctx.resilient_parsing:  # a shell completes what is not written yet
        return {}
    if imports:
        sys.path.append(os.getcwd())  # a console script does not look there, as Python does
    found: dict[str, Schedule] = {}
    for text in texts:
        name, meant = _label(text)
        read = _schedules(ctx, meant, plan, imports)
        for own, schedule in read.items():
            label = name if name and len(read) == 1 else own
            copies = (label if copy == 1 else f"{label} ({copy})" for copy in count(1))
            found[next(copy for copy in copies if copy not in found)] = schedule
    return found


def _label(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"([^()\[\]=]+)=(.+)", text, re.DOTALL)
    return (match[1], match[2]) if match and not os.path.isfile(text) else ("", text)


def _schedules(
    ctx: click.Context, text: str, plan: Any, imports: tuple[str, ...]
) -> dict[str, Schedule]:
    from glissando.cli.configurations import in_file
    from glissando.text import load, parse
    from glissando.text.formats import FORMATS

    path, key = text, None
    suffixes = "|".join(map(re.escape, FORMATS))
    if not os.path.isfile(text) and (match := re.fullmatch(rf"(.+?(?:{suffixes})):(.+)", text)):
        path, key = match.groups()
    if key is not None:
        return {text: load(path, plan, imports, key)}
    if os.path.isfile(path) or Path(path).suffix.lower() in FORMATS:
        return {text: in_file(ctx, path, plan, imports)}
    return {recipe: parse(recipe, plan, imports) for recipe in recipes_of(text) or [text]}


def recipes_of(source: str) -> list[str]:
    """Return the names of the recipes that share a source's name, such as `keras_tip`."""
    if not source.isidentifier():
        return []
    from glissando.recipes import RECIPES

    return [name for name in RECIPES if name.startswith(f"{source}.")]


def _completed(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    from glissando.cli.candidates import candidates

    return candidates(ctx, param, incomplete)


def _argument(required: bool) -> Callable[..., Any]:
    return click.argument(
        "schedules",
        metavar="[NAME=]SCHEDULE...",
        nargs=-1,
        required=required,
        callback=_read,
        shell_complete=_completed,
    )


_PLANNED = "glissando.plan"


def _keep_plan(ctx: click.Context, _: click.Parameter, plan: "Plan | None") -> None:
    ctx.meta[_PLANNED] = plan


_PLAN = click.option(
    "--plan",
    type=RunPlan(),
    is_eager=True,
    expose_value=False,
    callback=_keep_plan,
    metavar="NAME=NUMBER,...",
    help="The run that durations such as 3% are counted for: 'steps=10_000' or 'samples=50_000, "
    "batch=128, epochs=90'.",
)

_IMPORTS = click.option(
    "--allow-imports",
    multiple=True,
    is_eager=True,
    metavar="PREFIX",
    help="Where functions named in a SCHEDULE may be imported from, which runs code: 'mypkg.' with "
    "all that is in it, or a module. May be given several times.",
)


def schedules(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument of schedules, a dictionary by name, and what counts them."""
    return _given(_argument(required=True), command)


def any_schedules(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the same, where there may be no schedule at all."""
    return _given(_argument(required=False), command)


def _given(argument: Callable[..., Any], command: Callable[..., Any]) -> Callable[..., Any]:
    decorated: Callable[..., Any] = argument(_PLAN(_IMPORTS(command)))
    return decorated


def tried(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option of schedules to try, a dictionary by name, and what counts them."""
    option = click.option(
        "--try",
        "tried",
        metavar="[NAME=]SCHEDULE",
        multiple=True,
        callback=_read,
        shell_complete=_completed,
        help="A schedule to try, as a file or in the text form. May be given several times.",
    )
    return option(_PLAN(_IMPORTS(command)))


def meant(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option of the schedule that was meant: one, in a dictionary by name."""
    option = click.option(
        "--schedule",
        "schedules",
        metavar="SCHEDULE",
        multiple=True,
        required=True,
        callback=_read,
        shell_complete=_completed,
        help="The schedule that was meant, as a file or in the text form.",
    )
    return _given(option, command)


def _epochs(ctx: click.Context, _: click.Parameter, given: int | None) -> int | None:
    """Return how many steps an epoch has, which the plan may say as well."""
    plan = ctx.meta.get(_PLANNED)
    planned = plan.steps_per_epoch if plan else None
    if given and planned not in (None, given):
        raise click.BadParameter(f"the plan's epochs have {planned} steps, got {given}")
    return given or planned


def epochs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option of how many steps an epoch has: `per_epoch`, by --plan as well."""
    return click.option(
        "--per-epoch",
        type=Steps(1),
        callback=_epochs,
        metavar="STEPS",
        help="How many steps an epoch has: epochs are then named beside steps. A --plan with "
        "`samples` says it as well.",
    )(command)


def exactly(number: int, schedules: Sized) -> None:
    """Raise unless so many schedules were given."""
    if len(schedules) != number:
        words = {1: "one schedule", 2: "two schedules"}[number]
        name = click.get_current_context().info_name
        raise click.UsageError(f"{name} takes {words}, got {len(schedules)}")


def new_file(path: Path, force: bool) -> Path:
    """Return the path of a file to write; raise if there is one already, unless by --force."""
    if path.exists() and not force:
        raise ScheduleError(f"{path} exists: pass --force to replace it")
    return path
