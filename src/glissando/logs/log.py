"""A log of a run as a stream of rows, its format found from what it holds."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from glissando.errors import ScheduleError, one_of, shown
from glissando.logs import (
    console,
    event_file,
    json_lines,
    mlflow_files,
    mmcv,
    parquet,
    separated,
    sqlite,
    trainer_state,
    wandb_file,
)
from glissando.logs.columns import USUAL, place
from glissando.logs.source import Row, Source, opened

READERS = {
    "csv": separated.rows,
    "jsonl": json_lines.rows,
    "tensorboard": event_file.rows,
    "trainer_state": trainer_state.rows,
    "wandb": wandb_file.rows,
    "mlflow": mlflow_files.rows,
    "mmcv": mmcv.rows,
    "sqlite": sqlite.rows,
    "parquet": parquet.rows,
    **{name: console.rows_of(name) for name in console.CONSOLES},
}
"""What yields the rows of each format."""

CURVE = "curve"
"""The format of `Curve.save`, which holds no rows."""

HEAD = 2**16
"""How many bytes of a file tell its format."""

PREFACE = 2**24
"""How many bytes of text may stand before the first line of training that is printed."""

BINARY = {wandb_file.HEAD: "wandb", sqlite.HEAD: "sqlite", parquet.HEAD: "parquet"}
"""What files begin with that are no text."""

PACKED = {
    b"\x1f\x8b": "is compressed by gzip: unpack it first",
    b"PK\x03\x04": "is a zip archive: unpack it first",
}
"""What files begin with that may hold a log, and what to do with them."""


class Log(NamedTuple):
    """A log: its format, its rows in the order of the file, and where they come from."""

    format: str
    rows: Iterator[Row]
    source: Source


@contextmanager
def open_log(
    path: Any,
    format: str | None = None,  # noqa: A002  # as users say
    who: str = "read_curve",
) -> Iterator[Log]:
    """Open a log; its rows are read one at a time, as they are asked for.

    Args:
        path: the file, or a folder with event files, a .wandb file or a run of MLflow.
        format: the format, one of `READERS` or "curve"; by default it is found.
        who: the function that the user called.

    Raises:
        ScheduleError: it is no log, or of no format that is known.
        OSError: it cannot be read.
    """
    if format is not None:
        one_of(format, (*READERS, CURVE), f"{who}: `format`")
    if not isinstance(path, str | os.PathLike) or "\0" in str(path):
        raise ScheduleError(f"{who}: `path` must be the path of a file, got {shown(path)}")
    path = Path(path)
    try:
        if path.exists() and not path.is_dir() and not path.is_file():
            raise ScheduleError("must be a file, got a pipe or a device")
        inside, files = _inside(path) if path.is_dir() else (None, [path])
        with opened(path, files) as source:
            found = format or inside or _format(source)
            source.file.seek(0)
            yield Log(found, READERS[found](source) if found in READERS else iter(()), source)
    except ScheduleError as error:  # also one that is raised while the log is open
        raise ScheduleError(f"{path}: {error}") from None


def _inside(folder: Path) -> tuple[str, list[Path]]:
    """Return the format of the log in a folder, and its files."""
    files = event_file.files_in(folder)
    if files:
        return "tensorboard", files
    files = sorted(folder.glob("*.wandb"))
    if len(files) == 1:
        return "wandb", files
    files = mlflow_files.files_in(folder)
    if files:
        return "mlflow", files
    raise ScheduleError("must be a file, got a folder without event files in it")


def _format(source: Source) -> str:
    """Return the format of a file, from what it begins with."""
    head = source.file.read(HEAD)
    if b"brain.Event:" in head[:64]:  # the version of the format, in the first record
        return "tensorboard"
    for beginning, what in PACKED.items():
        if head.startswith(beginning):
            raise ScheduleError(what)
    for beginning, name in BINARY.items():
        if head.startswith(beginning):
            return name
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip()
    if not text:
        raise ScheduleError("is empty")
    first = text.splitlines()[0]
    if "\0" in first or first.count("\ufffd") > len(first) // 8:
        raise ScheduleError("must be text in UTF-8 or an event file, got other bytes")
    printed = console.console_of(text)
    if printed:
        return printed
    if text.startswith(("{", "[")):
        return _json(text, first)
    if mlflow_files.LINE.fullmatch(first):
        return "mlflow"
    cells = re.split(f"[{separated.DELIMITERS}]", first)
    header = any(place(cell.strip(), what) for cell in cells for what in USUAL)
    if len(cells) > 1 and header:
        return "csv"
    printed = _printed(source)
    if printed:
        return printed
    if len(cells) > 1:
        return "csv"
    raise ScheduleError(
        f"must be CSV, JSON lines, a trainer_state.json, an event file of TensorBoard, what "
        f"training printed or a saved curve, got {shown(first)}"
    )


def _printed(source: Source) -> str | None:
    """Return the format of what training printed, after a long preface."""
    for _ in range(PREFACE // HEAD):
        part = source.file.read(HEAD) + source.file.readline(HEAD)
        if not part:
            break
        printed = console.console_of(part.decode("utf-8", "replace"))
        if printed:
            return printed
    return None


def _json(text: str, first: str) -> str:
    """Return what JSON it is: a document, or an object a line."""
    if '"log_history"' in text or '"best_model_checkpoint"' in text:
        return "trainer_state"
    if re.search(r'"type"\s*:\s*"curve"', text):
        return CURVE
    if re.search(mmcv.MARK, text, re.MULTILINE):
        return "mmcv"
    if text.startswith("{") and (len(first) == len(text) or first.rstrip().endswith("}")):
        return "jsonl"
    raise ScheduleError(
        f"must be JSON with an object a line, or with `log_history`, or a saved curve, "
        f"got {shown(first)}"
    )
