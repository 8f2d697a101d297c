"""The other callbacks of a fit: who else owns the rate, who writes it, who saves too early."""

import inspect
from typing import Any

import keras

from glissando.adapters.keras.optimizers import LEARNING_RATE, inner
from glissando.adapters.keras.rate_source import RateSource
from glissando.adapters.shared.conflicts import Conflicts, Reaction, react
from glissando.errors import ScheduleError
from glissando.plateau import OnPlateau, Plateau

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
                _check_patience(me.monitor, source, callback, on_conflict)
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


def _check_patience(monitor: str, source: RateSource, stopper: Any, reaction: Reaction) -> None:
    """Report an EarlyStopping that ends training before a plateau lowers a rate."""
    if stopper.monitor != monitor:
        return
    for name, followed in source.followed.items():
        if not isinstance(followed, OnPlateau):
            continue
        plateau = followed.plateau
        at_once = isinstance(plateau, Plateau) and plateau.rules != "torch"
        falls = max(1, plateau.patience + (not at_once))
        if stopper.patience + stopper.start_from_epoch <= falls:
            react(
                reaction,
                f"{source.where}: EarlyStopping(patience={stopper.patience}) ends training after "
                f"{max(1, stopper.patience)} epochs without a better {monitor!r}, but the plateau "
                f"lowers `{name}` only after {falls}: nothing is trained at the lower rate. Give "
                f"EarlyStopping a patience above {falls}, such as {2 * falls}, or the plateau a "
                "shorter one; if it is meant, pass on_conflict='ignore'",
            )
