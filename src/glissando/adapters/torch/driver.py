"""Counts an optimizer's updates, and writes what they are to use."""

import math
import sys
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch.compiler import is_dynamo_compiling

from glissando.adapters.shared.conflicts import Conflicts, react
from glissando.adapters.shared.names import other_name
from glissando.adapters.shared.param_schedules import AnySchedule, ParamSchedules, bare
from glissando.adapters.shared.run_length import spent
from glissando.adapters.torch.groups import GroupRules, called
from glissando.adapters.torch.loop import Loop
from glissando.adapters.torch.slot import Slot, as_float, names, numeric, parsed
from glissando.backends.compiled import scalar
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule

_NEVER = sys.maxsize


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
    """Counts the updates and writes the values; the optimizer holds it by its hooks.

    The steps of the schedules are updates, or epochs, each of which ends with a call of `step()`.
    """

    def __init__(
        self,
        schedules: ParamSchedules,
        rules: GroupRules,
        conflicts: Conflicts,
        loop: Loop,
        optimizer: Any,
        *,
        by_epoch: bool,
    ) -> None:
        self.schedules = schedules
        self.rules = rules
        self.conflicts = conflicts
        self.loop = loop
        self.by_epoch = by_epoch
        self.defaults = optimizer.defaults
        # such an optimizer skips an update itself if a GradScaler asks for that; of others the
        # GradScaler then does not call `step`
        self.skips_itself = hasattr(optimizer, "_step_supports_amp_scaling")
        self.doubtful = by_epoch or self.skips_itself  # an update may be none, or no step
        self.on_cuda = False  # a value is in a tensor there
        self.done = 0  # steps
        self.updates = 0  # in this epoch, if the steps are epochs
        self.open = False  # in an update
        self.compiled = False  # an update was done in compiled code
        self.replayed = False  # updates are done by a CUDA graph
        self.always_apart = by_epoch  # each call of `step()` is to be noted
        self.apart = by_epoch  # the next one is
        self.at = -1  # the step that values were last written for, if they may be used
        self.end = _NEVER  # after this step nothing is learned
        self.reported_end = False
        self.due = 1  # the steps at the next call of `step()`, if an update comes before it
        self.quiet = -1  # the steps at which calls without an update mean nothing new
        self.noted = -1  # the steps at the last call that was taken note of
        self.began = 0  # the steps when built or loaded
        self.scheduled: list[ScheduledSlots] = []
        self.slots: list[Slot] = []  # those of all schedules
        self.adopted = 0  # groups whose slots are known
        self.initial: list[float] = []  # the rates that the groups were built with

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
        if self.done > self.end:
            self._report_end()
        self.write(optimizer)

    def after(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        """Count an update."""
        if self.open:
            self.open = False
            if not (self.doubtful or self.on_cuda) or self._counts(optimizer):
                self.done += 1
        elif is_dynamo_compiling():
            # constants: to count here would compile anew at each count
            self.compiled = self.apart = True
        # else a step that called the step of its base class: counted there

    def _counts(self, optimizer: Any) -> bool:
        """Return whether an update was done, and is a step."""
        if self.skips_itself:
            skipped = getattr(optimizer, "found_inf", None)
            if skipped is not None and skipped.item():
                return False
        if self.on_cuda:
            self.replayed = torch.cuda.is_current_stream_capturing()
            if self.replayed:
                self.apart = True
                return False
        if self.by_epoch:
            self.updates += 1
        return not self.by_epoch

    def settle(self) -> None:
        """Count an update that compiled code has done."""
        if self.compiled:
            self.compiled = False
            self._count_unseen()

    def _count_unseen(self) -> None:
        if self.done > self.end:
            self._report_end()
        if self.by_epoch:
            self.updates += 1
        else:
            self.done += 1

    def note_call(self, optimizer: Any, *, alone: bool) -> None:
        """Take note of a call of `step()`, which ends an epoch if the steps are epochs.

        Args:
            optimizer: the optimizer.
            alone: whether the call has no metric: one that has may come without an update.
        """
        if self.compiled:
            self.settle()
        elif self.replayed and alone:
            self._count_unseen()
        self.apart = self.always_apart or self.replayed
        last = self.done if self.by_epoch else self.due - 1  # at the call before
        updates = self.updates if self.by_epoch else self.done - last
        in_a_row = self.noted == last
        if updates:
            followed = () if self.by_epoch else self.schedules.followed.values()
            self.loop.came_after(updates, in_a_row, followed)
            if self.by_epoch:
                self.done, self.updates = self.done + 1, 0
        elif not alone:
            return
        elif not self.loop.came_alone(optimizer, in_a_row, self.done == self.began):
            self.quiet = self.done
        self.due, self.noted = self.done + 1, self.done

    def _report_end(self) -> None:
        """Report that the run goes on where nothing is learned any more."""
        rate = self._main_rates()[0]
        schedule = bare(rate.schedule)
        unit = "epoch" if self.by_epoch else "update"
        react(
            self.loop.on_length,
            f"Scheduler: the schedule of `lr` has {schedule.steps} steps, but this is {unit} "
            f"{self.done}, and its rate is {rate.rate(self.done):.6g}. To reach its end with the "
            f"run take schedule.stretch(n) for a run of n {unit}s. "
            + (
                "step() ends an epoch here: call it once an epoch, or leave unit='epoch' out"
                if self.by_epoch
                else "If its steps are to be epochs, write Scheduler(optimizer, schedule, "
                "unit='epoch') and call step() once an epoch, or take "
                "schedule.hold_each(updates_per_epoch)"
            )
            + "; if it is meant, pass on_length='ignore'",
        )
        self.end, self.reported_end = _NEVER, True

    def _main_rates(self) -> list[ScheduledSlots]:
        """Return what schedules the learning rate: of those groups that have no schedule alone."""
        rates = [one for one in self.scheduled if any(slot.path == "lr" for slot in one.slots)]
        return [one for one in rates if one.name] or rates

    def _find_end(self) -> None:
        rates = [rate.schedule for rate in self._main_rates()]
        known = rates and not self.reported_end and all(map(spent, rates))
        self.end = int(max(bare(rate).steps for rate in rates)) if known else _NEVER

    def reload(self, optimizer: Any) -> None:
        """Write everything again, into groups that were replaced."""
        self.scheduled, self.slots, self.adopted = [], [], 0
        self.write(optimizer)

    def go_to(self, step: int, schedules: ParamSchedules, optimizer: Any) -> None:
        """Go on from a step, with other schedules."""
        before = self.__dict__.copy()
        self.schedules, self.done = schedules, step
        try:
            self.reload(optimizer)
        except ScheduleError:
            self.__dict__.update(before)
            raise
        self.compiled = self.open = False
        self.due, self.quiet, self.noted, self.began = step + 1, -1, -1, step

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
        if step > self.end:  # the next update is to look
            self.at = -1

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
                f"before {'an update of epoch' if self.by_epoch else 'update'} {self.done} "
                f"`{slot.path}` of {called(slot.index, group)}",
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
            self.rules.add(groups, self.adopted, self.schedules.names, self.conflicts.reaction)
            self._adopt_one(groups, self.adopted)
            self.adopted += 1
        self._find_end()

    def _adopt_one(self, groups: list[dict[str, Any]], index: int) -> None:
        group = groups[index]
        self._note_initial(index, group)
        rules = self.rules.of(index, group, self.schedules.followed)
        for path, (name, schedule, factor) in rules.items():
            limit = 1.0 if parsed(path)[0] in _BELOW_ONE else math.inf
            slot = Slot(index, path, factor, limit)
            if slot.key not in group and slot.key in self.defaults:
                group[slot.key] = self.defaults[slot.key]
            now = slot.find(group)
            if not numeric(now):
                raise ScheduleError(
                    f"Scheduler: `{path}` must name a number in {called(index, group)}, "
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

    def _note_initial(self, index: int, group: dict[str, Any]) -> None:
        """Leave in a group the rate that it was built with, as PyTorch's own schedulers do."""
        if index == len(self.initial):
            initial = group.get("initial_lr", group.get("lr", math.nan))
            self.initial.append(as_float(initial))
        if "lr" in group:
            group.setdefault("initial_lr", self.initial[index])


_BELOW_ONE = ("momentum", "betas")


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
