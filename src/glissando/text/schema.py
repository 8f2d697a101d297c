"""The JSON Schema of every schedule, and the schema by which pydantic reads and writes one."""

from inspect import cleandoc
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.schedule import FAMILIES, Schedule
from glissando.text.data import from_data
from glissando.text.files import VERSION
from glissando.text.parse import parse
from glissando.value import REQUIRED


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that a schedule's JSON form keeps.

    It is made from the fields' rules, so an editor that reads it completes and checks schedules as
    Glissando does; rules that bind several fields are checked on loading only.
    """
    definitions: dict[str, Any] = {
        tag: {
            "type": "object",
            "title": family.__name__,
            "description": cleandoc(family.__doc__ or "").splitlines()[0],
            "properties": {
                "glissando": {"const": VERSION},
                "type": {"const": tag},
                **{name: field.rule.schema() for name, field in family.fields.items()},
            },
            "required": [
                "type",
                *(name for name, field in family.fields.items() if field.default is REQUIRED),
            ],
            "additionalProperties": False,
        }
        for tag, family in FAMILIES.items()
    }
    definitions["schedule"] = {"oneOf": [{"$ref": f"#/$defs/{tag}"} for tag in FAMILIES]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Glissando schedule",
        "$ref": "#/$defs/schedule",
        "$defs": definitions,
    }


def pydantic_schema(family: type[Schedule]) -> Any:
    """Return the schema of a pydantic field that holds a schedule of a class.

    The field is read from a schedule, a JSON form or a text form, and written to JSON as the JSON
    form.
    """
    from pydantic_core import core_schema  # pydantic alone asks for it

    def read(value: object) -> Schedule:
        found = value
        if isinstance(value, str):
            found = parse(value)
        elif isinstance(value, dict):
            found = from_data(value)
        if not isinstance(found, family):
            raise ScheduleError(
                f"must be a gl.{family.__name__}, its JSON form or its text form, "
                f"got {shown(value)}"
            )
        return found

    return core_schema.no_info_plain_validator_function(
        read,
        json_schema_input_schema=core_schema.union_schema(
            [core_schema.dict_schema(), core_schema.str_schema()]
        ),
        serialization=core_schema.plain_serializer_function_ser_schema(
            lambda schedule: schedule.to_data(),
            return_schema=core_schema.dict_schema(),
            when_used="json",
        ),
    )
