"""Where arguments stand in a document: in calls of Python, in sections, or in flags."""

import re
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


def unchanged(document: Document, names: Sequence[str], keys: Sequence[str]) -> None:
    """Hold code to leave the arguments of a call as they are.

    Args:
        document: the code.
        names: what is called.
        keys: the arguments.

    Raises:
        ScheduleError: it sets one later on what the call has returned.
    """
    called = rf"\b([A-Za-z_]\w*)[ \t]*=[ \t]*[\w.]{{0,100}}\b(?:{'|'.join(names)})\("
    for name in {found[1] for found in re.finditer(called, document.text)}:
        later = rf"\b{name}\.({'|'.join(keys)})[ \t]*=(?!=)|\bsetattr\([ \t]*{name}\b"
        found = re.search(later, document.text)
        if found:
            what = f"`{found[1]}` is set" if found[1] else "attributes are set"
            raise ScheduleError(f"{what} on `{name}` after its call: write it into the call")


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
