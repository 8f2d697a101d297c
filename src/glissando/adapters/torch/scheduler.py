"""What PyTorch takes for one of its own schedulers."""

import copy
import math
import weakref
from collections.abc import Mapping
from typing import Any, Literal, get_args

import torch
from torch.optim.lr_scheduler import LRScheduler

from glissando.adapters.shared.conflicts import Conflicts, Reaction
from glissando.adapters.shared.param_schedules import (
    AnySchedule,
    ParamSchedules,
    Schedules,
    bare,
)
from glissando.adapters.shared.resumable import Resumable
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.adapters.torch.best import BestWeights
from glissando.adapters.torch.driver import Driver
from glissando.adapters.torch.groups import GroupRules, Groups
from glissando.adapters.torch.loop import Loop
from glissando.adapters.torch.saved_state import calls_of, check_taken_over, packed, unpacked
from glissando.adapters.torch.slot import as_float, parsed
from glissando.adapters.torch.wrappers import levels, mirror, shares_groups
from glissando.dialects.shared.hyperparameters import for_optimizer
from glissando.errors import ScheduleError, one_of, shown
from glissando.plateau import number

Unit = Literal["step", "epoch"]
"""What a step of the schedules is: an update, or an epoch."""


class Scheduler(Resumable, LRScheduler):  # type: ignore[misc]  # torch is not followed by mypy
    """Set the learning rate, and any other hyperparameter, of a PyTorch optimizer.

    Update k of the optimizer uses `schedule(k)`. The updates are counted by the optimizer, not by
    the calls of `step()`: an update that a `GradScaler` skipped does not count, a batch of
    gradient accumulation does not, and more calls than updates, or fewer, change nothing.

    With `unit="epoch"` all updates of epoch e use `schedule(e)`, and `step()` ends an epoch in
    which there was an update. To call it once an epoch is not enough: without `unit="epoch"` the
    steps of a schedule are updates, and one over epochs becomes one over updates by
    `schedule.hold_each(updates_per_epoch)`.

    A loop that does not fit is reported once: when `step()` regularly follows several updates,
    when an update comes after the end of a schedule that ends at next to nothing, and when calls
    of `step()` come without any update.

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
        optimizer: the optimizer; also a wrapper that holds it, as `optimizer` or
            `base_optimizer`, at any depth.
        schedule: the schedule of the learning rate, or schedules by the name of what they set in
            each parameter group: `{"lr": a, "weight_decay": b, "betas[0]": c}`. `betas[0]` leaves
            the other betas as they are. `momentum` and `betas` must stay below 1. One on a
            plateau, `gl.Plateau(...).on(schedule)`, gets its metric by `step(metric)`.
        groups: what is different in some parameter groups: a mapping by the groups' `"name"`, or a
            function that takes a group and returns it (None: nothing), also for groups added
            later. A number multiplies the learning rate; a schedule takes its place; a mapping
            gives either by name, as in `{"lr": 0.1, "weight_decay": gl.Constant(0.0)}`. They are
            no part of the saved state, and `finish` leaves them as they are. Groups that were
            built with different values need it: `"relative"` keeps their proportions, where the
            largest follows the schedule, and writes what they were built with into them, as
            `"initial_lr"`; `"same"` makes them equal. timm's `lr_scale` in a group multiplies its
            rate, unless a function of yours does so.
        unit: what the steps of the schedules are, `"step"` for updates, or `"epoch"`.
        restore_best: a model, or several, whose weights go back to those of the best metric when
            a plateau lowers the rate. They are kept in the CPU's memory and in the saved state.
            Put the optimizer into the list, too, if it is to forget what came after them.
        on_length: what to do when `step()` regularly follows several updates, or an update comes
            after the end of a schedule that ends at next to nothing: `"warn"` once, `"raise"` a
            `ScheduleError`, or `"ignore"` it.
        on_conflict: what to do when something else wrote a scheduled value: `"warn"` once,
            `"raise"` a `ScheduleError`, or `"ignore"` it. The schedule's value is then set again.
        on_mismatch: what `load_state_dict` does by default with a state of another schedule.

    Raises:
        ScheduleError: an argument breaks its rule; there is nothing of such a name in the
            optimizer; parameter groups differ in what is scheduled, and `groups` does not say what
            to do about it; `momentum` or `betas` would reach 1.

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
        unit: Unit = "step",
        restore_best: Any = None,
        on_length: Reaction = "warn",
        on_conflict: Reaction = "warn",
        on_mismatch: Policy = "raise",
    ) -> None:
        # LRScheduler's own constructor is not run: it patches the optimizer
        self._levels = levels(optimizer)
        conflicts = Conflicts(on_conflict, "Scheduler")
        check_policy(on_mismatch)
        one_of(unit, get_args(Unit), "Scheduler: `unit`")
        self.optimizer = optimizer
        self.on_mismatch = on_mismatch
        self._target = self._levels[-1]
        schedules = ParamSchedules(for_optimizer(schedule, self._target.defaults), "Scheduler")
        for path in schedules.names:
            parsed(path)
        self._best = None if restore_best is None else BestWeights(restore_best, schedules)
        self._step_count = 1  # Accelerate adds to it
        self._driver = Driver(
            schedules,
            GroupRules(groups, self._target, schedules.names),
            conflicts,
            Loop(on_length),
            self._target,
            by_epoch=unit == "epoch",
        )
        self._driver.write(self._target)
        if not all(shares_groups(outer, self._target) for outer in self._levels[:-1]):
            self._driver.always_apart = self._driver.apart = True
            self._mirror()
        self._attach()

    def _attach(self) -> None:
        """Hook into the optimizer's updates, for as long as this scheduler lives."""
        # The optimizer holds the driver, which does not hold the optimizer: there is no cycle.
        target, driver = self._target, self._driver
        handles = [
            target.register_step_pre_hook(driver.before),
            target.register_step_post_hook(driver.after),
        ]
        handles += [
            level.register_load_state_dict_post_hook(driver.reload)
            for level in self._levels  # a wrapper may hand on the groups that were loaded
            if hasattr(level, "_optimizer_load_state_dict_post_hooks")
        ]
        weakref.finalize(self, _detach, handles).atexit = False

    def _mirror(self) -> None:
        """Write to the groups of wrappers, too, which may have their own."""
        keys = {slot.key for slot in self._driver.slots}
        for outer in self._levels[:-1]:
            mirror(outer, self._target, keys)

    @property
    def _schedules(self) -> ParamSchedules:  # type: ignore[override]  # the driver has them
        return self._driver.schedules

    @property
    def schedule(self) -> AnySchedule | dict[str, AnySchedule]:
        """What is followed: the schedule, or the schedules by name."""
        return self._schedules.schedule

    @property
    def unit(self) -> Unit:
        """What the steps of the schedules are."""
        return "epoch" if self._driver.by_epoch else "step"

    @property
    def on_length(self) -> Reaction:
        """What to do about a schedule that does not fit the run."""
        return self._driver.loop.on_length

    @on_length.setter
    def on_length(self, reaction: Reaction) -> None:
        """Do something else, where the length of the run has become known."""
        self._driver.loop.on_length = reaction

    @property
    def last_epoch(self) -> int:
        """The updates done, or the epochs, under PyTorch's name for it."""
        self._driver.settle()
        return self._driver.done

    @last_epoch.setter
    def last_epoch(self, value: int) -> None:
        """Change nothing: handlers add 1 to it, but the optimizer counts."""

    @property
    def base_lrs(self) -> list[float]:
        """The rates that the groups were built with: nothing is computed from them here."""
        return list(self._driver.initial)

    @property
    def _last_lr(self) -> list[float]:
        """What `get_last_lr` returns, for code that reads it where PyTorch's schedulers keep it."""
        return self.get_last_lr()

    def step(self, metric: Any = None) -> None:
        """Write the values of the update to come. Call it after `optimizer.step()`.

        With `unit="epoch"` this ends the epoch; another call before the next update, with a metric
        or without, ends no other.

        Args:
            metric: what the plateaus monitor: give it as often as you have one, an epoch say, in
                a call of its own or not. If several processes train together, all of them must
                give one, and all observe that of rank 0.

        Raises:
            ScheduleError: there is a metric, but no schedule is on a plateau; or it is no number.
        """
        driver = self._driver
        if driver.apart or metric is not None:
            self._step_apart(metric)
            return
        if driver.done == driver.due:  # one update since the last call, as it should be
            driver.due += 1
        elif driver.done != driver.quiet:
            driver.note_call(self._target, alone=True)
        driver.write(self._target)

    def _step_apart(self, metric: Any) -> None:
        """Do what is not done at every step."""
        driver = self._driver
        if metric is not None:
            if not driver.schedules.monitors_metric:
                raise ScheduleError(
                    "Scheduler: step() takes a metric for a schedule on a plateau, and there is "
                    f"none, got {shown(metric)}. It takes no position, since the optimizer counts "
                    "its updates: set one with load_state_dict"
                )
            metric = _of_rank_0(metric)
        driver.note_call(self._target, alone=metric is None)
        if metric is not None:
            before = copy.copy(driver.schedules)
            driver.schedules.observe(metric, driver.done)
            if self._best is not None:
                self._best.observe(before, driver.schedules, metric)
        self.refresh()

    def refresh(self) -> None:
        """Write the values of the update to come, and take no note of the call."""
        self._driver.settle()
        self._driver.write(self._target)
        if self._driver.always_apart:
            self._mirror()

    def expect_several(self, *, expected: bool = True) -> None:
        """Say that several updates before a call of `step()` are no sign of a mistake, or are."""
        self._driver.loop.expects_several = expected

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group in the last update: before one, in the first."""
        return self._rates(max(0, self._steps_begun() - 1))

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

    def state_dict(self) -> dict[str, Any]:
        """Return the steps done, as `"last_epoch"`, and what is followed, as text.

        It holds plain values only, which JSON has and `torch.load(weights_only=True)` reads, under
        keys that are always the same. The text, `"glissando"`, is the JSON form of the schedule,
        or of several by name, with what plateaus remember. A function of your own is held by its
        name and some of its rates. With `unit="epoch"` the text has the unit, and the updates of
        the epoch that is not over. With `restore_best` the best metric and the weights then are
        there as well, as `"glissando_best"`.

        PyTorch's own schedulers can load it, too: they go on from the same step.
        """
        updates = self._driver.updates if self._driver.by_epoch else None
        best = None if self._best is None else self._best.state_dict()
        return packed(super().state_dict(), updates, best)

    def load_state_dict(self, state: Mapping[str, Any], on_mismatch: Policy | None = None) -> None:
        """Go on from a saved state.

        That of one of PyTorch's own schedulers holds its rates and how often its `step()` was
        called. Training goes on at the step of that number if its rates were those of the schedule
        there, with a warning, or if `on_mismatch` is `"replace"`; otherwise it is refused.

        Args:
            state: what `state_dict` returned.
            on_mismatch: what to do if it was saved with another schedule: `"raise"`, `"keep"`,
                `"replace"`, `"continue"` or `"rewarm"`; see `glissando.ScheduleMismatch`. By
                default, what this was built with.

        Raises:
            ScheduleMismatch: it was saved with another schedule, and `on_mismatch` is `"raise"`.
            ScheduleError: this is no saved state, or one of another unit. Whatever is raised,
                nothing changed.
        """
        saved = unpacked(state, self.unit)
        best = None if self._best is None else self._best.read(saved.best)
        if (calls := calls_of(saved.state)) is None:
            super().load_state_dict(saved.state, on_mismatch)
        else:
            policy = self.on_mismatch if on_mismatch is None else on_mismatch
            check_policy(policy)
            first = bare(next(iter(self._schedules.built.values())))
            check_taken_over(saved.state, calls, first, self._rates(calls), policy)
            self._go_on(self._schedules.anew(), calls)
        self._driver.updates = saved.updates
        if self._best is not None:
            self._best.go_on(best)

    def _agree(self, found: Any) -> Any:
        return _shared(found)

    def _steps_done(self) -> int:
        return self.last_epoch

    def _steps_begun(self) -> int:
        return self.last_epoch + (self._driver.updates > 0)

    def _follow(self, schedules: ParamSchedules) -> None:
        self._driver.go_to(self.last_epoch, schedules, self._target)

    def _go_on(self, schedules: ParamSchedules, step: int) -> None:
        self._driver.go_to(step, schedules, self._target)
        if self._driver.always_apart:
            self._mirror()

    def __repr__(self) -> str:
        """Return what is followed, and how far it has come."""
        unit = ", unit='epoch'" if self._driver.by_epoch else ""
        return f"{type(self).__name__}({self.schedule!r}, step={self.last_epoch}{unit})"

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._attach()  # a copied optimizer comes without hooks


def _detach(handles: list[Any]) -> None:
    for handle in handles:
        handle.remove()


def _of_rank_0(metric: Any) -> float:
    """Return the metric that all processes are to observe."""
    # what is no number is found out by all of them, or the others would wait for ever
    single = isinstance(metric, torch.Tensor) and metric.numel() == 1
    return number(_shared(metric.item() if single else metric), "Scheduler: `metric`")


def _shared(value: Any) -> Any:
    """Return what rank 0 has, if several processes train together."""
    distributed = torch.distributed
    if not (distributed.is_available() and distributed.is_initialized()):
        return value
    shared = [value]
    distributed.broadcast_object_list(shared, src=0)
    return shared[0]
