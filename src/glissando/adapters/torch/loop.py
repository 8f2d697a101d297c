"""Finds out, from the calls of `step()`, whether a training loop fits what is followed."""

import warnings
from collections.abc import Iterable
from typing import Any

import torch

from glissando.adapters.shared.conflicts import Reaction, check_reaction, react
from glissando.adapters.shared.param_schedules import AnySchedule, bare
from glissando.combinators import HoldEach, Slow
from glissando.families import Constant

_IN_A_ROW = 3
"""So many calls after several updates each are no accident."""

_LOOKS = (1, 2, 3, 5, 8, 16, 32, 64)
"""At which calls in a row without an update the weights are looked at."""

_NOTHING, _NOTHING_BUT_GRADIENTS = 5, 32
"""After so many calls the loop is no loop, if nothing happens to the weights in it.

A `GradScaler` may skip the first updates: then there are gradients.
"""

_SAMPLE = 16
"""So many weights are looked at."""

_SUMMED = (torch.float64, torch.float32, torch.bfloat16, torch.float16)


class Loop:
    """What the calls of `step()` tell of a loop, and what was reported of it.

    Args:
        on_length: what to do about a schedule that does not fit the run.

    Raises:
        ScheduleError: `on_length` is no such reaction.
    """

    def __init__(self, on_length: Reaction) -> None:
        check_reaction(on_length, "Scheduler: `on_length`")
        self.on_length = on_length
        self.expects_several = False  # updates before a call
        self._several: list[int] = []  # how many updates came before each of the last calls
        self._idle = 0  # calls in a row without an update
        self._moves = 0  # how often the weights had changed meanwhile
        self._first: Any = None  # what was seen at the first of them
        self._last: Any = None
        self._told_unit = self._told_idle = False

    def came_after(self, updates: int, in_a_row: bool, followed: Iterable[AnySchedule]) -> None:
        """Take note of a call that came after updates, one or more.

        Args:
            updates: how many, since the call before.
            in_a_row: whether the call before was taken note of, too: one after a single update
                need not be.
            followed: the schedules, which count updates.
        """
        self._idle = 0
        if not in_a_row or updates == 1:
            self._several = []
        if updates == 1 or self.expects_several or self._told_unit:
            return
        self._several.append(updates)
        if len(self._several) == _IN_A_ROW:
            self._told_unit = True
            if any(map(_counts_updates_by_mistake, followed)):
                react(self.on_length, self._several_updates())

    def _several_updates(self) -> str:
        *others, last = self._several
        return (
            f"Scheduler: step() was called after {', '.join(map(str, others))} and {last} updates "
            "of the optimizer, but the steps of its schedule are updates, whenever step() is "
            "called. If they are to be epochs, write Scheduler(optimizer, schedule, unit='epoch'), "
            f"or schedule.hold_each({last}), or schedule.slow({last}) to change the rate within an "
            f"epoch, too; if it is meant, pass on_length='ignore'"
        )

    def came_alone(self, optimizer: Any, in_a_row: bool, fresh: bool) -> bool:
        """Take note of a call without an update before it; return whether to note more of them.

        Args:
            optimizer: the optimizer.
            in_a_row: whether no update was counted since the last of them either.
            fresh: whether no update was counted at all, since the scheduler was built or loaded.
        """
        if self._told_idle:
            return False
        self._idle = self._idle + 1 if in_a_row else 1
        if self._idle not in _LOOKS:
            return self._idle < _LOOKS[-1]
        seen = _look(optimizer, fresh)
        if self._idle == 1:
            self._moves, self._first = 0, seen
        elif seen[0] != self._last[0]:
            self._moves += 1
        self._last = seen
        enough = _NOTHING_BUT_GRADIENTS if any(seen[1]) else _NOTHING
        if self._moves > 1:
            self._tell(
                "although the weights change: something else updates them. An optimizer that was "
                "replaced needs a Scheduler of its own, and so does one within another whose "
                "step() is not called; for updates by hand take schedule(k)"
            )
        elif fresh and (
            (self._idle >= enough and seen == self._first)
            or (self._idle == _LOOKS[-1] and not _accumulate(self._first[1], seen[1]))
        ):
            self._tell(
                "and nothing happens to the weights. The rate moves on with the updates, not "
                "with these calls: gl.plot(schedule) draws a curve, schedule(k) is the rate of "
                "update k, and load_state_dict goes on from a saved state. In training, the "
                "Scheduler may have been given another optimizer than the one that trains"
            )
        return not self._told_idle

    def _tell(self, what: str) -> None:
        self._told_idle = True
        warnings.warn(
            f"Scheduler: step() was called {self._idle} times, and no update of the optimizer was "
            f"counted, {what}",
            stacklevel=5,
        )


def _counts_updates_by_mistake(followed: AnySchedule) -> bool:
    """Return whether a schedule may have been written in epochs."""
    schedule = bare(followed)
    if isinstance(schedule, Constant):
        return False
    return not any(isinstance(part, Slow | HoldEach) for part in schedule.every_part())


def _look(optimizer: Any, may_wait: bool) -> tuple[list[Any], list[Any]]:
    """Return what tells whether some of the weights were written, and their gradients."""
    weights = [param for group in optimizer.param_groups for param in group["params"]]
    weights = weights[:: max(1, len(weights) // _SAMPLE)]
    gradients = [weight.grad for weight in weights]
    return (
        [_content(weight, may_wait) for weight in weights],
        [None if g is None else (id(g), _version(g)) for g in gradients],
    )


def _accumulate(first: list[Any], now: list[Any]) -> bool:
    """Return whether gradients have been added to, instead of made anew."""
    pairs = zip(first, now, strict=False)
    return any(a and b and a[0] == b[0] and a[1] < b[1] for a, b in pairs)


def _content(weight: Any, may_wait: bool) -> Any:
    """Return a number that changes with a weight, if need be after waiting for its device."""
    plain = type(weight) in (torch.nn.Parameter, torch.Tensor) and weight.layout == torch.strided
    if plain and weight.dtype in _SUMMED and (weight.is_cpu or (may_wait and weight.is_cuda)):
        value = float(weight.detach().reshape(-1)[:10_000].sum(dtype=torch.float64))
        if value == value:
            return value
    return _version(weight)


def _version(tensor: Any) -> int:
    """Return a number that grows with each write in place, but for those to `tensor.data`."""
    return 0 if tensor.is_inference() else int(tensor._version)
