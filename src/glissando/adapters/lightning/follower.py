"""What a Trainer tells to the schedulers of a fit, however they came to it."""

import math
import sys
import weakref
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from glissando.adapters.torch import Scheduler
from glissando.adapters.torch.lengths import compare
from glissando.course import Course, Followed
from glissando.reaction import Reaction, check_reaction
from glissando.rules import ScheduleError, shown

What = Followed | Mapping[str, Followed]


def _package() -> Any:
    """Return Lightning under the name that the program uses: the two share no class."""
    new, old = "lightning.pytorch", "pytorch_lightning"
    if old in sys.modules and new not in sys.modules:
        return import_module(old)
    try:
        return import_module(new)
    except ModuleNotFoundError:
        return import_module(old)


lightning: Any = _package()


class Line:
    """One optimizer that follows, and the metric that it listens to."""

    def __init__(self, scheduler: Scheduler, monitor: str | None, on_length: Reaction) -> None:
        # when Lightning drops one that `configure` made, it must no longer write
        self.scheduler = weakref.ref(scheduler)
        self.monitor = monitor
        self.on_length = on_length
        self.last: Any = None  # the metric when it was last looked at
        self.validated = False  # the metric is one of validation

    def new(self, trainer: Any) -> bool:
        """Return whether the metric is another one than when it was last looked at."""
        now = trainer.callback_metrics.get(self.monitor)
        last, self.last = self.last, now
        return now is not None and now is not last

    def hear(self) -> None:
        """Let the scheduler hear the metric that was last looked at."""
        if (scheduler := self.scheduler()) is not None:
            scheduler.step(self.last)


class Follower(lightning.Callback):  # type: ignore[misc]  # whichever package it is from
    """Tells the schedulers of a fit what only the Trainer knows."""

    _name = "LearningRateScheduler"

    def __init__(self) -> None:
        self._lines: list[Line | None] = []
        self._earlier: list[Any] = []  # the states at the end of an earlier fit
        self._trained = self._validated = False

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Begin a fit: its optimizers are new ones."""
        if stage != "fit":
            return
        # a Trainer that fits again goes on counting, unless it is told of a checkpoint
        self._earlier = self._states() if trainer.global_step else []
        self._lines = []

    def _states(self) -> list[Any]:
        schedulers = [None if line is None else line.scheduler() for line in self._lines]
        return [None if s is None else s.state_dict() for s in schedulers]

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Compare the length of the schedules with that of the training to come."""
        self._trained = self._validated = False
        # with manual optimization Lightning does not know how many updates a batch makes
        if trainer.fast_dev_run or not pl_module.automatic_optimization:
            return
        updates = updates_of(trainer)
        for line in self._lines:
            if updates is None or line is None or (scheduler := line.scheduler()) is None:
                continue
            compare(
                scheduler,
                updates,
                self._name,
                line.on_length,
                f"Build it with steps=trainer.estimated_stepping_batches, or take "
                f"schedule.stretch({updates})",
                first=trainer.is_global_zero,
            )

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *args: Any) -> None:
        """Write the rate of the update to come, for whoever logs it at the next batch."""
        self._trained = True
        for line in self._lines:
            if line is not None and (scheduler := line.scheduler()) is not None:
                scheduler.step()

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Remember the metrics that are there already."""
        for line in self._listeners():
            line.new(trainer)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Hear the metrics that validation has logged."""
        counts = trainer.state.fn == "fit" and not trainer.sanity_checking
        for line in self._listeners():
            if line.new(trainer):
                line.validated = True
                if counts:
                    line.hear()
        self._validated = counts

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Hear the metrics that training has logged."""
        for line in self._listeners():
            if line.validated:
                continue
            if line.new(trainer):
                line.hear()
            elif (
                line.last is None
                and self._trained
                and (self._validated or not trainer.enable_validation)
            ):
                known = ", ".join(map(repr, trainer.callback_metrics)) or "none"
                raise ScheduleError(
                    f"{self._name}: no metric {line.monitor!r} was logged in "
                    f"training_step or in validation, for the plateau to hear; there are: {known}"
                )

    def _listeners(self) -> list[Line]:
        return [line for line in self._lines if line is not None and line.monitor is not None]


def check(where: str, courses: list[Course], monitor: object, on_length: object) -> None:
    """Raise if a plateau and the name of a metric do not come together, or an option is none."""
    listens = any(course.listens for course in courses)
    if listens and not isinstance(monitor, str):
        raise ScheduleError(
            f"{where}: a schedule on a plateau needs `monitor`, the name of a metric as given to "
            f"log, got {shown(monitor)}"
        )
    if monitor is not None and not listens:
        raise ScheduleError(
            f"{where}: no schedule listens to `monitor`, {shown(monitor)}; put one on a plateau: "
            "gl.Plateau(...).on(schedule)"
        )
    check_reaction(on_length, f"{where}: `on_length`")


def updates_of(trainer: Any) -> int | None:
    """Return how many updates a Trainer makes, or None where it does not know."""
    changing = lightning.callbacks.GradientAccumulationScheduler  # then the estimate is wrong
    if any(isinstance(callback, changing) for callback in trainer.callbacks):
        return None
    updates = trainer.estimated_stepping_batches
    return int(updates) if 0 < updates < math.inf else None  # of data without a length it is -1
