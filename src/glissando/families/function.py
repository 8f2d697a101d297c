"""A user's own function as a schedule."""

import math
from collections.abc import Callable
from typing import Annotated, Any, overload

from glissando.errors import ScheduleError, shown
from glissando.rules import MAX_RATE, Rule, StepsOrInf, plain_number
from glissando.schedule import Schedule


class _Callable(Rule):
    words = "a function of the step"

    def check(self, value: object, where: str) -> Any:
        if isinstance(value, Schedule) or not callable(value):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return value


class OwnFunction(Schedule):
    """What the schedules that call a user's own function have in common."""

    opaque = True

    def value(self, step: float) -> Any:
        """Return what the function returns at a step."""
        raise NotImplementedError

    def at(self, t: Any, m: Any) -> Any:
        return m.call(self._rate, t)

    def before_end(self, t: Any, m: Any) -> Any:
        return self.at(t, m)

    def rate_at(self, t: Any, m: Any) -> Any:
        return self.at(t if self.steps == math.inf else m.minimum(t, self.steps), m)

    def bound(self) -> float:
        return math.inf

    def _rate(self, step: float) -> float:
        rate = self.value(step)
        number = plain_number(rate)
        if number is None or not 0 <= number <= MAX_RATE:
            raise ScheduleError(
                f"{self!r}: the rate must be a finite number of 0 or more, "
                f"got {shown(rate)} at step {step}"
            )
        return float(number)


class Function(OwnFunction):
    """A function of your own as a schedule: `function(t)`.

    `glissando.schedule` makes one. It works wherever Python numbers do: called, drawn, composed, in
    callbacks. But nothing says what it computes, so it cannot be saved as JSON, nor be compiled
    into a graph; `Imported` can be saved. An exception that the function raises comes through as it
    is.

    Args:
        function: `f(step) -> rate`, for steps from 0 to `steps`; past the end `f(steps)` holds.
        steps: how many steps it lasts, 0 or more; by default it never ends.

    Raises:
        ScheduleError: an argument breaks its rule; or, when called, the function returns anything
            but a finite number of 0 or more.

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
