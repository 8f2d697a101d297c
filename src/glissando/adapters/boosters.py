"""What the adapters of boosting libraries share: names of parameters, and states in models."""

import json
from collections.abc import Mapping
from typing import Any

from glissando.course import Course
from glissando.rules import ScheduleError, shown


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


def left_state(course: Course, step: int) -> str:
    """Return what to leave in a model that counts its rounds itself."""
    state = course.state_dict(step)
    del state["step"]
    return json.dumps(state)


def found_state(saved: str, step: int, where: str) -> dict[str, Any]:
    """Return the state that `left_state` left in a model, or raise about `where` it stands."""
    try:
        state = json.loads(saved)
    except ValueError:
        state = None
    if not isinstance(state, dict):
        raise ScheduleError(f"{where} is not what a training left there: {shown(saved)}")
    return {**state, "step": step}
