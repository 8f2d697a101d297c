"""Where training stands when a `fit` begins: Keras counts its epochs anew in every one."""

import warnings
from typing import Any
from weakref import WeakKeyDictionary

from glissando.adapters.keras.optimizers import inner, updates
from glissando.errors import ScheduleError

_UPDATES: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
"""By optimizer: the updates that were done before it began to count its own."""

_EPOCHS: WeakKeyDictionary[Any, tuple[int, int]] = WeakKeyDictionary()
"""By optimizer: the epochs completed, and the updates."""


def remember_updates(optimizer: Any, before: int) -> None:
    """Note how many updates were done before the optimizer's own count began."""
    _UPDATES[optimizer] = before


def remember_epochs(optimizer: Any, epochs: int) -> None:
    """Note how many epochs are completed now."""
    _EPOCHS[optimizer] = epochs, updates(optimizer)


def epochs_before(optimizer: Any, epoch: int, steps: int | None) -> int:
    """Return how many epochs were done before this fit and are not in Keras's own index.

    Args:
        optimizer: the optimizer.
        epoch: the first one of this fit, in Keras's counting.
        steps: the batches of an epoch, if that is known.
    """
    if epoch:  # initial_epoch, or a restored backup, says where training is
        return 0
    done = updates(optimizer)
    epochs, then = _EPOCHS.get(optimizer, (0, 0))
    if done == then:  # otherwise it was reset or restored since, and its own count holds
        return epochs
    each = inner(optimizer).gradient_accumulation_steps or 1
    return done * each // steps if steps else 0


def updates_before(optimizer: Any, epoch: int, steps: int | None, *, restored: bool) -> int:
    """Return how many updates were done before the optimizer's own count began.

    Args:
        optimizer: the optimizer.
        epoch: the first one of this fit.
        steps: the batches of an epoch, if that is known.
        restored: whether a backup of this very fit was restored.

    Raises:
        ScheduleError: it cannot be known.
    """
    done = updates(optimizer)
    if done and (optimizer in _UPDATES or steps is None):
        return _UPDATES.get(optimizer, 0)
    if not epoch:
        return 0
    if steps is None:
        raise ScheduleError(
            f"LearningRateScheduler: initial_epoch={epoch} with a new optimizer starts at "
            f"{epoch} times the steps of an epoch, which are not known for this data. Pass "
            "steps_per_epoch=... to fit, or begin with fit(initial_epoch=0) and "
            "schedule.drop(n), n being the updates already done"
        )
    each = inner(optimizer).gradient_accumulation_steps or 1
    if not done:
        return epoch * steps // each
    # An optimizer that was new at an earlier initial_epoch has counted whole epochs too few.
    missing = max(0, epoch * steps - done * each) // steps
    before = missing * steps // each
    # A restored backup is of this very fit, so its epochs were as long as these. A model that was
    # loaded may have had batches of another size: there the optimizer's own count holds.
    if restored:
        return before
    if missing:
        warnings.warn(
            f"LearningRateScheduler: the optimizer has counted {done} updates, {missing} "
            f"epochs of {steps} batches too few for epoch {epoch}. Training goes on at step "
            f"{done}; if another optimizer did the rest, pass schedule.drop({before})",
            stacklevel=2,
        )
    return 0
