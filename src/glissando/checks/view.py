"""A reading of a log beside what was meant, and what explains it: what causes work on."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from glissando.checks.meant import Meant
from glissando.checks.readings import Given, Reading
from glissando.checks.rows import Rows
from glissando.checks.sieve import interval, sieve

GAP = 2_000
"""In how many updates before a row that differs a change is looked for."""

SLOWLY = 8
"""How many rows a change may take to be seen in the digits of a log."""

BEFORE, FIRST = 4, 16
"""How many rows a log may lack before its first one, and how many updates, to be a whole run's."""


class Explanation(NamedTuple):
    """A cause that explains all rows.

    Attributes:
        name: the cause.
        sentence: what happened.
        parameters: its few numbers, by their names.
        cost: how much it takes to say; of two causes the cheaper one is the likelier.
        rates: what it predicts for each row.
        doubts: what the log cannot tell of it, in sentences.
        curve: what it predicts for each update, where that is known.
        then: what happened later, where it takes two causes to explain all rows.
    """

    name: str
    sentence: str
    parameters: dict[str, Any]
    cost: float
    rates: Any
    doubts: tuple[str, ...] = ()
    curve: Callable[[Any], Any] | None = None
    then: "Explanation | None" = None


class View:
    """A reading of a log, and which rows are what was meant."""

    def __init__(self, rows: Rows, meant: Meant, reading: Reading, given: Given) -> None:
        self.rows = rows
        self.meant = meant
        self.reading = reading
        self.given = given
        self.updates = reading.updates
        self.rates = reading.rates(meant)
        self.fits = self._fits(self.rates)

    def _fits(self, rates: Any) -> Any:
        with np.errstate(invalid="ignore"):
            return np.abs(rates - self.rows.rates) <= self.rows.tolerance

    @cached_property
    def first(self) -> int:
        """The first row that is not what was meant."""
        return int(np.argmin(self.fits))

    @cached_property
    def gap(self) -> range:
        """The updates at which what happened may have begun."""
        first = int(self.updates[self.first])
        before = int(self.updates[max(self.first - SLOWLY, 0)]) + 1 if self.first else 0
        if self.begins_late:
            before = first - BEFORE * self._spacing
        elif before > first:  # a resume from a checkpoint: the steps went back
            before = first - SLOWLY * self._spacing
        return range(max(before, first - GAP, 0), max(first, 0) + 1)

    @cached_property
    def begins_late(self) -> bool:
        """Whether the first row differs, and is of a later update, as in a resume's own log."""
        enough = self.updates[0] > max(2 * BEFORE * self._spacing, FIRST)
        return bool(self.first == 0 and enough)

    @cached_property
    def _spacing(self) -> int:
        steps = np.diff(self.updates)
        return int(max(np.median(steps), 1)) if len(steps) else 1

    @cached_property
    def later(self) -> Any:
        """Which rows are the first that differs, or after it."""
        return np.arange(self.rows.size) >= self.first

    def explains(self, rates: Any, inside: Any = slice(None)) -> bool:
        """Return whether rates are those of all rows, or of some."""
        return bool(np.all(self._fits(rates)[inside]))

    def logged(self, curve: Callable[[Any], Any]) -> Any:
        """Return what a curve of updates would have logged."""
        with np.errstate(all="ignore"):
            return self.reading.rates(curve)

    def joined(self, rates: Any, since: int | None = None) -> Any:
        """Return what was meant, and from the first row that differs on other rates.

        If it is said since which update, rows before that row that hold later updates are changed,
        too: what changed may not have shown in their digits. A run that went on from a checkpoint
        had logged its rows before.
        """
        later = self.later
        if since is not None:
            later = later.copy()
            later[self._near] = self.updates[self._near] > since
        return np.where(later, rates, self.rates)

    def from_on(self, since: int, curve: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return the curve that is as it was meant before an update, and another from it on."""
        return lambda k: np.where(k < since, self.meant(k), curve(k))

    @cached_property
    def _near(self) -> slice:
        """The rows before the first that differs in which a change may not show."""
        near = slice(max(self.first - SLOWLY, 0), self.first)
        in_order = np.all(np.diff(self.updates[near.start : near.stop + 1]) > 0)
        return near if in_order else slice(0, 0)

    def may_begin(self, curve: Callable[[Any], Any], since: int) -> bool:
        """Return whether rows before the first that differs let a curve begin at an update."""
        near = self._near
        updates, rows = self.updates[near], self.rows
        off = np.abs(curve(updates) - rows.rates[near]) > rows.tolerance[near]
        return not np.any(off & (updates > since))

    def begins(self, predict: Callable[[Any, Any], Any]) -> Any:
        """Return the updates from which on a curve explains all rows, the last first."""
        found = self.search(predict, np.array(self.gap[::-1]), later=True)
        kept = [at for at in found if self.may_begin(partial(predict, at), at)]
        return np.array(kept)

    def search(
        self, predict: Callable[[Any, Any], Any], values: Any, *, later: bool = False
    ) -> Any:
        """Return the values of a parameter with which a curve explains all rows, or later ones.

        Args:
            predict: the rates, from values in a column and updates in a line.
            values: the values to try.
            later: whether only rows from the first that differs on are to be explained.
        """
        values = np.asarray(values)
        if self.reading.mean:
            kept = [
                value
                for value in values[:SLOW]
                if self._mean_fits(predict, value, self.later if later else slice(None))
            ]
            return np.array(kept)
        inside = np.flatnonzero(self.later) if later else np.arange(self.rows.size)
        return sieve(predict, values, self.updates[inside], self.rows.at(inside))

    def _mean_fits(self, predict: Any, value: Any, inside: Any) -> bool:
        column = np.array([[value]])
        rates = self.logged(lambda k: predict(column, np.atleast_1d(k)[None, :])[0])
        return self.explains(rates, inside)

    def between(self, low: Any, high: Any, *, inside: Any = None) -> tuple[float, float] | None:
        """Return the x with which `low` + (`high` - `low`) · x explains the rows `inside`."""
        everywhere = np.ones(self.rows.size, dtype=bool)
        return interval(low, high, self.rows, everywhere if inside is None else inside)

    def horizons(self) -> Any:
        """Return the ends that the schedule may have had instead of its own."""
        end = max(self.meant.end, 1)
        top = int(max(4 * end, 2 * self.updates.max(initial=0)))
        near = np.arange(1, top + 1) if top <= 30_000 else np.geomspace(1, top, 6_000).round()
        near = np.unique([*near, *(end * n for n in range(4, 65))]).astype(int)
        return near[near != end]


SLOW = 400
"""How many values are tried where each takes the mean over epochs."""

Cause = Callable[[View], Iterator[Explanation]]
