"""Batches of a loader, over and over, without a trace in it."""

from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader

from glissando.errors import ScheduleError, shown


class Batches:
    """Batches of a loader, over and over.

    Args:
        loader: what yields the batches of an epoch each time that it is iterated over.
        where: what messages call it.

    Raises:
        ScheduleError: it is nothing of the kind.
    """

    def __init__(self, loader: Any, where: str) -> None:
        if hasattr(loader, "__next__"):
            raise ScheduleError(
                f"{where} must be what can be iterated over again, since training is to have these "
                f"batches afterwards, got {shown(loader)}: give the DataLoader itself, or a list"
            )
        if not (hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")):
            raise ScheduleError(
                f"{where} must be a DataLoader, or something else that yields batches, got "
                f"{shown(loader)}"
            )
        self.loader = loader
        self.where = where
        self._epoch: Iterator[Any] | None = None

    def draw(self) -> Any:
        """Return the next batch, from a new epoch where one ends."""
        if self._epoch is not None:
            for batch in self._epoch:
                return batch
        self._epoch = self.epoch()
        for batch in self._epoch:
            return batch
        raise ScheduleError(f"{self.where} must yield a batch or more, got none")

    def epoch(self) -> Iterator[Any]:
        """Return the batches of a new epoch."""
        if not isinstance(self.loader, DataLoader):
            return iter(self.loader)
        # it goes on with workers that it has, and those keep random states of their own
        workers, self.loader._iterator = self.loader._iterator, None
        try:
            return iter(self.loader)
        finally:
            self.loader._iterator = workers

    def close(self) -> None:
        """Begin anew with the next batch."""
        self._epoch = None
