"""ESPnet: the YAML files of its trainings.

PyTorch's schedulers step once an epoch there, but for those that are made for batches. An
adversarial training has a second optimizer, which `group` 2 names.
"""

from collections.abc import Callable
from inspect import signature
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.convert.shared.espnet import CURVES
from glissando.dialects import torch
from glissando.errors import ScheduleError
from glissando.families import Constant
from glissando.schedule import Schedule

GROUPS = {None: "", 1: "", "1": "", 2: "2", "2": "2"}
"""What the keys of an optimizer end with, by `group`."""

BY_EPOCH: dict[str, Callable[..., Schedule]] = {
    name.lower(): getattr(torch, name)
    for name in ("StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR")
}
BY_UPDATE: dict[str, Callable[..., Any]] = {
    name.lower(): getattr(torch, name)
    for name in ("CyclicLR", "OneCycleLR", "CosineAnnealingWarmRestarts")
}
IGNORED = {"last_epoch", "verbose", "cycle_momentum", "base_momentum", "max_momentum"}
"""Arguments of PyTorch's schedulers that have no say in the rate."""

NONE = (None, "none", "null")


def _knows(document: Document) -> float:
    data = document.data
    if not isinstance(data.get("optim_conf"), dict):
        return 0.0
    return 0.9 if "scheduler" in data or "max_epoch" in data else 0.6


@reader("espnet", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update, of which the first has the schedule's step 1."""
    keys = Keys("espnet", document.data)
    if given.group not in GROUPS:
        raise ScheduleError(
            f"espnet: `group` must be 1 or 2, the optimizer's number, got {given.group!r}"
        )
    found = _of(keys, given, GROUPS[given.group])
    two = given.group is None and keys.get("optim2_conf") is not None
    if two and _of(keys, given, "2") != found:
        raise ScheduleError(
            "espnet: `group` must be 1 or 2, since two optimizers have other rates, got None"
        )
    return found


def _of(keys: Keys, given: Given, number: str) -> Schedule:
    """Return the rate of an optimizer, whose keys end with its number if it is the second."""
    rate = keys.section(f"optim{number}_conf").number("lr")
    key = f"scheduler{number}"
    if keys.get(key) in NONE:
        return Constant(rate)
    name, part = keys.text(key).lower(), keys.section(f"{key}_conf")
    if name in CURVES:
        return CURVES[name](part, rate)
    if name in BY_UPDATE:
        of = {"of": "lr"} if name != "cosineannealingwarmrestarts" else {}
        lr = {} if of else {"lr": rate}
        return _made(BY_UPDATE[name], part, **of, **lr)
    if name not in BY_EPOCH:
        known = ", ".join(sorted({*CURVES, *BY_EPOCH, *BY_UPDATE}))
        raise keys.refuse(key, f"of ESPnet's schedulers these are read: {known}")
    epoch = given.steps_per_epoch
    if epoch is None and keys.get("num_iters_per_epoch") is not None:
        epoch = keys.count("num_iters_per_epoch") // keys.count("accum_grad", 1)
    if epoch is None:
        given.need("espnet", "steps_per_epoch")
    curve = _made(BY_EPOCH[name], part, lr=rate)
    return curve.hold_each(max(1, int(epoch or 1))) if curve.steps else curve


def _made(function: Callable[..., Any], part: Keys, **more: Any) -> Schedule:
    """Return one of PyTorch's schedulers, of whose arguments each must be known."""
    names = {*signature(function).parameters} - {"lr", "of"}
    for name in part.data:
        if name not in names | IGNORED:
            raise part.refuse(str(name), f"it must be one of {', '.join(sorted(names))}")
    arguments = {str(name): part.get(name) for name in part.data if name not in IGNORED}
    try:
        made: Schedule = function(**arguments, **more)
    except TypeError as error:  # one is missing
        raise ScheduleError(f"espnet: {error}") from None
    return made
