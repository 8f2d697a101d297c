"""What `configure_optimizers` returns for an optimizer that follows a schedule."""

from typing import Any

from glissando.adapters.lightning.base import (
    FollowedOptimizer,
    Follower,
    check,
    fitted,
    lightning,
)
from glissando.adapters.shared.conflicts import Reaction
from glissando.adapters.shared.param_schedules import ParamSchedules
from glissando.adapters.shared.resume import Policy
from glissando.adapters.shared.run_length import Rate
from glissando.adapters.torch import Scheduler
from glissando.errors import ScheduleError, shown


def configure(
    module: Any,
    optimizer: Any,
    schedule: Rate,
    groups: Any = None,
    *,
    monitor: str | None = None,
    on_conflict: Reaction = "warn",
    on_mismatch: Policy = "raise",
    on_length: Reaction = "warn",
) -> dict[str, Any]:
    """Return what `configure_optimizers` is to return, for an optimizer that follows a schedule.

    Update k uses `schedule(k)`. The optimizer's own updates are counted, whatever the hook that a
    checkpoint is saved from: gradient accumulation, a `GradScaler` that skipped an update, and
    Lightning's epochs change nothing. `LearningRateMonitor` logs the rate that is used. The
    position is saved and restored with the checkpoint's `lr_schedulers`.

    With manual optimization return a list with one of these for each optimizer; nobody has to
    call `lr_schedulers()`. A second `fit` of the same Trainer goes on where the first one ended.

    Args:
        module: the `LightningModule`; its Trainer knows how long it trains, and the metric.
        optimizer: the optimizer.
        schedule: the schedule of the learning rate, or schedules by the name of what they set; see
            `glissando.torch.Scheduler`. `gl.Plateau(...).on(schedule)` falls with a metric. To
            fill the run, a text, also by name, such as
            `"linear(0, 1e-3, steps=3%) >> cosine(1e-3, 0, steps=rest)"`, or a function that takes
            the number of updates: `lambda steps: gl.Cosine(1e-3, 0.0, steps)`.
        groups: what is different in some parameter groups; see `glissando.torch.Scheduler`.
        monitor: the name of the metric that a plateau monitors, as given to `log`. It is observed
            after each validation if it is logged there, otherwise after each epoch: only when it
            is new, and before the checkpoint of that moment is written.
        on_conflict: what to do when something else wrote a scheduled value, or an `EarlyStopping`
            of the same metric ends training before a plateau lowers the rate: `"warn"`,
            `"raise"`, or `"ignore"` it.
        on_mismatch: what to do with a checkpoint that was saved with another schedule; see
            `glissando.torch.Scheduler.load_state_dict`.
        on_length: what to do when training begins, if the schedule ends at another step than the
            Trainer does: `"warn"`, `"raise"` a `ScheduleError`, or `"ignore"` it.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> import torch
        >>> import glissando as gl
        >>> from lightning.pytorch import LightningModule
        >>> class Model(LightningModule):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.layer = torch.nn.Linear(4, 1)
        ...     def configure_optimizers(self):
        ...         optimizer = torch.optim.AdamW(self.parameters())
        ...         return gl.lightning.configure(self, optimizer, gl.Cosine(0.1, 0.0, steps=100))
        >>> config = Model().configure_optimizers()["lr_scheduler"]
        >>> config["interval"], config["frequency"], config["scheduler"].get_last_lr()
        ('step', 1, [0.1])
    """
    if not isinstance(module, lightning.LightningModule):
        raise ScheduleError(
            "configure: `module` must be the LightningModule, as in "
            f"configure(self, optimizer, schedule), got {shown(module)}"
        )
    try:
        trainer = module.trainer
    except RuntimeError:  # called by hand: there is none
        trainer = None
    if not isinstance(trainer, lightning.Trainer):
        trainer = None
    schedules = fitted(schedule, trainer, module, "configure")
    check("configure", [ParamSchedules(schedules, "configure")], monitor)
    scheduler = Scheduler(
        optimizer,
        schedules,
        groups,
        on_length=on_length,
        on_conflict=on_conflict,
        on_mismatch=on_mismatch,
    )
    if trainer is not None:
        followed = FollowedOptimizer(scheduler, monitor, on_length, on_conflict)
        _watch(trainer).add(scheduler, followed)
    return {
        "optimizer": optimizer,
        "lr_scheduler": {"scheduler": scheduler, "interval": "step", "frequency": 1},
    }


class Configured(Follower):
    """What `configure` leaves with the Trainer; the Trainer saves the schedulers itself."""

    _name = "configure"

    def add(self, scheduler: Scheduler, followed: FollowedOptimizer) -> None:
        """Take over a scheduler, where the one of an earlier fit ended if there was one."""
        index = len(self._optimizers)
        if index < len(self._earlier) and self._earlier[index] is not None:
            scheduler.load_state_dict(self._earlier[index])
        self._optimizers.append(followed)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *args: Any) -> None:
        """Write the rate of the update to come, if Lightning has not."""
        if pl_module.automatic_optimization:  # it has called step()
            self._trained = True
        else:
            super().on_train_batch_end(trainer, pl_module, *args)


def _watch(trainer: Any) -> Configured:
    """Return the Trainer's callback for what `configure` made, if need be a new one."""
    callbacks = trainer.callbacks
    for callback in callbacks:
        if isinstance(callback, Configured):
            return callback
    watch = Configured()
    callbacks.insert(0, watch)  # a metric is to be observed before another writes a checkpoint
    return watch
