"""Lightning follows a schedule: from `configure_optimizers`, or by a callback of the `Trainer`.

`configure` makes what `configure_optimizers` returns. `LearningRateScheduler` is a callback: it
leaves the module as it is, and takes one schedule for each of several optimizers. Both are for the
package `lightning` and for `pytorch_lightning`, whichever the program has imported.
"""

import math
import sys
import warnings
import weakref
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Literal

from glissando.adapters.torch import Scheduler
from glissando.course import Course
from glissando.plateau import OnPlateau
from glissando.resume import Policy, check_policy
from glissando.rules import ScheduleError, shown
from glissando.schedule import Schedule

_Reaction = Literal["warn", "raise", "ignore"]
_What = Schedule | OnPlateau | Mapping[str, Schedule | OnPlateau]


def _package() -> Any:
    """Return Lightning under the name that the program uses: the two share no class."""
    new, old = "lightning.pytorch", "pytorch_lightning"
    if old in sys.modules and new not in sys.modules:
        return import_module(old)
    try:
        return import_module(new)
    except ModuleNotFoundError:
        return import_module(old)


_lightning: Any = _package()


def configure(
    module: Any,
    optimizer: Any,
    schedule: _What,
    groups: Any = None,
    *,
    monitor: str | None = None,
    on_conflict: _Reaction = "warn",
    on_mismatch: Policy = "raise",
    on_length: _Reaction = "warn",
) -> dict[str, Any]:
    """Return what `configure_optimizers` is to return, for an optimizer that follows a schedule.

    Update k uses `schedule(k)`. The optimizer's own updates are counted, whatever the hook that a
    checkpoint is saved from: gradient accumulation, a `GradScaler` that skipped an update, and
    Lightning's epochs change nothing. `LearningRateMonitor` logs the rate that is used. The
    position is saved and restored with the checkpoint's `lr_schedulers`.

    With manual optimization return a list with one of these for each optimizer; nobody has to
    call `lr_schedulers()`.

    Args:
        module: the `LightningModule`; its Trainer tells how long it trains, and the metric.
        optimizer: the optimizer.
        schedule: the schedule of the learning rate, or schedules by the name of what they set; see
            `glissando.torch.Scheduler`. `gl.Plateau(...).on(schedule)` falls with a metric.
        groups: what is different in some parameter groups; see `glissando.torch.Scheduler`.
        monitor: the name of the metric that a plateau listens to, as given to `log`. It is heard
            after each validation if it is logged there, otherwise after each epoch: only when it
            is new, and before the checkpoint of that moment is written.
        on_conflict: what to do when something else wrote a scheduled value: `"warn"`, `"raise"`,
            or `"ignore"` it.
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
    if not isinstance(module, _lightning.LightningModule):
        raise ScheduleError(
            "configure: `module` must be the LightningModule, as in "
            f"configure(self, optimizer, schedule), got {shown(module)}"
        )
    _check("configure", [Course(schedule, "configure")], monitor, on_length)
    scheduler = Scheduler(
        optimizer, schedule, groups, on_conflict=on_conflict, on_mismatch=on_mismatch
    )
    try:
        trainer = module.trainer
    except RuntimeError:  # called by hand: there is none
        trainer = None
    if isinstance(trainer, _lightning.Trainer):
        _watch(trainer).add(scheduler, monitor, on_length, trainer)
    return {
        "optimizer": optimizer,
        "lr_scheduler": {"scheduler": scheduler, "interval": "step", "frequency": 1},
    }


class _Line:
    """One optimizer that follows, and the metric that it listens to."""

    def __init__(self, scheduler: Scheduler, monitor: str | None, on_length: str) -> None:
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
        if (scheduler := self.scheduler()) is not None:
            scheduler.step(self.last)


class _Follower(_lightning.Callback):  # type: ignore[misc]  # whichever package it is from
    """Tells the schedulers of a fit what only the Trainer knows."""

    _name = "LearningRateScheduler"

    def __init__(self) -> None:
        self._lines: list[_Line | None] = []
        self._earlier: list[Any] = []  # the states at the end of an earlier fit

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
        for line in self._lines:
            if line is not None and (scheduler := line.scheduler()) is not None:
                _compare(self._name, scheduler, line.on_length, trainer)

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
        for line in self._listeners():
            if line.new(trainer):
                line.validated = True
                if not trainer.sanity_checking:
                    line.hear()
        self._validated = not trainer.sanity_checking

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

    def _listeners(self) -> list[_Line]:
        return [line for line in self._lines if line is not None and line.monitor is not None]


class _Configured(_Follower):
    """What `configure` leaves with the Trainer; the Trainer saves the schedulers itself."""

    _name = "configure"

    def add(self, scheduler: Scheduler, monitor: str | None, on_length: str, trainer: Any) -> None:
        index = len(self._lines)
        if index < len(self._earlier) and self._earlier[index] is not None:
            scheduler.load_state_dict(self._earlier[index])
        self._lines.append(_Line(scheduler, monitor, on_length))

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *args: Any) -> None:
        if pl_module.automatic_optimization:  # the Trainer has done it
            self._trained = True
        else:
            super().on_train_batch_end(trainer, pl_module, *args)


class LearningRateScheduler(_Follower):
    """Set the learning rates of a Trainer's optimizers: `Trainer(callbacks=[...])`.

    The module's `configure_optimizers` stays as it is, and returns optimizers only. Each optimizer
    has a clock of its own: its update k uses `schedule(k)`, so that a GAN which trains one of two
    optimizers twice as often has both right, with automatic or manual optimization. What was said
    of counting and logging in `configure` holds here too. The positions are saved with the
    callback's state in the checkpoint.

    A second `fit` of the same Trainer goes on where the first one ended.

    If a plateau listens, put this before callbacks of your own that write checkpoints; Lightning's
    own come last in any order.

    Args:
        schedule: the schedule of the learning rate, or schedules by the name of what they set; see
            `glissando.torch.Scheduler`. For several optimizers a list with one of these for each,
            in the order of `configure_optimizers`; None leaves an optimizer alone.
        groups: what is different in some parameter groups; see `glissando.torch.Scheduler`. A list
            where `schedule` is one.
        monitor: the name of the metric that plateaus listen to; see `configure`.
        on_conflict: what to do when something else wrote a scheduled value: `"warn"`, `"raise"`,
            or `"ignore"` it.
        on_mismatch: what to do with a checkpoint that was saved with another schedule; see
            `glissando.torch.Scheduler.load_state_dict`.
        on_length: what to do when training begins, if a schedule ends at another step than the
            Trainer does: `"warn"`, `"raise"` a `ScheduleError`, or `"ignore"` it.

    Raises:
        ScheduleError: an argument breaks its rule; in `fit`: the number of optimizers is another,
            or `configure_optimizers` returned a scheduler for the same optimizer.

    Attributes:
        schedulers: the `glissando.torch.Scheduler` of each optimizer, from the begin of a fit on.

    Example:
        >>> import glissando as gl
        >>> from lightning.pytorch import Trainer
        >>> generator = gl.Linear(0.0, 2e-4, steps=100) >> gl.Constant(2e-4)
        >>> discriminator = gl.Cosine(4e-4, 0.0, steps=20_000)
        >>> trainer = Trainer(
        ...     callbacks=[gl.lightning.LearningRateScheduler([generator, discriminator])],
        ...     max_steps=30_000, accelerator="cpu", logger=False, enable_checkpointing=False,
        ... )
    """

    def __init__(
        self,
        schedule: _What | Sequence[_What | None],
        groups: Any = None,
        *,
        monitor: str | None = None,
        on_conflict: _Reaction = "warn",
        on_mismatch: Policy = "raise",
        on_length: _Reaction = "warn",
    ) -> None:
        super().__init__()
        self._several = isinstance(schedule, list | tuple)
        self._schedules: list[Any] = list(schedule) if self._several else [schedule]  # type: ignore[arg-type]
        self._groups = self._by_optimizer(groups)
        courses = [Course(s, _NAME) for s in self._schedules if s is not None]
        if not courses:
            raise ScheduleError(f"{_NAME}: `schedule` must hold a schedule, got {shown(schedule)}")
        _check(_NAME, courses, monitor, on_length)
        check_policy(on_mismatch)
        self.schedulers: list[Scheduler | None] = []
        self.monitor = monitor
        self._options: dict[str, Any] = {"on_conflict": on_conflict, "on_mismatch": on_mismatch}
        self._on_length = on_length
        self._loaded: list[Any] | None = None

    def _by_optimizer(self, groups: Any) -> list[Any]:
        if groups is None:
            return [None] * len(self._schedules)
        if not self._several:
            return [groups]
        if not isinstance(groups, list | tuple) or len(groups) != len(self._schedules):
            raise ScheduleError(
                f"{_NAME}: `groups` must be a list of {len(self._schedules)}, as `schedule` is, "
                f"got {shown(groups)}"
            )
        return list(groups)

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Begin a fit: its optimizers are new ones."""
        super().setup(trainer, pl_module, stage)
        if stage == "fit":
            self.schedulers = []

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Take over the optimizers, at the position that a checkpoint told."""
        optimizers = trainer.optimizers
        if len(optimizers) != len(self._schedules):
            raise ScheduleError(
                f"{_NAME}: there are {len(optimizers)} optimizers, but schedules for "
                f"{len(self._schedules)}. Pass a list with one for each optimizer, in the order of "
                "configure_optimizers, and None for one to leave alone"
            )
        for config in trainer.lr_scheduler_configs:
            for optimizer, schedule in zip(optimizers, self._schedules, strict=True):
                if schedule is not None and config.scheduler.optimizer is optimizer:
                    raise ScheduleError(
                        f"{_NAME}: configure_optimizers gives this optimizer a scheduler of its "
                        f"own, a {type(config.scheduler).__name__}. Keep one owner: return only "
                        "the optimizer there, or take this callback out"
                    )
        self.schedulers = [
            None if schedule is None else Scheduler(optimizer, schedule, groups, **self._options)
            for optimizer, schedule, groups in zip(
                optimizers, self._schedules, self._groups, strict=True
            )
        ]
        self._lines = [
            None if s is None else _Line(s, self.monitor, self._on_length)
            for s in self.schedulers
        ]
        states, self._loaded = self._loaded or self._earlier, None
        if states:
            self._load(states)

    def state_dict(self) -> dict[str, Any]:
        """Return `{"step": k, "schedule": ...}`; for several optimizers `{"schedulers": [...]}`."""
        states = self._states() or self._loaded
        if not states:
            return {}
        return {"schedulers": states} if self._several else dict(states[0])

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state; before the optimizers are made, when they are.

        Raises:
            ScheduleMismatch: it was saved with another schedule, and `on_mismatch` is `"raise"`.
            ScheduleError: this is no state of this callback. Whatever is raised, nothing changed.
        """
        states = state_dict.get("schedulers") if self._several else [state_dict]
        if not isinstance(states, list) or len(states) != len(self._schedules):
            raise ScheduleError(
                f"{_NAME}: the checkpoint was saved with {shown(list(state_dict))}, which is not "
                f"what schedules for {len(self._schedules)} optimizers save"
            )
        if self.schedulers:
            self._load(states)
        else:
            self._loaded = states

    def _load(self, states: list[Any]) -> None:
        before = self._states()
        try:
            for scheduler, state in zip(self.schedulers, states, strict=True):
                if (scheduler is None) != (state is None):
                    raise ScheduleError(
                        f"{_NAME}: the checkpoint was saved with other optimizers left alone"
                    )
                if scheduler is not None:
                    scheduler.load_state_dict(state)
        except ScheduleError:
            for scheduler, state in zip(self.schedulers, before, strict=True):
                if scheduler is not None:
                    scheduler.load_state_dict(state)
            raise


_NAME = "LearningRateScheduler"


def _check(where: str, courses: list[Course], monitor: object, on_length: object) -> None:
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
    if on_length not in ("warn", "raise", "ignore"):
        raise ScheduleError(
            f"{where}: `on_length` must be one of 'warn', 'raise', 'ignore', got {shown(on_length)}"
        )


def _watch(trainer: Any) -> _Configured:
    """Return the Trainer's callback for what `configure` made, if need be a new one."""
    callbacks = trainer.callbacks
    for callback in callbacks:
        if isinstance(callback, _Configured):
            return callback
    watch = _Configured()
    callbacks.insert(0, watch)  # a metric is to be heard before another writes a checkpoint
    return watch


def _compare(where: str, scheduler: Scheduler, on_length: str, trainer: Any) -> None:
    """Report a schedule that ends at another step than training does."""
    updates = trainer.estimated_stepping_batches
    if on_length == "ignore" or not 0 < updates < math.inf:  # of data without a length it is -1
        return
    followed = scheduler.schedule
    named = followed if isinstance(followed, Mapping) else {"lr": followed}
    for name, value in named.items():
        schedule = value.schedule if isinstance(value, OnPlateau) else value
        if schedule.steps in (updates, math.inf):
            continue
        end = min(schedule.steps, updates)
        then = (
            f"its last value, {schedule(end):.6g}, holds for the rest"
            if schedule.steps < updates
            else f"training ends at {schedule(end - 1):.6g}"
        )
        message = (
            f"{where}: the schedule of `{name}` has {schedule.steps} steps, but this Trainer makes "
            f"{updates} updates: {then}. To match, build it with "
            f"steps=trainer.estimated_stepping_batches or take schedule.stretch({updates}); if it "
            "is meant, pass on_length='ignore'"
        )
        if on_length == "raise":
            raise ScheduleError(message)
        if trainer.is_global_zero:
            warnings.warn(message, stacklevel=2)
