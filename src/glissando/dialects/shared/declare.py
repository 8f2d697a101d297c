"""What makes a function a dialect's: checked arguments, and a word for what cannot be said."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import wraps
from inspect import Signature, signature, unwrap
from typing import Any, ParamSpec, TypeVar

from glissando.errors import ScheduleError
from glissando.schedule import Schedule
from glissando.signatures import held_to_rules

P = ParamSpec("P")
R = TypeVar("R")


class NotRepresentable(ScheduleError):  # noqa: N818  # the name says what it is
    """A peer's schedule whose curve no schedule of this library can be; the message says why."""

    __module__ = "glissando.dialects"  # where users find it, and what a traceback shows


def dialect(function: Callable[P, R]) -> Callable[P, R]:
    """Hold a function's arguments to the rules that annotate them, under the peer's own names.

    What it raises begins with its name: ``torch.CosineAnnealingLR: `T_max` must be 1 or more,
    got 0``.
    """
    return held_to_rules(f"{_peer(function)}.{function.__name__}")(function)


def _peer(function: Callable[..., Any]) -> str:
    return function.__module__.rpartition(".")[2]


@dataclass(frozen=True)
class Made:
    """How a schedule was made by a dialect."""

    name: str
    curve: Schedule
    make: Callable[..., Schedule]
    given: dict[str, Any]

    def again(self, **changes: Any) -> Schedule:
        """Return the schedule with other arguments."""
        return self.make(**self.given | changes)


def remembered(function: Callable[P, Schedule]) -> Callable[P, Schedule]:
    """Make a function the dialect's, whose schedules know how they were made.

    That is no part of their value: it is for what the peer makes of several schedules.
    """
    checked = dialect(function)
    plain = signature(checked)

    @wraps(checked)
    def made(*args: P.args, **kwargs: P.kwargs) -> Schedule:
        curve = checked(*args, **kwargs)
        given = plain.bind(*args, **kwargs)
        given.apply_defaults()
        if any(curve is one for one in given.arguments.get("schedulers", ())):
            curve = copy(curve)  # which remains what it is
        known = Made(function.__name__, curve, made, dict(given.arguments))
        object.__setattr__(curve, f"_{_peer(function)}", known)
        return curve

    return made


def how_made(schedule: Schedule, peer: str) -> Made | None:
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
    return dialect(function)


def metric_driven(name: str, use: str = 'gl.Plateau("torch", ...)') -> Callable[..., Schedule]:
    """Return a dialect's function that refuses all arguments, since a metric moves the rate.

    Args:
        name: the name of the dialect and that of the function: "torch.ReduceLROnPlateau".
        use: what this library has in its place.
    """
    return refused(name, f"it follows a metric; use {use}")
