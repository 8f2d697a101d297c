"""`read_curve`: from the log of a run to a schedule and losses."""

import math
import os
import warnings
from collections.abc import Iterable
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.families.constant import Constant
from glissando.logs.columns import Column, Columns, by_epoch, place
from glissando.logs.curve import Curve
from glissando.logs.log import CURVE, Log, open_log
from glissando.logs.order import Ordered, ordered
from glissando.logs.rates import begins_late, schedule_of
from glissando.logs.source import Source
from glissando.logs.steps import Steps
from glissando.logs.writers import writer_of
from glissando.rules import MAX_STEP, RATE, Maybe, Number
from glissando.schedule import Schedule
from glissando.text import parse
from glissando.text.formats import read_json

KINDS = ("training", "validation")

WORDS = {"training": "training loss", "validation": "validation loss"}

LAG = Maybe(Number(-MAX_STEP, MAX_STEP, whole=True))


def read_curve(
    path: str | os.PathLike[str],
    schedule: Schedule | str | None = None,
    *,
    format: str | None = None,  # noqa: A002  # as users say
    step: str | None = None,
    loss: str | None = None,
    rate: str | None = None,
    kind: str | None = None,
    lag: int | None = None,
    name: str | None = None,
    batch: float | None = None,
    steps_per_epoch: float | None = None,
    branched_at: int | None = None,
) -> Curve:
    r"""Return the run that a log tells of: its losses, and the schedule that it followed.

    Columns are found by their usual names, or named. What is not in the run, though it is in the
    log, is said in warnings: lines that cannot be read, such as a last one that is cut, and steps
    that come again with other numbers, of which the later rows are taken.

    Args:
        path: CSV, JSON lines, the trainer_state.json of Transformers, an event file of TensorBoard
            or a folder with some, a .wandb file, a database or run folder of MLflow, Parquet, what
            training printed, or what `Curve.save` wrote.
        schedule: the schedule of the run, or its text form. By default it is made from the logged
            rates, with lines between them.
        format: "csv", "jsonl", "trainer_state", "tensorboard", "wandb", "mlflow", "sqlite",
            "parquet", "mmcv", "openmmlab", "megatron", "deepspeed", "fairseq", "torchtune", "llmc",
            "llmc_screen" or "curve"; by default it is found from what the file holds.
        step: the column of the steps: updates, or epochs where its name says so.
        loss: the column of the losses.
        rate: the column of the rates.
        kind: which losses: "training" or "validation"; by default those of training, if there are
            some.
        lag: how many steps the rate is behind: a row with step s, as the log counts, holds the rate
            of step s - `lag`. By default it is 1 where the framework that wrote the log is known to
            count from 1 and to log the rate of the update just done, and else 0.
        name: what to call the run.
        batch: how many samples or tokens an update took.
        steps_per_epoch: how many updates a pass over the data takes. Of a log that counts epochs it
            makes a run in updates; without it, the steps of that run are epochs.
        branched_at: the update at which this run left another.

    Raises:
        ScheduleError: an argument breaks its rule; the file is of no known format, or damaged;
            a column is missing, or several may be meant; there are no rates and no `schedule`.
        OSError: the file cannot be read.
        ImportError: an event file is to be read, and TensorBoard is not installed.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "run.csv")
        ...     _ = path.write_text("step,lr,loss\n10,0.5,3.0\n20,0.25,2.5\n")
        ...     read_curve(path)
        gl.Curve(gl.Table(rates=[0.5, 0.25], knots=[10.0, 20.0]), steps=[10, 20], losses=[3.0, 2.5])
    """
    options = {
        "schedule": parse(schedule) if isinstance(schedule, str) else schedule,
        "name": name,
        "kind": kind,
        "batch": batch,
        "steps_per_epoch": steps_per_epoch,
        "branched_at": branched_at,
    }
    said = {
        field: Curve.fields[field].rule.check(value, f"read_curve: `{field}`")
        for field, value in options.items()
        if value is not None
    }
    lag = LAG.check(lag, "read_curve: `lag`")
    asked = {"step": step, "loss": loss, "rate": rate}
    for option, column in asked.items():
        if column is not None and not isinstance(column, str):
            raise ScheduleError(
                f"read_curve: `{option}` must be the name of a column, got {shown(column)}"
            )
    with open_log(path, format) as log:
        if log.format == CURVE:
            if lag is not None or any(asked.values()):
                raise ScheduleError("a saved curve has no columns: leave out `lag` and their names")
            return _saved(log.source).replace(**said)
        reading = _Reading(log, asked)
        curve = reading.curve(said, lag)
    for sentence in reading.notes:
        warnings.warn(f"{path}: {sentence}", stacklevel=2)
    return curve


def _saved(source: Source) -> Curve:
    """Return the run that `Curve.save` wrote."""
    try:
        return Curve.from_data(read_json(source.text()))
    except ScheduleError:
        raise
    except ValueError as error:
        raise ScheduleError(f"not valid JSON: {error}") from None


class _Reading:
    """A log that is read: its columns, and notes for the user."""

    def __init__(self, log: Log, asked: dict[str, str | None]) -> None:
        self.format = log.format
        self.asked = asked
        self.columns = Columns(name for name in asked.values() if name)
        self.columns.read(log.rows)
        self.notes: list[str] = []
        count, first = log.source.left_out, log.source.notes
        if count:
            more = f", and {count - len(first)} more" if count > len(first) else ""
            self.notes.append(f"{'; '.join(first)}{more}: left out")
        if count > self.columns.count:
            raise ScheduleError(f"is no {log.format} that can be read: {first[0]}")
        if not self.columns.count:
            raise ScheduleError("has no rows")
        self.writer = writer_of(log.format, self.columns.names, log.source.facts)

    def curve(self, said: dict[str, Any], lag: int | None) -> Curve:
        """Return the run, with what the user said of it."""
        losses, kind = self._losses(said.get("kind"))
        column = self._column("step", self.asked["step"] or self.writer.step)
        epochs = by_epoch(column.name) or (
            self.format == "tensorboard" and losses.name.startswith("epoch_")  # by Keras
        )
        steps = Steps(column, epochs, said.get("steps_per_epoch"))
        schedule = said.get("schedule") or self._schedule(steps, lag)
        found = self._ordered(
            losses,
            (
                (steps.done(step), loss if math.isfinite(loss) else math.inf)
                for step, loss in steps.of(losses, self.notes)
            ),
        )
        known = said | {"schedule": schedule, "kind": kind}
        return Curve(steps=found.steps, losses=found.values, **known)

    def _column(self, what: str, asked: str | None, option: str = "") -> Column:
        """Return a column that must be there, with numbers only."""
        option = option or what
        column = self.columns.find(what, asked, option)
        if column is None:
            raise ScheduleError(
                f"no column has the usual name of a {WORDS.get(what, what)}: say which by "
                f"`{option}`; {self.columns.listed()}"
            )
        for row, text in column.bad:
            where = f"row {row}: {shown(column.name)} must be a number, got {shown(text)}"
            if row < self.columns.count:
                raise ScheduleError(where)
            self.notes.append(f"{where}: it is left out")  # it is being written
        return column

    def _losses(self, kind: str | None) -> tuple[Column, str]:
        """Return the column of the losses, and what they are of."""
        asked = self.asked["loss"]
        if asked is not None:
            if kind is None:
                kind = KINDS[bool(place(asked, "validation"))]
        elif kind is None:
            found = (k for k in KINDS if self.columns.find(k, None, "loss"))
            kind = next(found, "training")
        return self._column(kind, asked, "loss"), kind

    def _schedule(self, steps: Steps, lag: int | None) -> Schedule:
        """Return the schedule that the rates are of."""
        if self.columns.find("rate", self.asked["rate"], "rate") is None:
            raise ScheduleError(
                "no column has the usual name of a rate: pass `schedule`, or say which by `rate`; "
                f"{self.columns.listed()}"
            )
        column = self._column("rate", self.asked["rate"])
        rows = steps.of(column, self.notes)
        # of an epoch's rate it is known that it held for all of the epoch, or was its last
        held = steps.by_epoch and steps.whole and not (self.writer.last_batch and lag is None)
        found = self._ordered(
            column, ((int(step) if held else steps.done(step), rate) for step, rate in rows)
        )
        for step, value in zip(found.steps, found.values, strict=True):
            RATE.check(value, f"step {step}: {shown(column.name)}")
        first = found.steps[0]
        lag = min(self.writer.lag, first) if lag is None else lag
        if lag > first:
            raise ScheduleError(
                f"`lag` must be at most {first}, the first step with a rate, got {lag}"
            )
        knots = [step - lag for step in found.steps]
        schedule = schedule_of(knots, found.values)
        if begins_late(knots) and not isinstance(schedule, Constant):
            self.notes.append(
                f"{shown(column.name)} begins at step {knots[0]}: its first rate is taken for what "
                "came before"
            )
        if not held or steps.per_epoch is None:
            return schedule
        if steps.per_epoch % 1:
            raise ScheduleError(
                "`steps_per_epoch` must be whole where rates are logged by the epoch, got "
                f"{steps.per_epoch:g}: pass `schedule`"
            )
        return schedule.hold_each(int(steps.per_epoch))

    def _ordered(self, column: Column, pairs: Iterable[tuple[int, float]]) -> Ordered:
        found = ordered(pairs)
        if not found.steps:
            raise ScheduleError(f"no row has both {shown(column.name)} and a step")
        if found.notes:
            self.notes.append(f"{shown(column.name)} {found.notes}")
        return found
