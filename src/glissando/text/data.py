"""The JSON form: plain dictionaries, lists and numbers."""

from collections.abc import Callable, Sequence
from typing import Any

from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, shown, suggestion
from glissando.rules import Rule, plain
from glissando.schedule import MAX_DEPTH, Schedule
from glissando.text.build import Builder, build_recipe, rate_of
from glissando.text.names import is_family, maker
from glissando.text.parse import read


def from_data(
    data: object, plan: Plan | None = None, allow_imports: Sequence[str] = ()
) -> Schedule:
    """Return the schedule that a JSON form describes.

    Args:
        data: the JSON form, of any mappings and sequences. Its `type` may be a recipe, too, or
            another framework's schedule, such as "torch.CosineAnnealingLR"; and a text form may
            stand for a schedule. What counts steps may be a duration, such as "3%" or "2 epochs".
        plan: what durations are counted for: see `gl.plan`. "500 steps" need none.
        allow_imports: where functions may be imported from: see `gl.loads`.

    Raises:
        ScheduleError: a family or a field is unknown, missing, or breaks its rule; a duration
            cannot be counted, or the percentages of a chain's parts do not add up to the run.

    Example:
        >>> from_data({"type": "linear", "start": 0, "end": 0.001, "steps": 500})
        gl.Linear(0.0, 0.001, steps=500)
        >>> from_data({"type": "warmup", "steps": 500, "schedule": "cosine(0.001, 0, steps=9500)"})
        gl.Linear(0.0, 0.001, steps=500) >> gl.Cosine(0.001, 0.0, steps=9500)
    """
    builder = Builder(plan, allow_imports)

    def built(data: object, where: str) -> Any:
        return _build(data, where, builder, built)

    schedule: Schedule = builder.closed(rate_of(built(plain(data), "schedule")), whole=True)
    return schedule


def _build(data: object, where: str, builder: Builder, built: Callable[[object, str], Any]) -> Any:
    # `where` grows by one name per level, so its length tells the depth
    if where.count(".") > MAX_DEPTH:
        raise ScheduleError(f"schedules may be nested {MAX_DEPTH} deep, got more at {where[:60]}…")
    if isinstance(data, Schedule):
        return data
    if isinstance(data, str):
        try:
            return read(data, builder)
        except ScheduleError as error:
            raise ScheduleError(f"{where}: {error}") from None
    if not isinstance(data, dict):
        number = isinstance(data, int | float) and not isinstance(data, bool)
        hint = f"; a rate that stays is 'constant({data})'" if number else ""
        raise ScheduleError(f"{where} must be an object with a `type`, got {shown(data)}{hint}")
    if "type" not in data:
        raise ScheduleError(f"{where} must have a `type`, got only {shown(list(data))}")
    name = data["type"]
    made = maker(name, f"{where}.type")
    rules: dict[str, Rule] = {}
    if not is_family(made):  # a rule that knows of no schedules leaves them to `_value`
        rules |= {f: r for f, r in made.rules.items() if type(r).from_data is not Rule.from_data}
    else:
        rules |= {field: known.rule for field, known in made.fields.items()}
        for field in data:
            if field not in rules and field != "type":
                raise ScheduleError(
                    f"{made.__name__}: unknown field {shown(field)} in {where}"
                    + suggestion(field, rules)
                )
    values = {
        field: _value(rules.get(field), value, f"{where}.{field}", built)
        for field, value in data.items()
        if field != "type"
    }
    if is_family(made):
        return builder.build(made, (), values)
    named = {field: builder.closed(value) for field, value in values.items()}
    return build_recipe(name, [], named, builder.counted)


def _value(rule: Rule | None, data: object, where: str, built: Callable[[object, str], Any]) -> Any:
    """Return an argument, with the schedules in it built."""
    if rule is not None:
        return rule.from_data(data, where, built)
    if isinstance(data, dict) and "type" in data:
        return built(data, where)
    if isinstance(data, list):
        return [_value(None, member, f"{where}[{i}]", built) for i, member in enumerate(data)]
    return data
