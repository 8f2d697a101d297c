"""Schedules out of configurations and objects, each by its own framework's reader."""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.opened import open_document
from glissando.convert.registry import OBJECTS, READERS
from glissando.convert.shared.curves import ended
from glissando.errors import ScheduleError, hint, one_of, shown
from glissando.schedule import Schedule
from glissando.text.files import load
from glissando.text.formats import FORMATS


def read(
    path_or_object: Any,
    *,
    framework: str | None = None,
    steps: int | None = None,
    steps_per_epoch: int | None = None,
    samples: int | None = None,
    world_size: int | None = None,
    batch_size: int | None = None,
    accumulation: int | None = None,
    tokens_per_step: int | None = None,
    classes: int | None = None,
    framework_version: str | None = None,
    group: str | int | None = None,
) -> Schedule:
    """Return the schedule that a configuration, a checkpoint or a live object holds.

    It is the rate that the framework's trainer uses, update by update. What is not in the file is
    to be given; nothing is guessed, and nothing in the file is run, built or unpickled.

    Args:
        path_or_object: a file; a mapping that was read from one; or an object of a framework, such
            as a scheduler. A schedule is returned as it is.
        framework: whose it is, such as "axolotl"; by default that is found out.
        steps: how many updates the run makes: a cosine that would rise again after them ends.
        steps_per_epoch: how many updates an epoch has.
        samples: how many samples an epoch has.
        world_size: how many processes train.
        batch_size: how many samples a process takes at once.
        accumulation: over how many batches an update is accumulated.
        tokens_per_step: how many tokens an update takes.
        classes: how many classes the data have.
        framework_version: the version of the framework, where its rules have changed.
        group: the name or number of the parameter group whose rate is asked for.

    Raises:
        ScheduleError: no framework is known for it, or several are; the file does not hold what is
            needed, and it was not given; the schedule cannot be said; or the file is bad.
        OSError: the file cannot be read.

    Example:
        >>> arguments = {"learning_rate": 2e-5, "lr_scheduler_type": "linear", "max_steps": 900}
        >>> print(read(arguments | {"warmup_steps": 100}))
        linear(0.0, 2e-05, steps=100) >> linear(2e-05, 0.0, steps=800)
    """
    given = Given(
        steps,
        steps_per_epoch,
        samples,
        world_size,
        batch_size,
        accumulation,
        tokens_per_step,
        classes,
        framework_version,
        group,
    ).checked()
    if isinstance(path_or_object, str | os.PathLike):
        found = _read_file(Path(path_or_object), framework, given)
    else:
        found = _read_object(path_or_object, framework, given)
    return found if steps is None else ended(found, steps)


def is_own(document: Document) -> bool:
    """Return whether a file is one that `gl.save` writes, or one like that by hand."""
    own = "glissando" in document.data or isinstance(document.data.get("type"), str)
    return own and document.path.suffix.lower() in FORMATS


def _read_file(path: Path, framework: str | None, given: Given) -> Schedule:
    document = open_document(path)
    if framework is None and is_own(document):
        return load(path)
    try:
        return _interpreted(document, framework, given)
    except ScheduleError as error:
        raise ScheduleError(f"{path}: {error}") from None


def _read_object(value: Any, framework: str | None, given: Given) -> Schedule:
    if isinstance(value, Schedule):
        return value
    _load_all()
    for reader in OBJECTS.values():
        if framework in (None, reader.name) and reader.knows(value):
            return reader.read(value, given)
    if isinstance(value, Mapping):
        return _interpreted(Document(Path(), b"", "", value, {}), framework, given)
    if framework is not None:
        one_of(framework, (*OBJECTS, *READERS), "read: `framework`")
    raise ScheduleError(f"read: no framework is known for {shown(value)}{hint(value)}")


def _interpreted(document: Document, framework: str | None, given: Given) -> Schedule:
    """Return the schedule that a document's framework makes of it."""
    _load_all()
    if framework is not None:
        one_of(framework, tuple(sorted(READERS)), "read: `framework`")
        return READERS[framework].read(document, given)
    sure = {name: reader.knows(document) for name, reader in READERS.items()}
    best = max(sure.values(), default=0.0)
    names = sorted(name for name, certainty in sure.items() if certainty == best)
    if best <= 0:
        raise ScheduleError(
            "no framework is known for it; say whose it is by `framework` (--framework): "
            + ", ".join(sorted(READERS))
        )
    if len(names) > 1:
        raise ScheduleError(
            f"it could be of {' or '.join(names)}: say which by `framework` (--framework)"
        )
    return READERS[names[0]].read(document, given)


def _load_all() -> None:
    """Import every reader, so that it is registered."""
    for package in ("glissando.convert.readers", "glissando.convert.objects"):
        for module in iter_modules(import_module(package).__path__):
            import_module(f"{package}.{module.name}")
