"""The JSON form: plain dictionaries, lists and numbers."""

from collections.abc import Callable, Sequence
from dataclasses import MISSING
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from glissando.rules import ScheduleError, shown
from glissando.schedule import FAMILIES, MAX_DEPTH, Schedule

if TYPE_CHECKING:
    from glissando.plans import Plan


def to_data(schedule: Schedule) -> dict[str, Any]:
    """Return the JSON form of a schedule: a dictionary of plain values, tagged by `type`.

    Raises:
        ScheduleError: the schedule holds a function of your own, which has no value.

    Example:
        >>> from glissando import Linear
        >>> to_data(Linear(0.0, 0.001, steps=500))
        {'type': 'linear', 'start': 0.0, 'end': 0.001, 'steps': 500}
    """
    return schedule.to_data()


def from_data(
    data: object, plan: "Plan | None" = None, allow_imports: Sequence[str] = ()
) -> Schedule:
    """Return the schedule that a JSON form describes.

    Args:
        data: the JSON form. What counts steps may be a duration, such as "3%" or "2 epochs".
        plan: what durations are counted for: see `gl.plan`. "500 steps" need none.
        allow_imports: where functions may be imported from: see `gl.loads`.

    Raises:
        ScheduleError: a family or a field is unknown, missing, or breaks its rule; a duration
            cannot be counted, or the parts of a chain that are shares do not add up to the run.

    Example:
        >>> from_data({"type": "linear", "start": 0, "end": 0.001, "steps": 500})
        gl.Linear(0.0, 0.001, steps=500)
    """
    from glissando.text.lengths import Reading

    reading = Reading(plan, allow_imports)

    def built(data: object, where: str) -> Any:
        return _build(data, where, reading.build, built)

    schedule: Schedule = reading.closed(built(data, "schedule"), whole=True)
    return schedule


def _build(
    data: object, where: str, build: Callable[..., Any], built: Callable[[object, str], Any]
) -> Any:
    # `where` grows by one name per level, so its length tells the depth
    if where.count(".") > MAX_DEPTH:
        raise ScheduleError(f"schedules may be nested {MAX_DEPTH} deep, got more at {where[:60]}…")
    if not isinstance(data, dict):
        raise ScheduleError(f"{where} must be an object with a `type`, got {shown(data)}")
    if "type" not in data:
        raise ScheduleError(f"{where} must have a `type`, got only {shown(list(data))}")
    family = find(FAMILIES, data["type"], f"{where}.type")
    name = family.__name__
    for field in data:
        if field != "type" and field not in family.rules:
            raise ScheduleError(
                f"{name}: unknown field {field!r} in {where}" + suggestion(field, family.rules)
            )
    values = {
        field: family.rules[field].from_data(value, f"{where}.{field}", built)
        for field, value in data.items()
        if field != "type"
    }
    return build(family, (), values)


def arguments(family: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Return a family's arguments by name, or raise where they are too few or too many."""
    names = list(family.rules)
    if len(positional) > len(names):
        raise ScheduleError(
            f"{family.__name__}: takes at most {len(names)} arguments, got {len(positional)}"
        )
    for field in named:
        if field not in family.rules:
            raise ScheduleError(
                f"{family.__name__}: unknown argument {field!r}" + suggestion(field, family.rules)
            )
        if field in names[: len(positional)]:
            raise ScheduleError(f"{family.__name__}: `{field}` is given twice")
    given = dict(zip(names, positional, strict=False)) | named
    for field, default in family.fields.items():
        if field not in given and default is MISSING:
            raise ScheduleError(f"{family.__name__}: `{field}` is missing")
    return given


def find(names: dict[str, Any], name: object, where: str) -> Any:
    """Return what `names` holds under `name`, or raise with the nearest name."""
    if not isinstance(name, str):
        raise ScheduleError(f"{where} must be a name in quotes, got {shown(name)}")
    if name not in names:
        raise ScheduleError(
            f"{where} must be a known schedule, got {shown(name)}" + suggestion(name, names)
        )
    return names[name]


def suggestion(name: object, names: Any) -> str:
    """Return what to try instead of a name that nobody knows."""
    near = get_close_matches(str(name).lower(), names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    few = len(names) <= 8
    return f"; known are {', '.join(sorted(names))}" if few else "; see `glissando families`"
