"""Rows from the .log.json of mmcv 1: a first line on the run, then an object for each row."""

from collections.abc import Iterator

from glissando.logs import json_lines
from glissando.logs.source import Row, Source

MARK = r'^\{("env_info": "|"mode": "(train|val)", "epoch": \d+, "iter": \d+)'
"""What the first line begins with, or a row."""


def rows(source: Source) -> Iterator[Row]:
    """Yield the rows of training; those of a validation count the validation's iterations."""
    for row in json_lines.rows(source):
        if row.get("mode") == "train":
            yield row
