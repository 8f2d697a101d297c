"""The JSON Schema of every schedule."""

from dataclasses import MISSING
from inspect import cleandoc
from typing import Any

from glissando.schedule import FAMILIES
from glissando.text.files import VERSION


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
                **{field: rule.schema() for field, rule in family.rules.items()},
            },
            "required": [
                "type",
                *(field for field, default in family.fields.items() if default is MISSING),
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
