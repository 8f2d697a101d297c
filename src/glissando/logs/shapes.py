"""How exactly a column of rates is known, by the texts that it is written in."""

import re
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np

from glissando.logs.growing import Growing, parts

DIGITS = re.compile(r"[-+]?0*(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d{1,4}))?$")

FEW = 8
"""So many different rates are rounded, if all are short: computed ones seldom are."""

LONG = 9
"""A float32 takes up to as many digits to be told from its neighbors."""


SAMPLE = 10_000
"""So many rates tell how all of a column are written."""


class Shape(NamedTuple):
    """What a text shows of a number.

    Attributes:
        digits: how many digits count, without zeros at both ends.
        decimals: how many places the last digit shown is behind the point, by the exponent, too.
        places: how many digits stand behind the point, zeros included.
        zeros: whether zeros are shown that no shortest form has.
        power: whether it has an exponent.
    """

    digits: int
    decimals: int
    places: int
    zeros: bool
    power: bool


def shape_of(text: str) -> Shape:
    """Return the shape of a number's text; one that is infinite shows nothing."""
    found = DIGITS.fullmatch(text.strip()[:400])
    if found is None:
        return Shape(0, 0, 0, False, False)
    whole, behind, power = found[1], found[2] or "", found[3]
    digits = (whole + behind).lstrip("0")
    zeros = behind.endswith("0") and (len(behind) > 1 or power is not None)
    return Shape(
        min(len(digits.rstrip("0")), 99),
        min(len(behind), 99) - int(power or 0),
        min(len(behind), 99),
        zeros,
        power is not None,
    )


class Shapes:
    """The shapes of a column's texts, one after the other."""

    def __init__(self) -> None:
        self.digits = self.decimals = 0
        self.places: set[tuple[int, bool]] = set()
        self.zeros = False

    def add(self, text: str) -> None:
        """Take a text."""
        digits, decimals, places, zeros, power = shape_of(text)
        if not digits and not zeros:
            return  # a plain 0 is written in the same way by all
        self.digits = max(self.digits, digits)
        self.decimals = max(self.decimals, decimals)
        self.zeros |= zeros
        if len(self.places) < 99:
            self.places.add((places, power))

    @property
    def fixed(self) -> bool:
        """Whether each text shows as many places, zeros included, as by %.6f or %.3E."""
        return self.zeros and len(self.places) == 1 and self.digits <= 15

    def told(self, rates: Any, exact: str = "", short: bool = False) -> tuple[Any, Any]:
        """Return the rates as they were meant, and half the width of what each may stand for.

        Args:
            rates: the numbers, as a float64 array.
            exact: "float64" or "float32", where the writer is known to tell each digit; how many
                digits it writes at least, such as "6"; or to how many decimals it rounds, ".5".
            short: whether a few short numbers are taken for whole ones, as in JSON.
        """
        kind = self.kind(rates[:SAMPLE], exact, short)
        largest = max((np.abs(part).max() for (part,) in parts(rates)), default=0.0)
        with ExitStack() as closing:
            meant = Growing(closing) if kind == "short float32" else None
            resolutions = Growing(closing)
            for (part,) in parts(rates):
                numbers, near = self.of_kind(kind, part, largest)
                if meant:
                    meant.add(numbers)
                resolutions.add(near)
            return meant.array() if meant else rates, resolutions.array()

    def of_kind(self, kind: str, rates: Any, largest: float) -> tuple[Any, Any]:
        """Return some rates as they were meant, and their resolutions, if the texts are of a kind.

        Args:
            kind: as `kind` returns it.
            rates: the numbers.
            largest: the highest of all rates of the log.
        """
        meant = rates.astype(np.float32).astype(float) if kind == "short float32" else rates
        return meant, self._resolutions(rates, kind, largest)

    def kind(self, rates: Any, exact: str, short: bool) -> str:
        """Return as what the texts are read."""
        if self.fixed:
            return "fixed"
        if exact.startswith("."):
            return exact
        if not exact and short and self.digits <= LONG and len(np.unique(rates)) < FEW:
            exact = "float64"
        if exact != "float64":
            with np.errstate(over="ignore"):
                single = rates.astype(np.float32)
            if self.digits >= LONG - 1 or exact == "float32":
                if np.array_equal(single.astype(float), rates):
                    return "float32"
                if self.digits <= LONG and _as_short_as_can_be(single, rates):
                    return "short float32"
        if exact == "float64" or self.digits > 14:
            return "float64"
        return exact if exact.isdigit() else "digits"

    def _resolutions(self, rates: Any, kind: str, largest: float) -> Any:
        guard = 1e-12 * np.abs(rates)  # two ways of the same formula differ, in ties above all
        if kind == "float64":
            return guard + 4 * np.spacing(largest)
        if kind.startswith("."):
            return guard + 0.5 * 10.0 ** -int(kind[1:])
        if kind == "fixed":
            [(places, power)] = self.places
            return guard + 0.5 * 10.0 ** (power * _power(rates) - places)
        if kind.endswith("float32"):
            wide = guard + np.spacing(np.abs(rates).astype(np.float32)).astype(float) / 2
            return wide if kind == "float32" else np.maximum(wide, self._last(rates))
        if kind.isdigit():
            return guard + 0.5 * 10.0 ** (_power(rates) + 1 - max(int(kind), self.digits))
        return guard + self._last(rates)

    def _last(self, rates: Any) -> Any:
        """Return half a unit of the last digit that each text has, or had before its zeros."""
        last = np.maximum(_power(rates) - (self.digits - 1), -self.decimals)
        return 0.5 * 10.0**last


def _as_short_as_can_be(single: Any, rates: Any) -> bool:
    """Return whether texts are of float32, as short as such a number can be told from others."""
    return all(float(str(one)) == rate for one, rate in zip(single, rates, strict=True))


def _power(rates: Any) -> Any:
    """Return the power of ten of the first digit of each rate, those of 0 as of the smallest."""
    sizes = np.abs(rates)
    known = sizes[sizes > 0]
    sizes = np.where(sizes > 0, sizes, known.min() if known.size else 1.0)
    return np.floor(np.log10(sizes) + 1e-14)
