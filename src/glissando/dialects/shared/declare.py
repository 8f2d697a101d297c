"""What makes a function a dialect's: checked arguments, and a word for what cannot be said."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import wraps
from inspect import Signature, signature, unwrap
from typing import Any, ParamSpec, TypeVar

from glissando.dialects.shared.directory import told_in
from glissando.dialects.shared.hyperparameters import Hyperparameters, rate_of
from glissando.errors import ScheduleError
from glissando.schedule import Schedule
from glissando.signatures import held_to_rules

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Schedule | Hyperparameters)


class NotRepresentable(ScheduleError):  # noqa: N818  # the name says what it is
    """A peer's schedule whose curve no schedule of this library can be; the message says why."""

    __module__ = "glissando.dialects"  # where users find it, and what a traceback shows


def dialect(function: Callable[P, R]) -> Callable[P, R]:
    """Hold a function's arguments to the rules that annotate them, under the peer's own names.

    What it raises begins with its name: ``torch.CosineAnnealingLR: `T_max` must be 1 or more,
    got 0``.
    """
    told_in(function.__module__)
    name = f"{_peer(function)}.{function.__name__}"
    checked = held_to_rules(name)(function)

    @wraps(checked)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        if any(hasattr(given, "param_groups") for given in (*args[:1], kwargs.get("optimizer"))):
            takes = "; give its rate as `lr`" if "lr" in signature(checked).parameters else ""
            raise TypeError(f"{name}: takes no optimizer: leave it out{takes}")
        return checked(*args, **kwargs)

    return called


def _peer(function: Callable[..., Any]) -> str:
    return function.__module__.rpartition(".")[2]


@dataclass(frozen=True)
class Made:
    """How a schedule was made by a dialect: that of the rate, where there are several."""

    name: str
    curve: Schedule
    make: Callable[..., Any]
    given: dict[str, Any]
    momentum: Schedule | None = None

    def again(self, **changes: Any) -> Schedule:
        """Return the schedule with other arguments."""
        return rate_of(self.make(**self.given | changes))


def remembered(function: Callable[P, S]) -> Callable[P, S]:
    """Make a function the dialect's, whose schedules know how they were made.

    That is no part of their value: it is for what the peer makes of several schedules.
    """
    checked = dialect(function)
    plain = signature(checked)

    @wraps(checked)
    def made(*args: P.args, **kwargs: P.kwargs) -> S:
        found = checked(*args, **kwargs)
        given = plain.bind(*args, **kwargs)
        given.apply_defaults()
        if any(found is one for one in given.arguments.get("schedulers", ())):
            found = copy(found)  # which remains what it is
        momentum = found["momentum"] if isinstance(found, Hyperparameters) else None
        known = Made(function.__name__, rate_of(found), made, dict(given.arguments), momentum)
        object.__setattr__(found, f"_{_peer(function)}", known)
        return found

    return made


def how_made(schedule: Schedule | Hyperparameters, peer: str) -> Made | None:
    """Return how a schedule was made by a peer's dialect, if it was."""
    known: Made | None = getattr(schedule, f"_{peer}", None)
    return known


def variant(
    function: Callable[..., Schedule],
    name: str,
    doc: str | None = None,
    *,
    fixed: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Callable[..., Schedule]:
    """Return a dialect's function again, as another one that the peer has.

    Args:
        function: the function.
        name: the other one's name.
        doc: its docstring; by default the function's.
        fixed: the arguments that it has no more, with their values.
        names: its names of other arguments, by those that they have.
    """
    fixed, names = fixed or {}, names or {}
    plain: Callable[..., Schedule] = unwrap(function)
    parameters = {
        names.get(argument, argument): parameter
        for argument, parameter in signature(plain).parameters.items()
        if argument not in fixed
    }
    own = Signature([p.replace(name=argument) for argument, p in parameters.items()])

    @wraps(plain)
    def made(*args: Any, **kwargs: Any) -> Schedule:
        given = own.bind(*args, **kwargs).arguments
        return plain(**fixed, **{parameters[argument].name: v for argument, v in given.items()})

    made.__name__ = made.__qualname__ = name
    made.__doc__ = doc or plain.__doc__
    vars(made)["__signature__"] = own
    return dialect(made)


def refused(name: str, reason: str) -> Callable[..., Schedule]:
    """Return a dialect's function that refuses all arguments, since no schedule has such a curve.

    Args:
        name: the name of the dialect and that of the function: "transformers.AdafactorSchedule".
        reason: why there is none.
    """

    def function(*_arguments: Any, **_named: Any) -> Schedule:
        raise NotRepresentable(reason)

    peer, _, function.__name__ = name.partition(".")
    function.__qualname__ = function.__name__
    function.__module__ = f"glissando.dialects.{peer}"
    function.__doc__ = f"No schedule: {reason}."
    return held_to_rules(name)(function)


def metric_driven(name: str, use: str = 'gl.Plateau("torch", ...)') -> Callable[..., Schedule]:
    """Return a dialect's function that refuses all arguments, since a metric moves the rate.

    Args:
        name: the name of the dialect and that of the function: "torch.ReduceLROnPlateau".
        use: what this library has in its place.
    """
    return refused(name, f"it follows a metric; use {use}")
