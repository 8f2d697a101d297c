"""What makes runs: processes on this machine, or a Ray cluster."""

from collections.abc import Callable
from typing import Any

from glissando.studies.engines.base import Engine
from glissando.studies.resources import Resources
from glissando.studies.runs.store import Store


def engine_for(store: Store, train: Callable[..., Any], resources: Resources) -> Engine:
    """Return the engine that the resources ask for.

    Raises:
        ScheduleError: a package is missing; the message says what to install.
    """
    if resources.address is not None:
        from glissando.studies.engines.ray import RayEngine

        return RayEngine(store, train, resources)
    from glissando.studies.engines.local import LocalEngine

    return LocalEngine(store, train, resources)
