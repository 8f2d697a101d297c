"""What the steps of a log may count, and how its rows follow the updates."""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from glissando.checks.meant import Meant
from glissando.checks.rows import Rows
from glissando.checks.sieve import sieve

LONGEST = 20_000
"""How many updates an epoch may have where nobody says it."""


class Given(NamedTuple):
    """What a user says of the run."""

    per_epoch: int | None = None
    world_size: int | None = None
    accumulation: int | None = None
    batch_size: int | None = None
    lag: int | None = None
    clock: str | None = None


class Reading(NamedTuple):
    """A way to read the rows.

    Attributes:
        updates: the update of each row.
        lag: row s holds the rate of update s - lag.
        clock: what the log's steps count.
        sentence: the reading in words.
        per_epoch: how many updates an epoch has, where it matters.
        mean: whether a row is the mean of its epoch.
        every: at how many batches the rate is set anew, of what a row is the mean of.
        at: the updates of rows by their steps.
    """

    updates: Any
    lag: int
    clock: str
    sentence: str
    per_epoch: int | None = None
    mean: bool = False
    every: int = 1
    at: Callable[[Any], Any] = np.asarray

    def rates(self, curve: Callable[[Any], Any]) -> Any:
        """Return what a curve of updates would have logged."""
        if not self.mean or self.per_epoch is None:
            return curve(self.updates)
        return means(curve, self.updates, self.per_epoch, self.every)


def means(curve: Callable[[Any], Any], first: Any, per_epoch: int, every: int = 1) -> Any:
    """Return the means over epochs that begin at some updates."""
    updates = np.add.outer(first, np.arange(float(per_epoch)) // every * every)
    return np.asarray(curve(updates.ravel())).reshape(updates.shape).mean(axis=1)


def readings(rows: Rows, meant: Meant, given: Given) -> Iterator[Reading]:
    """Yield the documented ways to read a log, the likeliest first."""
    lags = rows.log.lags if given.lag is None else (given.lag,)
    clock = given.clock or rows.log.clock
    for lag in lags:
        by_epoch = meant.schedule.steps <= 2 * (_epochs_in(rows, clock, given) + 1)
        less, every = _less(lag), 1
        if clock == "epoch" and given.per_epoch and not by_epoch:
            yield from _epochs(rows, lag, given.per_epoch, rows.log.mean)
            if rows.log.mean and given.accumulation:
                yield _of_batches(rows, lag, given.per_epoch, given.accumulation)
            continue
        if clock == "epoch":
            words = f"epoch {less}"
        elif clock == "update" and given.per_epoch and by_epoch:
            words, every = f"epoch ({less}) // {given.per_epoch:,}", given.per_epoch
        elif clock == "sample" and given.batch_size:
            words, every = f"update s / {given.batch_size:,}", given.batch_size
        elif clock == "batch" and given.accumulation:
            words, every = f"update ({less}) // {given.accumulation}", given.accumulation
        else:
            words = f"update {less}"
        yield _reading(rows, lag, clock, f"row s holds the rate of {words}", _counter(lag, every))


def found_readings(rows: Rows, meant: Meant, given: Given) -> Iterator[Reading]:
    """Yield ways to read rows of epochs, of which nobody says how many updates they have."""
    clock = given.clock or rows.log.clock
    if clock != "epoch" or given.per_epoch or len(np.unique(rows.rates)) < 4:
        return
    for lag in rows.log.lags if given.lag is None else (given.lag,):
        steps = rows.steps - lag
        lengths = np.arange(2, _longest(rows, meant) + 1)
        ways: list[Callable[[Any, Any], Any]] = [
            lambda n, s: meant((s + 1) * n - 1),
            lambda n, s: meant(s * n),
        ]
        if rows.log.mean:
            ways = [lambda n, s: meant(s * n + (n - 1) / 2)]
            loose = rows._replace(tolerance=rows.tolerance + 0.02 * rows.rates.max())
            found = sieve(ways[0], lengths, steps, loose)
            for length in found[:200]:
                yield next(_epochs(rows, lag, int(length), mean=True))
            continue
        for number, way in enumerate(ways):
            for length in sieve(way, lengths, steps, rows)[:1]:
                yield list(_epochs(rows, lag, int(length), mean=False))[number]


def _epochs_in(rows: Rows, clock: str, given: Given) -> float:
    """Return how many epochs a log is of: a schedule of about as many steps counts epochs."""
    last = float(rows.steps.max())
    return last if clock == "epoch" else last / (given.per_epoch or 1)


def _longest(rows: Rows, meant: Meant) -> int:
    endless = meant.schedule.steps == math.inf
    return int(min(LONGEST, 5_000 if endless else max(4 * meant.end / rows.size, 2)))


def _reading(
    rows: Rows, lag: int, clock: str, words: str, at: Callable[[Any], Any], **more: Any
) -> Reading:
    return Reading(at(rows.steps), lag, clock, words, at=at, **more)


def _counter(lag: int, every: int = 1, times: int = 1, more: int = 0) -> Callable[[Any], Any]:
    """Return what counts updates: one in `every` steps, or so many times a step, and some more."""
    if every > 1:
        return lambda steps: (steps - lag) // every
    return lambda steps: (steps - lag) * times + more


def _epochs(rows: Rows, lag: int, per_epoch: int, mean: bool) -> Iterator[Reading]:
    first = _counter(lag, times=per_epoch)
    if mean:
        words = f"row s holds the mean over the {per_epoch:,} updates of epoch {_less(lag)}"
        yield _reading(rows, lag, "epoch", words, first, per_epoch=per_epoch, mean=True)
        return
    words = f"update of epoch {_less(lag)}, of {per_epoch:,} updates"
    last = _counter(lag, times=per_epoch, more=per_epoch - 1)
    for which, at in (("last", last), ("first", first)):
        sentence = f"row s holds the rate of the {which} {words}"
        yield _reading(rows, lag, "epoch", sentence, at, per_epoch=per_epoch)


def _of_batches(rows: Rows, lag: int, per_epoch: int, every: int) -> Reading:
    words = (
        f"row s holds the mean over the {per_epoch:,} batches of epoch {_less(lag)}, with a rate "
        f"that is set at every {every}th of them"
    )
    at = _counter(lag, times=per_epoch)
    more = {"per_epoch": per_epoch, "mean": True, "every": every}
    return _reading(rows, lag, "epoch", words, at, **more)


def _less(lag: int) -> str:
    """Return the update of row s in words."""
    return "s" if lag == 0 else f"s − {lag}" if lag > 0 else f"s + {-lag}"
