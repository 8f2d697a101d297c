"""Where the runs of a study are made: how many at once, and what each may use."""

import os
from typing import Annotated

from glissando.logs.fields import Text
from glissando.rules import MAX_RATE, Flag, Maybe, Number
from glissando.value import Value

SECONDS = Number(0, MAX_RATE, above=True)


class Resources(Value):
    """Where runs are made.

    Args:
        jobs: how many runs are made at once; by default as many as there are cores for, or, on a
            cluster, as many as it has room for.
        threads: how many threads each may use.
        gpus: how many GPUs each gets; on a cluster a part of one, too.
        memory: how many bytes each needs, for a cluster to find room; None to leave that open.
        timeout: after how many seconds without a report a run is taken to hang; None for never.
        checkpoint_every: after how many seconds a checkpoint is due.
        share: whether runs that begin alike, with the same seed and bit-equal rates, share their
            beginning. A training function must then give the same at update k whatever comes later.
        address: of a Ray cluster: "auto", or "host:port" of its head; None for this machine.

    Raises:
        ScheduleError: an argument breaks its rule.
    """

    jobs: Annotated[int | None, Maybe(Number(1, 4096, whole=True))] = None
    threads: Annotated[int, Number(1, 4096, whole=True)] = 1
    gpus: Annotated[float, Number(0, 4096)] = 0
    memory: Annotated[float | None, Maybe(SECONDS)] = None
    timeout: Annotated[float | None, Maybe(SECONDS)] = None
    checkpoint_every: Annotated[float, Number(0, MAX_RATE)] = 60.0
    share: Annotated[bool, Flag()] = True
    address: Annotated[str | None, Maybe(Text())] = None


def cores() -> list[int]:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))
