"""The state of a training, kept, and put back into the very same objects."""

import operator
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from enum import Enum, auto
from functools import partial
from types import MethodType
from typing import Any

import torch
from torch.nn.parameter import is_lazy
from torch.utils._python_dispatch import is_traceable_wrapper_subclass
from torch.utils.data import DataLoader, Dataset, Sampler
from torch.utils.data.dataloader import _BaseDataLoaderIter

from glissando.adapters.shared.generators import Generator, generator_of
from glissando.adapters.torch.shelf import Shelf
from glissando.errors import ScheduleError

_MANY = 1_000
"""A container of the data with more members holds samples, and nothing that changes."""

_LARGE = 2**23
"""An array of the data with more entries is no list of what comes next."""


class _Part(Enum):
    """What something is found in, which says how much of it is kept."""

    WHOLE = auto()
    """Everything that it holds."""
    MODULE = auto()
    """No objects but modules and optimizers: it may hold anything, such as what trains it."""
    DATA = auto()
    """Everything but the samples."""


class Snapshot:
    """The content of objects, and of what they hold, as it was.

    The objects stay the same: a tensor gets its bytes back where they were, a dictionary its keys
    and values. So whoever holds one of them, a wrapper or a compiled function, notices nothing.

    Args:
        directory: where the bytes of tensors are to be kept in a file; None: in memory.

    Raises:
        OSError: there can be no file there.
    """

    def __init__(self, directory: str | os.PathLike[str] | None = None) -> None:
        self.generators: list[Generator] = []  # of random numbers, that were found
        self.shufflers: list[Any] = []  # what shuffles by the number of the epoch
        self._shelf = Shelf(directory)
        self._put_back: list[Callable[[], object]] = []
        self._seen: dict[int, Any] = {}  # by id, and kept, so that the ids stay theirs
        self._storages: set[tuple[Any, ...]] = set()
        self._waiting: list[tuple[Any, _Part]] = []

    def add(self, roots: Iterable[Any]) -> None:
        """Keep what the roots are made of: modules, optimizers, scalers, anything with attributes.

        Raises:
            ScheduleError: a parameter of a module is not made yet.
            OSError: the disk is full, say.
        """
        self._add(roots, _Part.WHOLE)

    def add_data(self, *roots: Any) -> None:
        """Keep what decides which batch comes next, but not the samples themselves.

        Of modules these are the modes, the counters and the generators, but not the weights.
        """
        self._add(roots, _Part.DATA)

    def restore(self) -> None:
        """Put everything back."""
        with ExitStack() as stack:  # one that fails keeps no other from being put back
            for put_back in self._put_back:
                stack.callback(put_back)

    def _add(self, roots: Iterable[Any], part: _Part) -> None:
        self._waiting = [(root, part) for root in roots]
        while self._waiting:
            thing, part = self._waiting.pop()
            if id(thing) not in self._seen:
                self._seen[id(thing)] = thing
                self._visit(thing, part)
        self._shelf.flush()

    def _visit(self, thing: Any, part: _Part) -> None:
        numpy: Any = sys.modules.get("numpy")
        if isinstance(thing, torch.Tensor):
            self._visit_tensor(thing, part)
        elif numpy is not None and isinstance(thing, numpy.ndarray):
            self._visit_array(thing, part)
        elif isinstance(thing, dict):
            self._visit_container(thing, dict(thing), thing.update, part)
        elif isinstance(thing, list | deque):
            self._visit_container(thing, list(thing), thing.extend, part)
        elif isinstance(thing, set):
            self._visit_container(thing, set(thing), thing.update, part)
        elif isinstance(thing, tuple):
            self._enter(thing, part)
        elif isinstance(thing, MethodType) and part is _Part.DATA:  # such as to collate a batch
            self._enter((thing.__self__,), part)
        elif (generator := generator_of(thing)) is not None:
            self.generators.append(generator)
            self._put_back.append(partial(generator.set, generator.get()))
        elif _has_attributes(thing):
            self._visit_object(thing, part)

    def _visit_object(self, thing: Any, part: _Part) -> None:
        if isinstance(thing, DataLoader | Dataset | Sampler):
            part = _Part.DATA
        elif part is _Part.DATA:
            pass
        elif isinstance(thing, torch.nn.Module):
            part = _Part.MODULE
        elif isinstance(thing, torch.optim.Optimizer):
            part = _Part.WHOLE
        elif part is _Part.MODULE:
            return
        if part is _Part.DATA and hasattr(type(thing), "set_epoch"):
            self.shufflers.append(thing)
        self._enter((vars(thing),), part)

    def _visit_container(
        self, thing: Any, saved: Any, fill: Callable[[Any], object], part: _Part
    ) -> None:
        def put_back() -> None:
            if not _unchanged(thing, saved):
                thing.clear()
                fill(saved)

        self._put_back.append(put_back)
        self._enter(saved.values() if isinstance(saved, dict) else saved, part)

    def _enter(self, members: Any, part: _Part) -> None:
        if part is not _Part.DATA or len(members) <= _MANY:
            self._waiting += [(member, part) for member in members]

    def _visit_array(self, array: Any, part: _Part) -> None:
        order = array.ndim == 1 and array.dtype.kind in "iu" and array.size <= _LARGE
        if array.flags.writeable and (order or part is not _Part.DATA):
            copy = array.copy()
            self._put_back.append(lambda: array.__setitem__(..., copy))

    def _visit_tensor(self, tensor: Any, part: _Part) -> None:
        if is_lazy(tensor):
            raise ScheduleError(
                "Training: `model` has parameters without a shape: run it on one batch first"
            )
        if part is _Part.DATA:
            if tensor.ndim == 1 and not tensor.is_floating_point() and len(tensor) <= _LARGE:
                self._copy(tensor)
            return
        if is_traceable_wrapper_subclass(tensor):  # such as a distributed or a quantized one
            names, _ = tensor.__tensor_flatten__()
            self._enter([getattr(tensor, name) for name in names], part)
        elif tensor.layout is not torch.strided:
            self._copy(tensor)
        elif tensor.device.type != "meta":
            self._visit_storage(tensor)
        if tensor.is_leaf:
            self._visit_gradient(tensor, part)

    def _copy(self, tensor: Any) -> None:
        copy = tensor.detach().clone()
        self._put_back.append(lambda: tensor.detach().copy_(copy))

    def _visit_storage(self, tensor: Any) -> None:
        """Keep all bytes of what a tensor is a part of, once, and where they are."""
        before = tensor.detach()  # keeps them where they are

        def return_to_it() -> None:
            if _place(tensor) != _place(before):
                tensor.data = before

        self._put_back.append(return_to_it)
        data = torch.empty(0, dtype=torch.uint8, device=tensor.device)
        data.set_(before.untyped_storage())
        place = _place(data)
        if len(data) and place not in self._storages:
            self._storages.add(place)
            saved = self._shelf.put(data)
            self._put_back.append(lambda: data.copy_(saved()))

    def _visit_gradient(self, tensor: Any, part: _Part) -> None:
        needed, gradient = tensor.requires_grad, tensor.grad

        def put_back() -> None:
            if tensor.requires_grad is not needed:
                tensor.requires_grad_(needed)
            if tensor.grad is not gradient:
                tensor.grad = gradient

        self._put_back.append(put_back)
        self._enter([gradient], part)


def _has_attributes(thing: Any) -> bool:
    """Return whether something is an object of a class of the user's or of a framework's.

    Those of Python itself are none: modules and functions, threads and what they share.
    """
    if isinstance(thing, type | _BaseDataLoaderIter) or not hasattr(thing, "__dict__"):
        return False
    return type(thing).__module__.partition(".")[0] not in sys.stdlib_module_names


def _unchanged(now: Any, saved: Any) -> bool:
    """Return whether a container has the very members that it had."""
    if len(now) != len(saved):
        return False
    if isinstance(saved, dict):
        return _unchanged(list(now), list(saved)) and _unchanged(
            list(now.values()), list(saved.values())
        )
    if isinstance(saved, set):
        return bool(now == saved)
    return all(map(operator.is_, now, saved))


def _place(tensor: Any) -> tuple[Any, ...]:
    """Return where a tensor's entries are."""
    return tensor.device, tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride()
