"""Which GPUs a process on this machine may see."""

import os
from collections.abc import Sequence
from pathlib import Path

from glissando.errors import ScheduleError

DRIVER = Path("/proc/driver/nvidia/gpus")
"""Where the driver has a folder for each GPU."""

VISIBLE = "CUDA_VISIBLE_DEVICES"


def visible_gpus() -> list[str]:
    """Return the GPUs that this process may use, as CUDA names them."""
    seen = os.environ.get(VISIBLE)
    if seen is None:
        return [str(number) for number in range(len(list(DRIVER.glob("*"))))]
    return [name for name in seen.split(",") if name.strip()]


def gpus_of(slot: int, each: float, gpus: Sequence[str], slots: int) -> dict[str, str]:
    """Return the variable that says which GPUs a process may see; none where none are asked for.

    Args:
        slot: the number of the process.
        each: how many GPUs a process gets; several share one where it is below 1.
        gpus: all there are.
        slots: how many processes there are.

    Raises:
        ScheduleError: there are too few.

    Example:
        >>> gpus_of(1, 2, ["0", "1", "2", "3"], slots=2)
        {'CUDA_VISIBLE_DEVICES': '2,3'}
        >>> gpus_of(1, 0.5, ["0"], slots=2)
        {'CUDA_VISIBLE_DEVICES': '0'}
    """
    if not each:
        return {}
    many = max(1, int(each))
    first = int(slot * each) if each < 1 else slot * many
    mine = gpus[first : first + many]
    if len(mine) < many:
        raise ScheduleError(
            f"study: `gpus` must leave enough for {slots} runs at once, got {each:g} for each of "
            f"{len(gpus)}; give fewer `jobs`"
        )
    return {VISIBLE: ",".join(mine)}
