"""A log of a run as a stream of rows, its format found from what it holds."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from glissando.errors import ScheduleError, one_of, shown
from glissando.logs import event_file, json_lines, separated, trainer_state
from glissando.logs.source import Row, Source, opened

READERS = {
    "csv": separated.rows,
    "jsonl": json_lines.rows,
    "tensorboard": event_file.rows,
    "trainer_state": trainer_state.rows,
}
"""What yields the rows of each format."""

CURVE = "curve"
"""The format of `Curve.save`, which holds no rows."""

HEAD = 2**16
"""How many bytes of a file tell its format."""

ELSEWHERE = {
    b"\x1f\x8b": "is compressed by gzip: unpack it first",
    b"PK\x03\x04": "is a zip archive: unpack it first",
    b":W&B": "is W&B's own file: export the run's history as CSV or JSON lines",
    b"SQLite format 3": "is a database: export the run's metrics as CSV",
    b"PAR1": "is a Parquet file: export it as CSV",
}
"""What files begin with that hold logs, too, and what to do with them."""


class Log(NamedTuple):
    """A log: its format, its rows in the order of the file, and where they come from."""

    format: str
    rows: Iterator[Row]
    source: Source


@contextmanager
def open_log(path: Any, format: str | None = None) -> Iterator[Log]:  # noqa: A002  # as users say
    """Open a log; its rows are read one at a time, as they are asked for.

    Args:
        path: the file, or a folder with event files.
        format: the format, one of `READERS` or "curve"; by default it is found.

    Raises:
        ScheduleError: it is no log, or of no format that is known.
        OSError: it cannot be read.
    """
    if format is not None:
        one_of(format, (*READERS, CURVE), "read_curve: `format`")
    if not isinstance(path, str | os.PathLike) or "\0" in str(path):
        raise ScheduleError(f"read_curve: `path` must be the path of a file, got {shown(path)}")
    path = Path(path)
    files = event_file.files_in(path) if path.is_dir() else [path]
    if not files:
        raise ScheduleError(f"{path}: must be a file, got a folder without event files in it")
    if path.exists() and not path.is_dir() and not path.is_file():
        raise ScheduleError(f"{path}: must be a file, got a pipe or a device")
    try:
        with opened(path, files) as source:
            found = format or ("tensorboard" if path.is_dir() else _format(source.file.read(HEAD)))
            source.file.seek(0)
            yield Log(found, READERS[found](source) if found in READERS else iter(()), source)
    except ScheduleError as error:  # also one that is raised while the log is open
        raise ScheduleError(f"{path}: {error}") from None


def _format(head: bytes) -> str:
    """Return the format of a file, from its first bytes."""
    if b"brain.Event:" in head[:64]:  # the version of the format, in the first record
        return "tensorboard"
    for beginning, what in ELSEWHERE.items():
        if head.startswith(beginning):
            raise ScheduleError(what)
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip()
    if not text:
        raise ScheduleError("is empty")
    first = text.splitlines()[0]
    if "\0" in first or first.count("\ufffd") > len(first) // 8:
        raise ScheduleError("must be text in UTF-8 or an event file, got other bytes")
    if text.startswith(("{", "[")):
        return _json(text, first)
    if any(delimiter in first for delimiter in separated.DELIMITERS):
        return "csv"
    raise ScheduleError(
        f"must be CSV, JSON lines, a trainer_state.json, an event file of TensorBoard or a "
        f"saved curve, got {shown(first)}"
    )


def _json(text: str, first: str) -> str:
    """Return what JSON it is: a document, or an object a line."""
    if '"log_history"' in text or '"best_model_checkpoint"' in text:
        return "trainer_state"
    if re.search(r'"type"\s*:\s*"curve"', text):
        return CURVE
    if text.startswith("{") and (len(first) == len(text) or first.rstrip().endswith("}")):
        return "jsonl"
    raise ScheduleError(
        f"must be JSON with an object a line, or with `log_history`, or a saved curve, "
        f"got {shown(first)}"
    )
