"""A file opened as a document: its text, the data in it, and the flags."""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from glissando.convert.document import Document
from glissando.convert.parsing import markdown, python, shell, yaml
from glissando.errors import ScheduleError
from glissando.text.formats import MIB, TOML

HEAD = 4096
"""How much of a file is read to know a binary one."""

BINARY = (
    b"PK\x03\x04",
    b"\x89HDF",
    b"\x80\x02",
    b"\x80\x03",
    b"\x80\x04",
    b"\x80\x05",
    b"\x1f\x8b",
)
"""How archives, HDF5 files, pickles and gzip files begin."""

LIMITS = {".json": 64 * MIB, ".ipynb": 64 * MIB, ".py": MIB}
"""The longest text in bytes by the file's suffix: what is read within seconds."""

LIMIT = 4 * MIB
"""The longest text of any other file."""


def open_document(path: str | os.PathLike[str]) -> Document:
    """Return a file as data: nothing in it is run, built or unpickled.

    A binary file has its first bytes alone; its reader opens it.

    Raises:
        ScheduleError: it is no file, is too long, or is no text of the format that its suffix says.
        OSError: it cannot be read.
    """
    path = Path(path)
    if "\0" in str(path):
        raise ScheduleError(f"{str(path)!r}: a path has no NUL in it")
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise ScheduleError(f"{path}: must be a file, got {kind}")
    limit = LIMITS.get(path.suffix.lower(), LIMIT)
    with path.open("rb") as file:
        head = file.read(HEAD)
        if head.startswith(BINARY) or b"\0" in head:
            return Document(path, head, "", {}, {})
        content = head + file.read(limit + 1 - len(head))
    if len(content) > limit:
        raise ScheduleError(
            f"{path}: a configuration in text may have {limit // MIB} MiB, got more"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScheduleError(f"{path}: must be text in UTF-8, got other bytes: {error}") from None
    return document_of(path, text, head)


def document_of(path: Path, text: str, head: bytes = b"") -> Document:
    """Return a text as the document that its path's suffix says it is.

    Raises:
        ScheduleError: it is no text of that format.
    """
    suffix = path.suffix.lower()
    if suffix == ".ipynb":
        text = _cells(path, text)
    read = READ.get(suffix, _guessed)
    try:
        data = read(text)
    except ScheduleError as error:
        raise ScheduleError(f"{path}: {error}") from None
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        kind = f" {suffix[1:].upper()}" if suffix in READ else ""
        raise ScheduleError(f"{path}: not valid{kind}: {reason}") from None
    flags = {} if suffix in STRUCTURED else shell.read(text)
    return Document(path, head, text, _plain(data) if isinstance(data, Mapping) else {}, flags)


def _plain(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values in the config.yaml of W&B, which has each beside a description."""
    if not ("_wandb" in data or "wandb_version" in data):
        return data
    return {
        name: value["value"] if isinstance(value, Mapping) and "value" in value else value
        for name, value in data.items()
    }


def read_json(text: str) -> Any:
    """Return the data in JSON; NaN and infinities are numbers, as Python's own writer has them.

    Raises:
        ScheduleError: it is nested too deep.
        ValueError: it is no JSON.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ScheduleError("not read as JSON: nested too deep") from None


def _toml(text: str) -> Any:
    return TOML.read(text, None)


def _cells(path: Path, text: str) -> str:
    """Return the code of a notebook's cells."""
    try:
        notebook = read_json(text)
        cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
        return "\n".join(source if isinstance(source, str) else "".join(source) for source in cells)
    except (ValueError, KeyError, TypeError) as error:
        raise ScheduleError(f"{path}: not valid IPYNB: {error}") from None


def _notebook(text: str) -> Any:
    """Return the values in a notebook's code; commands of IPython and the shell are left out."""
    return python.read(re.sub(r"(?m)^[ \t]*[%!?][^\n]*", "", text))


def _guessed(text: str) -> Any:
    """Return the data in a text that no suffix explains: JSON, or none, as in a script."""
    if text.lstrip()[:1] == "{":
        try:
            return read_json(text)
        except ValueError:
            return {}
    return {}


READ: dict[str, Callable[[str], Any]] = {
    ".json": read_json,
    ".yaml": yaml.read,
    ".yml": yaml.read,
    ".toml": _toml,
    ".py": python.read,
    ".ipynb": _notebook,
    ".md": markdown.read,
}
"""How a text is read by its file's suffix."""

STRUCTURED = (".json", ".yaml", ".yml", ".toml", ".py")
"""The suffixes of files that hold no command lines."""
