"""A parameter that a library knows under several names."""

from collections.abc import Mapping
from typing import Any

from glissando.rules import ScheduleError


def by_main_name(schedule: Any, aliases: Mapping[str, str], where: str) -> Any:
    """Return schedules by the main names of what they set; a single one as it is."""
    if not isinstance(schedule, Mapping):
        return schedule
    found: dict[str, Any] = {}
    for name, value in schedule.items():
        main = aliases.get(name, name)
        if main in found:
            raise ScheduleError(f"{where}: `{main}` has two schedules, one as `{name}`")
        found[main] = value
    return found
