"""Optax's schedules, which are functions: what they were made of is in their closures."""

from collections.abc import Callable, Mapping
from types import CellType
from typing import Any, Literal

from glissando.convert.given import Given
from glissando.convert.registry import object_reader
from glissando.dialects import optax as dialect
from glissando.errors import ScheduleError
from glissando.families import Constant
from glissando.schedule import Schedule

PLAIN: dict[str, tuple[str, ...]] = {
    "cosine_decay_schedule": ("init_value", "decay_steps", "alpha", "exponent"),
    "exponential_decay": (
        *("init_value", "transition_steps", "decay_rate", "transition_begin", "staircase"),
        "end_value",
    ),
    "piecewise_constant_schedule": ("init_value", "boundaries_and_scales"),
    "polynomial_schedule": (
        *("init_value", "end_value", "power", "transition_steps", "transition_begin"),
    ),
}
"""The functions whose schedules keep all arguments; others are made of these."""

CONSTANTS = {"constant_schedule": "value"} | dict.fromkeys(
    ("polynomial_schedule", "exponential_decay"), "init_value"
)
"""Where a function that ignores the step keeps what it returns."""


EMPTY = CellType()


def _known(value: Any) -> bool:
    return callable(value) and str(getattr(value, "__module__", "")).partition(".")[0] == "optax"


@object_reader("optax", _known)
def read_optax(value: Any, _given: Given) -> Schedule:
    """Return the schedule of a function that Optax made."""
    if isinstance(value, Schedule):
        return value
    name = str(getattr(value, "__qualname__", ""))
    maker, _, rest = name.partition(".")
    if not _known(value) or rest not in ("<locals>.schedule", "<locals>.<lambda>"):
        raise ScheduleError(
            f"optax: {getattr(value, '__module__', '')}.{name} is none of Optax's schedules, and "
            "has no formula to be read: `gl.schedule` makes a schedule of a function of the step"
        )
    return _of_closure(maker, rest, _cells(value))


def _of_closure(maker: str, rest: str, cells: Mapping[str, Any]) -> Schedule:
    try:
        if rest.endswith("<lambda>"):
            return Constant(_plain(cells[CONSTANTS[maker]]))
        if maker in PLAIN:
            arguments = {key: _plain(cells[key]) for key in PLAIN[maker] if key in cells}
            return getattr(dialect, maker)(**arguments)  # type: ignore[no-any-return]
        if maker == "piecewise_interpolate_schedule":
            return _interpolated(cells)
        if maker == "join_schedules":
            parts = [read_optax(one, Given()) for one in cells["schedules"]]
            return dialect.join_schedules(parts, [int(step) for step in cells["boundaries"]])
    except KeyError as error:
        raise ScheduleError(f"optax.{maker}: its closure has no {error}: not read") from None
    raise ScheduleError(f"optax.{maker}: not known: not read")


def _cells(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the variables of a function's closure by their names."""
    names = function.__code__.co_freevars
    return {
        name: cell.cell_contents
        for name, cell in zip(names, function.__closure__ or (), strict=True)
        if cell != EMPTY  # as where Optax has left a variable out
    }


def _interpolated(cells: Mapping[str, Any]) -> Schedule:
    """Return what goes from boundary to boundary."""
    function = cells["interpolate_fn"].__name__
    kind: Literal["cosine", "linear"] = "cosine" if "cosine" in function else "linear"
    boundaries = [int(step) for step in cells["boundaries"]]
    scales = [_plain(scale) for scale in cells["scales"]]
    return dialect.piecewise_interpolate_schedule(
        kind, _plain(cells["init_value"]), dict(zip(boundaries, scales, strict=True))
    )


def _plain(value: Any) -> Any:
    """Return a number of whatever type, whole if it is; a dictionary of them likewise."""
    if isinstance(value, Mapping):
        return {int(step): _plain(scale) for step, scale in value.items()}
    if value is None or isinstance(value, bool | str):
        return value
    if hasattr(value, "item"):
        if getattr(value, "shape", ()):
            raise ScheduleError("optax: a schedule of several numbers at once is not read")
        value = value.item()
    return int(value) if isinstance(value, float) and value.is_integer() else value
