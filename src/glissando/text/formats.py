"""JSON, YAML and TOML: text in, plain data out, and back."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from glissando.errors import ScheduleError, shown
from glissando.text import yaml
from glissando.text.keys import under

MIB = 2**20

MAX_PARTS = 64
"""How many names with dots between them a key in TOML may have: its reader copies all before."""

QUOTED = r'"(?:[^"\\\n]|\\.)*"?|' + r"'[^'\n]*'?"
PART = re.compile(rf"{QUOTED}|[\w-]+")
CHAIN = re.compile(rf"(?:{QUOTED}|[\w-]+)(?:[ \t]*\.[ \t]*(?:{QUOTED}|[\w-]+))*")


class Format(NamedTuple):
    """A format of files.

    `read` takes a text and a key, or None, and returns the plain data that stand there; it raises
    `ValueError` if the text is none of the format.
    """

    name: str
    read: Callable[[str, str | None], Any]
    write: Callable[[dict[str, Any]], str]
    limit: int
    """The longest file in bytes: what is read within seconds."""


def read_json(text: str, key: str | None = None) -> Any:
    """Return the data in JSON, of which no field may be given twice."""
    try:
        data = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_whole
        )
    except RecursionError:
        raise ScheduleError("not a schedule in JSON: nested too deep") from None
    return data if key is None else under(data, key)


def write_json(document: dict[str, Any]) -> str:
    """Return a document as JSON."""
    return json.dumps(document, indent=2, allow_nan=False)


def _whole(digits: str) -> int:
    if len(digits) > 400:  # longer than any float is, and slow to read
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        met: set[str] = set()
        for name, _ in pairs:
            if name in met:
                raise ScheduleError(f"field {shown(name)} is given twice")
            met.add(name)
    return data


def _no_constant(text: str) -> Any:
    raise ScheduleError(f"a number must be finite, got {text}")


def _read_yaml(text: str, key: str | None) -> Any:
    document = yaml.read(text)
    return yaml.plain(document if key is None else under(document, key, yaml.inside))


def _read_toml(text: str, key: str | None) -> Any:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    for chain in CHAIN.finditer(text):
        if chain[0].count(".") >= MAX_PARTS and len(PART.findall(chain[0])) > MAX_PARTS:
            raise ScheduleError(f"not a schedule in TOML: nested too deep, in {shown(chain[0])}")
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ScheduleError("not a schedule in TOML: nested too deep") from None
    return data if key is None else under(data, key)


def _write_toml(document: dict[str, Any]) -> str:
    import tomli_w

    return tomli_w.dumps(document)


JSON = Format("JSON", read_json, lambda document: write_json(document) + "\n", 64 * MIB)
YAML = Format("YAML", _read_yaml, yaml.write, 4 * MIB)
TOML = Format("TOML", _read_toml, _write_toml, 4 * MIB)

FORMATS = {".json": JSON, ".yaml": YAML, ".yml": YAML, ".toml": TOML}
"""The formats by the suffixes of their files."""
