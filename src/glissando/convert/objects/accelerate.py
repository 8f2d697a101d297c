"""Schedulers that Accelerate has prepared: they step once a process at each update."""

from typing import Any

from glissando.convert.given import Given
from glissando.convert.objects.torch import read_scheduler
from glissando.convert.registry import object_reader
from glissando.dialects.shared.curves import by_updates
from glissando.errors import ScheduleError
from glissando.schedule import Schedule


def _known(value: Any) -> bool:
    kind = type(value)
    return kind.__name__ == "AcceleratedScheduler" and kind.__module__.startswith("accelerate.")


@object_reader("accelerate", _known)
def read_prepared(value: Any, given: Given) -> Schedule:
    """Return the rate that a prepared scheduler sets, update by update.

    The number of processes is that of this run, unless another one is given.
    """
    curve = read_scheduler(value.scheduler, given)
    if value.split_batches or not value.step_with_optimizer:
        return curve
    times = given.world_size or _processes()
    if times > 1 and hasattr(value.scheduler, "total_steps"):
        raise ScheduleError(
            f"accelerate: OneCycleLR in {times} processes is stepped until its end alone: not read"
        )
    return by_updates(curve, times)


def _processes() -> int:
    from accelerate.state import AcceleratorState

    return int(AcceleratorState().num_processes)
