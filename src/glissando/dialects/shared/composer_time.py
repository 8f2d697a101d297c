"""What Composer's schedulers know of time: how it is written, and what the trainer makes of it."""

import re
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Concatenate, NamedTuple, ParamSpec

from glissando.dialects.shared.curves import by_updates
from glissando.dialects.shared.declare import dialect
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Linear
from glissando.rules import MAX_STEP, STEPS, Many, Number, Positive, Rule, Steps
from glissando.schedule import Schedule

P = ParamSpec("P")


def _read(time: str) -> tuple[float, str]:
    """Return the number and the unit of a time; raise `ValueError` if it is none."""
    match = re.fullmatch(r"(.+)(ep|ba|sp|tok|dur)", time, re.IGNORECASE)
    if match is None:
        raise ValueError
    return float(match[1]), match[2].lower()


class TimeRule(Rule):
    """A time as Composer writes it."""

    words = "a time such as '10ba', '1ep', '8sp', '300tok' or '0.5dur'"

    def check(self, value: Any, where: str) -> str:
        """Return the time, or raise a `ScheduleError` about `where`."""
        try:
            amount, unit = _read(value)
        except (TypeError, ValueError):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}") from None
        Number(0, MAX_STEP, whole=unit != "dur").check(amount, f"{where} in {unit}")
        return str(value)


class RunRule(Rule):
    """The length of a run, in batches or as a time: its number and its unit."""

    words = "a number of batches, or a time such as '90ep'"

    def check(self, value: object, where: str) -> tuple[int, str]:
        """Return the number and the unit, or raise a `ScheduleError` about `where`."""
        amount, unit = value, "ba"
        if isinstance(value, str):
            amount, unit = _read(_TIME.check(value, where))
            if unit == "dur":
                raise ScheduleError(f"{where} must not be a fraction of itself, got {value!r}")
        return int(STEPS.check(amount, f"{where} in {unit}")), unit


_TIME = TimeRule()
Time = Annotated[str, _TIME]
Times = Annotated[Sequence[str], Many(_TIME, "a list of times such as ['10ba', '1ep']")]
Run = Annotated[int | str, RunRule()]


class State(NamedTuple):
    """What the trainer knows: these are arguments of every scheduler."""

    steps: Run | None = None  # for a scheduler, the number and the unit that `RunRule` found
    steps_per_epoch: Steps | None = None
    samples_per_batch: Steps | None = None
    tokens_per_batch: Steps | None = None
    scale_schedule_ratio: Positive = 1.0

    def known(self, argument: str, unit: str) -> Any:
        """Return what the trainer knows, and times in a unit need."""
        value = getattr(self, argument)
        if value is None:
            raise ScheduleError(f"`{argument}` must be given for times in {unit!r}, got None")
        return value

    def time(self, time: str, *, scaled: bool = True) -> tuple[int, str]:
        """Return a time in batches, samples or tokens, and which of these."""
        amount, unit = _read(time)
        ratio = self.scale_schedule_ratio if scaled else 1.0
        if unit == "dur":
            ratio, unit = self.known("steps", unit)
        else:
            amount = int(amount)
        if unit == "ep":
            amount, unit = amount * self.known("steps_per_epoch", unit), "ba"
        return int(amount * ratio), unit

    def per(self, unit: str) -> int:
        """Return how much of a unit each batch is."""
        known = {"sp": "samples_per_batch", "tok": "tokens_per_batch"}
        return 1 if unit == "ba" else int(self.known(known[unit], unit))

    def period(self, argument: str, time: str) -> tuple[int, int]:
        """Return a time that must not come to 0, and how much of its unit each batch is."""
        length, unit = self.time(time)
        if length == 0:
            raise ScheduleError(
                f"`{argument}` must come to 1{unit} or more, got {time!r}, which is 0{unit}"
            )
        return length, self.per(unit)

    def batch(self, time: str) -> int:
        """Return the batch at which a time has come."""
        length, unit = self.time(time)
        return -(-length // self.per(unit))

    def warmup(self, time: str, top: float, scale_warmup: bool) -> tuple[Schedule, int, str]:
        """Return the ramp as a schedule over the unit of its time, its length, and that unit."""
        length, unit = self.time(time, scaled=False)
        rise, _ = self.time(time, scaled=scale_warmup)
        if length and not rise:
            raise ScheduleError(
                f"`t_warmup` must come to 1{unit} or more when scaled, got {time!r}"
            )
        ramp = Linear(0.0, top, rise)
        whole = ramp.take(length) if rise > length else ramp >> Constant(top, length - rise)
        return whole, length, unit

    def with_warmup(
        self,
        t_warmup: str,
        t_max: str,
        scale_warmup: bool,
        top: float,
        fall: Callable[[int], Schedule],
    ) -> Schedule:
        """Return the ramp, and then what falls for the rest of `t_max`, if there is a rest."""
        ramp, length, unit = self.warmup(t_warmup, top, scale_warmup)
        end, end_unit = self.time(t_max)
        if end_unit != unit:
            raise ScheduleError(
                f"`t_max` must be in the unit of `t_warmup`, which is {unit!r}, got {t_max!r}"
            )
        run, run_unit = self.time("1dur")
        if run_unit == unit and end < run:
            raise ScheduleError(
                f"`t_max` must cover the run of {run}{unit}, got {t_max!r}, which is {end}{unit}"
            )
        rest = fall(end - length) if end > length else Constant(top)
        return by_updates(ramp >> rest, self.per(unit))


def scheduler(
    *, of_run: bool = False
) -> Callable[[Callable[Concatenate[State, P], Schedule]], Callable[..., Schedule]]:
    """Make a function the dialect's: it is given what the trainer knows, as its first argument.

    Its callers name that instead, after its own arguments.

    Args:
        of_run: whether they must give `steps`.
    """

    def decorate(function: Callable[Concatenate[State, P], Schedule]) -> Callable[..., Schedule]:
        known = signature(State).parameters
        by_name = [p.replace(kind=Parameter.KEYWORD_ONLY) for p in known.values()]
        if of_run:
            by_name[0] = by_name[0].replace(annotation=Run, default=Parameter.empty)
        _, *own = signature(function).parameters.values()

        @wraps(function)
        def made(*args: Any, **kwargs: Any) -> Schedule:
            state = State(*(kwargs.pop(name) for name in known))
            return function(state, *args, **kwargs)

        vars(made)["__signature__"] = Signature([*own, *by_name])
        return dialect(made)

    return decorate
