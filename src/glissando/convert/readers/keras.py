"""Models that Keras saved: the optimizer that a `.keras` or an `.h5` file was compiled with.

No weights are read, and no class is built: the file's configuration is text.
"""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.objects.keras import is_config, rate_of_optimizer, read_keras
from glissando.convert.registry import reader
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule
from glissando.text.formats import MIB

ZIP, HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"

LIMIT = 64 * MIB
"""The longest configuration that is read, unpacked."""


def _knows(document: Document) -> float:
    if document.head.startswith(ZIP):
        return 1.0 if _is_archive(document.path) else 0.0
    if document.head.startswith(HDF5):
        return 1.0
    data = document.data
    if isinstance(data.get("compile_config"), dict) and "class_name" in data:
        return 1.0
    return 0.9 if is_config(data) else 0.0


def _is_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return {"config.json", "metadata.json"} <= set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return path.suffix == ".keras"  # whose reading says what is wrong


@reader("keras", _knows)
def read_model(document: Document, given: Given) -> Schedule:
    """Return the schedule of the optimizer that a model was compiled with.

    A step is an update, as Keras counts its `iterations`. What a callback sets is in no file.
    """
    if document.head.startswith(ZIP):
        return _compiled(_archived(document.path))
    if document.head.startswith(HDF5):
        return rate_of_optimizer(_stored(document.path))
    if is_config(document.data):
        return read_keras(document.data, given)
    return _compiled(document.data)


def _compiled(config: Any) -> Schedule:
    compiled = config.get("compile_config") if isinstance(config, dict) else None
    if not isinstance(compiled, dict) or not compiled.get("optimizer"):
        raise ScheduleError("keras: the model was saved without `compile`, so it has no optimizer")
    return rate_of_optimizer(compiled["optimizer"])


def _archived(path: Path) -> Any:
    """Return the configuration in an archive, of which no more than the limit is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("config.json") as file:
            content = file.read(LIMIT + 1)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise ScheduleError(f"keras: no archive that Keras saved: {shown(str(error))}") from None
    except zlib.error as error:
        raise ScheduleError(f"keras: config.json is damaged: {error}") from None
    if len(content) > LIMIT:
        raise ScheduleError(
            f"keras: config.json may have {LIMIT // MIB} MiB unpacked, got more: no model has that"
        )
    return _parsed(content, "config.json")


def _stored(path: Path) -> Any:
    """Return the optimizer in the attributes of an HDF5 file."""
    try:
        import h5py
    except ModuleNotFoundError:
        raise ScheduleError(
            "keras: reading an HDF5 file takes h5py: pip install h5py; or save the model as .keras"
        ) from None
    try:
        with h5py.File(path, "r") as file:
            text = file.attrs.get("training_config")
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise ScheduleError(f"keras: the HDF5 file cannot be read: {shown(str(error))}") from None
    if text is None:
        raise ScheduleError("keras: the model was saved without `compile`, so it has no optimizer")
    config = _parsed(text, "training_config")
    optimizer = config.get("optimizer_config") if isinstance(config, dict) else None
    if optimizer is None:
        raise ScheduleError("keras: `training_config` has no `optimizer_config`")
    return optimizer


def _parsed(text: str | bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError, TypeError) as error:
        raise ScheduleError(f"keras: {where} is no JSON: {shown(str(error))}") from None
