"""The error for bad input, and how its message is put."""

from collections.abc import Sequence
from typing import Any


class ScheduleError(ValueError):
    """Bad input: the message names the class, the argument, the rule and what came."""

    __module__ = "glissando"  # where users find it, and what a traceback shows


def shown(value: object) -> str:
    """Return `value` as an error message shows it: its repr, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 80 else text[:60] + "… (" + type(value).__name__ + ")"


def one_of(value: object, words: Sequence[str], where: str) -> None:
    """Raise a `ScheduleError` about `where` if `value` is none of the words."""
    if not isinstance(value, str) or value not in words:
        raise ScheduleError(
            f"{where} must be one of {', '.join(map(repr, words))}, got {shown(value)}"
        )


def find(names: dict[str, Any], name: object, where: str) -> Any:
    """Return what `names` holds under `name`, or raise with the nearest name."""
    if not isinstance(name, str):
        raise ScheduleError(f"{where} must be a name in quotes, got {shown(name)}")
    if name not in names:
        raise ScheduleError(
            f"{where} must be a known schedule, got {shown(name)}"
            + (suggestion(name, names) or "; see `glissando families`")
        )
    return names[name]


def suggestion(name: object, names: Any) -> str:
    """Return what to try instead of an unknown name: the nearest, or all if they are few."""
    from difflib import get_close_matches  # it takes long to load

    near = get_close_matches(str(name).lower(), names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known are {', '.join(sorted(names))}" if len(names) <= 8 else ""
