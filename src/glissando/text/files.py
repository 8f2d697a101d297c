"""Schedules in files: JSON, YAML and TOML by their suffix."""

import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule
from glissando.text.data import from_data
from glissando.text.formats import FORMATS, MIB, Format, read_json, write_json

VERSION = 1


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
    return write_json(document(schedule))


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
    if not isinstance(text, str | bytes | bytearray):
        raise ScheduleError(f"loads: `text` must be a string, got {shown(text)}")
    return _schedule(lambda: read_json(text), "JSON", plan, allow_imports)


def save(schedule: Schedule, path: str | os.PathLike[str]) -> None:
    """Write a schedule to a .json, .yaml, .yml or .toml file.

    The file is written whole or not at all: an older one stays as it was until then. Where the path
    is a symbolic link, what it points to is written.

    Raises:
        ScheduleError: the suffix is unknown, the schedule holds a function of your own, or the file
            would be too large to be loaded.
        OSError: the file cannot be written.
    """
    path = Path(path)
    form = _format(path)
    content = form.write(document(schedule)).encode()
    _hold_limit(len(content), form, path)
    write_whole(path, content)


def load(
    path: str | os.PathLike[str],
    plan: Plan | None = None,
    allow_imports: Sequence[str] = (),
    key: str | None = None,
) -> Schedule:
    """Return the schedule in a .json, .yaml, .yml or .toml file.

    Args:
        path: the file: at most 64 MiB of JSON, or 4 MiB of YAML or TOML.
        plan: what durations such as "3%" in it are counted for: see `gl.plan`.
        allow_imports: where functions may be imported from: see `gl.loads`.
        key: where the schedule stands in the file of a training, such as "optimizer.lr" or
            "groups[0].lr", as data or as a text form. By default the whole file is the schedule.

    Raises:
        ScheduleError: the suffix is unknown, or the file describes no schedule, or has no such key;
            it names a function whose import is not allowed.
        OSError: the file cannot be read.
    """
    path = Path(path)
    form = _format(path)
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ScheduleError(f"{path}: must be a file, got a pipe or a device")
    with path.open("rb") as file:
        content = file.read(form.limit + 1)
    _hold_limit(len(content), form, path)
    try:
        text = content.decode("utf-8-sig")  # some editors begin a file with its byte order
        return _schedule(lambda: form.read(text, key), form.name, plan, allow_imports, key)
    except UnicodeDecodeError:
        raise ScheduleError(f"{path}: must be text in UTF-8, got other bytes") from None
    except ScheduleError as error:
        raise ScheduleError(f"{path}: {error}") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a crash or a full disk leaves the old one or the new one, never half.

    A symbolic link stays, and what it points to is written; a file keeps its permissions.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(content)  # a pipe or a device is not to be replaced
        else:
            _replace(target, content)
    except OSError as error:  # it names the temporary file
        raise type(error)(error.errno, error.strerror, str(path)) from error


def _replace(target: Path, content: bytes) -> None:
    temporary = target.with_name(f".glissando-{os.urandom(8).hex()}")
    # the umask decides on its permissions, as on those of any new file
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def document(schedule: Schedule) -> dict[str, Any]:
    """Return what a file holds of a schedule: its JSON form, and the format's version."""
    return {"glissando": VERSION, **schedule.to_data()}


def _schedule(
    read: Callable[[], Any],
    kind: str,
    plan: Plan | None,
    allow_imports: Sequence[str],
    key: str | None = None,
) -> Schedule:
    try:
        data = read()
    except ScheduleError:
        raise
    except ValueError as error:
        reason = " ".join(str(error).split())
        cut = reason if len(reason) <= 200 else f"{reason[:200]}…"
        raise ScheduleError(f"not valid {kind}: {cut}") from None
    if isinstance(data, dict) and "glissando" in data:
        version = data.pop("glissando")
        if version != VERSION or isinstance(version, bool):
            raise ScheduleError(
                f"`glissando` must be {VERSION}, the version of the format, got {shown(version)}"
            )
    try:
        return from_data(data, plan, allow_imports)
    except ScheduleError as error:
        if key is None:
            raise
        raise ScheduleError(f"{key}: {error}") from None


def _format(path: Path) -> Format:
    if path.suffix.lower() not in FORMATS:
        raise ScheduleError(
            f"{path}: the suffix must be .json, .yaml, .yml or .toml, got {path.suffix!r}"
        )
    if "\0" in str(path):
        raise ScheduleError(f"{shown(str(path))}: a path has no NUL in it")
    return FORMATS[path.suffix.lower()]


def _hold_limit(size: int, form: Format, path: Path) -> None:
    if size > form.limit:
        more = "; JSON may be longer" if form.name != "JSON" else ""
        raise ScheduleError(
            f"{path}: a file of {form.name} may have {form.limit // MIB} MiB, got more{more}"
        )
