"""`gl.infer`: from the rates of a log to the simplest schedule that explains them all."""

import math
from collections.abc import Sequence
from itertools import pairwise
from os import PathLike
from typing import Any

import numpy as np

from glissando.errors import ScheduleError, shown
from glissando.families.piecewise import Piecewise
from glissando.inference.answer import Inference, Told
from glissando.inference.levels import Stairs, staircase
from glissando.inference.rows import Rows, resolutions_of, rows_of
from glissando.inference.search import Found, shortest
from glissando.inference.table import table
from glissando.inference.telling import numbers_of, steps_of, unknown
from glissando.logs.logged import LoggedRates

MANY = 240
"""From how many rows an expression is found; it is then compared with all."""

FIRST = 60
"""How many of them are the log's first: a warm-up is short."""

BENT = 40
"""How many are rows around which the curve bends most."""


def infer(
    log: Any,
    rates: Any = None,
    *,
    resolution: Any = None,
    lags: Sequence[int] | None = None,
    **columns: Any,
) -> Inference:
    """Return the simplest schedule that explains every row of a log.

    Args:
        log: a path, or rates that were read, or the steps of `rates`.
        rates: the rates at the steps that `log` holds.
        resolution: half of what the last digit of a rate stands for, one number or one for each
            rate. By default it is found from the numbers themselves.
        lags: by how many updates a row may be late, the likeliest first. By default those that are
            documented for the log's format; of steps and rates 0.
        **columns: what else the reader of a path is to know, as `format`, `step` and `rate`.

    Raises:
        ScheduleError: the log holds no rates, or rows that contradict each other.

    Example:
        >>> steps = range(0, 1000, 20)
        >>> rates = [0.001 * min(1, step / 100) for step in steps]
        >>> print(infer(steps, rates).schedule)
        linear(0.0, 0.001, steps=100) >> constant(0.001)
    """
    logged = _logged(log, rates, resolution, columns)
    rows, notes = rows_of(logged)
    tried = tuple(logged.lags if lags is None else lags)
    if not all(isinstance(lag, int) for lag in tried) or not tried:
        raise ScheduleError(f"infer: `lags` must be whole numbers, got {shown(lags)}")
    tried = tuple(lag for lag in tried if rows.steps[0] >= lag) or (math.floor(rows.steps[0]),)
    notes = [*logged.notes, *notes]
    if (rows.rates - rows.errors).max() <= (rows.rates + rows.errors).min():
        tried = tried[:1]
    stairs = staircase(rows, tried)
    if stairs is not None:
        return _of_stairs(stairs, rows, notes)
    with np.errstate(all="ignore"):  # what a trial makes infinite or nothing is not taken
        found = shortest(rows, sample_of(rows), tried)
    if found is not None:
        return _of_expression(found, rows, tried, notes)
    schedule = table(rows, tried[0])
    points = len(schedule.knots)
    said = (
        f"No expression of up to eight parts explains every row: this is a table of {points:,} "
        f"points for {len(rows.steps):,} rows."
    )
    return Inference(schedule, "table", tried[0], len(rows.steps), 1.0, (), (said,), tuple(notes))


def _logged(log: Any, rates: Any, resolution: Any, columns: dict[str, Any]) -> LoggedRates:
    if isinstance(log, LoggedRates):
        return log
    if rates is None and isinstance(log, str | PathLike):
        from glissando.logs.rates_of import read_rates

        return read_rates(log, **columns)
    if rates is None:
        raise ScheduleError(
            "infer: `log` must be a path, rates that `read_rates` has read, or steps with `rates` "
            f"beside them, got {shown(log)}"
        )
    steps, found = np.asarray(list(log), float), np.asarray(list(rates), float)
    if steps.shape != found.shape or steps.ndim != 1:
        raise ScheduleError(
            f"infer: `rates` must be as many as the steps, got {found.size} for {steps.size}"
        )
    near = resolutions_of(found) if resolution is None else np.broadcast_to(resolution, found.shape)
    return LoggedRates(steps, found, near, np.arange(1, len(steps) + 1), "arrays", (0,))


def sample_of(rows: Rows) -> Rows:
    """Return few rows that show the curve: the first, some of all, and those where it bends."""
    rows = rows.part(_telling(rows))
    count = len(rows.steps)
    if count <= MANY:
        return rows
    gaps = np.diff(rows.steps)
    slopes = np.diff(rows.rates) / gaps
    bend = np.abs(np.diff(slopes)) * np.minimum(gaps[1:], gaps[:-1])
    bend /= rows.errors[1:-1] + 1e-3 * np.abs(np.diff(rows.rates)[1:])
    sharp = np.argsort(-bend)[:BENT] + 1
    spread = np.linspace(0, count - 1, MANY - FIRST - BENT).round().astype(int)
    near = np.concatenate([sharp - 1, sharp, sharp + 1])
    return rows.part(np.unique(np.concatenate([np.arange(FIRST), spread, near])))


def _telling(rows: Rows) -> Any:
    """Return which rows tell more than their neighbors: two at each end of a run of equal rates.

    All of a run are off by the same rounding, so that more of them would only seem to tell more.
    """
    same = np.diff(rows.rates, prepend=np.nan, append=np.nan) == 0
    inner = np.convolve(same, np.ones(4, int), "valid") == 4
    return ~np.pad(inner, 1)[: len(rows.rates)]


def _of_expression(found: Found, rows: Rows, tried: tuple[int, ...], notes: list[str]) -> Inference:
    numbers = numbers_of(found, rows)
    said = unknown(found, rows, tried)
    return Inference(
        found.schedule,
        "expression",
        found.lag,
        len(rows.steps),
        found.worst,
        tuple(numbers),
        tuple(said),
        tuple(notes),
    )


def _of_stairs(stairs: Stairs, rows: Rows, notes: list[str]) -> Inference:
    said = []
    rates = getattr(stairs.schedule, "values", ())
    if isinstance(stairs.schedule, Piecewise) and all(a > b for a, b in pairwise(rates)):
        each = f", each {stairs.ratio:g} of the one before" if stairs.ratio else ""
        said.append(
            f"Plateau-like: levels that fall{each}, and not after one length. Milestones, or a "
            "metric that stalled: a log of rates cannot tell."
        )
    said = [*said, *steps_of(rows, stairs.lag)]
    said.append(f"After update {rows.steps[-1] - stairs.lag:g} the log tells nothing.")
    held = (stairs.schedule(max(int(high), 0)) for _, high in [(0, 0.0), *stairs.gaps])
    numbers = [
        Told(f"level {i}", float(rate), low, high)
        for i, (rate, (low, high)) in enumerate(zip(held, stairs.rates, strict=True), 1)
    ]
    numbers += [
        Told(f"first step of level {i}", _begin(stairs, low, high), low + 1, high)
        for i, (low, high) in enumerate(stairs.gaps, 2)
    ]
    return Inference(
        stairs.schedule,
        "expression",
        stairs.lag,
        len(rows.steps),
        stairs.worst,
        tuple(numbers),
        tuple(said),
        tuple(notes),
    )


def _begin(stairs: Stairs, low: float, high: float) -> float:
    return float(next((b for b in stairs.schedule.breaks(int(low) + 1) if b <= high), high))
