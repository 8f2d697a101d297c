"""The JSON Schema of every schedule, and the schema by which pydantic reads and writes one."""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.recipes import RECIPES
from glissando.schedule import FAMILIES, Schedule
from glissando.text.data import from_data
from glissando.text.files import VERSION
from glissando.text.names import dialects
from glissando.text.parse import parse
from glissando.value import REQUIRED


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that a schedule's JSON form keeps.

    It is made from the fields' rules, so an editor that reads it completes and checks schedules as
    Glissando does; rules that bind several fields are checked on loading only. Recipes and other
    frameworks' schedules are in it by their names, as families are by their tags.
    """
    definitions: dict[str, Any] = {
        tag: _object(
            family,
            [tag],
            {name: field.rule for name, field in family.fields.items()},
            [name for name, field in family.fields.items() if field.default is REQUIRED],
        )
        for tag, family in FAMILIES.items()
    }
    for package, functions in (("recipes", RECIPES.items()), ("dialects", dialects().items())):
        definitions |= {
            name: _of_a_function(function, [name, f"{package}.{name}"])
            for name, function in functions
        }
    definitions["schedule"] = {
        "type": ["object", "string"],  # a text form
        "properties": {
            "type": {"enum": [word for d in definitions.values() for word in _types(d)["enum"]]}
        },
        "required": ["type"],
        # one after another: a validator that tries all would try all again in each part
        "allOf": [
            {
                "if": {
                    "type": "object",
                    "properties": {"type": _types(definition)},
                    "required": ["type"],
                },
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name, definition in definitions.items()
        ],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Glissando schedule",
        "$ref": "#/$defs/schedule",
        "$defs": definitions,
    }


def _types(definition: dict[str, Any]) -> Any:
    return definition["properties"]["type"]


def _object(
    made: Any, types: list[str], rules: Mapping[str, Any], required: list[str]
) -> dict[str, Any]:
    """Return the schema of the objects that have one of some types."""
    return {
        "type": "object",
        "title": made.__name__,
        "description": cleandoc(made.__doc__ or "").partition("\n")[0],
        "properties": {
            "glissando": {"const": VERSION},
            "type": {"enum": types},
            **{name: rule.schema() if rule else {} for name, rule in rules.items()},
        },
        "required": ["type", *required],
        "additionalProperties": False,
    }


def _of_a_function(function: Any, types: list[str]) -> dict[str, Any]:
    parameters = function.__signature__.parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    definition = _object(
        function,
        types,
        {p.name: function.rules.get(p.name) for p in named},
        [p.name for p in named if p.default is p.empty],
    )
    return definition | {"additionalProperties": len(named) < len(parameters)}


def read(value: object, family: type[Schedule] = Schedule) -> Schedule:
    """Return the schedule of a class that a schedule, its JSON form or its text form is."""
    found = value
    if isinstance(value, str):
        found = parse(value)
    elif isinstance(value, Mapping):
        found = from_data(value)
    if not isinstance(found, family):
        raise ScheduleError(
            f"must be a gl.{family.__name__}, its JSON form or its text form, got {shown(value)}"
        )
    return found


def pydantic_schema(family: type[Schedule]) -> Any:
    """Return the schema of a pydantic field that holds a schedule of a class.

    The field is read from a schedule, a JSON form or a text form, and written to JSON as the JSON
    form.
    """
    from pydantic_core import core_schema  # pydantic alone asks for it

    return core_schema.no_info_plain_validator_function(
        lambda value: read(value, family),
        json_schema_input_schema=core_schema.union_schema(
            [core_schema.dict_schema(), core_schema.str_schema()]
        ),
        serialization=core_schema.plain_serializer_function_ser_schema(
            lambda schedule: schedule.to_data(),
            return_schema=core_schema.dict_schema(),
            when_used="json",
        ),
    )


def tell_jsonargparse() -> None:
    """Let jsonargparse read an argument that is annotated `Schedule` from any of its forms."""
    from jsonargparse.typing import register_type  # where it is loaded

    register_type(Schedule, str, read, type_check=isinstance)
