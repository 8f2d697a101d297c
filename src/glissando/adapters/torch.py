"""PyTorch follows a schedule: an `LRScheduler` that counts the optimizer's own updates."""

import math
import re
import warnings
import weakref
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

import torch
from torch.optim.lr_scheduler import LRScheduler

from glissando.resume import (
    Policy,
    ScheduleMismatch,
    check_policy,
    check_step,
    form,
    resumed_from,
)
from glissando.rules import ScheduleError, plain_number, shown
from glissando.schedule import Schedule
from glissando.text.data import from_data, suggestion


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
            the other betas as they are. `momentum` and `betas` must stay below 1.
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
        schedule: Schedule | Mapping[str, Schedule],
        groups: Mapping[str, Any] | Callable[[dict[str, Any]], Any] | None = None,
        *,
        on_conflict: Literal["warn", "raise", "ignore"] = "warn",
        on_mismatch: Policy = "raise",
    ) -> None:
        # LRScheduler's own constructor is not run: it writes `initial_lr` and patches the optimizer
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise ScheduleError(
                f"Scheduler: `optimizer` must be a torch.optim.Optimizer, got {shown(optimizer)}"
            )
        if on_conflict not in ("warn", "raise", "ignore"):
            raise ScheduleError(
                "Scheduler: `on_conflict` must be one of 'warn', 'raise', 'ignore', "
                f"got {shown(on_conflict)}"
            )
        check_policy(on_mismatch)
        self.optimizer = optimizer
        self.on_mismatch = on_mismatch
        self._built = _by_name(schedule)
        self._single = isinstance(schedule, Schedule)
        self._step_count = 1  # Accelerate adds to it
        self._target = _inner(optimizer)
        self._driver = _Driver(self._built, groups, on_conflict, self._target)
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
    def schedule(self) -> Schedule | dict[str, Schedule]:
        """What is followed: the schedule, or the schedules by name."""
        schedules = self._driver.schedules
        return schedules["lr"] if self._alone() else dict(schedules)

    def _alone(self) -> bool:
        # with on_mismatch="keep", what is followed may have been saved from several
        return self._single and set(self._driver.schedules) == {"lr"}

    @property
    def last_epoch(self) -> int:
        """The updates done, under PyTorch's name for it."""
        self._driver.settle()
        return self._driver.done

    @last_epoch.setter
    def last_epoch(self, value: int) -> None:
        """Change nothing: handlers add 1 to it, but the optimizer counts."""

    def step(self, epoch: None = None) -> None:
        """Write the values of the update to come. Call it after `optimizer.step()`."""
        if epoch is not None:
            raise ScheduleError(
                "Scheduler: step() takes no position, since the optimizer counts its updates; got "
                f"{shown(epoch)}. Set one with load_state_dict"
            )
        driver = self._driver
        if driver.compiled:
            driver.settle()
        elif driver.replayed:
            driver.done += 1
        driver.write(self._target)

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group in the last update: before one, in the first."""
        return self._rates(max(0, self.last_epoch - 1))

    def get_lr(self) -> list[float]:
        """Return the learning rate of each group in the update to come."""
        return self._rates(self.last_epoch)

    def _rates(self, step: int) -> list[float]:
        groups = self._target.param_groups
        rates = [math.nan if "lr" not in group else _float(group["lr"]) for group in groups]
        for schedule, slots in self._driver.lines:
            for slot in slots:
                if slot.path == "lr":
                    rates[slot.index] = slot.rounded(schedule(step) * slot.factor)
        return rates

    def state_dict(self) -> dict[str, Any]:
        """Return `{"step": k, "schedule": ...}`: the updates done, and the JSON form.

        It holds plain values only, so `torch.load(weights_only=True)` reads it. Several schedules
        give a dictionary of JSON forms. A function of your own is held by its name and some of the
        rates that it gave.
        """
        step = self.last_epoch
        forms = {name: form(s, step) for name, s in self._driver.schedules.items()}
        return {"step": step, "schedule": forms["lr"] if self._alone() else forms}

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
        check_policy(policy)
        if not isinstance(state_dict, Mapping) or set(state_dict) != {"step", "schedule"}:
            keys = list(state_dict) if isinstance(state_dict, Mapping) else state_dict
            raise ScheduleError(
                "Scheduler: a saved state has exactly `step` and `schedule`, got "
                f"{shown(keys)}: is it the state of another scheduler?"
            )
        step = check_step(state_dict["step"], "Scheduler: `step` in the saved state")
        new, now = self._built, self._driver.schedules
        saved = state_dict["schedule"]
        if not isinstance(saved, Mapping):
            raise ScheduleError(f"Scheduler: `schedule` in the saved state is {shown(saved)}")
        saved = {"lr": saved} if "type" in saved else saved
        if set(saved) not in (set(new), set(now)) and policy == "raise":
            raise ScheduleMismatch(
                f"Scheduler: the checkpoint was saved with schedules of {', '.join(saved)}, but "
                f"there are schedules of {', '.join(new)}. Pass on_mismatch='keep' to go on with "
                "the saved ones, or 'replace', 'continue' or 'rewarm' with the new ones",
                None,
                next(iter(new.values())),
                step,
            )
        found = {}
        for name in saved if policy == "keep" else new:
            if name not in saved:
                found[name] = new[name]
                continue
            try:  # a state of this very scheduler, after an earlier resume
                found[name] = resumed_from(saved[name], now[name], step)
            except (KeyError, ScheduleMismatch):
                where = f"Scheduler: `{name}`"
                found[name] = (
                    resumed_from(saved[name], new[name], step, policy, where=where)
                    if name in new
                    else from_data(saved[name])
                )
        self._driver.go_to(step, found, self._target)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._attach()  # a copied optimizer comes without hooks


class _Slot:
    """One value that is written: an entry of a parameter group, or an item of one."""

    __slots__ = (
        "below",
        "factor",
        "index",
        "item",
        "key",
        "path",
        "plain",
        "tensor",
        "version",
        "wrote",
    )

    def __init__(self, index: int, path: str, factor: float, below: float) -> None:
        self.index = index
        self.path = path
        self.key, self.item = _parsed(path)
        self.factor = factor
        self.below = below
        self.wrote: float | None = None  # the very object, if it is plain
        self.plain = False  # a float in the group itself, without a limit
        self.tensor: Any = None  # what was written to in place, if it is none
        self.version = 0  # of a tensor, which grows with each write in place

    def find(self, group: dict[str, Any]) -> Any:
        entry = group.get(self.key)
        if self.item is None or entry is None:
            return entry
        # anything without items, or with fewer, has no value here
        return entry[self.item] if isinstance(entry, Sequence) and self.item < len(entry) else None

    def store(self, group: dict[str, Any], value: Any) -> None:
        if self.item is None:
            group[self.key] = value
        else:
            entry = group[self.key]
            group[self.key] = type(entry)(
                value if i == self.item else v for i, v in enumerate(entry)
            )

    def rounded(self, value: float) -> float:
        """Return `value` as what is written to can hold it."""
        if self.tensor is None:
            return value
        return float(torch.tensor(value, dtype=self.tensor.dtype).item())

    def foreign(self, now: Any) -> bool:
        """Return whether `now` is not what was written last."""
        if self.wrote is None:
            return False
        if isinstance(now, torch.Tensor):
            # the version tells without waiting for the device; it is only read to make sure
            if now is self.tensor and now._version == self.version:
                return False
            return _float(now) != self.rounded(self.wrote)
        return bool(now != self.wrote)


class _Driver:
    """Counts the updates and writes the values; the optimizer holds it by its hooks."""

    def __init__(
        self, schedules: dict[str, Schedule], groups: Any, on_conflict: str, optimizer: Any
    ) -> None:
        self.schedules = schedules
        self.groups = groups
        self.on_conflict = on_conflict
        self.defaults = optimizer.defaults
        self.done = 0
        self.open = False  # in an update
        self.compiled = False  # an update was done in compiled code
        self.on_cuda = False  # a value is in a tensor there
        self.replayed = False  # updates are done by a CUDA graph
        self.at = -1  # the update that values were last written for
        self.reported = False
        self.lines: list[tuple[Schedule, list[_Slot]]] = []
        self.adopted = 0  # groups whose slots are known
        if groups is not None and not callable(groups):
            _check_names(groups, optimizer)

    def before(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        """Look at the values right before an update."""
        if torch.compiler.is_compiling():
            return
        if self.compiled:
            self.settle()
        self.open = True
        if self.at != self.done or not self._as_left(optimizer.param_groups):
            self.write(optimizer)

    def after(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        """Count an update."""
        if torch.compiler.is_compiling():
            self.compiled = True  # a constant: to count here would compile anew at each count
            return
        if not self.open:  # a step that called the step of its base class: counted there
            return
        self.open = False
        skipped = getattr(optimizer, "found_inf", None)  # of a GradScaler, for a fused optimizer
        if skipped is not None and skipped.item():
            return
        self.replayed = self.on_cuda and torch.cuda.is_current_stream_capturing()
        if not self.replayed:
            self.done += 1

    def settle(self) -> None:
        """Count an update that compiled code has done."""
        if self.compiled:
            self.compiled = False
            self.done += 1

    def reload(self, optimizer: Any) -> None:
        """Write everything again, into groups that were replaced."""
        self.lines, self.adopted = [], 0
        self.write(optimizer)

    def go_to(self, step: int, schedules: dict[str, Schedule], optimizer: Any) -> None:
        """Go on from a saved position."""
        before = self.schedules, self.lines, self.adopted, self.done
        self.schedules, self.lines, self.adopted, self.done = schedules, [], 0, step
        try:
            self.write(optimizer)
        except ScheduleError:
            self.schedules, self.lines, self.adopted, self.done = before
            raise
        self.compiled = self.open = False

    def write(self, optimizer: Any) -> None:
        """Set every scheduled value to that of the update to come."""
        groups = optimizer.param_groups
        while self.adopted < len(groups):
            self._adopt(groups)
        step = self.done
        for schedule, slots in self.lines:
            rate = schedule.__call__(step)  # a tenth of the time less than schedule(step)
            for slot in slots:
                value = rate * slot.factor
                group, key = groups[slot.index], slot.key
                if slot.plain and group.get(key) is slot.wrote:  # as it was left
                    group[key] = slot.wrote = value
                else:
                    self._put(slot, group, value)
        self.at = step

    def _as_left(self, groups: list[dict[str, Any]]) -> bool:
        """Return whether every value is the very float that was written."""
        if self.adopted != len(groups):
            return False
        for _, slots in self.lines:
            for slot in slots:
                if not slot.plain or groups[slot.index].get(slot.key) is not slot.wrote:
                    return False
        return True

    def _put(self, slot: _Slot, group: dict[str, Any], value: float) -> None:
        if value >= slot.below:
            raise _too_large(slot.path, value, self.done)
        if slot.key not in group:  # a loaded state may lack it
            entry = self.defaults.get(slot.key)
            group[slot.key] = entry.clone() if isinstance(entry, torch.Tensor) else entry
            slot.wrote = None
        now = slot.find(group)
        if slot.foreign(now):
            self._report(slot, group, now)
        if isinstance(now, torch.Tensor):
            now.fill_(value)
            slot.tensor, slot.version, slot.plain = now, now._version, False
            self.on_cuda = self.on_cuda or now.is_cuda
        else:
            slot.store(group, value)
            slot.tensor, slot.plain = None, slot.item is None and slot.below == math.inf
        slot.wrote = value

    def _report(self, slot: _Slot, group: dict[str, Any], now: Any) -> None:
        if self.on_conflict == "ignore" or (self.reported and self.on_conflict == "warn"):
            return
        message = (
            f"Scheduler: before update {self.done} `{slot.path}` of {_called(slot.index, group)} "
            f"is {shown(now)}, but the schedule had set {slot.wrote:.6g}: something else writes "
            f"param_groups[{slot.index}][{slot.key!r}] too. Keep one owner, or pass "
            "on_conflict='ignore' to let the schedule overrule the other"
        )
        if self.on_conflict == "raise":
            raise ScheduleError(message)
        self.reported = True
        warnings.warn(message, stacklevel=2)

    def _adopt(self, groups: list[dict[str, Any]]) -> None:
        """Find what is to be written to the first group that is not known yet."""
        index = self.adopted
        group = groups[index]
        for path, (schedule, factor) in self._rules(index, group).items():
            limit = 1.0 if _parsed(path)[0] in _BELOW_ONE else math.inf
            slot = _Slot(index, path, factor, limit)
            if slot.key not in group and slot.key in self.defaults:
                group[slot.key] = self.defaults[slot.key]
            now = slot.find(group)
            if not _numeric(now):
                raise ScheduleError(
                    f"Scheduler: `{path}` must name a number in {_called(index, group)}, "
                    f"got {shown(now)}" + suggestion(path, _names(group))
                )
            if isinstance(now, torch.Tensor) and any(
                slot.find(other) is now for other in groups if other is not group
            ):
                slot.store(group, now.clone())  # a default that groups share
            if limit == 1.0:
                _check_below_one(path, schedule, factor)
            for line, slots in self.lines:
                if line is schedule:
                    slots.append(slot)
                    break
            else:
                self.lines.append((schedule, [slot]))
        self.adopted += 1

    def _rules(self, index: int, group: dict[str, Any]) -> dict[str, tuple[Schedule, float]]:
        """Return what is scheduled in a group: by name, the schedule and its factor."""
        rules = {path: (schedule, 1.0) for path, schedule in self.schedules.items()}
        if self.groups is None:
            return rules
        own = self.groups(group) if callable(self.groups) else self.groups.get(group.get("name"))
        for path, rule in _own(own).items():
            factor = plain_number(rule)
            if isinstance(rule, Schedule):
                rules[path] = (rule, 1.0)
            elif factor is None or not 0 <= factor < math.inf:
                raise ScheduleError(
                    f"Scheduler: `groups` must give a number of 0 or more or a schedule for "
                    f"`{path}` of {_called(index, group)}, got {shown(rule)}"
                )
            elif path not in rules:
                raise ScheduleError(
                    f"Scheduler: `groups` multiplies `{path}` of {_called(index, group)}, but "
                    f"only {', '.join(rules)} has a schedule"
                )
            else:
                rules[path] = (rules[path][0], float(factor))
        return rules


_BELOW_ONE = ("momentum", "betas")


def _detach(handles: tuple[Any, ...]) -> None:
    for handle in handles:
        handle.remove()


def _inner(optimizer: Any) -> Any:
    """Return the optimizer that does the updates, out of its wrappers."""
    while isinstance(wrapped := getattr(optimizer, "optimizer", None), torch.optim.Optimizer):
        optimizer = wrapped
    return optimizer


def _by_name(schedule: object) -> dict[str, Schedule]:
    """Return the checked schedules by what they set."""
    schedules = schedule if isinstance(schedule, Mapping) else {"lr": schedule}
    for path, value in schedules.items():
        if not isinstance(value, Schedule):
            raise ScheduleError(
                f"Scheduler: `{path}` must be a schedule, got {shown(value)}; "
                "wrap a function of your own in gl.schedule(f)"
            )
        _parsed(path)
    if not schedules:
        raise ScheduleError("Scheduler: `schedule` must name something to set, got {}")
    return dict(schedules)


def _own(rule: Any) -> Mapping[str, Any]:
    """Return the rule of a group as a mapping."""
    if rule is None:
        return {}
    return rule if isinstance(rule, Mapping) else {"lr": rule}


def _parsed(path: str) -> tuple[str, int | None]:
    """Return the key in the group, and the item of what is found there."""
    match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", str(path))
    if match is None:
        raise ScheduleError(f"Scheduler: a name must be like 'lr' or 'betas[0]', got {shown(path)}")
    return match[1], None if match[2] is None else int(match[2])


def _numeric(value: object) -> bool:
    if isinstance(value, torch.Tensor):
        return bool(value.numel() == 1 and value.is_floating_point())
    return isinstance(value, int | float) and not isinstance(value, bool)


def _float(value: Any) -> float:
    return float(value.item() if isinstance(value, torch.Tensor) else value)


def _names(group: dict[str, Any]) -> list[str]:
    """Return what could be scheduled in a group."""
    names = [key for key, value in group.items() if _numeric(value)]
    for key, value in group.items():
        if key != "params" and isinstance(value, list | tuple):
            names += [f"{key}[{i}]" for i, item in enumerate(value) if _numeric(item)]
    return names


def _called(index: int, group: dict[str, Any]) -> str:
    return f"group {index}" + (f" ({group['name']!r})" if "name" in group else "")


def _check_names(groups: Any, optimizer: Any) -> None:
    if not isinstance(groups, Mapping):
        raise ScheduleError(
            f"Scheduler: `groups` must be a mapping or a function, got {shown(groups)}"
        )
    known = [group["name"] for group in optimizer.param_groups if "name" in group]
    for name in groups:
        if name not in known:
            raise ScheduleError(
                f"Scheduler: no parameter group has the name {name!r} of `groups`"
                + (suggestion(name, known) if known else "; give groups a 'name'")
                + " For a group that is added later, pass a function"
            )


def _check_below_one(path: str, schedule: Schedule, factor: float) -> None:
    """Refuse early, where that can be told, what would have to be refused in training."""
    bound = schedule.bound() * factor
    if bound < 1 or bound == math.inf:
        return
    for step in (0, *islice(schedule.breaks(), 1000)):
        if (value := schedule(step) * factor) >= 1:
            raise _too_large(path, value, step)


def _too_large(path: str, value: float, step: int) -> ScheduleError:
    return ScheduleError(f"Scheduler: `{path}` must stay below 1, got {value:.6g} at step {step}")
