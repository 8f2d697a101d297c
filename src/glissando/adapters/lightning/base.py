"""What the schedulers of a fit need of its Trainer, however they came to it."""

import math
import sys
import weakref
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.param_schedules import ParamSchedules, by_name
from glissando.adapters.shared.run_length import compare
from glissando.adapters.torch import Scheduler
from glissando.errors import ScheduleError, shown


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


class FollowedOptimizer:
    """One optimizer that follows a schedule, and the metric that it monitors."""

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

    def observe(self) -> None:
        """Give the scheduler the metric that was last looked at."""
        if (scheduler := self.scheduler()) is not None:
            scheduler.step(self.last)


class Follower(lightning.Callback):  # type: ignore[misc]  # whichever package it is from
    """Gives the schedulers of a fit what only the Trainer knows."""

    _name = "LearningRateScheduler"

    def __init__(self) -> None:
        self._optimizers: list[FollowedOptimizer | None] = []
        self._earlier: list[Any] = []  # the states at the end of an earlier fit
        self._trained = self._validated = False

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Begin a fit: its optimizers are new ones."""
        if stage != "fit":
            return
        # a Trainer that fits again goes on counting, unless it is given a checkpoint
        self._earlier = self._states() if trainer.global_step else []
        self._optimizers = []

    def _states(self) -> list[Any]:
        schedulers = [None if o is None else o.scheduler() for o in self._optimizers]
        return [None if s is None else s.state_dict() for s in schedulers]

    def _alive(self) -> Iterator[tuple[FollowedOptimizer, Scheduler]]:
        for optimizer in self._optimizers:
            if optimizer is not None and (scheduler := optimizer.scheduler()) is not None:
                yield optimizer, scheduler

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Compare the length of the schedules with that of the training to come."""
        self._trained = self._validated = False
        # with manual optimization Lightning does not know how many updates a batch makes
        if trainer.fast_dev_run or not pl_module.automatic_optimization:
            return
        if (updates := updates_of(trainer)) is None:
            return
        for optimizer, scheduler in self._alive():
            compare(
                by_name(scheduler.schedule),
                updates,
                self._name,
                optimizer.on_length,
                f"Build it with steps=trainer.estimated_stepping_batches, or take "
                f"schedule.stretch({updates})",
                first=trainer.is_global_zero,
            )

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *args: Any) -> None:
        """Write the rate of the update to come, for whoever logs it at the next batch."""
        self._trained = True
        for _, scheduler in self._alive():
            scheduler.step()

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Remember the metrics that are there already."""
        for optimizer in self._monitoring():
            optimizer.new(trainer)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Observe the metrics that validation has logged."""
        counts = trainer.state.fn == "fit" and not trainer.sanity_checking
        for optimizer in self._monitoring():
            if optimizer.new(trainer):
                optimizer.validated = True
                if counts:
                    optimizer.observe()
        self._validated = counts

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Observe the metrics that training has logged."""
        for optimizer in self._monitoring():
            if optimizer.validated:
                continue
            if optimizer.new(trainer):
                optimizer.observe()
            elif (
                optimizer.last is None
                and self._trained
                and (self._validated or not trainer.enable_validation)
            ):
                known = ", ".join(map(repr, trainer.callback_metrics)) or "none"
                raise ScheduleError(
                    f"{self._name}: no metric {optimizer.monitor!r} was logged in training_step or "
                    f"in validation, for the plateau to monitor; there are: {known}"
                )

    def _monitoring(self) -> list[FollowedOptimizer]:
        return [o for o in self._optimizers if o is not None and o.monitor is not None]


def check(where: str, each: list[ParamSchedules], monitor: object, on_length: object) -> None:
    """Raise if a plateau and the name of a metric do not come together, or an option is none.

    Args:
        where: what the messages call the adapter.
        each: what each optimizer follows.
        monitor: the name of the metric.
        on_length: what to do about a schedule of another length than the run's.
    """
    monitors = any(schedules.monitors_metric for schedules in each)
    if monitors and not isinstance(monitor, str):
        raise ScheduleError(
            f"{where}: a schedule on a plateau needs `monitor`, the name of a metric as given to "
            f"log, got {shown(monitor)}"
        )
    if monitor is not None and not monitors:
        each[0].check_monitors(f"the metric {shown(monitor)} of `monitor`")
    check_reaction(on_length, f"{where}: `on_length`")


def updates_of(trainer: Any) -> int | None:
    """Return how many updates a Trainer makes, or None where it does not know."""
    changing = lightning.callbacks.GradientAccumulationScheduler  # then the estimate is wrong
    if any(isinstance(callback, changing) for callback in trainer.callbacks):
        return None
    updates = trainer.estimated_stepping_batches
    return int(updates) if 0 < updates < math.inf else None  # of data without a length it is -1
