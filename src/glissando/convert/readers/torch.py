"""Checkpoints of PyTorch and Lightning: the states of schedulers in them.

They are read by PyTorch's own loader of weights alone, which builds nothing but numbers, texts and
collections of them; what names anything else is refused.
"""

import pickle
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def _knows(document: Document) -> float:
    if document.head.startswith(ZIP):
        return 1.0 if _parts(document.path) else 0.0
    if not document.head:  # what somebody has loaded
        return 0.9 if _states(document.data) else 0.0
    pickled = document.head.startswith(PICKLES)
    return 0.9 if pickled and document.path.suffix.lower() in SUFFIXES else 0.0


def _parts(path: Path) -> list[zipfile.ZipInfo]:
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
    members = _parts(path)
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
    states = _states(checkpoint)
    if not states:
        raise ScheduleError("torch: the checkpoint holds no state of a scheduler")
    if len(states) > 1:
        raise ScheduleError(
            f"torch: the checkpoint holds {len(states)} schedulers, {', '.join(sorted(states))}: "
            "read the state of one of them"
        )
    groups = _groups(checkpoint)
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


def _states(checkpoint: Any) -> dict[str, Mapping[str, Any]]:
    """Return the states of schedulers in a checkpoint, by where they are."""
    return {where or "itself": value for where, value in _within(checkpoint) if is_state(value)}


def _groups(checkpoint: Any) -> Sequence[Mapping[str, Any]]:
    """Return the groups of the first optimizer in a checkpoint."""
    return next((found for _, value in _within(checkpoint) if (found := _own(value))), ())


def _own(value: Any) -> list[Mapping[str, Any]]:
    groups = value.get("param_groups") if isinstance(value, Mapping) else None
    if not isinstance(groups, list):
        return []
    return [group for group in groups if isinstance(group, Mapping)]


def _within(checkpoint: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a checkpoint and the mappings in it by where they are, each once, the outer first.

    What is in the state of a scheduler or an optimizer is left out.
    """
    level, seen = [("", checkpoint)], set()
    for _ in range(DEPTH + 1):
        inner: list[tuple[str, Any]] = []
        for where, value in level:
            if not isinstance(value, Mapping | list | tuple) or id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, Mapping):
                yield where, value
            if not (is_state(value) or _own(value)):
                inner += _members(value, where)
        level = inner


def _members(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield what is in a mapping or a list, and where; numbers and weights are left out."""
    pairs: Iterable[tuple[Any, Any]] = (
        value.items() if isinstance(value, Mapping) else enumerate(value)
    )
    for key, member in pairs:
        if isinstance(member, Mapping | list | tuple):
            yield f"{where}.{key}" if where else str(key), member
