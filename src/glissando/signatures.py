"""Functions held to their arguments' rules: what recipes, dialects and `plan` have in common."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, Optional, ParamSpec, TypeVar, get_args, get_origin

from glissando.errors import ScheduleError
from glissando.rules import Choice, Flag, Rule

P = ParamSpec("P")
R = TypeVar("R")


def rule_of(annotation: Any) -> tuple[Rule | None, Any]:
    """Return the rule that an annotation holds its argument to, and the annotation in plain types.

    A type with a rule is `Annotated`, as those in `glissando.rules` are; `Literal["a", "b"]` is a
    choice, and `bool` a flag. `Rule | None` has the rule too: its default is let through.
    """
    for kind in (annotation, *get_args(annotation)):
        if hasattr(kind, "__metadata__"):
            plain = getattr(kind.__origin__, "__forward_arg__", kind.__origin__)
            # the plain type may be a name
            return kind.__metadata__[0], plain if kind is annotation else Optional[plain]  # noqa: UP045
        if get_origin(kind) is Literal:
            return Choice(*get_args(kind)), annotation
        if kind is bool:
            return Flag(), annotation
    return None, annotation


def held_to_rules(
    name: str, prepare: Callable[[dict[str, Any]], None] = lambda _: None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Hold a function's arguments to the rules that annotate them.

    An argument reaches the function in its canonical form; its default is always allowed. A
    `ScheduleError` that the function raises begins with the name. The decorated function has the
    rules as `rules`, and its signature, which `help` and messages show, is in plain types.

    Args:
        name: what messages call the function.
        prepare: changes the arguments, by name and with their defaults, before they are checked.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        rules: dict[str, Rule] = {}
        parameters = []
        for argument, parameter in signature.parameters.items():
            rule, plain = rule_of(parameter.annotation)
            if rule is not None:
                rules[argument] = rule
            parameters.append(parameter.replace(annotation=plain))
        shown = inspect.Signature(parameters)
        room = name[: name.rfind(".") + 1]

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            given = bound(shown, name, args, kwargs)
            given.apply_defaults()
            prepare(given.arguments)
            for argument, rule in rules.items():
                value = given.arguments[argument]
                if value is not shown.parameters[argument].default:
                    given.arguments[argument] = rule.check(value, f"{name}: `{argument}`")
            try:
                return function(*given.args, **given.kwargs)
            except ScheduleError as error:
                if not str(error).startswith(f"{name}: "):
                    told = str(error).removeprefix(room)  # another function of the same one
                    error.args = (f"{name}: {told}", *error.args[1:])
                raise

        checked.__signature__ = shown  # type: ignore[attr-defined]
        checked.rules = rules  # type: ignore[attr-defined]
        return checked

    return decorate


def bound(
    signature: inspect.Signature,
    name: str,
    args: Any,
    kwargs: Any,
    error: type[Exception] = TypeError,
) -> inspect.BoundArguments:
    """Return arguments bound to a signature, or raise with the call that would be right."""
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as reason:
        why = str(reason)
        cut = why if len(why) <= 120 else f"{why[:120]}…"  # it quotes names of any length
        raise error(f"{name}: {cut}; write {name}{signature}") from None
