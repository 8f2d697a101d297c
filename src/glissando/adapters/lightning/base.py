"""What the schedulers of a fit need of its Trainer, however they came to it."""

import math
import sys
import weakref
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from glissando.adapters.shared.conflicts import Reaction
from glissando.adapters.shared.early_stopping import compare_patience
from glissando.adapters.shared.param_schedules import ParamSchedules, Schedules, by_name
from glissando.adapters.shared.run_length import NOMINAL, compare, for_run, needs_length
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

    def __init__(
        self,
        scheduler: Scheduler,
        monitor: str | None,
        on_length: Reaction,
        on_conflict: Reaction,
    ) -> None:
        # with manual optimization the module may call step() once an epoch, as for any other
        scheduler.expect_several()
        # when Lightning drops one that `configure` made, it must no longer write
        self.scheduler = weakref.ref(scheduler)
        self.monitor = monitor
        self.on_length = on_length
        self.on_conflict = on_conflict
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
        if trainer.fast_dev_run:
            return
        self._compare_patience(trainer)
        if (updates := updates_of(trainer, pl_module)) is None:
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
            scheduler.on_length = "ignore"  # it would find out later, and tell it again

    def _compare_patience(self, trainer: Any) -> None:
        """Compare that of the plateaus with that of early stopping."""
        for optimizer, scheduler in self._alive():
            for callback in trainer.callbacks:
                if (
                    isinstance(callback, lightning.callbacks.EarlyStopping)
                    and callback.monitor == optimizer.monitor
                ):
                    compare_patience(
                        by_name(scheduler.schedule),
                        callback.patience,
                        self._name,
                        optimizer.on_conflict,
                        stopper=type(callback).__name__,
                        unit="checks",
                        first=trainer.is_global_zero,
                    )

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *args: Any) -> None:
        """Write the rate of the update to come, for whoever logs it at the next batch."""
        self._trained = True
        for _, scheduler in self._alive():
            scheduler.refresh()

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


def check(where: str, each: list[ParamSchedules], monitor: object) -> None:
    """Raise if a plateau and the name of a metric do not come together.

    Args:
        where: what the messages call the adapter.
        each: what each optimizer follows.
        monitor: the name of the metric.
    """
    monitors = any(schedules.monitors_metric for schedules in each)
    if monitors and not isinstance(monitor, str):
        raise ScheduleError(
            f"{where}: a schedule on a plateau needs `monitor`, the name of a metric as given to "
            f"log, got {shown(monitor)}"
        )
    if monitor is not None and not monitors:
        each[0].check_monitors(f"the metric {shown(monitor)} of `monitor`")


def updates_of(trainer: Any, module: Any) -> int | None:
    """Return how many updates a Trainer makes, or None where it does not know."""
    changing = lightning.callbacks.GradientAccumulationScheduler  # then the estimate is wrong
    if any(isinstance(callback, changing) for callback in trainer.callbacks):
        return None
    if not module.automatic_optimization:  # a batch may make any number of them
        return None
    updates = trainer.estimated_stepping_batches
    return int(updates) if 0 < updates < math.inf else None  # of data without a length it is -1


def fitted(rate: Any, trainer: Any, module: Any, where: str) -> Schedules:
    """Return what is to be followed in a Trainer's run: what needs its length is made for it.

    Args:
        rate: a schedule, a text form, either by name, or a function of the run's updates.
        trainer: the Trainer, or None.
        module: the module that it trains.
        where: what messages call the adapter.

    Raises:
        ScheduleError: the Trainer does not know the length, or `rate` is nothing of this kind.
    """
    if not needs_length(rate):
        schedules: Schedules = rate
        return schedules
    if trainer is None or trainer.fast_dev_run:  # its few batches would be too short for a percent
        return for_run(rate, NOMINAL, where)
    if (updates := updates_of(trainer, module)) is None:
        raise ScheduleError(
            f"{where}: the Trainer does not know how many updates it makes, with manual "
            "optimization, a GradientAccumulationScheduler, data without a length, or without an "
            f"end. Give a schedule with its steps instead of {shown(rate)}"
        )
    return for_run(rate, updates, where)
