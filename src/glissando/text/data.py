"""The JSON form: plain dictionaries, lists and numbers."""

from collections.abc import Callable, Sequence
from typing import Any

from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, find, shown, suggestion
from glissando.schedule import FAMILIES, MAX_DEPTH, Schedule
from glissando.text.build import Builder


def from_data(
    data: object, plan: Plan | None = None, allow_imports: Sequence[str] = ()
) -> Schedule:
    """Return the schedule that a JSON form describes.

    Args:
        data: the JSON form. What counts steps may be a duration, such as "3%" or "2 epochs".
        plan: what durations are counted for: see `gl.plan`. "500 steps" need none.
        allow_imports: where functions may be imported from: see `gl.loads`.

    Raises:
        ScheduleError: a family or a field is unknown, missing, or breaks its rule; a duration
            cannot be counted, or the percentages of a chain's parts do not add up to the run.

    Example:
        >>> from_data({"type": "linear", "start": 0, "end": 0.001, "steps": 500})
        gl.Linear(0.0, 0.001, steps=500)
    """
    builder = Builder(plan, allow_imports)

    def built(data: object, where: str) -> Any:
        return _build(data, where, builder.build, built)

    schedule: Schedule = builder.closed(built(data, "schedule"), whole=True)
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
        if field != "type" and field not in family.fields:
            raise ScheduleError(
                f"{name}: unknown field {field!r} in {where}" + suggestion(field, family.fields)
            )
    values = {
        field: family.fields[field].rule.from_data(value, f"{where}.{field}", built)
        for field, value in data.items()
        if field != "type"
    }
    return build(family, (), values)
