"""Schedules as text: JSON, YAML, TOML and the `>>` form."""

from glissando.text.data import from_data as from_data
from glissando.text.files import dumps as dumps
from glissando.text.files import load as load
from glissando.text.files import loads as loads
from glissando.text.files import save as save
from glissando.text.parse import parse as parse
from glissando.text.schema import json_schema as json_schema
