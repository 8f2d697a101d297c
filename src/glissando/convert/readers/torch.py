"""Checkpoints of PyTorch and Lightning: the states of schedulers in them.

They are read by PyTorch's own loader of weights alone, which builds nothing but numbers, texts and
collections of them; what names anything else is refused.
"""

import pickle
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.objects.lightning import by_interval
from glissando.convert.objects.torch import is_state, schedule_of_state
from glissando.convert.registry import reader
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule

ZIP = b"PK\x03\x04"
PICKLES = tuple(b"\x80" + bytes((protocol,)) for protocol in range(2, 6))
SUFFIXES = (".pt", ".pth", ".ckpt", ".bin", ".tar")
"""How checkpoints end; an older one is a pickle with nothing else that tells it."""

DEPTH = 3
"""How deep in a checkpoint the state of a scheduler is looked for."""

ENTRIES = 100_000
"""How many members a mapping or list may have, to be looked through."""


def _knows(document: Document) -> float:
    if document.head.startswith(ZIP):
        return 1.0 if _members(document.path) else 0.0
    if not document.head:  # what somebody has loaded
        return 0.9 if next(_states(document.data, "", DEPTH), None) else 0.0
    pickled = document.head.startswith(PICKLES)
    return 0.9 if pickled and document.path.suffix.lower() in SUFFIXES else 0.0


def _members(path: Path) -> list[zipfile.ZipInfo]:
    """Return the members of a checkpoint; none if it is another archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return []
    return members if any(one.filename.endswith("/data.pkl") for one in members) else []


@reader("torch", _knows)
def read_checkpoint(document: Document, given: Given) -> Schedule:
    """Return the schedule whose state a checkpoint holds, from the first step on.

    A step is a call of the scheduler's `step()`; in a checkpoint of Lightning an update.
    """
    checkpoint = _loaded(document.path) if document.head else document.data
    if isinstance(checkpoint, Mapping) and "pytorch-lightning_version" in checkpoint:
        return _of_lightning(checkpoint, given)
    return _of_torch(checkpoint, given)


def _loaded(path: Path) -> Any:
    """Return what a checkpoint holds, read as weights alone."""
    try:
        import torch
    except ModuleNotFoundError:
        raise ScheduleError(
            "torch: reading a checkpoint takes PyTorch: pip install torch"
        ) from None
    members = _members(path)
    if any(one.compress_type != zipfile.ZIP_STORED for one in members):
        raise ScheduleError("torch: the archive is compressed, as no checkpoint of PyTorch is")
    try:
        mapped = bool(members)  # the weights remain on the disk
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        raise ScheduleError(_refused(str(error))) from None
    except Exception as error:  # whatever a damaged file makes PyTorch raise
        reason = shown(" ".join(str(error).split())[:200])
        raise ScheduleError(f"torch: the checkpoint cannot be read: {reason}") from None


def _refused(message: str) -> str:
    """Return why a pickle is not read, by what PyTorch says."""
    found = re.search(r"GLOBAL ([\w.<>]+) was not an allowed global", message)
    what = f"it names {found[1]}" if found else shown(" ".join(message.split())[:200])
    return (
        "torch: the checkpoint holds more than weights and states, and is never unpickled: "
        f"{what}; save the state alone, as in torch.save(scheduler.state_dict(), path), or read "
        "the file of the run's arguments"
    )


def _of_torch(checkpoint: Any, given: Given) -> Schedule:
    states = dict(_states(checkpoint, "", DEPTH))
    if not states:
        raise ScheduleError("torch: the checkpoint holds no state of a scheduler")
    if len(states) > 1:
        raise ScheduleError(
            f"torch: the checkpoint holds {len(states)} schedulers, {', '.join(sorted(states))}: "
            "read the state of one of them"
        )
    groups = next(_groups(checkpoint, DEPTH), ())
    return schedule_of_state(next(iter(states.values())), groups, given)


def _of_lightning(checkpoint: Mapping[str, Any], given: Given) -> Schedule:
    """Return the schedule of a checkpoint of Lightning, which does not say after what it steps.

    It steps after every update if it has stepped as often as there were updates, and after every
    epoch if as often as there were epochs.
    """
    states = [state for state in checkpoint.get("lr_schedulers") or () if is_state(state)]
    if len(states) != 1:
        raise ScheduleError(f"lightning: the checkpoint holds {len(states)} schedulers, not one")
    groups = [group for one in checkpoint.get("optimizer_states") or () for group in _own(one)]
    curve = schedule_of_state(states[0], groups, given)
    stepped = _steps(states[0])
    updates, epoch = checkpoint.get("global_step"), checkpoint.get("epoch")
    if stepped and stepped == updates and updates != epoch:
        return by_interval(curve, "step", 1, given)
    if isinstance(epoch, int) and stepped in (epoch, epoch + 1):
        return by_interval(curve, "epoch", 1, given)
    raise ScheduleError(
        f"lightning: the scheduler has stepped {stepped} times in {shown(updates)} updates and "
        f"{shown(epoch)} epochs, which is once in neither: read its `lr_scheduler_config`"
    )


def _steps(state: Mapping[str, Any]) -> Any:
    """Return how often a scheduler has stepped."""
    inner = state.get("_schedulers")
    found = state.get("last_epoch")
    return _steps(inner[0]) if found is None and isinstance(inner, list) and inner else found


def _states(value: Any, where: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the states of schedulers in a checkpoint, by where they are."""
    if is_state(value):
        yield where or "itself", value
    elif depth:
        for key, member in _within(value):
            yield from _states(member, f"{where}.{key}" if where else str(key), depth - 1)


def _groups(value: Any, depth: int) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the groups of optimizers in a checkpoint."""
    if found := _own(value):
        yield found
    elif depth:
        for _, member in _within(value):
            yield from _groups(member, depth - 1)


def _own(value: Any) -> list[Mapping[str, Any]]:
    groups = value.get("param_groups") if isinstance(value, Mapping) else None
    if not isinstance(groups, list):
        return []
    return [group for group in groups if isinstance(group, Mapping)]


def _within(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what is in a mapping or list, but for one so long that it is of weights."""
    if isinstance(value, Mapping | list | tuple) and len(value) <= ENTRIES:
        yield from value.items() if isinstance(value, Mapping) else enumerate(value)
