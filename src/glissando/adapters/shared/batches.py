"""Batches of data, over and over, without a trace in the data."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from glissando.adapters.shared.generators import generators_of
from glissando.adapters.shared.tf_data import copied, is_dataset, variables
from glissando.errors import ScheduleError, shown

_FURTHEST = 16
"""A seed begins at one of so many batches of data that have an order of their own."""

PLAIN = (bool, int, float, str, type(None))


def plain_attributes(one: Any) -> dict[str, Any]:
    """Return the attributes of an object that are plain values, such as a count of its own."""
    own = getattr(one, "__dict__", None)
    if not isinstance(own, dict):
        return {}
    return {name: value for name, value in own.items() if isinstance(value, PLAIN)}


class Source:
    """What has epochs of batches, in an order of its own.

    Args:
        data: what yields batches each time that it is iterated over, or a function that returns it.
    """

    furthest = _FURTHEST

    def __init__(self, data: Any) -> None:
        self._data = data

    def epochs(self, seed: int | None) -> Iterator[Iterable[Any]]:
        """Yield the batches of one epoch after the other, shuffled by a seed where that can be."""
        if is_dataset(self._data):
            copy = copied(self._data, seed)
            while True:
                yield copy
        while True:
            yield iter(self._data() if callable(self._data) else self._data)


class Batches:
    """Batches, over and over, at first in the data's own order.

    Args:
        data: what they come from.
        where: what messages call it.
        source: how they come from it; None: by iterating over it.

    Raises:
        ScheduleError: `data` cannot be iterated over again.
    """

    def __init__(self, data: Any, where: str, source: Any = None) -> None:
        if hasattr(data, "__next__"):
            raise ScheduleError(
                f"{where} must be what can be read again, since training is to have these batches "
                f"afterwards, got {shown(data)}: give the function that makes the generator, "
                "without calling it"
            )
        if source is None and not (callable(data) or hasattr(data, "__iter__")):
            raise ScheduleError(
                f"{where} must be what yields batches, or a function that returns it, got "
                f"{shown(data)}"
            )
        self._data = data
        self._where = where
        self._source = Source(data) if source is None else source
        self._generators = generators_of(data)
        self._variables = list(variables(data)) if is_dataset(data) else []
        self._stream: Iterator[Any] | None
        self._go_to((None, 0))

    def begin(self, seed: int, drawn: int = 0) -> None:
        """Begin anew, in the order of a seed, after so many batches of it."""
        for generator in self._generators:
            generator.seed(seed)
        self._go_to((seed, drawn))

    def draw(self) -> Any:
        """Return the next batch, from a new epoch where one ends."""
        if self._stream is None:
            first = 0
            if self._seed is not None:
                first = int(np.random.default_rng(self._seed).integers(self._source.furthest))
            self._stream = islice(self._endless(), first + self._drawn, None)
        for batch in self._stream:
            self._drawn += 1
            return batch
        raise ScheduleError(f"{self._where} must have a batch or more, got none")

    def once(self) -> Iterable[Any]:
        """Return the batches of one epoch, in their own order."""
        return next(self._source.epochs(None))

    def save(self) -> Any:
        """Return what reading changes in the data, and the place that they are read at."""
        states = [generator.get() for generator in self._generators]
        values = [variable.numpy() for variable in self._variables]
        return (self._seed, self._drawn), states, values, plain_attributes(self._data)

    def restore(self, state: Any) -> None:
        """Put back what `save` returned."""
        place, states, values, attributes = state
        self._go_to(place)
        for generator, value in zip(self._generators, states, strict=True):
            generator.set(value)
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)
        if attributes:
            vars(self._data).update(attributes)

    def _go_to(self, place: tuple[int | None, int]) -> None:
        self._seed, self._drawn = place
        self._stream = None

    def _endless(self) -> Iterator[Any]:
        for epoch in self._source.epochs(self._seed):
            empty = True
            for batch in epoch:
                empty = False
                yield batch
            if empty:
                return
