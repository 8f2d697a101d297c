"""`read_rates`: the rates that a log holds, each with its step and how exactly it is known."""

import os
from itertools import islice
from typing import Any

import numpy as np

from glissando.errors import ScheduleError, shown
from glissando.logs.columns import Column, Columns, by_epoch
from glissando.logs.growing import parts
from glissando.logs.log import CURVE, Log, open_log
from glissando.logs.logged import LoggedRates
from glissando.logs.scan import scanned
from glissando.logs.source import LONG
from glissando.logs.writers import CONSOLES, Writer, writer_of
from glissando.rules import MAX_STEP

SAMPLE = 10_000
"""How many rows of a long log tell its columns, its writer and how its rates are written."""


def read_rates(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002  # as users say
    step: str | None = None,
    rate: str | None = None,
) -> LoggedRates:
    r"""Return the rates of a log in the order of the file, each with its step and resolution.

    What is there twice with the same step and rate is kept once; a step with several rates keeps
    them all.

    Args:
        path: a log, or a folder with event files, a .wandb file or a run of MLflow.
        format: its format, one of those in `glissando.logs.log.READERS`; by default it is found.
        step: the column of the steps, by default found by its usual name.
        rate: the column of the rates, likewise.

    Raises:
        ScheduleError: the file is of no known format, or damaged; a column is missing, or several
            may be meant.
        OSError: the file cannot be read.
        ImportError: the format needs a package that is not installed.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "run.csv")
        ...     _ = path.write_text("step,lr\n10,0.0500\n20,0.0250\n")
        ...     log = read_rates(path)
        >>> log.steps, log.rates, log.resolutions.round(9)
        (array([10., 20.]), array([0.05 , 0.025]), array([5.e-05, 5.e-05]))
    """
    for option, name in (("step", step), ("rate", rate)):
        if name is not None and not isinstance(name, str):
            raise ScheduleError(
                f"read_rates: `{option}` must be the name of a column, got {shown(name)}"
            )
    with open_log(path, format, "read_rates") as log:
        if log.format == CURVE:
            raise ScheduleError("is a saved curve, not a log: its `schedule` holds its rates")
        return Reading(log, step, rate).logged()


class Reading:
    """A log that is read for its rates.

    Args:
        log: the log.
        step: the column of the steps, if it is said.
        rate: the column of the rates, if it is said.
        part: whether the log is a part of its file.
    """

    def __init__(self, log: Log, step: str | None, rate: str | None, *, part: bool = False) -> None:
        self.log = log
        self.part = part
        self.asked = (step, rate)
        extra = ("skipped",) if log.format in CONSOLES else ()
        asked = [name for name in (step, rate, *extra) if name]
        self.columns = Columns(asked, ("step", "rate"), shaped=True)
        self.notes: list[str] = []

    def logged(self) -> LoggedRates:
        """Return what the log holds."""
        found = self._scanned() or self.by_row()
        writer, step, rate = self.chosen()
        rows, steps, rates = self._finite(*found, rate.name)
        epochs = by_epoch(step.name) or writer.clock == "epoch"
        check_steps(rows, steps, step.name, epochs)
        anew, lengths = self._anew(rows, steps) if writer.name == "mmcv" else (None, (0, 0))
        if anew is not None:
            steps = steps + anew * lengths[0]
        kept = _first_of_each(steps, rates)
        if kept is not None:
            self.notes.append(
                f"{len(steps) - len(kept)} rows repeat an earlier one, and are not kept"
            )
            rows, steps, rates = rows[kept], steps[kept], rates[kept]
            anew = anew if anew is None else anew[kept]
        assert rate.shapes is not None
        exact = writer.exact
        if self.log.format == "tensorboard" and rate.shapes.digits <= 9:  # as of float32
            rates, exact = rates.astype(np.float32).astype(float), "float32"
        rates, resolutions = rate.shapes.told(rates, exact, self.log.format != "csv")
        lags = (0,) if writer.last_batch and steps[0] == 0 else writer.lags
        return LoggedRates(
            steps,
            rates,
            resolutions,
            rows if isinstance(rows, np.memmap) else rows.astype(np.int64),
            writer.name,
            lags,
            "epoch" if epochs else writer.clock,
            writer.mean,
            self._skipped(rows),
            tuple(self._said()),
            writer.last_batch,
            anew,
            lengths,
        )

    def _anew(self, rows: Any, steps: Any) -> tuple[Any, tuple[int, int]]:
        """Return the epoch of each row, and how long epochs may be, where steps begin anew."""
        column = self.columns.columns["epoch"]
        epochs = np.array(column.values)[np.searchsorted(np.array(column.rows), rows)] - 1
        later, moves = np.diff(epochs) > 0, np.diff(steps)
        if not epochs.any() or (np.any(later & (moves > 0)) and not np.any(later & (moves < 0))):
            return None, (0, 0)
        every = moves[(np.diff(epochs) == 0) & (moves > 0)]
        least = int(steps.max())
        return epochs, (least, least + int(every.min(initial=steps.max())) - 1)

    def _scanned(self) -> tuple[Any, Any, Any] | None:
        """Return the rows, steps and rates of a long log, if nothing in it is odd."""
        source = self.log.source
        few = source.path.stat().st_size < LONG and self.log.format != "parquet"
        if self.part or source.path.is_dir() or few:
            return None
        self.columns.read(islice(self.log.rows, SAMPLE))
        try:
            _, step, rate = self.chosen()
        except ScheduleError:
            return None  # it may come later
        at = source.file.tell()
        found = scanned(source, self.log.format, step.name, rate.name)
        source.file.seek(at)
        return found

    def by_row(self) -> tuple[Any, Any, Any]:
        """Return the rows, steps and rates of a log that is read row by row."""
        self.columns.read(self.log.rows)
        source = self.log.source
        if source.left_out > self.columns.count:
            raise ScheduleError(f"is no {self.log.format} that can be read: {source.notes[0]}")
        if not self.columns.count:
            raise ScheduleError("has no rows")
        _, step, rate = self.chosen()
        for column in (step, rate):
            for row, text in column.bad:
                where = f"row {row}: {shown(column.name)} must be a number, got {shown(text)}"
                if row < self.columns.count:
                    raise ScheduleError(where)
                self.notes.append(f"{where}: it is left out")  # it is being written
        step_rows, rows = np.array(step.rows), np.array(rate.rows)
        at = np.searchsorted(step_rows, rows)
        has = np.zeros(len(rows), bool)
        inside = at < len(step_rows)
        has[inside] = step_rows[at[inside]] == rows[inside]
        if not has.all():
            self.notes.append(
                f"{len(rows) - has.sum()} rows have {shown(rate.name)} and no {shown(step.name)}, "
                f"and are left out: the first is row {rows[~has][0]}"
            )
        if not has.any():
            raise ScheduleError(f"no row has both {shown(rate.name)} and a step")
        return rows[has], np.array(step.values)[at[has]], np.array(rate.values)[has]

    def chosen(self) -> tuple[Writer, Column, Column]:
        """Return who wrote the log, and the columns of its steps and rates."""
        step, rate = self.asked
        columns = self.columns
        writer = writer_of(self.log.format, columns.names, self.log.source.facts)
        try:
            chosen = columns.find("rate", rate, "rate")
        except ScheduleError:
            if rate or not writer.rate:
                raise
            chosen = columns.find("rate", writer.rate, "rate")
        steps = columns.find("step", step or writer.step, "step")
        if chosen is None or steps is None:
            what = "rate" if chosen is None else "step"
            raise ScheduleError(
                f"no column has the usual name of a {what}: say which by `{what}`; "
                f"{columns.listed()}"
            )
        return writer, steps, chosen

    def _finite(self, rows: Any, steps: Any, rates: Any, name: str) -> tuple[Any, Any, Any]:
        """Return what holds a rate that is a finite number."""
        if all(np.isfinite(part).all() for (part,) in parts(rates)):
            return rows, steps, rates
        kept = np.isfinite(rates)
        self.notes.append(
            f"{len(rates) - kept.sum()} rows have a {shown(name)} that is no finite number, "
            f"and are left out: the first is row {rows[~kept][0]:g}"
        )
        if not kept.any():
            raise ScheduleError(f"no row has a {shown(name)} that is a finite number")
        return rows[kept], steps[kept], rates[kept]

    def _skipped(self, rows: Any) -> Any:
        """Return how many updates were skipped by each row, where the log says it."""
        column = self.columns.columns.get("skipped")
        if self.log.format not in CONSOLES or column is None:
            return None
        counts = np.concatenate([[0.0], np.array(column.values)])
        return counts[np.searchsorted(np.array(column.rows), rows, "right")].astype(np.int64)

    def _said(self) -> list[str]:
        """Return the notes, those of what could not be read first."""
        source = self.log.source
        more = source.left_out - len(source.notes)
        first = [f"{'; '.join(source.notes)}{f', and {more} more' * (more > 0)}: left out"]
        return first * bool(source.left_out) + self.notes


def check_steps(rows: Any, steps: Any, name: str, epochs: bool) -> None:
    """Hold steps to be whole, or parts of epochs, and from 0 on."""
    for lines, part in parts(rows, steps):
        good = (part >= 0) & (part <= MAX_STEP)
        rule = "be 0 or more and at most 2**53"
        if good.all() and not epochs:
            good, rule = part == np.floor(part), "be a whole number"
        if not good.all():
            at = int(np.argmin(good))
            raise ScheduleError(f"row {lines[at]:g}: `{name}` must {rule}, got {part[at]:g}")


def _first_of_each(steps: Any, rates: Any) -> Any:
    """Return which rows to keep, of each step and rate the first; None for all."""
    last = -1.0
    for (part,) in parts(steps):
        if part[0] <= last or (np.diff(part) <= 0).any():
            break
        last = float(part[-1])
    else:
        return None
    order = np.lexsort((rates, steps))
    same = (np.diff(steps[order]) == 0) & (np.diff(rates[order]) == 0)
    if not same.any():
        return None
    return np.sort(order[np.concatenate([[True], ~same])])
