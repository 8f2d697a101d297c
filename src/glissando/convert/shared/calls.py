"""Where arguments stand in a document: in calls of Python, in sections, or in flags."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from glissando.convert.document import Document
from glissando.errors import ScheduleError


def only_call(document: Document, names: Sequence[str]) -> Mapping[str, Any] | None:
    """Return the arguments of the one call of some names in a document's code, or None.

    Raises:
        ScheduleError: there are several.
    """
    calls = document.data.get("!calls")
    found = [
        call
        for call in (calls if isinstance(calls, list) else [])
        if isinstance(call, Mapping) and str(call.get("!tag")).rpartition(".")[2] in names
    ]
    if len(found) > 1:
        raise ScheduleError(f"it has {len(found)} calls of {' or '.join(names)}, and must have one")
    return found[0] if found else None


def only_section(
    document: Document, like: Callable[[Mapping[str, Any]], bool]
) -> Mapping[str, Any] | None:
    """Return where the arguments stand in a document, or None: the whole counts before a part.

    Raises:
        ScheduleError: several parts have some.
    """
    if like(document.data):
        return document.data
    parts = {
        name: value
        for name, value in document.data.items()
        if isinstance(value, Mapping) and like(value)
    }
    if len(parts) > 1:
        raise ScheduleError(
            f"it has arguments in {len(parts)} parts, {', '.join(map(str, parts))}: read one of "
            "them, as in gl.read(data[name])"
        )
    if parts:
        return next(iter(parts.values()))
    return document.flags if document.flags and like(document.flags) else None


def sections(document: Document) -> Iterator[Mapping[str, Any]]:
    """Yield a document's data, the mappings in it, and its flags: where arguments may stand."""
    yield document.data
    for value in document.data.values():
        if isinstance(value, Mapping):
            yield value
    if document.flags:
        yield document.flags
