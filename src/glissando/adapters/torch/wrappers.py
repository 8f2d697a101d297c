"""Optimizers that hold another one, which does the updates."""

from typing import Any

import torch

from glissando.errors import ScheduleError, shown

_HOLD = ("optimizer", "base_optimizer")
"""What wrappers call the optimizer that they hold."""


def levels(optimizer: Any, where: str = "Scheduler: `optimizer`") -> list[Any]:
    """Return an optimizer and what is in it, level by level: the last one does the updates.

    Args:
        optimizer: the optimizer.
        where: what messages call it.

    Raises:
        ScheduleError: it is no optimizer, or does not tell of its updates.
    """
    if not _is_optimizer(optimizer):
        raise ScheduleError(f"{where} must be a torch.optim.Optimizer, got {shown(optimizer)}")
    found = [optimizer]
    while (inner := _held(found[-1])) is not None and all(inner is not outer for outer in found):
        found.append(inner)
    if not _tells(found[-1]):
        name = type(found[-1]).__name__
        raise ScheduleError(
            f"{where} must be a torch.optim.Optimizer that tells of its updates, but {name} does "
            "not call Optimizer.__init__. Take each optimizer that it holds by itself, or call "
            "super().__init__(params, defaults) in it"
        )
    return found


def mirror(outer: Any, inner: Any, keys: set[str]) -> None:
    """Write the values of the inner optimizer's groups to those of its wrapper, if it has others.

    Such a wrapper may copy its own to the inner one before each update.
    """
    for group, written in zip(outer.param_groups, inner.param_groups, strict=False):
        if group is not written:
            group.update({key: written[key] for key in keys if key in written})


def shares_groups(outer: Any, inner: Any) -> bool:
    """Return whether both have the very same groups."""
    theirs, ours = outer.param_groups, inner.param_groups
    return len(theirs) == len(ours) and all(a is b for a, b in zip(theirs, ours, strict=True))


def _is_optimizer(value: Any) -> bool:
    # some wrappers only look like one
    return isinstance(value, torch.optim.Optimizer) or (
        callable(getattr(value, "step", None)) and isinstance(_groups(value), list)
    )


def _held(optimizer: Any) -> Any:
    """Return the optimizer in a wrapper, or None."""
    for name in _HOLD:
        if _is_optimizer(inner := getattr(optimizer, name, None)):
            return inner
    # this one copies the values to its part of the parameters, and back, at each update
    if type(optimizer).__module__.startswith("torch.distributed."):
        return None
    others = [v for v in vars(optimizer).values() if isinstance(v, torch.optim.Optimizer)]
    for inner in others:
        if _params(inner) == _params(optimizer) and not shares_groups(optimizer, inner):
            return inner  # with groups of its own, and an update reads those
    return others[0] if len(others) == 1 and not _tells(optimizer) else None


def _groups(optimizer: Any) -> Any:
    return getattr(optimizer, "param_groups", None)


def _params(optimizer: Any) -> set[int]:
    return {id(param) for group in _groups(optimizer) or () for param in group["params"]}


def _tells(optimizer: Any) -> bool:
    """Return whether hooks can be registered with an optimizer."""
    return hasattr(optimizer, "_optimizer_step_pre_hooks")
