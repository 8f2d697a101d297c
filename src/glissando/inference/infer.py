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
from glissando.inference.batches import by_batches
from glissando.inference.cycles import by_cycles
from glissando.inference.epochs import of_epochs
from glissando.inference.intervals import exact
from glissando.inference.levels import Stairs, staircase
from glissando.inference.long import infer_long
from glissando.inference.pieces import Search
from glissando.inference.rounding import is_clean
from glissando.inference.rows import (
    NARROW,
    Rows,
    computed_narrow,
    is_narrow,
    resolutions_of,
    rows_of,
)
from glissando.inference.sample import sample_of
from glissando.inference.search import Found, shortest
from glissando.inference.skips import (
    FEW_PARTS,
    caught_up,
    is_like_skips,
    oddness,
    skips_of,
    with_skips,
)
from glissando.inference.table import table
from glissando.inference.telling import of_expression, steps_of
from glissando.logs.logged import LoggedRates
from glissando.logs.long import LongLog, rates_of


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
    if isinstance(logged, LongLog):
        return infer_long(logged, lambda some: infer(some, lags=lags))
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
    found, behind = None, np.zeros(len(rows.steps))
    with np.errstate(all="ignore"):  # what a trial makes infinite or nothing is not taken
        answer = of_epochs(logged, rows, tried, notes) or by_cycles(rows, tried, notes)
        if answer is not None:
            return answer
        wider = computed_narrow(rows) if is_narrow(rows.rates) else None
        if wider is None or _as_simple(rows, wider):
            found, behind = _found(rows, tried, _told_skips(logged, rows))
        if wider is not None and found is None:
            found, behind = _found(wider, tried, _told_skips(logged, rows))
            rows, notes = (wider, [*notes, NARROW]) if found is not None else (rows, notes)
    if found is not None:
        skips = skips_of(rows, behind)
        made = caught_up(rows, behind) if skips else rows
        return of_expression(found, made, tried, notes)._replace(skipped=skips)
    with np.errstate(all="ignore"):
        answer = by_batches(rows, tried, notes)
    if answer is not None:
        return answer
    schedule = table(rows, tried[0])
    points = len(schedule.knots)
    said = (
        f"No expression of up to eight parts explains every row: this is a table of {points:,} "
        f"points for {len(rows.steps):,} rows."
    )
    return Inference(schedule, "table", tried[0], len(rows.steps), 1.0, (), (said,), tuple(notes))


def _found(rows: Rows, lags: tuple[int, ...], told: Any) -> tuple[Found | None, Any]:
    """Return an expression, and by how many skipped updates each row is behind."""
    none = np.zeros(len(rows.steps))
    if told is not None:
        made = caught_up(rows, told)
        found = shortest(made, sample_of(made), lags)
        if found is not None:
            return found, told
    found = shortest(rows, sample_of(rows), lags)
    if found is not None:
        parts = len(found.curve.parts)
        sure = parts <= FEW_PARTS and (is_clean(found.curve) or exact(rows))
        if parts == 1 or (sure and not is_like_skips(found.curve)):
            return found, none
    skipped = with_skips(rows, lags)
    if skipped is not None and (
        found is None or skipped.cost < found.length + oddness(found.curve)
    ):
        return skipped.found, skipped.behind
    return found, none


def _as_simple(rows: Rows, wider: Rows) -> bool:
    """Return whether rows fall into pieces as simple as if they were known less exactly."""
    cost, _ = next(Search(sample_of(wider)).ways(), (math.inf, []))
    return any(True for _ in Search(sample_of(rows)).ways(cost))


def _told_skips(logged: LoggedRates, rows: Rows) -> Any:
    """Return how many updates had been skipped by each row, where the log says that there are."""
    if logged.skipped is None or not np.any(logged.skipped):
        return None
    steps = np.asarray(logged.steps, float)
    order = np.argsort(steps, kind="stable")
    return np.asarray(logged.skipped, float)[order][np.searchsorted(steps[order], rows.steps)]


def _logged(
    log: Any, rates: Any, resolution: Any, columns: dict[str, Any]
) -> LoggedRates | LongLog:
    if isinstance(log, LoggedRates | LongLog):
        return log
    if rates is None and isinstance(log, str | PathLike):
        return rates_of(log, **columns)
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
