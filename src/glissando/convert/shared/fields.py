"""The values of a configuration by their names, each held to what it is to be."""

import math
import re
from collections.abc import Mapping
from typing import Any

from glissando.errors import ScheduleError, shown

MISSING = object()
TRUTHS = {"true": True, "yes": True, "1": True, "": True, "false": False, "no": False, "0": False}


class Fields:
    """The values of a configuration, for a reader that says its name in errors.

    A text that spells a number is one, as of a flag or of YAML 1.1, where 1e-4 is a text. None is
    as good as missing.

    Args:
        reader: the reader's name.
        data: the values.
    """

    def __init__(self, reader: str, data: Mapping[str, Any]) -> None:
        self.reader = reader
        self.data = data

    def has(self, name: str) -> bool:
        """Return whether there is a value."""
        return self.data.get(name) is not None

    def value(self, name: str, default: Any = MISSING) -> Any:
        """Return a value as it is.

        Raises:
            ScheduleError: it is missing and there is no default, or it is code.
        """
        found = self.data.get(name)
        if found is None:
            if default is MISSING:
                raise ScheduleError(f"{self.reader}: the file does not say `{name}`: write it in")
            return default
        if isinstance(found, Mapping) and found.get("!tag") == "!code":
            raise ScheduleError(
                f"{self.reader}: `{name}` is code, {shown(found.get('value'))}, which is not run: "
                "write its value in"
            )
        return found

    def number(self, name: str, default: Any = MISSING) -> Any:
        """Return a finite number of 0 or more as a float."""
        found = self.value(name, default)
        if found is default:
            return found
        number = numeral(found)
        if number is None or not math.isfinite(number) or number < 0:
            raise ScheduleError(
                f"{self.reader}: `{name}` must be a number of 0 or more, got {shown(found)}"
            )
        return float(number)

    def whole(self, name: str, default: Any = MISSING) -> Any:
        """Return a whole number of 0 or more."""
        found = self.value(name, default)
        if found is default:
            return found
        number = numeral(found)
        if number is None or not 0 <= number <= 2**53 or number != int(number):
            raise ScheduleError(
                f"{self.reader}: `{name}` must be a whole number of 0 or more, got {shown(found)}"
            )
        return int(number)

    def word(self, name: str, default: Any = MISSING) -> Any:
        """Return a text."""
        found = self.value(name, default)
        if found is not default and not isinstance(found, str):
            raise ScheduleError(f"{self.reader}: `{name}` must be a text, got {shown(found)}")
        return found

    def truth(self, name: str, default: bool = False) -> bool:
        """Return true or false; a flag without a value is true."""
        found = self.value(name, default)
        if isinstance(found, bool):
            return found
        if str(found).lower() not in TRUTHS:
            raise ScheduleError(
                f"{self.reader}: `{name}` must be true or false, got {shown(found)}"
            )
        return TRUTHS[str(found).lower()]


def numeral(value: Any) -> int | float | None:
    """Return the number that a value is or that a text spells, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and re.fullmatch(r"[-+\d._eE]{1,60}", value.strip()):
        try:
            number = float(value)
        except ValueError:
            return None
        plain = value.strip().lstrip("+-").replace("_", "").isdecimal()
        return int(value.replace("_", "")) if plain else number
    return None
