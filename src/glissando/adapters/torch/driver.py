"""Counts an optimizer's updates, and writes what they are to use."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch.compiler import is_dynamo_compiling

from glissando.adapters.shared.conflicts import Conflicts
from glissando.adapters.shared.names import other_name
from glissando.adapters.shared.param_schedules import AnySchedule, ParamSchedules, bare
from glissando.adapters.torch.slot import Slot, as_float, names, numeric, parsed
from glissando.backends.compiled import scalar
from glissando.errors import ScheduleError, shown, suggestion
from glissando.rules import plain_number
from glissando.schedule import Schedule

Groups = Mapping[str, Any] | Callable[[dict[str, Any]], Any] | None
"""What is different in some parameter groups: by their names, or by a function of a group."""


class ScheduledSlots:
    """A schedule, and everything that is written from it."""

    __slots__ = ("name", "rate", "schedule", "schedules", "slots")

    def __init__(
        self, schedule: AnySchedule, schedules: ParamSchedules, name: str, slots: list[Slot]
    ) -> None:
        self.schedule = schedule
        self.schedules = schedules
        self.name = name
        self.slots = slots
        self.rate: Callable[[int], float] = (
            scalar(schedule) if isinstance(schedule, Schedule) else partial(schedules.rate, name)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # the compiled function cannot be copied or pickled, and is made anew
        return ScheduledSlots, (self.schedule, self.schedules, self.name, self.slots)


class Driver:
    """Counts the updates and writes the values; the optimizer holds it by its hooks."""

    def __init__(
        self, schedules: ParamSchedules, groups: Groups, conflicts: Conflicts, optimizer: Any
    ) -> None:
        self.schedules = schedules
        self.groups: Any = groups
        self.conflicts = conflicts
        self.defaults = optimizer.defaults
        # such an optimizer skips an update itself if a GradScaler asks for that; of others the
        # GradScaler then does not call `step`
        self.skips_itself = hasattr(optimizer, "_step_supports_amp_scaling")
        self.done = 0
        self.open = False  # in an update
        self.compiled = False  # an update was done in compiled code
        self.on_cuda = False  # a value is in a tensor there
        self.replayed = False  # updates are done by a CUDA graph
        self.at = -1  # the update that values were last written for
        self.scheduled: list[ScheduledSlots] = []
        self.slots: list[Slot] = []  # those of all schedules
        self.adopted = 0  # groups whose slots are known
        if groups is not None and not callable(groups):
            _check_names(groups, optimizer)

    def before(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        """Look at the values right before an update."""
        if is_dynamo_compiling():
            self.open = False
            return
        if self.compiled:
            self.settle()
        self.open = True
        groups = optimizer.param_groups
        if self.at == self.done and self.adopted == len(groups):
            try:
                for slot in self.slots:
                    if groups[slot.index][slot.key] is not slot.wrote:
                        break
                else:  # each is the very float that was written
                    return
            except KeyError:  # a loaded state may lack it
                pass
        self.write(optimizer)

    def after(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        """Count an update."""
        if self.open:
            self.open = False
            if self.skips_itself:
                skipped = getattr(optimizer, "found_inf", None)
                if skipped is not None and skipped.item():
                    return
            if self.on_cuda:
                self.replayed = torch.cuda.is_current_stream_capturing()
                if self.replayed:
                    return
            self.done += 1
        elif is_dynamo_compiling():
            self.compiled = True  # a constant: to count here would compile anew at each count
        # else a step that called the step of its base class: counted there

    def settle(self) -> None:
        """Count an update that compiled code has done."""
        if self.compiled:
            self.compiled = False
            self.done += 1

    def reload(self, optimizer: Any) -> None:
        """Write everything again, into groups that were replaced."""
        self.scheduled, self.slots, self.adopted = [], [], 0
        self.write(optimizer)

    def go_to(self, step: int, schedules: ParamSchedules, optimizer: Any) -> None:
        """Go on from a step, with other schedules."""
        before = self.schedules, self.scheduled, self.slots, self.adopted, self.done
        self.schedules, self.done = schedules, step
        try:
            self.reload(optimizer)
        except ScheduleError:
            self.schedules, self.scheduled, self.slots, self.adopted, self.done = before
            raise
        self.compiled = self.open = False

    def write(self, optimizer: Any) -> None:
        """Set every scheduled value to that of the update to come."""
        groups = optimizer.param_groups
        if self.adopted < len(groups):
            self._adopt(groups)
        step = self.done
        for scheduled in self.scheduled:
            value = scheduled.rate(step)
            for slot in scheduled.slots:
                own = value * slot.factor
                group, key = groups[slot.index], slot.key
                if key in group and group[key] is slot.wrote and own < slot.below:  # as left
                    group[key] = slot.wrote = own
                else:
                    self._put(slot, group, own)
        self.at = step

    def _put(self, slot: Slot, group: dict[str, Any], value: float) -> None:
        if value >= slot.below:
            raise _too_large(slot.path, value, self.done)
        if slot.key not in group:  # a loaded state may lack it
            entry = self.defaults.get(slot.key)
            group[slot.key] = entry.clone() if isinstance(entry, torch.Tensor) else entry
            slot.wrote = None
        now = slot.find(group)
        # Ignite's LRScheduler writes what get_lr() returns: the very value of now
        wrote = slot.wrote
        if wrote is not None and slot.foreign(now) and as_float(now) != slot.rounded(value):
            self.conflicts.report(
                f"before update {self.done} `{slot.path}` of {_called(slot.index, group)}",
                now,
                wrote,
                f"something else writes param_groups[{slot.index}][{slot.key!r}]",
            )
        if isinstance(now, torch.Tensor):
            now.fill_(value)
            slot.tensor, slot.version = now, now._version
            self.on_cuda = self.on_cuda or now.is_cuda
        else:
            slot.store(group, value)
            slot.tensor = None
        slot.wrote = value

    def _adopt(self, groups: list[dict[str, Any]]) -> None:
        """Find what is to be written to the groups that are not known yet."""
        while self.adopted < len(groups):
            self._adopt_one(groups, self.adopted)
            self.adopted += 1

    def _adopt_one(self, groups: list[dict[str, Any]], index: int) -> None:
        group = groups[index]
        for path, (name, schedule, factor) in self._rules(index, group).items():
            limit = 1.0 if parsed(path)[0] in _BELOW_ONE else math.inf
            slot = Slot(index, path, factor, limit)
            if slot.key not in group and slot.key in self.defaults:
                group[slot.key] = self.defaults[slot.key]
            now = slot.find(group)
            if not numeric(now):
                raise ScheduleError(
                    f"Scheduler: `{path}` must name a number in {_called(index, group)}, "
                    f"got {shown(now)}" + other_name(path, names(group))
                )
            if isinstance(now, torch.Tensor) and any(
                slot.find(other) is now for other in groups if other is not group
            ):
                slot.store(group, now.clone())  # a default that groups share
            if limit == 1.0:
                _check_below_one(path, schedule, factor)
            self.slots.append(slot)
            for scheduled in self.scheduled:
                if scheduled.schedule is schedule:
                    scheduled.slots.append(slot)
                    break
            else:
                self.scheduled.append(ScheduledSlots(schedule, self.schedules, name, [slot]))

    def _rules(
        self, index: int, group: dict[str, Any]
    ) -> dict[str, tuple[str, AnySchedule, float]]:
        """Return what is scheduled in a group: by what it sets, the schedule and its factor.

        Before them stands its name among the schedules, empty if it belongs to the group alone.
        """
        rules = {path: (path, followed, 1.0) for path, followed in self.schedules.followed.items()}
        if self.groups is None:
            return rules
        own = self.groups(group) if callable(self.groups) else self.groups.get(group.get("name"))
        for path, rule in _own(own).items():
            factor = plain_number(rule)
            if isinstance(rule, Schedule):
                rules[path] = ("", rule, 1.0)
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
                rules[path] = (*rules[path][:2], float(factor))
        return rules


_BELOW_ONE = ("momentum", "betas")


def _own(rule: Any) -> Mapping[str, Any]:
    """Return the rule of a group as a mapping."""
    if rule is None:
        return {}
    return rule if isinstance(rule, Mapping) else {"lr": rule}


def _called(index: int, group: dict[str, Any]) -> str:
    return f"group {index}" + (f" ({group['name']!r})" if "name" in group else "")


def _check_names(groups: object, optimizer: Any) -> None:
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


def _check_below_one(path: str, followed: AnySchedule, factor: float) -> None:
    """Refuse early, where that can be known, what would have to be refused in training."""
    schedule = bare(followed)
    bound = schedule.bound() * factor
    if bound < 1 or bound == math.inf:
        return
    for step in (0, *islice(schedule.breaks(), 1000)):
        if (value := schedule(step) * factor) >= 1:
            raise _too_large(path, value, step)


def _too_large(path: str, value: float, step: int) -> ScheduleError:
    return ScheduleError(f"Scheduler: `{path}` must stay below 1, got {value:.6g} at step {step}")
