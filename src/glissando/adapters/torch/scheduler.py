"""What PyTorch takes for one of its own schedulers."""

import copy
import math
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler

from glissando.adapters.torch.driver import Driver
from glissando.adapters.torch.slot import as_float, parsed
from glissando.course import Course, Followed
from glissando.plateau import number
from glissando.reaction import Conflicts, Reaction
from glissando.resume import Policy, check_policy
from glissando.rules import ScheduleError, shown


class Scheduler(LRScheduler):  # type: ignore[misc]  # torch is not followed by mypy
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

    For whoever asks, this is a `torch.optim.lr_scheduler.LRScheduler`. It is not to be nested in
    PyTorch's `SequentialLR` or `ChainedScheduler`: `a >> b` and `a * b` are these.

    Args:
        optimizer: the optimizer; also a wrapper that holds it as `optimizer`.
        schedule: the schedule of the learning rate, or schedules by the name of what they set in
            each parameter group: `{"lr": a, "weight_decay": b, "betas[0]": c}`. `betas[0]` leaves
            the other betas as they are. `momentum` and `betas` must stay below 1. One on a
            plateau, `gl.Plateau(...).on(schedule)`, hears its metric by `step(metric)`.
        groups: what is different in some parameter groups: a mapping by the groups' `"name"`, or a
            function that takes a group and returns it (None: nothing), also for groups added
            later. A number multiplies the learning rate; a schedule takes its place; a mapping
            gives either by name, as in `{"lr": 0.1, "weight_decay": gl.Constant(0.0)}`. They are
            no part of the saved state.
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
        schedule: Followed | Mapping[str, Followed],
        groups: Mapping[str, Any] | Callable[[dict[str, Any]], Any] | None = None,
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
        course = Course(schedule, "Scheduler")
        for path in course.names:
            parsed(path)
        self._step_count = 1  # Accelerate adds to it
        self._target = _inner(optimizer)
        self._driver = Driver(course, groups, conflicts, self._target)
        self._driver.write(self._target)
        self._attach()

    def _attach(self) -> None:
        """Let the optimizer tell of its updates, for as long as this scheduler lives."""
        # The optimizer holds the driver, which does not hold the optimizer: there is no cycle.
        target, driver = self._target, self._driver
        handles = (
            target.register_step_pre_hook(driver.before),
            target.register_step_post_hook(driver.after),
            target.register_load_state_dict_post_hook(driver.reload),
        )
        weakref.finalize(self, _detach, handles).atexit = False

    @property
    def schedule(self) -> Followed | dict[str, Followed]:
        """What is followed: the schedule, or the schedules by name."""
        return self._driver.course.schedule

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
            metric: what the plateaus are to hear: give it as often as you have one, an epoch say,
                in a call of its own or not. If several processes train together, all of them must
                give one, and that of rank 0 is heard by all.

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
        if not driver.course.listens:
            raise ScheduleError(
                "Scheduler: step() takes a metric for a schedule on a plateau, and there is "
                f"none, got {shown(metric)}. It takes no position, since the optimizer counts "
                "its updates: set one with load_state_dict"
            )
        driver.course.hear(_of_rank_0(metric), driver.done)

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group in the last update: before one, in the first."""
        return self._rates(max(0, self.last_epoch - 1))

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group in the update to come."""
        return self._rates(self.last_epoch)

    def _rates(self, step: int) -> list[float]:
        groups = self._target.param_groups
        rates = [math.nan if "lr" not in group else as_float(group["lr"]) for group in groups]
        for line in self._driver.lines:
            for slot in line.slots:
                if slot.path == "lr":
                    rates[slot.index] = slot.rounded(line.rate(step) * slot.factor)
        return rates

    def state_dict(self) -> dict[str, Any]:
        """Return `{"step": k, "schedule": ...}`: the updates done, and the JSON form.

        It holds plain values only, so `torch.load(weights_only=True)` reads it. Several schedules
        give a dictionary of JSON forms. What plateaus remember is in a third entry, `"plateau"`.
        A function of your own is held by its name and some of the rates that it gave.
        """
        return self._driver.course.state_dict(self.last_epoch)

    def load_state_dict(self, state_dict: Mapping[str, Any], on_mismatch: Any = None) -> None:
        """Go on from a saved state; the right values are written to the optimizer at once.

        It does not matter whether the optimizer is loaded before, after, or not at all.

        Args:
            state_dict: what `state_dict` returned.
            on_mismatch: what to do if it was saved with another schedule: `"raise"`,
                `"keep"` the saved one, `"replace"` it by the new one at the same step,
                `"continue"` with the new one scaled so that the rate does not jump, or `"rewarm"`:
                begin the new one at its own step 0. By default, what the scheduler was built with.

        Raises:
            ScheduleMismatch: it was saved with another schedule, and `on_mismatch` is `"raise"`.
            ScheduleError: this is no state of a Scheduler. Whatever is raised, nothing changed.
        """
        policy = self.on_mismatch if on_mismatch is None else on_mismatch
        course = copy.copy(self._driver.course)
        step = course.load_state_dict(state_dict, policy)
        self._driver.go_to(step, course, self._target)

    def tell(self, *, steps: int | None = None, at: int | None = None) -> None:
        """End the part of the schedule that goes on until told; the updates done stay as they were.

        Every schedule that the scheduler was built with is told, those in `groups` are not.

        Args:
            steps: how long the whole shall be: the part takes what the others leave; give this or
                `at`.
            at: the update at which the part shall end, and what follows it begin.

        Raises:
            ScheduleError: no schedule goes on until told, or it cannot end there. Nothing changed.

        Example:
            >>> import torch
            >>> from glissando import Constant, Linear
            >>> optimizer = torch.optim.SGD([torch.zeros(1)])
            >>> trunk = Constant(0.5).until_told() >> Linear(0.5, 0.0, steps=4)
            >>> scheduler = Scheduler(optimizer, trunk)
            >>> scheduler.tell(steps=100)
            >>> scheduler.schedule
            gl.Constant(0.5, steps=96) >> gl.Linear(0.5, 0.0, steps=4)
        """
        course = copy.copy(self._driver.course)
        course.tell(self.last_epoch, steps=steps, at=at)
        self._driver.go_to(self.last_epoch, course, self._target)

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
    """Return the metric that all processes are to hear."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        # what is no number is found out by all of them, or the others would wait for ever
        single = isinstance(metric, torch.Tensor) and metric.numel() == 1
        told = [metric.item() if single else metric]
        distributed.broadcast_object_list(told, src=0)
        metric = told[0]
    return number(metric, "Scheduler: `metric`")
