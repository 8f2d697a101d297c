"""What users call on an adapter in training: `finish`, `state_dict`, `load_state_dict`."""

import copy
import math
from collections.abc import Mapping
from typing import Any

from glissando.adapters.shared.param_schedules import ParamSchedules, bare
from glissando.adapters.shared.resume import Policy
from glissando.clock.budget import TimeBudget
from glissando.errors import ScheduleError, shown

MAX_HELD = 10_000
"""The most steps that a rate may be held for, to be finished by a budget of time."""


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

    def keep_to(self, budget: TimeBudget) -> bool:
        """End the open-ended part in time for what follows to land in a budget of time.

        Call it before each update, as in `while not scheduler.keep_to(budget):`, or after it.

        Args:
            budget: the time that training may take.

        Returns:
            Whether the schedule is over, so that training should stop.

        Raises:
            ScheduleError: no schedule ends or is open-ended, or what follows never ends.
        """
        done = self._steps_begun()
        if begins := self._open_parts():
            begin, after = (int(max(steps)) for steps in zip(*begins, strict=True))
            if budget.due(done, begin, after, self._agree):
                self._finish_from(max(done, begin))
        return done >= max(bare(each).steps for each in self._schedules.followed.values())

    def _finish_from(self, at: int) -> None:
        """End the open-ended part at the first step from `at` on where it can end."""
        held = next((n for n in range(MAX_HELD) if self._can_end(at + n)), 0)  # rates that are held
        self.finish(at=at + held)

    def _can_end(self, at: int) -> bool:
        try:
            copy.copy(self._schedules).finish(self._steps_begun(), at=at)
        except ScheduleError:
            return False
        return True

    def _open_parts(self) -> list[tuple[int, float]]:
        """Return where each open-ended part begins, and how many steps follow it."""
        named = {name: bare(each) for name, each in self._schedules.followed.items()}
        found = [part for each in named.values() if (part := each.open_part) is not None]
        if math.inf in (after for _, after in found) or not (
            found or any(each.steps < math.inf for each in named.values())
        ):
            raise ScheduleError(
                f"{self._schedules.where}: keep_to needs an open-ended part and an end after it, "
                f"as in gl.Constant(0.1).open_ended() >> gl.Linear(0.1, 0.0, steps=100), got "
                f"{shown(self.schedule)}"
            )
        return found

    def _agree(self, found: Any) -> Any:
        """Return what all processes that train together go by, of what each has found."""
        return found

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
