"""Functions whose annotations are rules: recipes and dialects."""

import inspect
from collections.abc import Callable
from typing import Any, Optional, get_args


def ruled(function: Callable[..., Any]) -> tuple[dict[str, Any], inspect.Signature]:
    """Return the rules of a function's arguments, and its signature in plain types.

    `help` and error messages show the signature: the types, without the rules' own names. An
    argument annotated `Rule | None` has the rule too: whoever checks it lets its default through.
    """
    signature = inspect.signature(function)
    rules, parameters = {}, []
    for parameter in signature.parameters.values():
        kind = parameter.annotation
        for member in (kind, *get_args(kind)):
            if hasattr(member, "__metadata__"):  # a type with its rule
                rules[parameter.name] = member.__metadata__[0]
                plain = getattr(member.__origin__, "__forward_arg__", member.__origin__)
                kind = plain if member is kind else Optional[plain]  # noqa: UP045  # it may be a name
                break
        parameters.append(parameter.replace(annotation=kind))
    return rules, inspect.Signature(parameters)
