"""Schedules in files: JSON, YAML and TOML by their suffix."""

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule
from glissando.text.data import from_data

VERSION = 1
MAX_BYTES = 128 * 2**20
"""The largest text read: a chain that holds a table of a million points is smaller."""


def dumps(schedule: Schedule) -> str:
    """Return a schedule as JSON text.

    Raises:
        ScheduleError: the schedule holds a function of your own, which has no value.

    Example:
        >>> from glissando import Constant
        >>> print(dumps(Constant(0.001)))
        {
          "glissando": 1,
          "type": "constant",
          "value": 0.001
        }
    """
    return json.dumps(_document(schedule), indent=2, allow_nan=False)


def loads(text: str, plan: Plan | None = None, allow_imports: Sequence[str] = ()) -> Schedule:
    """Return the schedule that JSON text describes.

    Args:
        text: the JSON form as text.
        plan: what durations such as "3%" in it are counted for: see `gl.plan`.
        allow_imports: where functions of your own that it names may be imported from, which runs
            code: packages with a dot at their end ("mypkg."), modules ("mypkg.rates"), or single
            functions ("mypkg.rates:halving"). By default nothing is imported.

    Raises:
        ScheduleError: the text is no JSON, or describes no schedule; it names a function whose
            import is not allowed.

    Example:
        >>> loads('{"type": "constant", "value": 0.001}')
        gl.Constant(0.001)
    """
    return _read(_parse_json, text, "JSON", plan, allow_imports)


def save(schedule: Schedule, path: str | os.PathLike[str]) -> None:
    """Write a schedule to a .json, .yaml, .yml or .toml file.

    The file is written whole or not at all: an older one stays as it was until then.

    Raises:
        ScheduleError: the suffix is unknown, or the schedule holds a function of your own.
        OSError: the file cannot be written.
    """
    path = Path(path)
    _, write = _format(path)
    write_whole(path, write(_document(schedule)).encode())


def load(
    path: str | os.PathLike[str], plan: Plan | None = None, allow_imports: Sequence[str] = ()
) -> Schedule:
    """Return the schedule in a .json, .yaml, .yml or .toml file.

    Args:
        path: the file.
        plan: what durations such as "3%" in it are counted for: see `gl.plan`.
        allow_imports: where functions may be imported from: see `gl.loads`.

    Raises:
        ScheduleError: the suffix is unknown, or the file describes no schedule; it names a
            function whose import is not allowed.
        OSError: the file cannot be read.
    """
    path = Path(path)
    parse, _ = _format(path)
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ScheduleError(f"{path}: must be at most {MAX_BYTES} bytes")
    try:
        return _read(parse, content.decode(), path.suffix[1:].upper(), plan, allow_imports)
    except UnicodeDecodeError:
        raise ScheduleError(f"{path}: must be text in UTF-8, got other bytes") from None
    except ScheduleError as error:
        raise ScheduleError(f"{path}: {error}") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a crash or a full disk leaves the old one or the new one, never half."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            umask = os.umask(0)
            os.umask(umask)
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask
            os.chmod(temporary, mode)  # mkstemp makes files private
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:  # it names the temporary file
        raise type(error)(error.errno, error.strerror, str(path)) from error


def _document(schedule: Schedule) -> dict[str, Any]:
    return {"glissando": VERSION, **schedule.to_data()}


def _read(
    parse: Callable[[str], Any],
    text: str,
    kind: str,
    plan: Plan | None,
    allow_imports: Sequence[str],
) -> Schedule:
    try:
        data = parse(text)
    except RecursionError:
        raise ScheduleError(f"not a schedule in {kind}: nested too deep") from None
    except ScheduleError:
        raise
    except ValueError as error:
        raise ScheduleError(f"not valid {kind}: {' '.join(str(error).split())}") from None
    if isinstance(data, dict):
        version = data.pop("glissando", VERSION)
        if version != VERSION or isinstance(version, bool):
            raise ScheduleError(
                f"`glissando` must be {VERSION}, the version of the format, got {shown(version)}"
            )
    return from_data(data, plan, allow_imports)


def _format(path: Path) -> tuple[Callable[[str], Any], Callable[[dict[str, Any]], str]]:
    formats = {
        ".json": (_parse_json, _write_json),
        ".yaml": (_parse_yaml, _write_yaml),
        ".yml": (_parse_yaml, _write_yaml),
        ".toml": (_parse_toml, _write_toml),
    }
    if path.suffix not in formats:
        raise ScheduleError(
            f"{path}: the suffix must be .json, .yaml, .yml or .toml, got {path.suffix!r}"
        )
    return formats[path.suffix]


def _parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)


def _write_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ScheduleError(f"field {twice!r} is given twice")
    return data


def _no_constant(text: str) -> Any:
    raise ScheduleError(f"a number must be finite, got {text}")


def _parse_yaml(text: str) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Plain values only: an alias could make a short text a schedule of endless size."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise ScheduleError("YAML aliases (*name) are not read; write the part out")
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            return _unique(
                [
                    (self.construct_object(k, True), self.construct_object(v, True))
                    for k, v in node.value
                ]
            )

    Loader.add_implicit_resolver(*_YAML_FLOAT)
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


# YAML 1.1 takes 1e-3, which it wants written 1.0e-3, for text
_YAML_FLOAT = (
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"),
    list("-+0123456789."),
)


def _write_yaml(document: dict[str, Any]) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes texts that would be read as numbers in quotes."""

    Dumper.add_implicit_resolver(*_YAML_FLOAT)
    return yaml.dump(document, Dumper=Dumper, sort_keys=False)


def _parse_toml(text: str) -> Any:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _write_toml(document: dict[str, Any]) -> str:
    import tomli_w

    return tomli_w.dumps(document)
