"""What a training function calls to report: it logs, and has checkpoints written when due."""

import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.rules import Number, plain_number
from glissando.schedule import Schedule
from glissando.studies.runs.attempts import begin_attempt
from glissando.studies.runs.checkpoints import Checkpoint, Checkpoints
from glissando.studies.runs.run import Run
from glissando.studies.runs.storage import BARRED, unwritable
from glissando.studies.runs.store import read_steps
from glissando.text.files import write_whole

FLUSH = 1.0
"""How many seconds of a log may be lost where a process is killed between two checkpoints."""

SPARING = 20
"""How many times longer than a checkpoint takes to write it is at least until the next."""


class Reporter:
    """`report(step, loss=None, *, save=None)` for one run.

    Args:
        run: the run.
        checkpoints: its checkpoints.
        begin: the checkpoint that it goes on from, or None.
        every: after how many seconds a checkpoint is due.
    """

    def __init__(
        self, run: Run, checkpoints: Checkpoints, begin: Checkpoint | None, every: float
    ) -> None:
        self.run = run
        self.checkpoints = checkpoints
        self.every = self.pause = every
        home = checkpoints.home
        self.began = self.step = begin.step if begin else 0
        self.reported = False
        self.gap = 0
        self.attempt = begin_attempt(home, self.began, begin.run.name if begin else None)
        self.clock = self.saved = self.flushed = time.monotonic()
        self.broken: OSError | None = None
        self.rule = Number(0, run.steps, whole=True)
        path = home / "steps.jsonl"
        self._cut_log(begin, path)
        self.log = path.open("a", encoding="utf-8")

    def _cut_log(self, begin: Checkpoint | None, path: Path) -> None:
        """Let the log end where the run goes on: no step is to be in it twice."""
        source = begin.run / "steps.jsonl" if begin else path
        rows = read_steps(source) if begin and source.exists() else []
        kept = "".join(_line(*row) for row in rows if row[0] <= self.began)
        if kept or path.exists():
            write_whole(path, kept.encode())

    @property
    def too_short(self) -> str | None:
        """What is wrong where the reports ended long before the run; None if they did not.

        Two of the longest gaps between reports may be missing: not each training reports its end.
        """
        if not self.gap or self.step + 2 * self.gap >= self.run.steps:
            return None
        return (
            f"it ended after {self.step:,} updates, as it reported, where the schedule has "
            f"{self.run.steps:,}: make `schedule.steps` updates"
        )

    @property
    def updates(self) -> int:
        """How many updates were made by all attempts."""
        return self.attempt.updates + self.step - self.began

    @property
    def seconds(self) -> float:
        """How long they took."""
        return self.attempt.seconds + time.monotonic() - self.clock

    def __call__(
        self, step: int, loss: Any = None, *, save: Callable[[Path], Any] | None = None
    ) -> None:
        """Say that `step` updates are done.

        Args:
            step: how many updates are done, more than at the report before.
            loss: the loss by now, of training or of validation.
            save: writes a checkpoint of the state after `step` updates into a folder; it is called
                at once, if one is due.

        Raises:
            ScheduleError: the step is no whole number, is not above the one before, or is beyond
                the run; the loss is no number.
        """
        done = int(self.rule.check(step, "report: `step`"))
        if done < self.step or (done == self.step and self.reported):
            raise ScheduleError(f"report: `step` must be above {self.step}, got {done}")
        if self.reported or not 0 < done == self.began:  # where it goes on from is in the log
            self._write(done, loss)
        if self.reported:
            self.gap = max(self.gap, done - self.step)
        self.step, self.reported = done, True
        due = save is not None and self._due(done)
        if save is not None and due:
            self._save(done, save)
        if due or time.monotonic() - self.flushed >= FLUSH:
            self._flush()
            self.flushed = time.monotonic()

    def _write(self, step: int, loss: Any) -> None:
        if loss is not None and (number := plain_number(loss)) is None:
            if not _is_nan(loss):
                raise ScheduleError(f"report: `loss` must be a number, got {shown(loss)}")
            number = math.inf
        schedule = self.run.schedule
        rate = schedule(step - 1) if isinstance(schedule, Schedule) and step else None
        self._guarded(self.log.write, _line(step, None if loss is None else number, rate))

    def _due(self, step: int) -> bool:
        """Return whether a checkpoint is to be written after so many updates."""
        if not self.began < step < self.run.steps:
            return False
        return time.monotonic() - self.saved >= self.pause or self.checkpoints.wanted(step)

    def _save(self, step: int, save: Callable[[Path], Any]) -> None:
        self._flush()
        before = time.monotonic()
        try:
            self._guarded(self.checkpoints.write, step, save)
        finally:
            self.checkpoints.drop_part()
        self.saved = time.monotonic()
        if self.every:
            self.pause = max(self.every, SPARING * (self.saved - before))

    def _flush(self) -> None:
        self._guarded(self.log.flush)
        self._guarded(os.utime, self.log.name)  # a sign of life, where nothing was written

    def _guarded(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call what writes; remember an error of the disk, which is none of the training's."""
        try:
            function(*arguments)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in BARRED:
                self.broken = error
            else:
                self.broken = unwritable(self.checkpoints.home)
            raise

    def close(self, *, complete: bool) -> None:
        """Write what is still to be written; where all updates were made, count them."""
        if complete:
            self.step = self.run.steps
        try:
            self.log.close()
        except OSError as error:
            self.broken = self.broken or error


def _line(step: int, loss: float | None, rate: float | None) -> str:
    if loss is not None and not math.isfinite(loss):
        loss = "inf"  # type: ignore[assignment]
    return json.dumps([step, loss, rate]) + "\n"


def _is_nan(loss: Any) -> bool:
    try:
        return math.isnan(float(loss))
    except (TypeError, ValueError):
        return False
