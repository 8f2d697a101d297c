"""A budget of time: when the last part of a schedule is due, so that it lands in time."""

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from glissando.clock.duration import Duration, duration
from glissando.errors import ScheduleError, shown
from glissando.rules import MAX_STEP, Number


class TimeBudget:
    """A time that training may take: an adapter's `keep_to` lands the schedule in it.

    The schedule has an open-ended part, and after it what ends training: a cooldown, say. That
    begins when it just fits into the time that is left, at the pace of the updates so far. The pace
    is the mean of all updates, or of the later ones, half of them or more, if these are slower:
    training rather lands early than late. Evaluations and checkpoints count for it, and what is
    compiled before the first call does not.

    Args:
        time: how long training may take in all, as "2h", "90 min" or "1.5 days".
        now: what tells the seconds.

    Raises:
        ScheduleError: `time` is no duration in a unit of time, or 0.

    Attributes:
        duration: the time.

    Example:
        >>> import torch
        >>> import glissando as gl
        >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
        >>> trunk = gl.Constant(0.1).open_ended()
        >>> scheduler = gl.torch.Scheduler(optimizer, trunk >> gl.Linear(0.1, 0.0, steps=2))
        >>> budget = gl.TimeBudget("0.5 s")
        >>> while not scheduler.keep_to(budget):
        ...     _ = optimizer.step()
        ...     scheduler.step()
        >>> scheduler.last_epoch == scheduler.schedule.steps
        True
    """

    def __init__(self, time: Any, now: Callable[[], float] = time.monotonic) -> None:
        try:
            read: Duration | None = duration(time)
        except ScheduleError:
            read = None
        if read is None or not read.seconds:
            raise ScheduleError(
                "TimeBudget: `time` must be a time above 0, such as '2h', '90 min' or '1.5 days', "
                f"got {shown(time)}"
            )
        self.duration = read
        self._total = read.seconds
        self._now = now
        self._used = 0.0  # by earlier sessions
        self._began = now()
        self._marks: list[tuple[int, float]] = []  # updates done, and when
        self._next = 0  # the update before which there is nothing to look at

    @property
    def spent(self) -> float:
        """The seconds that training has used, earlier sessions included."""
        return self._used + self._now() - self._began

    def state_dict(self) -> dict[str, float]:
        """Return `{"spent": seconds}`, to be saved beside the checkpoint."""
        return {"spent": self.spent}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Go on with what an earlier session has left.

        Raises:
            ScheduleError: this is no saved state.
        """
        if not isinstance(state, Mapping) or set(state) != {"spent"}:
            raise ScheduleError(
                f"TimeBudget: a saved state has exactly `spent`, got {shown(state)}"
            )
        self._used = Number(0, MAX_STEP).check(state["spent"], "TimeBudget: `spent`")
        self._began, self._marks, self._next = self._now(), [], 0

    def due(
        self, done: int, begin: int, after: int, agree: Callable[[Any], Any] = lambda found: found
    ) -> bool:
        """Return whether the open-ended part must end now for what follows to land in time.

        Args:
            done: the updates done.
            begin: the step where the open-ended part begins.
            after: the steps that follow it.
            agree: returns what all processes that train together go by, of what each has found.
        """
        if done < self._next:
            return False
        due, self._next = agree(self._look(done, max(begin - done, 0) + after))
        return bool(due)

    def _look(self, done: int, needed: int) -> tuple[bool, int]:
        """Return whether the last `needed` updates must begin now, and when to look again."""
        pace = self._pace(done)
        if pace is None:
            return False, done + 1
        left = self._total - self.spent
        if left >= (needed + 1) * pace:  # another update fits in before them
            return False, done + max(1, int((left / pace - needed) / 8))
        if needed * pace > left + 0.05 * self._total:
            warnings.warn(
                f"TimeBudget: {self.duration} is too short: {max(left, 0.0):.4g} s of it are left, "
                f"and {needed} updates are to come, at {pace:.4g} s each. Give a longer time or a "
                "shorter last part",
                stacklevel=4,
            )
        return True, done

    def _pace(self, done: int) -> float | None:
        """Return the seconds that an update takes; None before there are two looks at it."""
        now = self._now()
        if not self._marks:
            self._marks = [(done, now)]
        begun, last = self._marks[0], self._marks[-1]
        if done == begun[0]:
            return None
        # one slow evaluation must not count for much: no mark that is near, and none at first
        early = self.spent < self._total / 4
        measured = self._marks[:1] if early or last is begun else self._marks[:-1]
        pace = max((now - when) / (done - updates) for updates, when in measured)
        if done - begun[0] >= 2 * max(1, last[0] - begun[0]):
            self._marks = [begun, *self._marks[1:][-1:], (done, now)]
        return max(pace, 1e-9)
