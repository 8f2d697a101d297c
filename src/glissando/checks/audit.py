"""Whether a log of rates is of the schedule that was meant, and why not."""

import math
from typing import Any

import numpy as np

from glissando.checks.epochs import joined
from glissando.checks.long import search_long
from glissando.checks.readings import Given
from glissando.checks.rows import log_of, rows_of
from glissando.checks.search import search
from glissando.checks.verdict import Columns, First, Reason, Used, Verdict
from glissando.checks.view import Explanation, View
from glissando.errors import one_of
from glissando.logs.logged import CLOCKS
from glissando.logs.long import LongLog
from glissando.rules import MAX_STEP, Number
from glissando.schedule import Part, Schedule

COUNT = Number(1, MAX_STEP, whole=True)

LAG = Number(-MAX_STEP, MAX_STEP, whole=True)


def audit(
    log: Any,
    schedule: Schedule,
    *,
    per_epoch: int | None = None,
    world_size: int | None = None,
    accumulation: int | None = None,
    batch_size: int | None = None,
    lag: int | None = None,
    clock: str | None = None,
    format: str | None = None,  # noqa: A002  # as users say
    step: str | None = None,
    rate: str | None = None,
) -> Verdict:
    """Return whether logged rates are those of a schedule; if not, where and why.

    Rates are compared as exactly as the log tells them. How far a log's rows are behind the updates
    is found, among what is documented for its format, and said. If a row differs, one cause must
    explain all rows; the simplest one is given, and others that do it as well.

    Args:
        log: the path of a log, as `gl.read_curve` takes it and some more; or what was read of one;
            or a pair of steps and rates, where rates may be texts, which say how exact they are.
        schedule: the schedule that was meant, update by update; or by epochs, if the log has a row
            an epoch and `per_epoch` is not given.
        per_epoch: how many updates an epoch has.
        world_size: how many processes train.
        accumulation: over how many batches a gradient is accumulated.
        batch_size: how many samples an update takes: for a log whose steps count samples.
        lag: a row with step s holds the rate of update s - lag; by default it is found.
        clock: what the log's steps count: "update", "epoch", "sample" or "batch"; by default as the
            log's format has it.
        format: of a path, what wrote it, as for `gl.read_curve`; by default it is found.
        step: of a path, the column of the steps; by default it is found by its usual name.
        rate: of a path, the column of the rates, likewise.

    Raises:
        ScheduleError: an argument breaks its rule, or the log cannot be read or has no rates.
        OSError: the log cannot be read.

    Example:
        >>> import glissando as gl
        >>> meant = gl.Linear(0.1, 0.0, steps=10)
        >>> verdict = audit(([0, 1, 2, 3], [0.1, 0.09, 0.04, 0.035]), meant)
        >>> verdict.matches, verdict.first.update, verdict.cause.name
        (False, 2, 'changed by hand')
    """
    schedule = Part().check(schedule, "audit: `schedule`")
    counts = {
        "per_epoch": per_epoch,
        "world_size": world_size,
        "accumulation": accumulation,
        "batch_size": batch_size,
    }
    for name, value in counts.items():
        if value is not None:
            COUNT.check(value, f"audit: `{name}`")
    if lag is not None:
        LAG.check(lag, "audit: `lag`")
    if clock is not None:
        one_of(clock, CLOCKS, "audit: `clock`")
    given = Given(**counts, lag=lag, clock=clock)
    with np.errstate(all="ignore"):  # a curve that was tried and is no rate does not fit
        logged = log_of(log, format=format, step=step, rate=rate)
        if isinstance(logged, LongLog):
            return _verdict(*search_long(logged, schedule, given))
        logged, given = joined(logged, schedule, given)
        view, found = search(rows_of(logged), schedule, given)
        return _verdict(view, found, view.rows.size)


def _verdict(view: View, found: list[Explanation], count: int) -> Verdict:
    rows, reading = view.rows, view.reading
    matches = bool(view.fits.all())
    told = (
        view.rates
        if matches
        else found[0].rates
        if found
        else np.where(view.fits, view.rates, math.nan)
    )
    columns = Columns(
        rows.steps, view.updates, rows.numbers, view.rates, rows.rates, told, view.fits
    )
    reasons = [_reason(view, one) for one in found]
    others: dict[str, Reason] = {}
    for reason in reasons[1:]:
        if reason.name != reasons[0].name:
            others.setdefault(reason.name, reason)
    return Verdict(
        matches=matches,
        cause=reasons[0] if reasons else None,
        others=tuple(others.values()),
        lag=reading.lag,
        clock=reading.clock,
        reading=reading.sentence,
        digits=_digits(view),
        first=None if matches else _first(view),
        explained=_longest(view.fits),
        used=_used(view, told, matches),
        rows=columns,
        doubts=tuple(_doubts(view, matches)) + (found[0].doubts if found else ()),
        notes=rows.notes,
        schedule=view.meant.schedule,
        compared=count,
    )


def _reason(view: View, found: Explanation) -> Reason:
    then = None if found.then is None else _reason(view, found.then)
    return Reason(found.name, found.sentence, found.parameters, _since(view, found), then)


def _since(view: View, found: Explanation) -> int:
    return int(found.parameters.get("since", max(view.updates[view.first], 0)))


def _first(view: View) -> First:
    row, rows = view.first, view.rows
    return First(
        row,
        int(rows.numbers[row]),
        float(rows.steps[row]),
        int(view.updates[row]),
        float(view.rates[row]),
        float(rows.rates[row]),
    )


def _used(view: View, told: Any, matches: bool) -> Used | None:
    """Return what the last update used that was made when the last row was written."""
    reading, steps = view.reading, view.rows.steps
    if reading.clock != "update" or reading.per_epoch or view.rows.log.mean:
        return None
    update = int(steps[-1]) - (1 if _from_1(steps, reading.lag) else 0)
    held = np.flatnonzero(view.updates == update)
    if len(held) and math.isfinite(told[held[-1]]):
        return Used(update, float(told[held[-1]]), bool(held[-1] == len(steps) - 1))
    return Used(update, float(view.meant(update)), False) if matches and update >= 0 else None


def _from_1(steps: Any, lag: int) -> bool:
    """Return whether steps count the updates that were made, from 1, and not updates, from 0."""
    if lag or len(steps) < 2:
        return lag > 0
    return bool(steps.min() > 0 and steps[0] != steps[1] - steps[0] - 1)


def _digits(view: View) -> int:
    """Return to how many significant digits the log tells the rates that it tells best."""
    rates = np.abs(view.rows.rates)
    told = (rates > 0) & np.isfinite(rates)
    if not told.any():
        return 0
    resolutions = np.maximum(view.rows.resolutions[told] / rates[told], 1e-17)
    return int(np.clip(math.ceil(-math.log10(2 * float(resolutions.min())) - 0.01), 1, 16))


def _longest(fits: Any) -> tuple[int, int]:
    """Return the first and last row of the longest run that fits; of none, the last is before."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], fits.astype(int), [0]])))
    runs = edges.reshape(-1, 2)
    if not len(runs):
        return (0, -1)
    begin, end = max(runs.tolist(), key=lambda run: run[1] - run[0])
    return int(begin), int(end) - 1


def _doubts(view: View, matches: bool) -> list[str]:
    """Return what rows that are as they were meant cannot tell."""
    doubts = []
    if matches:
        others = [
            lag
            for lag in view.rows.log.lags
            if lag != view.reading.lag and view.given.lag is None and _as_well(view, lag)
        ]
        if others:
            words = " and ".join(str(lag) for lag in others)
            lags = f"lags of {words}" if len(others) > 1 else f"a lag of {words}"
            doubts.append(f"the lag: {lags} would fit as well")
    end, last = view.meant.schedule.steps, float(view.updates.max())
    if view.reading.mean and view.reading.per_epoch:
        last += view.reading.per_epoch - 1
    if matches and last < end - 1 and end < math.inf:
        doubts.append(
            f"what came after update {last:,.0f}: the schedule has {end:,.0f}, and the log ends"
        )
    return doubts


def _as_well(view: View, lag: int) -> bool:
    moved = view.reading._replace(updates=view.updates + view.reading.lag - lag)
    return bool(View(view.rows, view.meant, moved, view.given).fits.all())
