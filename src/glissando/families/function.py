"""A user's own function as a schedule."""

import math
from collections.abc import Callable
from typing import Annotated, Any, overload

from glissando.errors import ScheduleError, hint, learned, shown
from glissando.rules import MAX_RATE, RATE, Rule, StepsOrInf, plain_number
from glissando.schedule import Schedule


class _Callable(Rule):
    words = "a function of the step"

    def check(self, value: object, where: str) -> Any:
        if isinstance(value, Schedule | type) or not callable(value):
            instead = "" if isinstance(value, Schedule) else hint(value)
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}{instead}")
        return value


class OwnFunction(Schedule):
    """What the schedules that call a user's own function have in common."""

    opaque = True

    def value(self, step: float) -> Any:
        """Return what the function returns at a step."""
        raise NotImplementedError

    def at(self, t: Any, m: Any) -> Any:
        return m.call(self, t)

    def before_end(self, t: Any, m: Any) -> Any:
        return self.at(t, m)

    def rate_at(self, t: Any, m: Any) -> Any:
        return self.at(t if self.steps == math.inf else m.minimum(t, self.steps), m)

    def bound(self) -> float:
        return math.inf

    def rate(self, step: float) -> float:
        """Return what the function returns at a step, if it is a rate."""
        return self.held(self.value(step), step)

    def held(self, rate: object, step: object) -> float:
        """Return a rate that the function returned at a step, if it is one."""
        number = None if learned(rate) else plain_number(rate)
        if number is None or not 0 <= number <= MAX_RATE:
            raise self.no_rate(rate, step)
        return float(number)

    def no_rate(self, rate: object, step: object) -> ScheduleError:
        """Return the error for what the function returned at a step."""
        return ScheduleError(
            f"{shown(self)}: the rate must be a finite number of 0 or more, "
            f"got {shown(rate)} at step {shown(step)}{RATE.hint(rate)}"
        )


class Function(OwnFunction):
    """A function of your own as a schedule: `function(t)`.

    `glissando.schedule` makes one. It works wherever Python numbers do: called, drawn, composed, in
    callbacks. But nothing says what it computes, so it cannot be saved as JSON; `Imported` can.

    On tensors and in a compiled graph it is called with all steps at once, which TensorFlow gives
    as floats: there it must be written with operators and the framework's own operations, and what
    it returns below 0 is 0. An exception that it raises for a Python number comes through as it is.

    Args:
        function: `f(step) -> rate`, for steps from 0 to `steps`; past the end `f(steps)` holds.
        steps: how many steps it lasts, 0 or more; by default it never ends.

    Raises:
        ScheduleError: an argument breaks its rule; or, when called, the function returns anything
            but a finite number of 0 or more, or cannot take a tensor of steps.

    Example:
        >>> halving = Function(lambda step: 0.8 * 0.5 ** (step // 10), steps=40)
        >>> halving(0), halving(15), halving(40)
        (0.8, 0.4, 0.05)
    """

    function: Annotated[Callable[[Any], Any], _Callable()]
    steps: StepsOrInf = math.inf

    def value(self, step: float) -> Any:
        return self.function(step)

    def to_data(self) -> dict[str, Any]:
        raise ScheduleError(
            f"{self!r}: a function of your own has no value that could be saved, compared or "
            "converted; build the schedule from families, such as gl.Linear(...) >> "
            "gl.Cosine(...), or name the function by its import path: gl.Imported('mypkg.rates:f')"
        )

    def spell(self, name: Callable[[type[Schedule]], str]) -> str:
        del name  # a function has no text form: its own name is all that can be printed
        end = "" if self.steps == math.inf else f", steps={self.steps}"
        return f"gl.schedule({getattr(self.function, '__name__', repr(self.function))}{end})"


@overload
def schedule(function: Callable[[Any], Any], *, steps: float = ...) -> Function: ...
@overload
def schedule(*, steps: float = ...) -> Callable[[Callable[[Any], Any]], Function]: ...
def schedule(function: Any = None, *, steps: float = math.inf) -> Any:
    """Return your own function as a schedule; also a decorator.

    Args:
        function: `f(step) -> rate`.
        steps: how many steps it lasts, 0 or more; by default it never ends. Past the end
            `f(steps)` holds.

    Raises:
        ScheduleError: `function` cannot be called, or `steps` breaks its rule.

    Example:
        >>> @schedule(steps=20)
        ... def halving(step):
        ...     return 0.1 * 0.5 ** (step // 5)
        >>> halving(0), halving(5), halving(20), halving.steps
        (0.1, 0.05, 0.00625, 20)
    """
    if function is None:
        return lambda function: Function(function, steps)
    return Function(function, steps)
