"""Schedules in files: this library's own, and the configurations of frameworks."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glissando.errors import ScheduleError
from glissando.schedule import Schedule

if TYPE_CHECKING:
    from glissando.clock.plan import Plan

_GIVEN = "glissando.given"
"""Where a command keeps what it was told beside a configuration."""

NUMBERS = {
    "steps": "How many updates the run makes, where a configuration does not say it.",
    "steps_per_epoch": "How many updates an epoch has.",
    "samples": "How many samples an epoch has.",
    "world_size": "How many processes train.",
    "batch_size": "How many samples a process takes at once.",
    "accumulation": "Over how many batches an update is accumulated.",
    "tokens_per_step": "How many tokens an update takes.",
    "classes": "How many classes the data have.",
}
WORDS = {
    "framework": "Whose configuration a file is, such as axolotl.  [default: found out]",
    "framework_version": "The framework's version, where its rules have changed.",
    "group": "The name or number of the parameter group whose rate is asked for.",
}


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None:
        ctx.meta.setdefault(_GIVEN, {})[param.name] = value


def also_kept(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Return the value of a command's own option that a configuration takes, too."""
    _keep(ctx, param, value)
    return value


def said(name: str) -> Any:
    """Return what the command was told beside a configuration."""
    return click.get_current_context().meta.get(_GIVEN, {}).get(name)


def configured(
    number: click.ParamType,  # type: ignore[type-arg,unused-ignore]
    own: Collection[str] = (),
) -> Callable[..., Any]:
    """Give a command the options of what a configuration does not hold.

    Args:
        number: the type of those that count.
        own: the names of those that the command has itself.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        kinds: dict[str, Any] = dict.fromkeys(NUMBERS, number) | dict.fromkeys(WORDS, click.STRING)
        for name, text in reversed((NUMBERS | WORDS).items()):
            if name in own:
                continue
            command = click.option(
                f"--{name.replace('_', '-')}",
                type=kinds[name],
                is_eager=True,
                expose_value=False,
                callback=_keep,
                help=text,
            )(command)
        return command

    return decorate


def in_file(
    ctx: click.Context, path: str, plan: "Plan | None", imports: tuple[str, ...]
) -> Schedule:
    """Return the schedule in a file: as `gl.load` reads it, or in a framework's configuration."""
    from glissando.text.files import load
    from glissando.text.formats import FORMATS

    if Path(path).suffix.lower() not in FORMATS:
        return _configuration(ctx, path, plan)
    try:
        return load(path, plan, imports)
    except ScheduleError as error:
        if _own(path):
            raise error from None
    return _configuration(ctx, path, plan)


def _own(path: str) -> bool:
    """Return whether a file that `gl.load` refuses is meant for it all the same."""
    from glissando.convert.opened import open_document
    from glissando.convert.read import is_own

    try:
        document = open_document(path)
    except ScheduleError:
        return True
    return is_own(document) or not document.data


def _configuration(ctx: click.Context, path: str, plan: "Plan | None") -> Schedule:
    from glissando.convert.read import read

    given: dict[str, Any] = dict(ctx.meta.get(_GIVEN, {}))
    if plan is not None:
        given = {"steps": plan.steps, "steps_per_epoch": plan.steps_per_epoch} | given
    group = str(given.get("group", ""))
    if group.isdecimal():
        given["group"] = int(group)
    try:
        return read(path, **given)
    except ScheduleError as error:
        options = {name for parameter in ctx.command.params for name in parameter.opts}
        if "(--" not in str(error) or "--steps-per-epoch" in options:
            raise
        raise ScheduleError(
            f"{error}; `glissando convert` takes such options, and {ctx.info_name} the run's "
            "length by --plan 'steps=...'"
        ) from None
