"""The rows of a log as an audit takes them: in order, each once, with how exactly it is known."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glissando.errors import ScheduleError, shown
from glissando.logs.logged import LoggedRates
from glissando.logs.long import LongLog, rates_of
from glissando.rules import MAX_RATE, MAX_STEP

GUARD, FLOOR = 1e-10, 1e-12
"""What two ways to compute a rate may differ by, as a part of it and of the highest."""

SINGLE = 3e-7
"""By what part of the highest rate the arithmetic of float32 may be off."""

SHORT = 3e-8
"""By what part of a rate a text of fewer digits than those of float32 may be off."""

RESUMES = 5
"""At how many places the steps may go back for these to be resumes."""


class Rows(NamedTuple):
    """The rows that are left once those that say the same are one.

    Attributes:
        steps: the steps, as the log counts them.
        rates: the rates.
        resolutions: by how much what the log says may differ from the rate.
        tolerance: by how much a rate may differ from what is meant.
        lines: the line of the file that each is from.
        conflict: whether another row has the same step and another rate.
        skipped: how many updates had been skipped by each row, where the log says it.
        log: the log itself.
        notes: what was found on the way, in sentences.
    """

    steps: Any
    rates: Any
    resolutions: Any
    tolerance: Any
    lines: Any
    conflict: Any
    skipped: Any
    log: LoggedRates
    notes: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.steps)

    def at(self, order: Any) -> "Rows":
        """Return some of the rows, in another order."""
        names = ("steps", "rates", "resolutions", "tolerance", "lines", "conflict", "skipped")
        columns = {name: getattr(self, name) for name in names}
        return self._replace(**{n: each[order] for n, each in columns.items() if each is not None})


def rows_of(log: LoggedRates) -> list[Rows]:
    """Return the rows of a log in the orders that they may be meant in, the likeliest first."""
    steps, rates = (np.asarray(each, dtype=float) for each in (log.steps, log.rates))
    resolutions = np.broadcast_to(np.asarray(log.resolutions, dtype=float), rates.shape)
    kept = (np.abs(steps) <= MAX_STEP) & (np.abs(rates) <= MAX_RATE)  # NaN is neither
    notes = list(log.notes)
    if not kept.all():
        notes.append(f"{(~kept).sum():,} rows without a step or a rate are left out")
    if not kept.any():
        raise ScheduleError("audit: `log` must have a row with a step and a rate, got none")
    steps, rates, resolutions = steps[kept], rates[kept], resolutions[kept]
    lines = np.asarray(log.lines)[kept]
    if rates.any():  # a 0 in exponent notation is exact, and no other has so many decimals
        resolutions = np.minimum(resolutions, resolutions[rates != 0].max())
    tolerance = tolerance_of(rates, resolutions, np.abs(rates).max())
    back = np.flatnonzero(np.diff(steps) < 0)
    order = np.argsort(steps, kind="stable")
    same = np.zeros(len(steps), dtype=bool)
    conflict = np.zeros(len(steps), dtype=bool)
    again = np.flatnonzero(np.diff(steps[order]) == 0)
    for group in np.split(again, np.flatnonzero(np.diff(again) > 1) + 1) if len(again) else []:
        _mark(order[group[0] : group[-1] + 2], rates, tolerance, same, conflict)
    if same.any():
        notes.append(f"{same.sum():,} rows say again what another of their step says")
    if len(back):
        where = lines[back[0] + 1]
        often = "once" if len(back) == 1 else f"{len(back):,} times, first"
        notes.append(f"the steps go back {often} in line {where}")
    skipped = None if log.skipped is None else np.asarray(log.skipped, dtype=float)[kept]
    found = Rows(steps, rates, resolutions, tolerance, lines, conflict, skipped, log, tuple(notes))
    by_step = found.at(order[~same[order]])
    in_file = found.at(~same)
    if not conflict.any() or len(back) > RESUMES:
        return [by_step]
    orders = [in_file, by_step]
    if len(back) and np.all(steps[back + 1] <= steps[0]):
        note = f"the steps are counted anew from line {lines[back[0] + 1]}: they are added up"
        moves = np.diff(steps)
        every = np.median(moves[moves > 0]) if (moves > 0).any() else 1.0
        # what was counted before: as far as the last row, or as a row comes after every other
        ways = [steps[back], steps[back] + every - steps[back + 1]]
        for more in ways if np.any(ways[0] != ways[1]) else ways[:1]:
            before = np.zeros(len(steps))
            before[back + 1] = more
            whole = found._replace(steps=steps + np.cumsum(before), notes=(*log.notes, note))
            orders.append(whole._replace(conflict=np.zeros(len(steps), dtype=bool)))
    return orders


def tolerance_of(rates: Any, resolutions: Any, highest: float) -> Any:
    """Return by how much rates may differ from what is meant; `highest` is that of all rates."""
    return resolutions * (1 + 1e-6) + GUARD * np.abs(rates) + FLOOR * highest


def _mark(group: Any, rates: Any, tolerance: Any, same: Any, conflict: Any) -> None:
    """Mark which rows of one step say the same, and whether some say something else."""
    kept: list[int] = []
    for i in group:
        near = [j for j in kept if abs(rates[i] - rates[j]) <= tolerance[i] + tolerance[j]]
        if near:
            same[i] = True
        else:
            kept.append(i)
    if len(kept) > 1:
        conflict[kept] = True


def may_be_single(rows: Rows) -> bool:
    """Return whether rates may have been computed in float32: they are float32, or short texts."""
    rates = np.abs(rows.rates)
    if not rates.any():
        return False
    with np.errstate(over="ignore"):
        single = rates.astype(np.float32).astype(float)
    short = rows.resolutions[rates > 0] > SHORT * rates[rates > 0]
    return bool(short.all() or np.all(np.abs(single - rates) <= 1e-14 * rates))


def loosened(rows: Rows) -> Rows:
    """Return the rows with room for a schedule that was computed in float32."""
    return rows._replace(tolerance=rows.tolerance + SINGLE * np.abs(rows.rates).max())


def log_of(log: Any, **columns: Any) -> LoggedRates | LongLog:
    """Return what an audit is given as logged rates: a path, logged rates, or steps and rates."""
    if isinstance(log, LoggedRates | LongLog):
        return log
    if isinstance(log, tuple) and len(log) == 2:
        try:
            steps = np.asarray(log[0], dtype=float)
            rates = np.asarray(log[1], dtype=float)
        except (TypeError, ValueError):
            steps = rates = np.zeros(0)
        if steps.ndim == rates.ndim == 1 and len(steps) == len(rates) > 0:
            written = [_half_a_digit(rate) for rate in log[1]]
            return LoggedRates(steps, rates, np.array(written), np.arange(len(steps)) + 1, "pairs")
        raise ScheduleError(f"audit: `log` must be steps and as many rates, got {shown(log)}")
    return rates_of(log, **columns)


def _half_a_digit(rate: Any) -> float:
    """Return by how much a rate may be off: half a unit of its last digit, if it is a text."""
    if not isinstance(rate, str):
        kind = getattr(rate, "dtype", np.dtype(float))
        return abs(float(rate)) * float(np.finfo(kind).eps if kind.kind == "f" else 0.0)
    digits, _, power = rate.strip().lower().partition("e")
    places = len(digits.partition(".")[2])
    return float(0.5 * 10.0 ** (int(power or 0) - places))


def numbers(rates: Sequence[float]) -> list[float]:
    """Return rates as plain numbers."""
    return [float(rate) for rate in rates]
