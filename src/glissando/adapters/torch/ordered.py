"""Batches whose order is that of a seed, from any place on."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset

from glissando.adapters.shared.train_function import WHERE, Order, mixed
from glissando.adapters.torch.snapshot import Snapshot
from glissando.errors import ScheduleError, shown
from glissando.finder import random_state


class Ordered:
    """The batches of a run: at update k the same for the same seed, whatever is trained.

    The data, such as the generator of a loader, are in the end as they were.

    Args:
        data: tensors, a dataset, a loader, or a function of the seed that returns one of these.
        batch: how many rows a batch has of what comes as rows.
        seed: what draws the order.
    """

    def __init__(self, data: Any, batch: int, seed: int) -> None:
        if _is_function(data):
            data = data(seed)
            check_data(data)
        self._data = data
        self._seed = seed
        rows = _rows(data)
        self._order = None if rows is None else Order(rows, batch, seed)
        self._kept = Snapshot()
        if self._order is None:
            self._kept.add_data(data)
        self._epoch: Iterator[Any] | None = None
        self.place = (0, 0)  # the epoch, and the batches of it that were drawn
        self.drawn = 0

    def __enter__(self) -> "Ordered":
        return self

    def __exit__(self, *_: object) -> None:
        self._epoch = None
        self._kept.restore()

    def draw(self) -> Any:
        """Return the next batch, from a new epoch where one ends."""
        epoch, place = self.place
        if self._epoch is not None:
            for batch in self._epoch:
                self.place = epoch, place + 1
                self.drawn += 1
                return batch
            epoch += 1
        self._epoch = self._begin(epoch)
        for batch in self._epoch:
            self.place = epoch, 1
            self.drawn += 1
            return batch
        raise ScheduleError(f"{WHERE}: `data` must have a batch or more, got none")

    def go_to(self, place: tuple[int, int], drawn: int) -> None:
        """Go on after so many batches of an epoch."""
        epoch, done = place
        self.place, self.drawn = (epoch, done), drawn
        self._epoch = self._begin(epoch, done) if done else None

    def _begin(self, epoch: int, done: int = 0) -> Iterator[Any]:
        """Return the batches of an epoch that are left."""
        if self._order is None:
            return self._from_loader(epoch, done)
        order, size = torch.from_numpy(self._order.of_epoch(epoch)), self._order.size
        batches = [order[k * size : (k + 1) * size] for k in range(done, self._order.batches)]
        if isinstance(self._data, Dataset):
            return iter(DataLoader(self._data, batch_sampler=[rows.tolist() for rows in batches]))
        if isinstance(self._data, torch.Tensor):
            return (self._data[rows] for rows in batches)
        return (tuple(part[rows] for part in self._data) for rows in batches)

    def _from_loader(self, epoch: int, done: int) -> Iterator[Any]:
        number = mixed(self._seed, epoch)
        random_state.seed(number)  # from which loaders draw their order
        for generator in self._kept.generators:
            generator.seed(number)
        for shuffler in self._kept.shufflers:
            shuffler.set_epoch(number)
        batches: Iterator[Any] = iter(self._data)
        for _ in islice(batches, done):
            pass
        return batches


def check_data(data: Any) -> None:
    """Raise about what has no batches, or loses them."""
    if _is_function(data) or _rows(data) is not None:
        return
    if isinstance(data, tuple) and any(isinstance(part, torch.Tensor) for part in data):
        raise ScheduleError(
            f"{WHERE}: `data` must be tensors with the same number of rows, 1 or more, got "
            + ", ".join(str(tuple(getattr(part, "shape", ()))) for part in data)
        )
    if hasattr(data, "__next__") or not hasattr(data, "__iter__"):
        raise ScheduleError(
            f"{WHERE}: `data` must be tensors (x, y), a Dataset, a DataLoader, or a function of "
            f"the seed that returns one of these, got {shown(data)}"
        )


def _is_function(data: Any) -> bool:
    return callable(data) and not hasattr(data, "__iter__") and not isinstance(data, Dataset)


def _rows(data: Any) -> int | None:
    """Return how many rows there are to be shuffled; None where the data bring their batches."""
    if isinstance(data, IterableDataset):
        return None
    if isinstance(data, Dataset):
        return len(data) or None
    parts = data if isinstance(data, tuple) else (data,)
    if not parts or not all(isinstance(part, torch.Tensor) and part.ndim for part in parts):
        return None
    lengths = {len(part) for part in parts}
    return lengths.pop() or None if len(lengths) == 1 else None
