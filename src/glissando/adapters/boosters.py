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


class Told:
    """A callback that can be told in training how long its schedule shall be."""

    schedule: Any
    _course: Course
    _step: int  # the rounds begun

    def tell(self, *, steps: int | None = None, at: int | None = None) -> None:
        """End the part of the schedule that goes on until told; what was done stays as it was.

        It can be called while training goes on, by another callback say, or between two trainings.
        A round that was begun counts as done.

        Args:
            steps: how long the whole shall be: the part takes what the others leave; give this or
                `at`.
            at: the round at which the part shall end, and what follows it begin.

        Raises:
            ScheduleError: no schedule goes on until told, or it cannot end there. Nothing changed.
        """
        self._course.tell(self._step, steps=steps, at=at)
        self.schedule = self._course.schedule
