"""What fields of runs may be, beside rates and steps: texts, and numbers that may be infinite."""

import math
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.rules import Number, Rule


class Text(Rule):
    """Any text."""

    words = "a text"

    def check(self, value: Any, where: str) -> str:
        """Return the text, or raise a `ScheduleError` about `where`."""
        if not isinstance(value, str):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return value

    def schema(self) -> dict[str, Any]:
        """Return the rule as JSON Schema."""
        return {"type": "string"}


class Endless(Number):
    """A number, or an infinite one, for which JSON has no number."""

    def check(self, value: object, where: str) -> float:
        """Return the number, or raise a `ScheduleError` about `where`."""
        return math.inf if value == "inf" else super().check(value, where)

    def to_data(self, value: Any) -> Any:
        """Return the JSON form of a number."""
        return "inf" if value == math.inf else value

    def code(self, value: Any, name: Any) -> str:
        """Return the expression for a number."""
        del name
        return "math.inf" if value == math.inf else repr(value)
