"""Rows from JSON lines: an object a line."""

import json
from collections.abc import Iterator
from typing import Any

from glissando.errors import shown
from glissando.logs.source import EMPTY, Row, Source


def rows(source: Source) -> Iterator[Row]:
    """Yield the rows; of objects in objects the names are joined, as in "train/loss"."""
    for count, line in enumerate(source.lines(), 1):
        if not line.strip():
            continue
        try:
            data = decode(line)
        except ValueError:
            source.leave_out(f"line {count}", f"is no JSON: {shown(line.strip())}")
            continue
        if isinstance(data, dict):
            yield row_of(data)
        else:
            source.leave_out(f"line {count}", f"is no object: {shown(line.strip())}")


def decode(text: str) -> Any:
    """Return the data in JSON, its numbers as they are written.

    Raises:
        ValueError: it is no JSON, or nested too deep.
    """
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError:
        raise ValueError("nested too deep") from None


def row_of(data: dict[str, Any]) -> Row:
    """Return the row that an object is."""
    row: Row = {}
    waiting = [("", data)]
    while waiting:  # a loop, as objects may be nested deep
        where, inner = waiting.pop()
        for name, value in inner.items():
            if isinstance(value, str):
                if value not in EMPTY:
                    row[where + name] = value
            elif isinstance(value, dict):
                waiting.append((f"{where}{name}/", value))
    return row
