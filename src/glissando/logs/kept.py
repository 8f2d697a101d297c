"""What is kept of a long log's rows: a few from all of it, and those around what happens."""

from typing import Any

import numpy as np

from glissando.logs.logged import LoggedRates

MOST = 2**14
"""How many rows are kept of those that are as far from each other."""

BEFORE, FIRST, AFTER = 512, 2048, 64
"""How many rows are kept before an event, after the first event, and after later ones."""

EVENTS = 64
"""How many events are kept."""


class Kept:
    """Rows of a log that comes part by part; a row is its line, step, rate and resolution."""

    def __init__(self) -> None:
        self.count = 0
        self.events = 0
        self._every = 1
        self._wanted = BEFORE
        self._last = (True, -np.inf)
        self._spread: list[Any] = []
        self._near: list[Any] = []
        self._extremes = self._tail = np.zeros((4, 0))

    def add(self, part: LoggedRates, fits: Any) -> None:
        """Take a part, and which of its rows are as expected: where that changes is an event.

        It is another where the steps go back.
        """
        size = len(fits)
        self._spread.append(_rows(part, slice(-self.count % self._every, None, self._every)))
        while sum(some.shape[1] for some in self._spread) > MOST:
            self._spread = [np.concatenate(self._spread, 1)[:, ::2]]
            self._every *= 2
        self._near.append(_rows(part, slice(0, self._wanted)))
        self._wanted = max(self._wanted - size, 0)
        for event in self._events(part.steps, fits):
            end = event + (AFTER if self.events else FIRST)
            if event < BEFORE:
                self._near.append(self._tail)
            self._near.append(_rows(part, slice(max(event - BEFORE, 0), end)))
            self._wanted = max(self._wanted, end - size)
            self.events += 1
        ends = _rows(part, [part.rates.argmax(), part.rates.argmin()])
        ends = np.concatenate([self._extremes, ends], 1)
        self._extremes = ends[:, [ends[2].argmax(), ends[2].argmin()]]
        self._tail = _rows(part, slice(-BEFORE, None))
        self._last = (bool(fits[-1]), part.steps[-1])
        self.count += size

    def _events(self, steps: Any, fits: Any) -> list[int]:
        fit, step = self._last
        begins = [0] if fits[0] != fit or steps[0] < step else []
        changes = (fits[1:] != fits[:-1]) | (steps[1:] < steps[:-1])
        return [*begins, *(np.flatnonzero(changes) + 1).tolist()][: EVENTS - self.events]

    def log(self, like: LoggedRates) -> LoggedRates:
        """Return the rows that were kept, in the order of the file, as those of a log like one."""
        rows = np.concatenate([*self._spread, *self._near, self._extremes, self._tail], 1)
        _, order = np.unique(rows[0], return_index=True)
        lines, steps, rates, resolutions = rows[:, order]
        return like._replace(
            steps=steps, rates=rates, resolutions=resolutions, lines=lines.astype(np.int64)
        )


def _rows(part: LoggedRates, which: Any) -> Any:
    return np.stack([part.lines[which], part.steps[which], part.rates[which],
                     part.resolutions[which]])  # fmt: skip
