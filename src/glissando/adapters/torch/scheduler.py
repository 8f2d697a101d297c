"""What PyTorch takes for one of its own schedulers."""

import math
import weakref
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler

from glissando.adapters.shared.conflicts import Conflicts, Reaction
from glissando.adapters.shared.param_schedules import AnySchedule, ParamSchedules, Schedules
from glissando.adapters.shared.resumable import Resumable
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.adapters.torch.driver import Driver, Groups
from glissando.adapters.torch.slot import as_float, parsed
from glissando.errors import ScheduleError, shown
from glissando.plateau import number


class Scheduler(Resumable, LRScheduler):  # type: ignore[misc]  # torch is not followed by mypy
    """Set the learning rate, and any other hyperparameter, of a PyTorch optimizer.

    Update k of the optimizer uses `schedule(k)`. The updates are counted by the optimizer, not by
    the calls of `step()`: an update that a `GradScaler` skipped does not count, a batch of
    gradient accumulation does not, and more calls than updates, or fewer, change nothing. A
    schedule over epochs becomes one over updates by `schedule.hold_each(updates_per_epoch)`.

    The rate is written when the scheduler is built or loaded, when the optimizer is loaded, by
    `step()`, and looked at again right before each update, so that groups added later and an
    optimizer loaded later have it too. Only what is scheduled is written, and always set, never
    multiplied. A tensor is written in place: `torch.compile` compiles the optimizer's step once if
    `lr` is one. Where that step is compiled, or captured in a CUDA graph, none of its Python
    runs: call `step()` once after each update there, as PyTorch asks for anyway.

    A saved state is loaded before the optimizer, after it, or without it: the right values are
    written to the optimizer at once.

    It is an instance of `torch.optim.lr_scheduler.LRScheduler`. It is not to be nested in
    PyTorch's `SequentialLR` or `ChainedScheduler`: `a >> b` and `a * b` are these.

    Args:
        optimizer: the optimizer; also a wrapper that holds it as `optimizer`.
        schedule: the schedule of the learning rate, or schedules by the name of what they set in
            each parameter group: `{"lr": a, "weight_decay": b, "betas[0]": c}`. `betas[0]` leaves
            the other betas as they are. `momentum` and `betas` must stay below 1. One on a
            plateau, `gl.Plateau(...).on(schedule)`, gets its metric by `step(metric)`.
        groups: what is different in some parameter groups: a mapping by the groups' `"name"`, or a
            function that takes a group and returns it (None: nothing), also for groups added
            later. A number multiplies the learning rate; a schedule takes its place; a mapping
            gives either by name, as in `{"lr": 0.1, "weight_decay": gl.Constant(0.0)}`. They are
            no part of the saved state, and `finish` leaves them as they are.
        on_conflict: what to do when something else wrote a scheduled value: `"warn"` once,
            `"raise"` a `ScheduleError`, or `"ignore"` it. The schedule's value is then set again.
        on_mismatch: what `load_state_dict` does by default with a state of another schedule.

    Raises:
        ScheduleError: an argument breaks its rule; there is nothing of such a name in the
            optimizer; `momentum` or `betas` would reach 1.

    Example:
        >>> import torch
        >>> import glissando as gl
        >>> weight = torch.nn.Parameter(torch.zeros(1))
        >>> optimizer = torch.optim.SGD([weight])
        >>> scheduler = gl.torch.Scheduler(optimizer, gl.Linear(0.5, 0.0, steps=4))
        >>> for _ in range(3):
        ...     weight.grad = torch.ones(1)
        ...     optimizer.step()
        ...     scheduler.step()
        ...     print(scheduler.get_last_lr(), weight.item())
        [0.5] -0.5
        [0.375] -0.875
        [0.25] -1.125
    """

    def __init__(
        self,
        optimizer: Any,
        schedule: Schedules,
        groups: Groups = None,
        *,
        on_conflict: Reaction = "warn",
        on_mismatch: Policy = "raise",
    ) -> None:
        # LRScheduler's own constructor is not run: it writes `initial_lr` and patches the optimizer
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise ScheduleError(
                f"Scheduler: `optimizer` must be a torch.optim.Optimizer, got {shown(optimizer)}"
            )
        conflicts = Conflicts(on_conflict, "Scheduler")
        check_policy(on_mismatch)
        self.optimizer = optimizer
        self.on_mismatch = on_mismatch
        schedules = ParamSchedules(schedule, "Scheduler")
        for path in schedules.names:
            parsed(path)
        self._step_count = 1  # Accelerate adds to it
        self._target = _inner(optimizer)
        self._driver = Driver(schedules, groups, conflicts, self._target)
        self._driver.write(self._target)
        self._attach()

    def _attach(self) -> None:
        """Hook into the optimizer's updates, for as long as this scheduler lives."""
        # The optimizer holds the driver, which does not hold the optimizer: there is no cycle.
        target, driver = self._target, self._driver
        handles = (
            target.register_step_pre_hook(driver.before),
            target.register_step_post_hook(driver.after),
            target.register_load_state_dict_post_hook(driver.reload),
        )
        weakref.finalize(self, _detach, handles).atexit = False

    @property
    def _schedules(self) -> ParamSchedules:  # type: ignore[override]  # the driver has them
        return self._driver.schedules

    @property
    def schedule(self) -> AnySchedule | dict[str, AnySchedule]:
        """What is followed: the schedule, or the schedules by name."""
        return self._schedules.schedule

    @property
    def last_epoch(self) -> int:
        """The updates done, under PyTorch's name for it."""
        self._driver.settle()
        return self._driver.done

    @last_epoch.setter
    def last_epoch(self, value: int) -> None:
        """Change nothing: handlers add 1 to it, but the optimizer counts."""

    def step(self, metric: Any = None) -> None:
        """Write the values of the update to come. Call it after `optimizer.step()`.

        Args:
            metric: what the plateaus monitor: give it as often as you have one, an epoch say, in
                a call of its own or not. If several processes train together, all of them must
                give one, and all observe that of rank 0.

        Raises:
            ScheduleError: there is a metric, but no schedule is on a plateau; or it is no number.
        """
        driver = self._driver
        if driver.compiled or driver.replayed or metric is not None:
            self._apart(metric)
        driver.write(self._target)

    def _apart(self, metric: Any) -> None:
        """Do what is not done at every step."""
        driver = self._driver
        if driver.compiled:
            driver.settle()
        elif driver.replayed and metric is None:
            driver.done += 1
        if metric is None:
            return
        if not driver.schedules.monitors_metric:
            raise ScheduleError(
                "Scheduler: step() takes a metric for a schedule on a plateau, and there is "
                f"none, got {shown(metric)}. It takes no position, since the optimizer counts "
                "its updates: set one with load_state_dict"
            )
        driver.schedules.observe(_of_rank_0(metric), driver.done)

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group in the last update: before one, in the first."""
        return self._rates(max(0, self.last_epoch - 1))

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group in the update to come."""
        return self._rates(self.last_epoch)

    def _rates(self, step: int) -> list[float]:
        groups = self._target.param_groups
        rates = [math.nan if "lr" not in group else as_float(group["lr"]) for group in groups]
        for scheduled in self._driver.scheduled:
            for slot in scheduled.slots:
                if slot.path == "lr":
                    rates[slot.index] = slot.rounded(scheduled.rate(step) * slot.factor)
        return rates

    def _steps_done(self) -> int:
        return self.last_epoch

    def _follow(self, schedules: ParamSchedules) -> None:
        self._driver.go_to(self.last_epoch, schedules, self._target)

    def _go_on(self, schedules: ParamSchedules, step: int) -> None:
        self._driver.go_to(step, schedules, self._target)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._attach()  # a copied optimizer comes without hooks


def _detach(handles: tuple[Any, ...]) -> None:
    for handle in handles:
        handle.remove()


def _inner(optimizer: Any) -> Any:
    """Return the optimizer that does the updates, out of its wrappers."""
    while isinstance(wrapped := getattr(optimizer, "optimizer", None), torch.optim.Optimizer):
        optimizer = wrapped
    return optimizer


def _of_rank_0(metric: Any) -> float:
    """Return the metric that all processes are to observe."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        # what is no number is found out by all of them, or the others would wait for ever
        single = isinstance(metric, torch.Tensor) and metric.numel() == 1
        shared = [metric.item() if single else metric]
        distributed.broadcast_object_list(shared, src=0)
        metric = shared[0]
    return number(metric, "Scheduler: `metric`")
