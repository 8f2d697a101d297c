"""The values of a configuration that may be code or flags."""

import math
from typing import Any

from glissando.convert.keys import Keys
from glissando.convert.parsing.python import REST
from glissando.errors import ScheduleError, shown


class Fields(Keys):
    """The keys of a configuration in code, in flags, or in a file: what is code is refused."""

    def get(self, name: str) -> Any:
        """Return the value of a key, None without one."""
        found = super().get(name)
        if found is None and REST in self.data:
            raise ScheduleError(
                f"{self.where(name)} may be in {shown(self.data[REST])}, which is code and not "
                "run: write its value in"
            )
        return found

    def has(self, name: str) -> bool:
        """Return whether there is a value."""
        return self.get(name) is not None

    def number(self, name: str, default: float | None = None) -> float:
        """Return a finite number of 0 or more, which must be there if there is no default."""
        number = super().number(name, default)
        if not 0 <= number < math.inf:
            raise ScheduleError(f"{self.where(name)} must be a number of 0 or more, got {number}")
        return number

    def count(self, name: str, default: int | None = None) -> int:
        """Return a whole number of 1 or more."""
        number = self.whole(name, default)
        if number < 1:
            raise ScheduleError(f"{self.where(name)} must be 1 or more, got {number}")
        return number

    def fraction(self, name: str) -> float:
        """Return a number from 0 to 1, and 0 without one."""
        number = self.number(name, 0.0)
        if not 0 <= number <= 1:
            raise ScheduleError(f"{self.where(name)} must be from 0 to 1, got {number:g}")
        return number
