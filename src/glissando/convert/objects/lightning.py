"""What `configure_optimizers` of a Lightning module returns, and its `lr_scheduler_config`."""

from collections.abc import Mapping, Sequence
from typing import Any

from glissando.convert.given import Given
from glissando.convert.objects.torch import is_scheduler, read_scheduler
from glissando.convert.registry import object_reader
from glissando.errors import ScheduleError, one_of, shown
from glissando.families import Constant
from glissando.schedule import Schedule


def _config(value: Any) -> Mapping[str, Any] | None:
    """Return the configuration of one scheduler, or None if it is none."""
    if type(value).__name__ == "LRSchedulerConfig":
        value = vars(value)
    if isinstance(value, Mapping) and "lr_scheduler" in value:
        value = value["lr_scheduler"]
        if is_scheduler(value):
            value = {"scheduler": value}
    if isinstance(value, Mapping) and is_scheduler(value.get("scheduler")):
        return value
    return None


def _pair(value: Any) -> Sequence[Any] | None:
    """Return the schedulers of a pair of lists: optimizers and schedulers."""
    if not (isinstance(value, list | tuple) and len(value) == 2):
        return None
    optimizers, schedulers = value
    if not (isinstance(optimizers, list) and isinstance(schedulers, list) and schedulers):
        return None
    configs = [{"scheduler": one} if is_scheduler(one) else _config(one) for one in schedulers]
    return None if None in configs else configs


def _known(value: Any) -> bool:
    return _config(value) is not None or _pair(value) is not None


@object_reader("lightning", _known)
def read_config(value: Any, given: Given) -> Schedule:
    """Return the rate that Lightning's trainer uses, update by update."""
    config = _config(value)
    if config is None:
        several = _pair(value) or ()
        if len(several) != 1:
            raise ScheduleError(f"lightning: {len(several)} schedulers: read one of them")
        config = several[0]
    return by_interval(
        read_scheduler(config["scheduler"], given),
        str(config.get("interval", "epoch")),
        config.get("frequency", 1),
        given,
    )


def by_interval(curve: Schedule, interval: str, frequency: Any, given: Given) -> Schedule:
    """Return a curve of a scheduler's steps as one of updates.

    Args:
        curve: the curve.
        interval: "step" or "epoch": after which the scheduler is stepped.
        frequency: after how many of them.
        given: says how many updates an epoch has.
    """
    one_of(interval, ("epoch", "step"), "lightning: `interval`")
    if not isinstance(frequency, int) or isinstance(frequency, bool) or frequency < 1:
        raise ScheduleError(f"lightning: `frequency` must be 1 or more, got {shown(frequency)}")
    if interval == "step" and frequency == 1:
        return curve
    given.need("lightning", "steps_per_epoch")
    epoch = given.steps_per_epoch or 1
    if interval == "epoch":
        return curve.hold_each(frequency * epoch)
    return _within_epochs(curve, frequency, epoch)


def _within_epochs(curve: Schedule, frequency: int, epoch: int) -> Schedule:
    """Return a curve that is stepped after every so many updates, counted anew in each epoch."""
    often = epoch // frequency
    if often == 0:
        return Constant(curve(0))
    if epoch % frequency == 0:
        return curve.hold_each(frequency)
    if often == 1:
        return Constant(curve(0), frequency) >> curve.drop(1).hold_each(epoch)
    raise ScheduleError(
        f"lightning: it counts a `frequency` of {frequency} updates anew in each epoch, of "
        f"{epoch}, so that the last is followed by {epoch % frequency} more: not read"
    )
