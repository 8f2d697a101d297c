"""The values that are written: entries of an optimizer's parameter groups."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from glissando.errors import ScheduleError, shown


class Slot:
    """One value that is written: an entry of a parameter group, or an item of one."""

    __slots__ = (
        "below",
        "factor",
        "index",
        "item",
        "key",
        "path",
        "tensor",
        "version",
        "wrote",
    )

    def __init__(self, index: int, path: str, factor: float, below: float) -> None:
        self.index = index
        self.path = path
        self.key, self.item = parsed(path)
        self.factor = factor
        self.below = below
        self.wrote: float | None = None  # the very object, where it is a float in the group itself
        self.tensor: Any = None  # what was written to in place, if it is none
        self.version = 0  # of a tensor, which grows with each write in place

    def find(self, group: dict[str, Any]) -> Any:
        """Return what the group holds there, or None."""
        return _entry(group, self.key, self.item)

    def store(self, group: dict[str, Any], value: Any) -> None:
        """Put `value` there; a list or tuple is replaced by one that differs in the item."""
        if self.item is None:
            group[self.key] = value
        else:
            entry = group[self.key]
            group[self.key] = type(entry)(
                value if i == self.item else v for i, v in enumerate(entry)
            )

    def rounded(self, value: float) -> float:
        """Return `value` as what is written to can hold it."""
        if self.tensor is None:
            return value
        return float(torch.tensor(value, dtype=self.tensor.dtype).item())

    def foreign(self, now: Any) -> bool:
        """Return whether `now` is not what was written last."""
        if self.wrote is None:
            return False
        if isinstance(now, torch.Tensor):
            # the version tells without waiting for the device; it is only read to make sure
            if now is self.tensor and now._version == self.version:
                return False
            return as_float(now) != self.rounded(self.wrote)
        return bool(now != self.wrote)


def parsed(path: str) -> tuple[str, int | None]:
    """Return the key in the group, and the item of what is found there."""
    match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", str(path))
    if match is None:
        raise ScheduleError(f"Scheduler: a name must be like 'lr' or 'betas[0]', got {shown(path)}")
    return match[1], None if match[2] is None else int(match[2])


def find(group: Mapping[str, Any], path: str) -> Any:
    """Return what a group holds under a name such as "betas[0]", or None."""
    return _entry(group, *parsed(path))


def _entry(group: Mapping[str, Any], key: str, item: int | None) -> Any:
    entry = group.get(key)
    if item is None or entry is None:
        return entry
    # anything without items, or with fewer, has no value here
    return entry[item] if isinstance(entry, Sequence) and item < len(entry) else None


def numeric(value: object) -> bool:
    """Return whether a schedule could set such a value."""
    if isinstance(value, torch.Tensor):
        return bool(value.numel() == 1 and value.is_floating_point())
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_float(value: Any) -> float:
    """Return a number, or the only entry of a tensor, as a float."""
    return float(value.item() if isinstance(value, torch.Tensor) else value)


def names(group: dict[str, Any]) -> list[str]:
    """Return what could be scheduled in a group."""
    names = [key for key, value in group.items() if numeric(value)]
    for key, value in group.items():
        if key != "params" and isinstance(value, list | tuple):
            names += [f"{key}[{i}]" for i, item in enumerate(value) if numeric(item)]
    return names
