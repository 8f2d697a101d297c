"""The other callbacks of a fit: who else owns the rate, who writes it, who saves too early."""

import inspect
from typing import Any

import keras

from glissando.adapters.keras.optimizers import LEARNING_RATE, inner
from glissando.adapters.keras.rate_source import RateSource
from glissando.adapters.shared.conflicts import Conflicts, Reaction
from glissando.adapters.shared.early_stopping import compare_patience
from glissando.errors import ScheduleError

_OWNERS = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)

_STOPPER = keras.callbacks.EarlyStopping

_SAVERS = (keras.callbacks.BackupAndRestore, keras.callbacks.ModelCheckpoint)


def callbacks_of_fit() -> list[Any]:
    """Return all callbacks of the running fit; Keras shows each only itself."""
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, keras.callbacks.CallbackList):
            return list(caller.callbacks)
        frame = frame.f_back
    return []


class OtherCallbacks:
    """What one callback knows of the others in this fit.

    Args:
        me: the callback.
        source: what it follows.
        optimizer: the optimizer it drives.
        on_conflict: what to do when something else wrote a value.

    Raises:
        ScheduleError: another callback owns what this one sets, or one that saves stands before
            it, although a plateau is still to observe the epoch's metric.
    """

    def __init__(self, me: Any, source: RateSource, optimizer: Any, on_conflict: Reaction) -> None:
        self._conflicts = Conflicts(on_conflict, str(source))
        self._others: list[str] = []
        self.may_stop = False  # whether one of them may end training before its last epoch
        before = True
        for callback in callbacks_of_fit():
            if isinstance(callback, _STOPPER):
                self.may_stop = True
                if callback.monitor == me.monitor:
                    patience = max(1, callback.patience + callback.start_from_epoch)
                    compare_patience(
                        source.followed, patience, source.where, on_conflict, unit="epochs"
                    )
            if callback is me:
                before = False
                continue
            name = type(callback).__name__
            if _rivals(me, source, optimizer, callback):
                raise ScheduleError(
                    f"{source.where}: two callbacks own the learning rate in this fit, "
                    f"{source} and {type(callback).__module__.split('.')[0]}'s {name}. Keep "
                    "one; two schedules become one by `a * b`, `a >> b` or gl.minimum(a, b)"
                )
            if before and isinstance(callback, _SAVERS) and source.monitors_metric:
                raise ScheduleError(
                    f"{source.where}: {name} stands before this callback, so what it saves at "
                    "the end of an epoch would lack the metric that the plateau observes there; "
                    "put it after"
                )
            if not type(callback).__module__.startswith("keras."):
                self._others.append(name)

    def compare(self, now: dict[str, float], expected: dict[str, float], when: str) -> None:
        """Report the first value that is not as expected, once a fit."""
        who = f"one of {', '.join(self._others)}" if self._others else "something else"
        self._conflicts.compare(when, expected, now.get, f"{who} writes it")


def _rivals(me: Any, source: RateSource, optimizer: Any, callback: Any) -> bool:
    """Return whether another callback owns what this one sets."""
    names = set(source.names)
    if isinstance(callback, type(me)):
        theirs, shared = callback.driven(), bool(set(callback.names) & names)
    else:
        theirs, shared = (
            me.model.optimizer,
            isinstance(callback, _OWNERS) and LEARNING_RATE in names,
        )
    return shared and inner(theirs) is inner(optimizer)
