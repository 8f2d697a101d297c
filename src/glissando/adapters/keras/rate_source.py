"""Where a callback gets its rates from: schedules by name, or a function of the user's own."""

import inspect
from collections.abc import Mapping
from typing import Any

from glissando.adapters.keras.hyperparameters import LEARNING_RATE
from glissando.adapters.keras.optimizers import plain
from glissando.adapters.shared.param_schedules import AnySchedule, ParamSchedules
from glissando.adapters.shared.resume import Policy
from glissando.errors import ScheduleError, shown
from glissando.families.function import Function
from glissando.rules import RATE


class RateSource(ParamSchedules):
    """A schedule, one on a plateau, several by name, or a function.

    Args:
        given: what the user gave.
        where: what messages call the callback.

    Raises:
        ScheduleError: it is nothing of these.
    """

    def __init__(self, given: Any, where: str) -> None:
        self.given = given
        # A function stands among the schedules for what is saved of it, and is called as it is.
        self.function: Any = None
        self._takes_rate = False
        if not isinstance(given, AnySchedule | Mapping):
            self.function = given
            self._takes_rate = _takes_rate(given, where)
            given = Function(given)
        super().__init__(given, where, LEARNING_RATE)

    def anew(self) -> "RateSource":
        """Return the same, as it was built."""
        return RateSource(self.given, self.where)

    def finish(self, done: int, *, steps: int | None = None, at: int | None = None) -> None:
        """End what is open-ended, for this fit and for those that begin anew."""
        super().finish(done, steps=steps, at=at)
        self.given = self.schedule

    def value(self, name: str, step: int, unit: str, optimizer: Any) -> float:
        """Return what the schedule of a name gives, checked."""
        if self.function is None:
            value: Any = self.rate(name, step)
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
        return super().state_dict(step)

    def load_state_dict(self, state: object, on_mismatch: Policy = "raise") -> int:
        """Go on from a saved state, and return its step."""
        step = super().load_state_dict(state, on_mismatch)
        if on_mismatch == "keep":
            self.function = None
        return step

    def __str__(self) -> str:
        name = getattr(self.given, "__name__", None) or shown(self.given)
        return f"{self.where}({name})"


def _takes_rate(schedule: Any, where: str) -> bool:
    """Return whether a user's function wants `(epoch, rate)`, found out without calling it."""
    wanted = f"{where}: `schedule` must be a schedule, f(step) or f(epoch, rate), got "
    if not callable(schedule) or inspect.isclass(schedule):
        raise ScheduleError(wanted + shown(schedule))
    try:
        signature = inspect.signature(schedule)
    except ValueError:  # some builtins have none
        return False
    for arguments in ((0,), (0, 0.0)):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return len(arguments) == 2
    raise ScheduleError(f"{wanted}{shown(schedule)}, called as {signature}")
