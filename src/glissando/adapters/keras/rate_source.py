"""Where a callback gets its rates from: schedules by name, a text, or a function of one's own."""

import inspect
from collections.abc import Mapping
from typing import Any

from glissando.adapters.keras.optimizers import LEARNING_RATE, plain
from glissando.adapters.shared.param_schedules import AnySchedule, ParamSchedules
from glissando.adapters.shared.resume import Policy
from glissando.adapters.shared.run_length import Written, for_run
from glissando.errors import ScheduleError, shown
from glissando.families.function import Function
from glissando.plateau import MetricDriven
from glissando.rules import RATE, plain_number
from glissando.text import parse

_ANY_RUN = 10**6
"""So many steps stand in for those of the run, until they are known."""


class RateSource(ParamSchedules):
    """A schedule, one on a plateau, several by name, a text for any of them, or a function.

    Args:
        given: what the user gave.
        where: what messages call the callback.
        steps: the steps of the run, where a text counts in percent of them; None if they are not
            known yet.

    Raises:
        ScheduleError: it is nothing of these.
    """

    def __init__(self, given: Any, where: str, steps: int | None = None) -> None:
        self.given = given
        # A function stands among the schedules for what is saved of it, and is called as it is.
        self.function: Any = None
        self._takes_rate = False
        self._run: Written | None = None  # what counts in percent of the run
        self._steps = steps
        self._loaded: tuple[object, Policy] | None = None  # until the run's steps are known
        read = _with_texts_read(given)
        if read is None:
            self._run = given
            read = for_run(given, _ANY_RUN if steps is None else steps, where)
        elif not isinstance(read, AnySchedule | Mapping):
            self.function = read
            self._takes_rate = _takes_rate(read, where)
            read = Function(read)
        super().__init__(read, where, LEARNING_RATE)

    @property
    def counts_run(self) -> bool:
        """Whether it counts in percent of the run."""
        return self._run is not None

    @property
    def known(self) -> bool:
        """Whether it is known what is followed."""
        return self._run is None or self._steps is not None

    def anew(self) -> "RateSource":
        """Return the same, as it was built."""
        return RateSource(self.given, self.where)

    def for_run_of(self, steps: int) -> "RateSource":
        """Return the same for a run of so many steps."""
        source = RateSource(self.given, self.where, steps)
        if self.known and source.built == self.built:
            return self
        if self._loaded is not None:
            source.load_state_dict(*self._loaded)
        return source

    def finish(self, done: int, *, steps: int | None = None, at: int | None = None) -> None:
        """End what is open-ended, for this fit and for those that begin anew."""
        self._need_run()
        super().finish(done, steps=steps, at=at)
        self.given, self._run = self.schedule, None

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
        self._need_run()
        return super().state_dict(step)

    def load_state_dict(self, state: object, on_mismatch: Policy = "raise") -> int:
        """Go on from a saved state, and return its step."""
        if not self.known:
            step, _, _ = self._read(state)
            self._loaded = state, on_mismatch
            return step
        step = super().load_state_dict(state, on_mismatch)
        if on_mismatch == "keep":
            self.function = None
        return step

    def _need_run(self) -> None:
        if not self.known:
            raise ScheduleError(
                f"{self} counts in percent of the run, whose steps are known when training begins"
            )

    def __str__(self) -> str:
        return f"{self.where}({self.spelled()})"

    def spelled(self) -> str:
        """Return what is followed, as messages show it."""
        if isinstance(self.given, AnySchedule | Mapping | str):
            return shown(self.given)
        return getattr(self.given, "__name__", None) or shown(self.given)


def _with_texts_read(given: Any) -> Any:
    """Return what the user gave with its texts read, or None if it takes the run to read them."""
    try:
        if isinstance(given, str):
            return parse(given)
        if isinstance(given, Mapping):
            return {n: parse(one) if isinstance(one, str) else one for n, one in given.items()}
    except ScheduleError:  # perhaps for want of the run's length: with one, the rest raises again
        return None
    return given


def _takes_rate(schedule: Any, where: str) -> bool:
    """Return whether a user's function wants `(epoch, rate)`, found out without calling it."""
    wanted = f"{where}: `schedule` must be a schedule, a text, f(step) or f(epoch, rate), got "
    if not callable(schedule) or inspect.isclass(schedule):
        hint = ""
        if isinstance(schedule, MetricDriven):
            hint = "; put a schedule on it: gl.Plateau(...).on(schedule)"
        elif plain_number(schedule) is not None:
            hint = f"; write gl.Constant({schedule})"
        raise ScheduleError(wanted + shown(schedule) + hint)
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
