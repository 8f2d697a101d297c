"""A study in a file: `study.toml`, `study.yaml` or `study.json`."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from glissando.clock.plan import plan
from glissando.errors import ScheduleError, one_of, shown, suggestion
from glissando.plateau import OnPlateau
from glissando.text import from_data, load
from glissando.text.formats import FORMATS

ENTRIES = (
    "train", "steps", "schedules", "literal", "peaks", "seeds", "rungs", "budget", "widen",
    "baselines", "goal", "jobs", "threads", "gpus", "memory", "timeout", "checkpoint_every",
    "share", "address",
)  # fmt: skip
"""What a file may say: the arguments of `gl.study`."""


def read_study(path: Path) -> dict[str, Any]:
    """Return the arguments of `gl.study` that a file has.

    `train` is "file.py:function", where the file is beside this one, or "package.module:function".
    `schedules` has a schedule by each name: the text form, a path, or the JSON form, which may be
    on a plateau; durations such as "5%" are counted for the full run.

    Raises:
        ScheduleError: the file cannot be read as a study, or names a function that is not there.
        OSError: the file cannot be read.
    """
    one_of(path.suffix.lower(), list(FORMATS), f"{path}: its suffix")
    form = FORMATS[path.suffix.lower()]
    try:
        data = form.read(path.read_text("utf-8-sig"), None)
    except (UnicodeDecodeError, ValueError) as error:
        raise ScheduleError(f"{path}: must be {form.name}: {error}") from None
    if not isinstance(data, Mapping):
        raise ScheduleError(f"{path}: must have entries such as `train` and `steps`")
    for name in data:
        if name not in ENTRIES:
            known = suggestion(name, ENTRIES) or f"; known are {', '.join(ENTRIES)}"
            raise ScheduleError(f"{path}: unknown entry {name!r}{known}")
    for name in ("train", "steps"):
        if name not in data:
            raise ScheduleError(f"{path}: `{name}` is missing")
    found = dict(data)
    if "schedules" in found:
        found["schedules"] = _schedules(found["schedules"], found["steps"], path)
    found["train"] = function_at(found["train"], path)
    return found


def _schedules(given: object, steps: int, path: Path) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise ScheduleError(f"{path}: `schedules` must be a table, got {shown(given)}")
    run = plan(steps=steps)
    return {name: _schedule(shape, run, path, name) for name, shape in given.items()}


def _schedule(shape: object, run: Any, path: Path, name: str) -> Any:
    try:
        if isinstance(shape, str) and Path(shape).suffix.lower() in FORMATS:
            return load(path.parent / shape, run)
        if isinstance(shape, Mapping) and shape.get("type") == OnPlateau.tag:
            inner = {"schedule": from_data(shape.get("schedule"), run)}
            return OnPlateau.from_data({**shape, **inner})
        return from_data(shape, run)
    except ScheduleError as error:
        raise ScheduleError(f"{path}: schedule {name!r}: {error}") from None


def function_at(where: object, path: Path) -> Callable[..., Any]:
    """Return the training function that a study's file names, and import its module.

    Raises:
        ScheduleError: there is none.
    """
    module, colon, name = str(where).rpartition(":")
    if not isinstance(where, str) or not colon or not name.isidentifier():
        raise ScheduleError(
            f'{path}: `train` must be "file.py:function" or "module:function", got {shown(where)}'
        )
    folder = str(path.parent.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)  # so that the module may import what is beside the file
    try:
        found: Any = getattr(_module(module, path), name, None)
    except ImportError as error:
        raise ScheduleError(f"{path}: `train`: {module} cannot be imported: {error}") from error
    if not callable(found):
        raise ScheduleError(f"{path}: `train`: {module} has no function {name!r}")
    train: Callable[..., Any] = found
    return train


def _module(name: str, path: Path) -> ModuleType:
    """Import a module by its name, or by the path of its file."""
    if not name.endswith(".py"):
        return importlib.import_module(name)
    file = (path.parent / name).resolve()
    if not file.is_file():
        raise ScheduleError(f"{path}: `train`: there is no file {file}")
    loaded = sys.modules.get(file.stem)
    if loaded is not None and Path(getattr(loaded, "__file__", None) or "").resolve() == file:
        return loaded
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    if loaded is None:
        sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module
