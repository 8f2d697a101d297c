"""What users call on an adapter in training: `finish`, `state_dict`, `load_state_dict`."""

import copy
from collections.abc import Mapping
from typing import Any

from glissando.adapters.shared.param_schedules import ParamSchedules
from glissando.adapters.shared.resume import Policy


class Finishable:
    """What follows schedules, an open-ended one of which can be finished while training goes on."""

    schedule: Any
    """What it was built with, or what that became by `finish`."""

    _schedules: ParamSchedules

    def finish(self, *, steps: int | None = None, at: int | None = None) -> None:
        """End the open-ended part of the schedule; the steps that were begun keep their rates.

        It can be called while training goes on, by another callback say, or between two trainings.

        Args:
            steps: how long the whole shall be: the part takes what the others leave; give this or
                `at`.
            at: the step at which the part shall end, and what follows it begin.

        Raises:
            ScheduleError: no schedule is open-ended, or it cannot end there. Nothing changed.
        """
        schedules = copy.copy(self._schedules)
        schedules.finish(self._steps_begun(), steps=steps, at=at)
        self._follow(schedules)

    def _steps_begun(self) -> int:
        """Return how many steps have their rate already."""
        raise NotImplementedError

    def _follow(self, schedules: ParamSchedules) -> None:
        """Follow other schedules from now on."""
        self._schedules, self.schedule = schedules, schedules.schedule


class Resumable(Finishable):
    """What follows schedules, and whose state is saved apart from everything else."""

    on_mismatch: Policy

    def state_dict(self) -> dict[str, Any]:
        """Return `{"step": k, "schedule": ...}`: the steps done, and the JSON form.

        It holds plain values only, which JSON has and `torch.load(weights_only=True)` reads.
        Several schedules give a dictionary of forms by name. What plateaus remember is in a third
        entry, `"plateau"`. A function of your own is held by its name and some of its rates.
        """
        return self._schedules.state_dict(self._steps_done())

    def load_state_dict(self, state: Mapping[str, Any], on_mismatch: Policy | None = None) -> None:
        """Go on from a saved state.

        Args:
            state: what `state_dict` returned.
            on_mismatch: what to do if it was saved with another schedule: `"raise"`, `"keep"`,
                `"replace"`, `"continue"` or `"rewarm"`; see `glissando.ScheduleMismatch`. By
                default, what this was built with.

        Raises:
            ScheduleMismatch: it was saved with another schedule, and `on_mismatch` is `"raise"`.
            ScheduleError: this is no saved state. Whatever is raised, nothing changed.
        """
        schedules = copy.copy(self._schedules)
        policy = self.on_mismatch if on_mismatch is None else on_mismatch
        self._go_on(schedules, schedules.load_state_dict(state, policy))

    def _steps_begun(self) -> int:
        return self._steps_done()

    def _steps_done(self) -> int:
        """Return how many steps are done."""
        raise NotImplementedError

    def _go_on(self, schedules: ParamSchedules, step: int) -> None:
        """Follow other schedules, from `step` on."""
        raise NotImplementedError
