"""What stands in data under a key, such as "optimizer.lr"."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from glissando.errors import ScheduleError, shown, suggestion

BOUNDARY = re.compile(r"\.|\[(\d+)\]\.?|$")
"""Where a name in a key may end; a list's member is written [0] or .0."""


def under(data: Any, key: object, inside: Callable[[Any], Any] = lambda data: data) -> Any:
    """Return what stands in data under a key such as "optimizer.lr" or "groups[0].lr".

    A name with dots in it is found as well, the longest first.

    Args:
        data: the data.
        key: names and numbers of members, dots between them.
        inside: returns the members of data as a dictionary or a list, and anything else as it is.

    Raises:
        ScheduleError: nothing stands there.
    """
    if not isinstance(key, str) or not 0 < len(key) <= 1000:
        raise ScheduleError(f"`key` must be names with dots between them, got {shown(key)}")
    rest = key
    while rest:
        members = inside(data)
        if isinstance(members, Mapping):
            ends = [end for end in BOUNDARY.finditer(rest) if rest[: end.start()] in members]
            if not ends:
                raise _missing(key, rest, members)
            data = members[rest[: ends[-1].start()]]
            after = ends[-1].end() if ends[-1][0] == "." else ends[-1].start()
        else:
            index = re.match(r"(\d{1,9})(\.|(?=\[)|$)|\[(\d{1,9})\](\.|(?=\[)|$)", rest)
            number = int(index[1] or index[3]) if index else -1
            if not isinstance(members, list) or not 0 <= number < len(members):
                raise _missing(key, rest, members)
            data, after = members[number], index.end() if index else 0
        rest = rest[after:]
    return data


def _missing(key: str, rest: str, members: Any) -> ScheduleError:
    begun = key[: len(key) - len(rest)].rstrip(".")
    where = f" in {shown(begun)}" if begun else ""
    if isinstance(members, Mapping):
        name = re.split(r"[.\[]", rest)[0]
        known = [each for each in members if isinstance(each, str) and len(each) <= 40]
        return ScheduleError(f"there is no key {shown(name)}{where}{suggestion(name, known)}")
    kind = f"a list of {len(members)}" if isinstance(members, list) else "no mapping"
    return ScheduleError(f"there is no key {shown(rest)}{where}, which is {kind}")
