"""The keys of a configuration, each held to its kind as it is taken."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.errors import ScheduleError, shown, suggestion

REFERENCE = re.compile(r"\$\{(?:oc\.)?([A-Za-z_][\w.]{0,200})\}")
"""Another key of the same file, as OmegaConf writes it: `${model.encoder.d_model}`."""

MISSING = "???"
"""What OmegaConf has where a value must be given at the command line."""

NUMBER = re.compile(r"\s*[-+]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?\s*")

MANY = " | "
"""What stands between the values that several commands give a flag."""

LARGEST = 10**300
"""What all numbers are below."""

DEEPEST = 8
"""How many references may follow one another."""


def flags_of(document: Document) -> dict[str, str]:
    """Return the flags of a file, without those places that name a flag and give it no value."""
    found = {}
    for name, value in document.flags.items():
        parts = [part for part in value.split(MANY.strip()) if part.strip()]
        found[name] = MANY.join(part.strip() for part in parts)
    return found


class Keys:
    """A part of a configuration.

    Args:
        reader: whose configuration it is, for messages.
        data: the part, read as data.
        path: the keys that lead to it, for messages.
        root: the whole, in which references are looked up; by default the part.
    """

    def __init__(
        self,
        reader: str,
        data: Mapping[str, Any],
        path: str = "",
        root: Mapping[str, Any] | None = None,
    ) -> None:
        self.reader = reader
        self.data = data
        self.path = path
        self.root = data if root is None else root

    def where(self, name: str) -> str:
        """Return how messages name a key."""
        return f"{self.reader}: `{self.path}{name}`"

    def get(self, name: str) -> Any:
        """Return the value of a key, None without one."""
        value = self.data.get(name)
        if isinstance(value, str) and MANY in value:
            raise ScheduleError(
                f"{self.where(name)} must be one value, got {value} in several commands of the "
                "file: read one of them, in a file of its own"
            )
        for _ in range(DEEPEST):
            if isinstance(value, Mapping) and value.get("!tag") == "!code":
                raise ScheduleError(
                    f"{self.where(name)} is code, {shown(value.get('value'))}, which is not run: "
                    "write its value in"
                )
            if not (isinstance(value, str) and (found := REFERENCE.fullmatch(value))):
                return None if value == MISSING else value
            value = self._at(name, value, found[1])
        raise ScheduleError(f"{self.where(name)} must be a value, got references in a circle")

    def _at(self, name: str, reference: str, path: str) -> Any:
        value: Any = self.root
        for part in path.split("."):
            if not isinstance(value, Mapping) or part not in value:
                raise ScheduleError(
                    f"{self.where(name)} is {shown(reference)}, which the file does not have: "
                    "write its value in"
                )
            value = value[part]
        return value

    def section(self, name: str) -> "Keys":
        """Return the part behind a key, an empty one without it."""
        value = self.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise ScheduleError(f"{self.where(name)} must have keys of its own, got {shown(value)}")
        return Keys(self.reader, value or {}, f"{self.path}{name}.", self.root)

    def within(self, *names: str) -> "Keys":
        """Return the part behind keys that follow one another."""
        part = self
        for name in names:
            part = part.section(name)
        return part

    def optional(self, name: str) -> float | None:
        """Return a number, or None without one; a text such as "3e-4" is one, too."""
        value = self.get(name)
        if isinstance(value, str) and len(value) <= 100 and NUMBER.fullmatch(value):
            value = float(value)
        if value is None:
            return None
        number = value if isinstance(value, int | float) and value is not True else math.nan
        if value is not False and -LARGEST < number < LARGEST:  # which NaN is not, either
            return number
        raise ScheduleError(f"{self.where(name)} must be a number, got {shown(value)}")

    def number(self, name: str, default: float | None = None) -> float:
        """Return a number, which must be there if there is no default."""
        value = self.optional(name)
        value = default if value is None else value
        if value is None:
            raise ScheduleError(f"{self.where(name)} must be given: the file has no such key")
        return float(value)

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number, which must be there if there is no default."""
        value = self.number(name, default)
        if not abs(value) <= 2**53 or value != int(value):
            raise ScheduleError(f"{self.where(name)} must be a whole number, got {value:g}")
        return int(value)

    def count(self, name: str, default: int | None = None) -> int:
        """Return a whole number of 1 or more, which must be there if there is no default."""
        value = self.whole(name, default)
        if value < 1:
            raise ScheduleError(f"{self.where(name)} must be 1 or more, got {value}")
        return value

    def optional_whole(self, name: str) -> int | None:
        """Return a whole number, or None without one."""
        return None if self.optional(name) is None else self.whole(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text, which must be there if there is no default."""
        value = self.get(name)
        value = default if value is None else value
        if not isinstance(value, str):
            came = "nothing" if value is None else shown(value)
            raise ScheduleError(f"{self.where(name)} must be a text, got {came}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a truth."""
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, str) and value.lower() in ("true", "false", ""):
            return value.lower() != "false"
        if not isinstance(value, bool):
            raise ScheduleError(f"{self.where(name)} must be true or false, got {shown(value)}")
        return value

    def numbers(self, name: str) -> list[float]:
        """Return a list of numbers; one number is a list of one, and none an empty list."""
        value = self.get(name)
        if value is None:
            return []
        members = value if isinstance(value, list | tuple) else [value]
        row = Keys(self.reader, {str(i): v for i, v in enumerate(members)}, f"{self.path}{name}.")
        return [row.number(str(i)) for i in range(len(members))]

    def steps(self, name: str) -> list[int]:
        """Return a list of whole numbers, an empty one without the key."""
        found = self.numbers(name)
        if any(not abs(n) <= 2**53 or n != int(n) for n in found):
            raise ScheduleError(f"{self.where(name)} must be whole numbers, got {shown(found)}")
        return [int(n) for n in found]

    def one_of(self, name: str, known: Iterable[str]) -> str:
        """Return a text that is one of some names, in the capitals that these have."""
        value, names = self.text(name), sorted(known)
        if value not in names:
            near = suggestion(value, names)
            came = shown(value)
            raise ScheduleError(
                f"{self.where(name)} must be one that is read, {', '.join(names)}, got {came}{near}"
            )
        return value

    def refuse(self, name: str, reason: str) -> ScheduleError:
        """Return the error that says why a key's value is not read."""
        return ScheduleError(f"{self.where(name)} is {shown(self.get(name))}: {reason}")
