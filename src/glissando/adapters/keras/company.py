"""The other callbacks of a fit: who else owns the rate, who writes it, who saves too early."""

import inspect
from typing import Any

import keras

from glissando.adapters.keras.followed import Followed
from glissando.adapters.keras.knobs import RATE
from glissando.adapters.keras.optimizers import inner
from glissando.reaction import Conflicts
from glissando.rules import ScheduleError

_OWNERS = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)

_SAVERS = (keras.callbacks.BackupAndRestore, keras.callbacks.ModelCheckpoint)


def fellows() -> list[Any]:
    """Return all callbacks of the running fit; Keras tells them of no one but themselves."""
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, keras.callbacks.CallbackList):
            return list(caller.callbacks)
        frame = frame.f_back
    return []


class Company:
    """What one callback knows of the others in this fit.

    Args:
        me: the callback.
        followed: what it follows.
        optimizer: the optimizer it drives.
        conflicts: what to do when something else wrote a value.

    Raises:
        ScheduleError: another callback owns what this one sets, or one that saves stands before
            it, although a plateau is still to hear the epoch's metric.
    """

    def __init__(self, me: Any, followed: Followed, optimizer: Any, conflicts: Conflicts) -> None:
        self.followed = followed
        self.conflicts = conflicts
        self._others: list[str] = []
        before = True
        for callback in fellows():
            if callback is me:
                before = False
                continue
            name = type(callback).__name__
            if _rivals(me, followed, optimizer, callback):
                raise ScheduleError(
                    f"{followed.where}: two callbacks own the learning rate in this fit, "
                    f"{followed} and {type(callback).__module__.split('.')[0]}'s {name}. Keep "
                    "one; two schedules become one by `a * b`, `a >> b` or gl.minimum(a, b)"
                )
            if before and isinstance(callback, _SAVERS) and followed.course.listens:
                raise ScheduleError(
                    f"{followed.where}: {name} stands before this callback, so what it saves at "
                    "the end of an epoch would lack the metric that the plateau hears there; put "
                    "it after"
                )
            if not type(callback).__module__.startswith("keras."):
                self._others.append(name)

    def compare(self, now: dict[str, float], expected: dict[str, float], where: str) -> None:
        """Report the first value that is not as expected, once a fit."""
        if self.conflicts.silent:
            return
        for name, value in now.items():
            if value != expected.get(name, value):
                self._report(name, where, value, expected[name])
                return

    def _report(self, name: str, where: str, now: float, expected: float) -> None:
        who = f"one of {', '.join(self._others)}" if self._others else "something else"
        self.conflicts.report(
            f"{self.followed.where}: {where} the {name.replace('_', ' ')} is {now:.6g}, but "
            f"{self.followed} had set {expected:.6g}: {who} writes optimizer.{name} too. "
            "Keep one owner"
        )


def _rivals(me: Any, followed: Followed, optimizer: Any, callback: Any) -> bool:
    """Return whether another callback owns what this one sets."""
    names = set(followed.course.names)
    if isinstance(callback, type(me)):
        theirs, shared = callback.driven(), bool(set(callback.names) & names)
    else:
        theirs, shared = me.model.optimizer, isinstance(callback, _OWNERS) and RATE in names
    return shared and inner(theirs) is inner(optimizer)
