"""What a callback follows: a course of schedules, or a function of the user's own."""

import inspect
from collections.abc import Mapping
from typing import Any

from glissando.adapters.keras.knobs import RATE as LEARNING_RATE
from glissando.adapters.keras.optimizers import plain
from glissando.course import Course
from glissando.function import Function
from glissando.plateau import OnPlateau
from glissando.resume import Policy
from glissando.rules import RATE, ScheduleError, shown
from glissando.schedule import Schedule


class Followed:
    """A schedule, one on a plateau, several by name, or a function.

    Args:
        schedule: what the user gave.
        where: what messages call the callback.

    Raises:
        ScheduleError: it is nothing of these.
    """

    def __init__(self, schedule: Any, where: str) -> None:
        self.schedule = schedule
        self.where = where
        # A function stands in the course for what is saved of it, and is called as it is.
        self.function: Any = None
        self._takes_rate = False
        if not isinstance(schedule, Schedule | OnPlateau | Mapping):
            self.function = schedule
            self._takes_rate = _takes_rate(schedule, where)
            schedule = Function(schedule)
        self.course = Course(schedule, where, LEARNING_RATE)

    def anew(self) -> "Followed":
        """Return the same, as it was built."""
        return Followed(self.schedule, self.where)

    def tell(self, done: int, steps: int | None, at: int | None) -> None:
        """End what goes on until told, for this fit and for those that begin anew."""
        self.course.tell(done, steps=steps, at=at)
        self.schedule = self.course.schedule

    def value(self, name: str, step: int, unit: str, optimizer: Any) -> float:
        """Return what the schedule of a name gives, checked."""
        if self.function is None:
            value: Any = self.course.rate(name, step)
        else:
            more = (float(plain(optimizer.learning_rate)),) if self._takes_rate else ()
            value = plain(self.function(step, *more))
        return RATE.check(value, f"{self}: the rate returned for {unit} {step}")

    def state_dict(self, step: int) -> dict[str, Any]:
        """Return the state after so many steps."""
        if self._takes_rate:
            raise ScheduleError(
                f"{self} goes by the rate that the optimizer holds: it has no state"
            )
        return self.course.state_dict(step)

    def load_state_dict(self, state: object, policy: Policy) -> int:
        """Go on from a saved state, and return its step."""
        step = self.course.load_state_dict(state, policy)
        if policy == "keep":
            self.function = None
        return step

    def __str__(self) -> str:
        name = getattr(self.schedule, "__name__", None) or shown(self.schedule)
        return f"{self.where}({name})"


def _takes_rate(schedule: Any, where: str) -> bool:
    """Return whether a user's function wants `(epoch, rate)`, told without calling it."""
    wanted = f"{where}: `schedule` must be a schedule, f(step) or f(epoch, rate), got "
    if not callable(schedule) or inspect.isclass(schedule):
        raise ScheduleError(wanted + shown(schedule))
    try:
        signature = inspect.signature(schedule)
    except ValueError:  # some builtins do not tell
        return False
    for arguments in ((0,), (0, 0.0)):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return len(arguments) == 2
    raise ScheduleError(f"{wanted}{shown(schedule)}, called as {signature}")
